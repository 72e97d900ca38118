"""Ending what has not been paid: a virtual account is closed, a schedule revoked. No money moves."""

from accounts.actors import Actor
from cody_site.errors import Conflict
from cody_site.transactions import retried
from payments import imp, keys, services, settling
from payments.errors import FailedAuthentication, PayOne, TooMuchToRefund
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
            try:
                tell(row, by=by)
            except imp.AuthenticationFailed:
                raise FailedAuthentication().of(row) from None
            except imp.ImpError:
                raise PayOne().of(row) from None
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
    """Tell IMP that this payment is to end, and write down what it says; if it says no, ask why.

    Raises imp.ImpError if IMP could not be told.
    """
    try:
        if payment.method == Method.VIRTUAL_ACCOUNT:
            settling.settle(payment, [imp.close_account(payment.imp_uid)], by=by)
        elif payment.schedule is not None:
            for found in imp.unschedule(payment.schedule.customer_uid, payment.payment_uid):
                if found.merchant_uid == payment.payment_uid:
                    settling.note(payment, found, by=by)
    except imp.Declined:
        settling.ask(payment, by=by)
