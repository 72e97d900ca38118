"""Cancelling a reservation with the money that was paid for it: cancel, commit, refund.

What is to go back is written with the cancellation, so that no kill -9 can come between them; what cannot be sent now
the worker sends later, and what fails is on the list of what needs a person.
"""

import contextlib
from dataclasses import dataclass

from accounts.actors import Actor
from cody_site.errors import Refusal
from cody_site.transactions import retried
from payments import imp, refunds, services
from payments.models import IN_FLIGHT, Account, Payment, Refund, RefundState
from reservations.errors import Gone
from reservations.models import Reservation
from reservations.services import cancel_within

REASON = "예약 취소"


@dataclass(frozen=True)
class Cancelled:
    """What became of the money of a cancelled reservation."""

    refunds: list[Refund]
    needs_person: bool
    """Something could not be given back, and stands on the list."""

    @property
    def under_way(self) -> bool:
        return any(refund.state in IN_FLIGHT for refund in self.refunds)

    @property
    def refunded(self) -> int:
        """In won, what has gone back by now."""
        return sum(refund.amount for refund in self.refunds if refund.state == RefundState.DONE)


def cancel_reservation(
    *, by: Actor, reservation: Reservation, reason: str = "", account: Account | None = None
) -> Cancelled:
    """Cancel it and give back what is paid for it, in full; what is still to be paid for it is ended.

    `account` is where a virtual account's money goes; without it such money waits for a person. Raises TooLateToCancel,
    or Gone if it was cancelled or moved since it was read, or is no longer this person's.
    """
    written = _write(by, reservation, reason, account)
    for refund in written:
        with contextlib.suppress(Refusal, imp.ImpError), services.a_line():  # the worker goes on with what is not done
            refunds.send(refund, by=by, once=False)
        refund.refresh_from_db()
    return Cancelled(written, Payment.objects.filter(reservation=reservation).alarming().exists())


@retried
def _write(by: Actor, reservation: Reservation, reason: str, account: Account | None) -> list[Refund]:
    rows = Reservation.objects.changeable_by(by).unmoved(reservation)
    if not cancel_within(by=by, reservations=rows, reason=reason).matched:
        raise Gone
    payments = Payment.objects.filter(reservation=reservation)
    return payments.stop(by=by, reason=reason or REASON, account=account, ask_at=refunds.after_the_call())
