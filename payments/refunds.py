"""Giving money back: at most what is left, one refund at a time, each with the balance that IMP must find.

IMP does nothing when it knows another balance than `checksum`, so that a refund, unlike a charge, may be sent again.
"""

import contextlib
import datetime as dt

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.actors import Actor
from accounts.clock import salon_now, wall_clock
from accounts.models import Policy
from cody_site.errors import Conflict
from cody_site.security_events import Event, note_once_done
from cody_site.transactions import retried
from payments import imp, keys, services, settling
from payments.errors import DeclinedByImp, FailedAuthentication, MissingAccount, PayOne, TooMuchToRefund
from payments.keys import Key
from payments.models import CASHIERS, UNSETTLED, WAITING, Account, Method, Payment, Refund, RefundState, State, What
from reservations.errors import TooLateToCancel
from reservations.models import OPEN, Reservation

OTHER_BALANCE = "결제사의 잔액이 다릅니다"


def refund(
    *,
    by: Actor,
    payment: Payment,
    amount: int | None,
    reason: str,
    account: Account | None = None,
    key: Key | None = None,
) -> Refund:
    """Give back this much, or all that is left; the refund, done. Of a key used before, what became of it.

    What was paid into a virtual account goes to `account`. Raises TooLateToCancel for a payer, TooMuchToRefund (R28),
    MissingAccount, Conflict while another refund or the payment itself is under way; DeclinedByImp, PayOne (pending) or
    FailedAuthentication, each with its refund; NotReady, UnreadableCredentials or KeyReused.
    """
    if (used := keys.known(key)) and used.refund:
        return told(used.refund)
    services.ensure_configured()
    with services.a_line():
        row, is_new = _write(by, payment, amount, reason, account, key)
        if is_new:
            send(row, by=by)
            row.refresh_from_db()
    return told(row)


def told(row: Refund) -> Refund:
    """The refund if it is done, or else the refusal that tells of it."""
    if row.state == RefundState.DONE:
        return row
    if row.state == RefundState.FAILED:
        raise DeclinedByImp(row.fail_reason).of(row)
    raise PayOne().of(row)


def refuse_late(by: Actor, payment: Payment) -> None:
    """A payer cancels while the reservation may be cancelled, or was in time, or within some days of an untied payment.

    Staff who write money and app clients always may. Raises TooLateToCancel.
    """
    if by.is_app_client or by.account_type in CASHIERS:
        return
    if payment.reservation is not None:
        in_time = _may_still_go(payment.reservation)
    else:
        paid_at = payment.paid_at or payment.created_at  # a scheduled one may have been asked for long before
        in_time = timezone.now() <= paid_at + dt.timedelta(days=settings.PAYMENT_CANCEL_DAYS)
    if not in_time:
        raise TooLateToCancel


def _may_still_go(reservation: Reservation) -> bool:
    """May it be cancelled now, or was it in time, or by the salon?"""
    limit = reservation.start - Policy.current().cancel_notice
    if reservation.trashed_at is None:
        return reservation.status in OPEN and salon_now() <= limit
    return reservation.trashed_by_id != reservation.customer_id or wall_clock(reservation.trashed_at) <= limit


@retried
def _write(
    by: Actor, payment: Payment, amount: int | None, reason: str, account: Account | None, key: Key | None
) -> tuple[Refund, bool]:
    """The refund before anything is sent, under the lock of its payment."""
    row = Payment.objects.locked().get(pk=payment.pk)
    if (used := keys.known(key)) and used.refund:
        return used.refund, False
    if row.state in UNSETTLED or row.state in WAITING or row.refunds.in_flight().exists():
        raise Conflict
    refuse_late(by, payment)
    wanted = row.left if amount is None else amount
    if row.left and row.method == Method.VIRTUAL_ACCOUNT and account is None:
        raise MissingAccount
    if not 0 < wanted <= row.left:
        raise TooMuchToRefund
    written = Refund.objects.create(
        payment=row,
        amount=wanted,
        checksum=row.left,
        reason=reason,
        by=by.user,
        ask_at=after_the_call(),
        **(account.columns() if account and row.method == Method.VIRTUAL_ACCOUNT else {}),
    )
    row.record(What.REFUND_REQUESTED, by=by, amount=wanted)
    note_once_done(Event.REFUND_REQUESTED, user=row.payer_id, by=by.key, detail=f"payment:{row.pk}")
    keys.remember(key, row, written)
    return written, True


def after_the_call() -> dt.datetime:
    """When the worker sees to a refund that is sent now: not before its call is over, token and second try in it."""
    return timezone.now() + dt.timedelta(seconds=4 * settings.IMP_DEADLINE_SECONDS + 30)


