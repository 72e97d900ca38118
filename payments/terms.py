"""What is to be paid for a consultation, and until when."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Policy
from payments.models import ConsultationTerms, PaymentDue, Product
from reservations.models import Reservation

SOON = dt.timedelta(minutes=5)
"""A bank needs so long at least to take in money."""


@dataclass(frozen=True)
class Price:
    """Of one reservation: `pay_by` and `deposit_by` say until when it must be paid ahead, None that it need not be."""

    product: Product
    amount: int
    pay_by: dt.datetime | None = None
    deposit_by: dt.datetime | None = None

    @property
    def is_prepaid(self) -> bool:
        return self.pay_by is not None


def consultation_terms() -> ConsultationTerms:
    """The salon's terms as they are now: `.when` (payments.models.When), `.product` and `.amount` in won, both None if
    it is free."""
    return ConsultationTerms.current()


def price_of(reservation: Reservation) -> Price | None:
    """What was told when it was to be paid ahead, or what it costs now; None if it is free."""
    due = PaymentDue.objects.select_related("product").filter(reservation=reservation).first()
    if due is not None:
        due.product.price = due.amount  # as it was told then, whatever it costs others today
        return Price(due.product, due.amount, due.pay_by, due.deposit_by)
    terms = consultation_terms()
    return None if terms.product is None else Price(terms.product, terms.product.price)


def pay_by(terms: ConsultationTerms, reservation: Reservation) -> dt.datetime:
    """Until when a card must have paid what is reserved now; not after the visit begins."""
    return min(timezone.now() + dt.timedelta(minutes=terms.hold_minutes), _start(reservation))


def deposit_by(terms: ConsultationTerms, reservation: Reservation) -> dt.datetime:
    """Until when a virtual account that is opened now takes the money: not after the last moment to cancel, or where
    that is over, not after the visit begins; or where even that has begun, as long as anybody's."""
    now = timezone.now()
    longest, start = now + dt.timedelta(hours=terms.deposit_hours), _start(reservation)
    for limit in (start - Policy.current().cancel_notice, start):
        if limit >= now + SOON:
            return min(longest, limit)
    return longest


def _start(reservation: Reservation) -> dt.datetime:
    return timezone.make_aware(reservation.start)
