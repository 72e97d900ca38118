"""The rows that reports count, in one place, so that all of them mean the same."""

from django.db.models import Q

from accounts.clock import salon_now
from cody_site.back_office.reports.period import Period
from payments.models import Payment, PaymentQuerySet, Refund, RefundQuerySet, RefundState
from reservations.models import Reservation, ReservationQuerySet

LIVE = Q(trashed_at=None)


def begun(of: str = "") -> Q:
    """The time of the visit has come; `of` is the way to the reservation, like `reservations__`."""
    now = salon_now()
    today = Q(**{f"{of}date": now.date(), f"{of}time__lte": now.time()})
    return Q(**{f"{of}date__lt": now.date()}) | today


def reservations(period: Period) -> ReservationQuerySet:
    """By the day of the visit, cancelled ones among them."""
    return _of_designer(Reservation.objects.filter(period.on("date")), period)


def visits(period: Period) -> ReservationQuerySet:
    """Whoever came: neither cancelled nor missed, and the time has come."""
    return reservations(period).live().filter(begun(), no_show_at=None)


def cancelled(period: Period) -> ReservationQuerySet:
    """By the day of cancelling."""
    return _of_designer(Reservation.objects.trashed().filter(period.at("trashed_at")), period)


def paid(period: Period) -> PaymentQuerySet:
    """By the day of paying, whatever has gone back since."""
    rows = Payment.objects.filter(period.at("paid_at"))
    return rows.filter(reservation__designer=period.designer) if period.designer else rows


def refunded(period: Period) -> RefundQuerySet:
    """By the day on which the money went back."""
    rows = Refund.objects.filter(period.at("settled_at"), state=RefundState.DONE).order_by()
    return rows.filter(payment__reservation__designer=period.designer) if period.designer else rows


def paid_for_visits(period: Period) -> PaymentQuerySet:
    """By the day of the visit that was paid for, if it is not cancelled."""
    rows = Payment.objects.filter(
        period.on("reservation__date"), paid_at__isnull=False, reservation__trashed_at__isnull=True
    )
    return rows.filter(reservation__designer=period.designer) if period.designer else rows


def _of_designer(rows: ReservationQuerySet, period: Period) -> ReservationQuerySet:
    return rows.filter(designer=period.designer) if period.designer else rows
