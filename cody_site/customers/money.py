"""Where the money of a reservation stands, as its customer is told."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch

from accounts.clock import salon_now
from payments.models import IN_FLIGHT, LIVE, WAITING, ConsultationTerms, Payment, PaymentDue, State
from reservations.models import OPEN, Reservation


class Stand(StrEnum):
    NOTHING = "nothing"
    TO_PAY = "to_pay"
    LATER = "later"
    PAID = "paid"
    DEPOSIT = "deposit"
    SCHEDULED = "scheduled"
    CHECKING = "checking"
    RETURNING = "returning"
    RETURNED = "returned"
    OWED = "owed"
    """Cancelled, and nobody has sent back yet what was paid: a person must."""


@dataclass(frozen=True)
class Money:
    """`amount` in won; `until` is when it must be paid or deposited, or when a scheduled payment is charged."""

    stand: Stand
    amount: int = 0
    until: dt.datetime | None = None
    payment: Payment | None = None


def payments(path: str = "payments") -> "Prefetch[str]":
    """What `money` reads of reservations, the newest first; two queries."""
    return Prefetch(path, Payment.objects.order_by("-pk").prefetch_related("refunds"))


def money(row: Reservation, terms: ConsultationTerms) -> Money:
    """Of a reservation whose payments were read with `payments()` and that was selected with its `payment_due`."""
    rows: list[Payment] = list(row.payments.all())
    for payment in rows:
        if payment.state in LIVE and payment.late_at is None:
            return _of(payment, cancelled=row.trashed_at is not None)
    for payment in rows:
        if payment.state == State.CANCELLED and payment.refunded_amount:
            return Money(Stand.RETURNED, payment.refunded_amount, payment=payment)
    return _unpaid(row, terms)


def _unpaid(row: Reservation, terms: ConsultationTerms) -> Money:
    if row.trashed_at is not None or row.status not in OPEN or row.start <= salon_now():
        return Money(Stand.NOTHING)
    due: PaymentDue | None = getattr(row, "payment_due", None)
    if due is not None:
        return Money(Stand.TO_PAY, due.amount, due.pay_by)
    return Money(Stand.NOTHING) if terms.amount is None else Money(Stand.LATER, terms.amount)


def _of(payment: Payment, *, cancelled: bool) -> Money:
    if payment.state == State.PAID:
        on_its_way = any(refund.state in IN_FLIGHT for refund in payment.refunds.all())
        stand = Stand.RETURNING if on_its_way else Stand.OWED if cancelled else Stand.PAID
        return Money(stand, payment.left, payment=payment)
    if cancelled or payment.ending_at is not None:
        stand = Stand.NOTHING if payment.state in WAITING else Stand.CHECKING
        return Money(stand, payment=payment)
    if payment.state == State.READY:
        return Money(Stand.DEPOSIT, payment.amount, payment.vbank_due, payment)
    if payment.state == State.SCHEDULED:
        return Money(Stand.SCHEDULED, payment.amount, payment.due_at, payment)
    return Money(Stand.CHECKING, payment.amount, payment=payment)
