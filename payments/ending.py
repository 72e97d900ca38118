"""Ending what has not been paid: a virtual account is closed, a schedule revoked; and what people do about doubts."""

import contextlib
from collections.abc import Iterator

from accounts.actors import Actor
from cody_site.errors import Conflict
from cody_site.transactions import retried
from payments import imp, keys, refunds, services, settling
from payments.errors import DeclinedByImp, FailedAuthentication, MissingAccount, NothingToUndo, PayOne, TooMuchToRefund
from payments.keys import Key
from payments.models import WAITING, Method, Payment, Refund, State


def end(*, by: Actor, payment: Payment, amount: int | None = None, key: Key | None = None) -> Payment | Refund:
    """Close or revoke a payment that waits; the payment, ended. Of a key used before, what became of it.

    If a card is charged in the same moment, its refund. It is ended as a whole: another `amount` is TooMuchToRefund.
    Raises PayOne (the worker goes on trying) or FailedAuthentication, each with its payment; NotReady or
    UnreadableCredentials; Conflict if it does not wait any more, or was paid into in the same moment.
    """
    services.ensure_configured()
    with services.a_line():
        row = _write(by, payment, amount, key)
        if row.ending_at is not None and (row.is_waiting or row.is_in_doubt):
            with _as_refusals(row):
                tell(row, by=by)
            row.refresh_from_db()
        if row.state == State.PAID and (refund := row.refunds.in_flight().select_related("payment__payer").first()):
            refunds.send(refund, by=by, once=False)
            refund.refresh_from_db()
            return refunds.told(refund)
    if row.is_waiting or row.is_in_doubt:
        raise PayOne().of(row)
    if row.state not in (State.CANCELLED, State.EXPIRED, State.REVOKED):
        raise Conflict
    return row


@retried
def _write(by: Actor, payment: Payment, amount: int | None, key: Key | None) -> Payment:
    row = Payment.objects.locked().get(pk=payment.pk)
    if keys.known(key):
        return row
    if row.state not in WAITING:
        raise Conflict
    if amount not in (None, row.amount):
        raise TooMuchToRefund
    row.end(by=by)
    keys.remember(key, row)
    row.refresh_from_db()
    return row


def tell(payment: Payment, *, by: Actor) -> None:
    """Tell IMP that this payment is to end, and write down what it says; if that is not yes, ask what has become of it.

    What IMP is charging at this moment cannot be ended: it is asked for, and goes back. Raises imp.ImpError if IMP
    could not be told.
    """
    try:
        if payment.method == Method.VIRTUAL_ACCOUNT and payment.imp_uid:
            settling.settle(payment, [imp.close_account(payment.imp_uid)], by=by)
        elif payment.method == Method.CARD and payment.schedule is not None:
            for found in imp.unschedule(payment.schedule.customer_uid, payment.payment_uid):
                settling.note(payment, found, by=by)
        else:
            settling.ask(payment, by=by)
    except (imp.Declined, imp.UnknownOutcome):
        settling.ask(payment, by=by)


# ---------------------------------------------------------------- when a person decides


def ask_again(*, by: Actor, payment: Payment) -> None:
    """Ask IMP about a payment and its refunds now.

    Raises PayOne, FailedAuthentication, NotReady or UnreadableCredentials.
    """
    services.ensure_configured()
    with services.a_line(), _as_refusals(payment):
        for refund in payment.refunds.in_flight().select_related("payment__payer"):
            refunds.ask(refund, by=by)
        settling.ask(payment, by=by)


def undo(*, by: Actor, payment: Payment) -> None:
    """What IMP has charged otherwise than we asked, or more than once, goes back there; what is right stays.

    A refund of what we never booked is none of ours: its checksum alone keeps it from going back twice. Raises
    NothingToUndo, MissingAccount for money in a virtual account (IMP's own console takes an account),
    DeclinedByImp, PayOne, FailedAuthentication, NotReady or UnreadableCredentials.
    """
    services.ensure_configured()
    if payment.paid_at is not None:
        raise NothingToUndo
    with services.a_line(), _as_refusals(payment):
        reports = imp.payments_of(payment.payment_uid)
        right = [found for found in reports if settling.is_ours(payment, found) and _counts(found)][:1]
        undone = [_undo(found) for found in reports if found not in right]
        settling.ask(payment, by=by)
    if not any(undone):
        raise NothingToUndo
    settling.acknowledge(by=by, payment=payment)


def _counts(found: imp.Payment) -> bool:
    """Paid, or waiting for its money."""
    return found.was_paid or found.status == "ready"


def _undo(found: imp.Payment) -> bool:
    """Was there anything to undo?"""
    left = found.amount - found.refunded if found.was_paid else 0
    if left and found.account:
        raise MissingAccount
    if left:
        imp.cancel(imp_uid=found.imp_uid, amount=left, checksum=left, reason=UNDONE)
        return True
    if found.status == "ready" and found.account:
        imp.close_account(found.imp_uid)
        return True
    return False


UNDONE = "잘못된 금액 취소"


@contextlib.contextmanager
def _as_refusals(payment: Payment) -> Iterator[None]:
    """What IMP does not answer, in the words of section 8."""
    try:
        yield
    except imp.Declined as declined:
        raise DeclinedByImp(declined.message).of(payment) from None
    except imp.AuthenticationFailed:
        raise FailedAuthentication().of(payment) from None
    except imp.ImpError:
        raise PayOne().of(payment) from None
