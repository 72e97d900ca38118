"""Reserving under the salon's terms, as customers do on the pages: what is to be paid ahead holds its seat for a while.

The API's reservations are the manual's, and owe nothing. A seat is given up again in one transaction that has locked
its reservation, as whoever pays for it does first: so that it is paid and live, or cancelled and owes nothing.
"""

import datetime as dt
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import Designer, User
from cody_site.metrics import counted
from cody_site.transactions import retried
from payments import terms
from payments.models import UNSETTLED, Payment, PaymentDue, PaymentDueQuerySet, State, When
from reservations.models import Reservation
from reservations.services import book_within, cancel_within

UNPAID = "결제 시간 초과"
AT_ONCE = 100
ON_ITS_WAY = dt.timedelta(minutes=15)
"""So long after an account's time is over we may not know yet that money came in the last moment."""


@counted("book")
@retried
def book(
    *,
    by: Actor,
    customer: User,
    designer: Designer,
    date: dt.date,
    time: dt.time,
    note: str = "",
    photoids: Collection[str] = (),
) -> Reservation:
    """reservations.services.book(), and under PREPAID terms the PaymentDue with it; raises what that raises."""
    reservation = book_within(
        by=by, customer=customer, designer=designer, date=date, time=time, note=note, photoids=photoids
    )
    current = terms.consultation_terms()
    if current.when == When.PREPAID and current.product is not None:
        pay_by = terms.pay_by(current, reservation)
        PaymentDue.objects.create(
            reservation=reservation,
            product=current.product,
            amount=current.product.price,
            pay_by=pay_by,
            deposit_by=max(pay_by, terms.deposit_by(current, reservation)),
        )
    return reservation


def give_up_unpaid() -> int:
    """Cancel what is not paid in time; how many. For the worker: any number of them at once, and again."""
    pks = list(_unpaid().order_by("pay_by").values_list("reservation", flat=True)[:AT_ONCE])
    return sum(map(_give_up, pks))


@retried
def _give_up(pk: int) -> bool:
    """Cancel this reservation if it is still unpaid now that it is locked, and nobody is paying."""
    row = Reservation.objects.filter(pk=pk)
    locked = list(row.live().locked().values_list("pk"))
    if not locked or not _unpaid().filter(reservation=pk).exists():
        return False
    by = actors.system()
    cancel_within(by=by, reservations=row, reason=UNPAID)
    Payment.objects.filter(reservation=pk).stop(by=by, reason=UNPAID)
    return True


def _unpaid() -> PaymentDueQuerySet:
    """Their time is over, and they are neither paid nor may be at this moment, by card or into a virtual account."""
    now = timezone.now()
    told = now - ON_ITS_WAY
    paid = Q(state__in=(*UNSETTLED, State.PAID))
    taking = Q(state=State.READY, ending_at=None, vbank_due__gt=told, reservation__payment_due__deposit_by__gt=told)
    held = Payment.objects.live().filter(paid | taking, reservation=OuterRef("reservation"))
    return PaymentDue.objects.over(now).filter(~Exists(held))
