"""A customer's own reservations, and what may still be done with one of them."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.actors import Actor
from accounts.clock import salon_now
from accounts.models import CUSTOMERS, Policy
from accounts.visitors import visitor
from media_store.showing import portrait
from reservations.models import OPEN, Reservation, ReservationQuerySet


def own(by: Actor) -> ReservationQuerySet:
    """The reservations in which this person is the customer, whoever else they are."""
    rows = Reservation.objects.filter(customer=by.user_pk).select_related("designer__user", "payment_due")
    return rows.prefetch_related(portrait("designer__portrait"))


def own_or_404(request: HttpRequest, pk: int) -> Reservation:
    """Cancelled ones too: their customer may read what became of them."""
    return get_object_or_404(own(visitor(request)), pk=pk)


@dataclass(frozen=True)
class Leeway:
    """What the customer may still do, and until when on the salon's wall clock; the services have the last word."""

    move_until: dt.datetime
    cancel_until: dt.datetime
    is_open: bool
    """Not begun, not cancelled, and theirs to change."""

    now: dt.datetime

    @property
    def may_move(self) -> bool:
        return self.is_open and self.now <= self.move_until

    @property
    def may_cancel(self) -> bool:
        return self.is_open and self.now <= self.cancel_until


def leeway(by: Actor, row: Reservation, policy: Policy | None = None) -> Leeway:
    policy, now = policy or Policy.current(), salon_now()
    theirs = by.account_type in CUSTOMERS or Reservation.objects.changeable_by(by).filter(pk=row.pk).exists()
    return Leeway(
        move_until=row.start - policy.change_notice,
        cancel_until=row.start - policy.cancel_notice,
        is_open=theirs and row.trashed_at is None and row.status in OPEN and row.start > now,
        now=now,
    )


def place(row: Reservation) -> str:
    """Where it was when a page showed it: nobody moves or cancels what they have not read."""
    return f"{row.designer_id}.{row.date}.{row.time}"
