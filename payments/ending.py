"""Ending what has not been paid: a virtual account is closed, a schedule revoked; and what people do about doubts."""

import contextlib
from collections.abc import Iterator

from accounts.actors import Actor
from cody_site.errors import Conflict
from cody_site.transactions import retried
from payments import imp, keys, services, settling
from payments.errors import DeclinedByImp, FailedAuthentication, MissingAccount, PayOne, TooMuchToRefund
from payments.keys import Key
from payments.models import UNSETTLED, WAITING, Method, Payment, State


def end(*, by: Actor, payment: Payment, amount: int | None = None, key: Key | None = None) -> Payment:
    """Close or revoke a payment that waits; the payment, ended. Of a key used before, what became of it.

    It is ended as a whole: another `amount` is TooMuchToRefund. Raises PayOne (the worker goes on trying) or
    FailedAuthentication, each with its payment; NotReady or UnreadableCredentials; Conflict if it does not wait any
    more, or was paid in the same moment.
    """
    services.ensure_configured()
    with services.a_line():
        row = _write(by, payment, amount, key)
        if row.ending_at is not None and (row.state in WAITING or row.state in UNSETTLED):
            with _as_refusals(row):
                tell(row, by=by)
            row.refresh_from_db()
    if row.state in WAITING or row.state in UNSETTLED:
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

    Raises imp.ImpError if IMP could not be told.
    """
    try:
        if payment.method == Method.VIRTUAL_ACCOUNT:
            settling.settle(payment, [imp.close_account(payment.imp_uid)], by=by)
        elif payment.schedule is not None:
            for found in imp.unschedule(payment.schedule.customer_uid, payment.payment_uid):
                if found.merchant_uid == payment.payment_uid:
                    settling.note(payment, found, by=by)
    except (imp.Declined, imp.UnknownOutcome):
        settling.ask(payment, by=by)


# ---------------------------------------------------------------- when a person decides


def ask_again(*, by: Actor, payment: Payment) -> None:
    """Ask IMP about a payment now. Raises PayOne, FailedAuthentication, NotReady or UnreadableCredentials."""
    services.ensure_configured()
    with services.a_line(), _as_refusals(payment):
        settling.ask(payment, by=by)


def undo(*, by: Actor, payment: Payment) -> None:
    """Of a payment that IMP has charged otherwise than we asked: all of it goes back, and the payment has failed.

    Raises Conflict for any other payment, MissingAccount for money in a virtual account (IMP's own console takes an
    account), DeclinedByImp, PayOne, FailedAuthentication, NotReady or UnreadableCredentials.
    """
    services.ensure_configured()
    if payment.state != State.PENDING or not payment.alarm:
        raise Conflict
    with services.a_line(), _as_refusals(payment):
        for found in imp.payments_of(payment.payment_uid):
            if found.status == "ready" and found.account:
                settling.settle(payment, [imp.close_account(found.imp_uid)], by=by)
            elif found.was_paid and found.account:
                raise MissingAccount
            elif found.was_paid and found.amount > found.refunded:
                left = found.amount - found.refunded
                undone = imp.cancel(imp_uid=found.imp_uid, amount=left, checksum=left, reason=UNDONE)
                settling.settle(payment, [undone], by=by)


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