def send(row: Refund, *, by: Actor, once: bool = True) -> None:
    """Ask IMP to give it back, and write down what it says.

    Raises PayOne or FailedAuthentication if nothing was sent: `once` it has failed then, else it will be sent again.
    """
    payment = row.payment
    try:
        found = imp.cancel(
            imp_uid=payment.imp_uid,
            amount=row.amount,
            checksum=row.checksum,
            reason=row.reason,
            account=row.account,
        )
    except imp.Declined as declined:
        _declined(row, declined, by, answered=once)
    except imp.Unreachable:
        if once:
            _fail(row, settling.UNREACHED, 0, by)
        raise PayOne().of(_fresh(row)) from None
    except imp.AuthenticationFailed as refused:
        if once:
            _fail(row, refused.message or settling.UNREACHED, refused.code, by)
        raise FailedAuthentication().of(_fresh(row)) from None
    except imp.UnknownOutcome as unknown:
        _doubt(row, unknown.code, by)
    else:
        _compare(row, found, by)


def ask(row: Refund, *, by: Actor) -> None:
    """Ask IMP whether it was given back; send it again if not. Raises imp.ImpError if it cannot be asked."""
    found = imp.payment(row.payment.imp_uid)
    if found is None:
        raise imp.UnknownOutcome
    if found.amount - found.refunded == row.checksum:  # nothing has moved, nor can it move twice
        with contextlib.suppress(PayOne, FailedAuthentication):
            send(row, by=by, once=False)
        return
    _compare(row, found, by)


def _compare(row: Refund, found: imp.Payment, by: Actor) -> None:
    """Done if IMP's balance is what it should be afterwards."""
    if found.imp_uid == row.payment.imp_uid and found.amount - found.refunded == row.checksum - row.amount:
        _done(row, by)
    else:
        _other_balance(row, found, by)


def _declined(row: Refund, declined: imp.Declined, by: Actor, *, answered: bool) -> None:
    """IMP's no; perhaps because the same refund was done by a call before. Balances are read again.

    Who asked for it is `answered`, or else somebody must be told.
    """
    found = None
    with contextlib.suppress(imp.ImpError):
        found = imp.payment(row.payment.imp_uid)
    if found and found.amount - found.refunded == row.checksum - row.amount:
        _done(row, by)
        return
    _fail(row, declined.message, declined.code, by, answered=answered)
    if found:
        settling.settle(row.payment, [found], by=by)


@retried
def _done(row: Refund, by: Actor) -> None:
    payment = Payment.objects.locked().get(pk=row.payment_id)
    moved = (
        Refund.objects.in_flight()
        .filter(pk=row.pk)
        .update(state=RefundState.DONE, settled_at=timezone.now(), ask_at=None, code=0)
    )
    if not moved:
        return
    over = payment.refunded_amount + row.amount == payment.paid_amount
    Payment.objects.filter(pk=payment.pk).update(
        refunded_amount=F("refunded_amount") + row.amount, state=State.CANCELLED if over else State.PAID
    )
    payment.record(What.REFUNDED, by=by, amount=row.amount)
    if over and by.user is not None and payment.alarm:  # a person has dealt with it: nothing is left to look at
        Payment.objects.filter(pk=payment.pk).update(alarm="")
        payment.record(What.ACKNOWLEDGED, by=by, alarm=payment.alarm)


@retried
def _fail(row: Refund, reason: str, code: int, by: Actor, *, answered: bool = True) -> None:
    """Nothing has gone back. One that nobody asked for is the salon's own debt: somebody must see to it."""
    moved = (
        Refund.objects.in_flight()
        .filter(pk=row.pk)
        .update(state=RefundState.FAILED, settled_at=timezone.now(), ask_at=None, code=code, fail_reason=reason)
    )
    if not moved:
        return
    row.payment.record(What.REFUND_FAILED, by=by, code=code, amount=row.amount)
    if row.by_id is None or row.state == RefundState.PENDING or not answered:
        row.payment.alert(f"환불하지 못했습니다: {row.amount:,}원", by=by)


@retried
def _doubt(row: Refund, code: int, by: Actor) -> None:
    moved = Refund.objects.filter(pk=row.pk, state=RefundState.REQUESTED).update(
        state=RefundState.PENDING, code=code, ask_at=timezone.now() + dt.timedelta(seconds=10)
    )
    if moved:
        row.payment.record(What.REFUND_DOUBTED, by=by, code=code)


def _other_balance(row: Refund, found: imp.Payment, by: Actor) -> None:
    """IMP has given back something else than we asked, or somebody else has: what it has is booked, and this is not."""
    _fail(row, f"{OTHER_BALANCE}: {found.amount - found.refunded:,}원", 0, by, answered=False)
    settling.settle(row.payment, [found], by=by)


def _fresh(row: Refund) -> Refund:
    row.refresh_from_db()
    return row
