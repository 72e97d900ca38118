"""Charges that only IMP knows: after a database was restored from an older dump, or whatever else lost rows of ours.

IMP lists everything it knows. What is ours is settled as always; what is not is named, for people to find its payer:
no program knows for whom it was.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounts import actors
from accounts.models import User
from payments import imp, settling
from payments.models import UNSETTLED, Payment, State


@dataclass(frozen=True)
class Unknown:
    """A payment of which we have no row; `userids` are of those who are called as its buyer."""

    at_imp: imp.Listed
    userids: tuple[str, ...]

    @property
    def left(self) -> int:
        return self.at_imp.payment.amount - self.at_imp.payment.refunded if self.at_imp.payment.was_paid else 0


@dataclass(frozen=True)
class Different:
    """A payment of ours that IMP knew otherwise: as it is now. `settled` if both agree again."""

    payment: Payment
    before: str
    settled: bool


def compare(since: dt.datetime) -> Iterator[Unknown | Different]:
    """Settle all that is ours of what IMP has known to happen since then, and tell what was not as here.

    Raises imp.ImpError if IMP cannot be asked; what was told until then stays true.
    """
    seen: set[str] = set()
    for page in _pages(int(since.timestamp()), int(timezone.now().timestamp())):
        new = [listed for listed in page if listed.payment.imp_uid not in seen]
        seen.update(listed.payment.imp_uid for listed in new)
        yield from _compare(new)


def windows(since: int, until: int) -> Iterator[tuple[int, int]]:
    """The time between two unix seconds in pieces that IMP searches, their ends included."""
    for start in range(since, until + 1, imp.LONGEST_SEARCH):
        yield start, min(start + imp.LONGEST_SEARCH - 1, until)


def _pages(since: int, until: int) -> Iterator[list[imp.Listed]]:
    """From the last page of each window to its first: what changes meanwhile leaves its window and moves the later
    ones down, which shows some of them twice, but hides none."""
    for start, end in windows(since, until):
        first, pages = imp.page_of_all(start, end, 1)
        for number in range(pages, 1, -1):
            yield imp.page_of_all(start, end, number)[0]
        yield imp.page_of_all(start, end, 1)[0] if pages > 1 else first


def _compare(page: Sequence[imp.Listed]) -> Iterator[Unknown | Different]:
    uids = [listed.payment.merchant_uid for listed in page]
    ours = {payment.payment_uid: payment for payment in Payment.objects.filter(payment_uid__in=uids)}
    for listed in page:
        found = listed.payment
        payment = ours.get(found.merchant_uid)
        if payment is not None and not _agrees(payment, found):
            before = payment.state
            settling.ask(payment, by=actors.system())
            payment.refresh_from_db()
            yield Different(payment, before, settled=_agrees(payment, found))
        elif payment is None and _moves_money(found):
            yield Unknown(listed, _called(listed.buyer))


def _agrees(payment: Payment, found: imp.Payment) -> bool:
    if not found.was_paid:
        waits = (payment.state == State.READY) == (found.status == "ready")
        return payment.paid_amount == 0 and payment.state not in UNSETTLED and waits
    if not settling.is_ours(payment, found) and found.refunded == found.amount:
        return payment.paid_at is None and payment.state not in UNSETTLED
    here = (payment.imp_uid, payment.paid_amount, payment.refunded_amount)
    return here == (found.imp_uid, found.amount, found.refunded)


def _moves_money(found: imp.Payment) -> bool:
    """Money came, or may come yet: neither a refused charge nor a virtual account that was closed unpaid."""
    return found.was_paid or found.status not in ("failed", "cancelled")


def _called(name: str) -> tuple[str, ...]:
    """Those who may have paid; those who have withdrawn have no name any more."""
    named = User.objects.active().filter(name=name).exclude(name="")
    return tuple(named.order_by("pk").values_list("userid", flat=True)[:5])
