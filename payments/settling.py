"""What IMP says of a payment, written down: the one way in for answers, webhooks and the worker.

Any number of callers, in any order: each step is a compare-and-set under the row's lock, and the same news twice are
nothing.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from accounts import mail
from accounts.actors import Actor
from cody_site.transactions import retried
from payments import imp, keys
from payments.models import UNSETTLED, WAITING, Method, Payment, RefundState, State, What
from payments.money import won
from payments.wishes import title

GRACE = dt.timedelta(minutes=15)
"""So long IMP may know nothing of what it was sent."""

WATCHED = dt.timedelta(hours=24)
"""So long a payment that IMP knew nothing of is asked for, should it appear after all."""

OVERDUE = dt.timedelta(hours=1)
"""So long a scheduled charge may not have run, before a person must look."""

UNCLOSED = dt.timedelta(days=1)
"""So long a virtual account whose time is over may not have been closed by IMP, before it counts as expired."""

STALE = dt.timedelta(minutes=5)
"""So long an answer of IMP's may have been on its way."""

LONGEST_PAUSE = dt.timedelta(hours=1)
"""Between two questions to IMP."""

NO_RECORD = "결제사에 결제 기록이 없습니다."
UNREACHED = "결제사와 연결되지 않았습니다."
LATE = "실패로 알린 뒤에 결제되었습니다. 자동으로 환불합니다."
LATE_DEPOSIT = "끝난 가상계좌에 입금되었습니다. 환불 계좌를 확인해 주세요."
UNWANTED = "취소하는 동안 결제되었습니다."
UNWANTED_DEPOSIT = "취소하는 동안 입금되었습니다. 환불 계좌를 확인해 주세요."
AT_IMP = "결제사에서 환불되어 장부에 반영했습니다"
NOT_ENDED = "끝난 결제를 결제사에서 닫거나 취소하지 못했습니다."
DOUBLED = "결제사에 같은 번호의 결제가 여러 건 있습니다."
NOT_RUN = "예약 결제가 제때 실행되지 않았습니다."


# ---------------------------------------------------------------- steps of our own


@retried
def request(payments: Sequence[Payment], *, by: Actor) -> bool:
    """Written ahead, all of them or none: from here on the charge may exist. False if somebody was quicker."""
    now = timezone.now()
    ask_at = now + dt.timedelta(seconds=settings.IMP_DEADLINE_SECONDS + 30)
    rows = Payment.objects.filter(pk__in=[payment.pk for payment in payments], state__in=_UNSENT)
    if rows.update(state=State.REQUESTED, requested_at=now, ask_at=ask_at) != len(payments):
        transaction.set_rollback(True)
        return False
    for payment in payments:
        payment.record(What.REQUESTED, by=by)
    return True


_UNSENT = (State.CREATED, State.SCHEDULED)
"""A virtual account's schedule is nothing that IMP knows; a card's has been requested when it is scheduled."""


@retried
def forget(payment: Payment, reason: str, *, by: Actor) -> None:
    """Nothing was sent: the payment has failed, and its key may be used again."""
    _fail(payment, reason or UNREACHED, by=by)
    keys.forget(payment)


@retried
def unsend(payment: Payment, *, by: Actor) -> None:
    """Nothing was sent of a virtual account that was due: it is due again, unless it was to end meanwhile."""
    row = Payment.objects.locked().get(pk=payment.pk)
    if row.state != State.REQUESTED:
        return
    ended = row.ending_at is not None
    _move(row, state=State.REVOKED if ended else State.SCHEDULED, ask_at=None if ended else row.ask_at)
    if ended:
        row.record(What.REVOKED, by=by)


@retried
def fail(payment: Payment, reason: str, *, by: Actor, code: int = 0) -> None:
    """No money has moved. What is settled already stays as it is."""
    _fail(payment, reason, by=by, code=code)


def _fail(
    payment: Payment, reason: str, *, by: Actor, code: int = 0, ask_at: dt.datetime | None = None, **detail: object
) -> None:
    moved = Payment.objects.filter(pk=payment.pk, state__in=(*UNSETTLED, *WAITING)).update(
        state=State.FAILED, code=code, fail_reason=reason, ask_at=ask_at
    )
    if moved:
        payment.state, payment.code, payment.fail_reason = State.FAILED, code, reason
        payment.record(What.FAILED, by=by, code=code, **detail)
        if payment.is_due and payment.ending_at is None:
            _mail_payer(payment)


def _mail_payer(payment: Payment) -> None:
    """Its time had come, and nobody was looking at a page: what happened and what to do goes to who should have paid.

    Which letter it is depends on whether its reservation still waits to be paid for.
    """
    payer, reservation = payment.payer, payment.reservation
    if not payer.email or payer.email_confirmed_at is None:
        return
    waits = reservation is not None and reservation.trashed_at is None
    path = reverse("payments:pay", args=[reservation.pk]) if waits and reservation else reverse("payments:mine")
    with translation.override(payer.language):
        mail.post(
            payer,
            "scheduled_payment_failed",
            to=payer.email,
            path=path,
            amount=won(payment.amount),
            items=title(payment.items.order_by("pk").values_list("name", "quantity")),
            reason=payment.fail_reason,
            pays_again="1" if waits else "",
        )


@retried
def doubt(payment: Payment, *, by: Actor, code: int = 0) -> None:
    """IMP was asked to charge and has not said what came of it: pending, until it is asked (R27)."""
    moved = Payment.objects.filter(pk=payment.pk, state=State.REQUESTED).update(
        state=State.PENDING, code=code, ask_at=timezone.now() + dt.timedelta(seconds=10)
    )
    if moved:
        payment.record(What.DOUBTED, by=by, code=code)


# ---------------------------------------------------------------- what IMP knows of a payment


@retried
def settle(payment: Payment, reports: Sequence[imp.Payment], *, by: Actor) -> Payment:
    """Bring our payment to what IMP knows of it, and return it so; `reports` is not empty."""
    row = Payment.objects.locked().get(pk=payment.pk)
    charged = [found for found in reports if found.was_paid]
    standing = [found for found in charged if found.refunded < found.amount]
    ours = [found for found in reports if found.merchant_uid == row.payment_uid]
    if len(standing) > 1:
        _leave_to_people(row, DOUBLED, by)
    elif charged:
        _charged(row, (standing or charged)[0], by)
    elif accounts := [found for found in ours if found.status == "ready" and found.account]:
        _opened(row, accounts[0], by)
    elif ours and all(found.status in ("failed", "cancelled") for found in ours):
        _came_to_nothing(row, ours[0], by)
    return row


def _has_ended(row: Payment) -> bool:
    """Unpaid, and no money is expected any more."""
    return row.paid_at is None and row.state not in UNSETTLED and row.state not in WAITING


def _move(row: Payment, **values: Any) -> None:
    """Of a row that is locked: these columns, in the database and here."""
    Payment.objects.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)


def _charged(row: Payment, found: imp.Payment, by: Actor) -> None:
    if not is_ours(row, found):
        _mismatched(row, found, by)
    elif row.state in UNSETTLED or row.state in WAITING:
        unwanted = row.ending_at is not None
        _pay(row, found, by, What.PAID)
        _take_over(row, found, by)
        if unwanted and row.left:
            _send_back(row, UNWANTED, UNWANTED_DEPOSIT, by)
    elif row.paid_at is None:
        _pay_late(row, found, by)
    elif not row.refunds.in_flight().exists():
        _take_over(row, found, by)


def is_ours(row: Payment, found: imp.Payment) -> bool:
    return (found.merchant_uid, found.amount, found.currency) == (row.payment_uid, row.amount, "KRW")


def _pay(row: Payment, found: imp.Payment, by: Actor, what: What) -> None:
    now = timezone.now()
    _move(
        row,
        state=State.PAID,
        imp_uid=found.imp_uid,
        paid_amount=found.amount,
        paid_at=now,
        requested_at=row.requested_at or now,
        receipt_url=found.receipt_url,
        code=0,
        fail_reason="",
        ask_at=None,
        ending_at=None,
        **_told(found),
    )
    row.record(what, by=by, imp_uid=found.imp_uid, amount=found.amount)


def _take_over(row: Payment, found: imp.Payment, by: Actor) -> None:
    """IMP's balance is the true one: what it has given back without us is booked, and somebody is told."""
    amount = found.refunded - row.refunded_amount
    now = timezone.now()
    if amount > 0:
        row.refunds.create(
            state=RefundState.DONE, amount=amount, checksum=row.left, reason=AT_IMP, created_at=now, settled_at=now
        )
        over = found.refunded == row.paid_amount
        _move(row, refunded_amount=found.refunded, state=State.CANCELLED if over else State.PAID)
        row.record(What.REFUNDED, by=by, amount=amount)
        row.alert(f"{AT_IMP}: {amount:,}원", by=by)
    elif amount < 0 and not row.refunds.filter(settled_at__gt=now - STALE).exists():
        row.alert(f"결제사의 환불액이 다릅니다: {found.refunded:,}원", by=by)


def _pay_late(row: Payment, found: imp.Payment, by: Actor) -> None:
    """Told as failed or over, and paid all the same: a card's charge goes back by itself, somebody is told (R27)."""
    _move(row, late_at=timezone.now())
    _pay(row, found, by, What.LATE)
    _take_over(row, found, by)
    if row.left:
        row.alert(LATE if row.method == Method.CARD else LATE_DEPOSIT, by=by)
        _send_back(row, LATE, LATE_DEPOSIT, by)


def _send_back(row: Payment, reason: str, alarm: str, by: Actor) -> None:
    """Nobody wants this money here: a card's goes back by itself, a virtual account's once somebody says where."""
    if row.method == Method.CARD:
        row.owe(row.left, reason, by=by)
    else:
        row.alert(alarm, by=by)


def _mismatched(row: Payment, found: imp.Payment, by: Actor) -> None:
    """IMP has charged something else than we asked: for people to decide, until nothing of it is left."""
    told = f"{found.amount:,} {found.currency[:10]}"
    if found.refunded == found.amount:
        _fail(row, f"결제사의 결제 {told}, 모두 돌려주었습니다.", by=by, charged=found.amount, refunded=found.refunded)
        return
    if row.paid_at is None and found.merchant_uid == row.payment_uid:
        _move(row, imp_uid=found.imp_uid)
    _leave_to_people(row, f"결제사의 결제가 다릅니다: {told}", by)


def _leave_to_people(row: Payment, alarm: str, by: Actor) -> None:
    if row.state in UNSETTLED:
        _move(row, state=State.PENDING, requested_at=row.requested_at or timezone.now())
    if row.paid_at is None:
        _move(row, ask_at=None)
    row.alert(alarm, by=by)


def _opened(row: Payment, found: imp.Payment, by: Actor) -> None:
    """A virtual account waits for its money; one that nobody here waits for any more is to be closed."""
    now = timezone.now()
    if row.state in UNSETTLED and is_ours(row, found):
        due = (found.account and found.account.due) or row.vbank_due
        _move(
            row,
            state=State.READY,
            imp_uid=found.imp_uid,
            requested_at=row.requested_at or now,
            code=0,
            ask_at=now if row.ending_at else min(now + LONGEST_PAUSE, due or now),
            asked=0,
            **_told(found),
        )
        row.record(What.READY, by=by, imp_uid=found.imp_uid)
    elif row.state in UNSETTLED:
        _mismatched(row, found, by)
    elif _has_ended(row) and row.ending_at is None:
        _move(row, imp_uid=found.imp_uid, ending_at=now, ask_at=now)
        row.record(What.ENDING, by=by)


def _came_to_nothing(row: Payment, found: imp.Payment, by: Actor) -> None:
    if row.state == State.READY:
        _close(row, by)
    elif _has_ended(row):
        _move(row, ending_at=None)
    else:
        _fail(row, found.fail_reason or NO_RECORD, by=by, code=-1)


def _close(row: Payment, by: Actor) -> None:
    """Nobody can pay into the account any more: its time was over, or somebody has closed it."""
    over = row.has_run_out and row.ending_at is None
    state, what = (State.EXPIRED, What.EXPIRED) if over else (State.CANCELLED, What.CLOSED)
    _move(row, state=state, ask_at=None)
    row.record(what, by=by)


def _told(found: imp.Payment) -> dict[str, Any]:
    """What IMP says of a virtual account, as our columns."""
    account = found.account
    if account is None:
        return {}
    told = {
        "vbank_code": account.code,
        "vbank_name": account.name,
        "vbank_num": account.number,
        "vbank_holder": account.holder,
        "vbank_due": account.due,
    }
    return {column: value for column, value in told.items() if value}


# ---------------------------------------------------------------- what IMP knows of a schedule


@retried
def note(payment: Payment, found: imp.Scheduled, *, by: Actor) -> None:
    """Bring a scheduled payment that has not been charged to what IMP knows of its schedule."""
    row = Payment.objects.locked().get(pk=payment.pk)
    expected = row.state in UNSETTLED or row.state == State.SCHEDULED
    if found.merchant_uid != row.payment_uid:
        return
    if found.status == "revoked":
        if expected:
            _revoke(row, by)
        elif _has_ended(row):
            _move(row, ending_at=None)
    elif found.status == "scheduled" and (_has_ended(row) or (expected and found.amount != row.amount)):
        _take_back(row, found, by)
    elif found.status == "scheduled" and row.state in UNSETTLED:
        now = timezone.now()
        ask_at = now if row.ending_at else _after(row.due_at)
        _move(row, state=State.SCHEDULED, code=0, ask_at=ask_at, requested_at=row.requested_at or now)
        row.record(What.SCHEDULED, by=by)


def _revoke(row: Payment, by: Actor) -> None:
    _move(row, state=State.REVOKED, ask_at=None)
    row.record(What.REVOKED, by=by)


def _after(due_at: dt.datetime | None) -> dt.datetime:
    """A minute later than IMP charges: by then its webhook has told, if it ever does."""
    return (due_at or timezone.now()) + dt.timedelta(minutes=1)


def _take_back(row: Payment, found: imp.Scheduled, by: Actor) -> None:
    """Scheduled at IMP for another amount than we asked, or after it was told as failed: to be revoked."""
    if row.ending_at is not None:
        return
    now = timezone.now()
    _move(row, ending_at=now, ask_at=now)
    row.record(What.ENDING, by=by, amount=found.amount)


# ---------------------------------------------------------------- asking


def ask(payment: Payment, *, by: Actor) -> None:
    """Ask IMP about a payment, and write down what it says. Raises imp.ImpError if it cannot be asked."""
    reports = imp.payments_of(payment.payment_uid)
    if reports:
        settle(payment, reports, by=by)
        return
    if payment.schedule_id is not None and payment.method == Method.CARD:
        found = imp.schedule_of(payment.payment_uid)
        if found is not None:
            note(payment, found, by=by)
            return
    _found_nothing(payment, by=by)


@retried
def _found_nothing(payment: Payment, *, by: Actor) -> None:
    """IMP knows nothing of it: no proof that it never will, until the grace has passed."""
    row = Payment.objects.locked().get(pk=payment.pk)
    now = timezone.now()
    if row.state == State.REQUESTED:
        _move(row, state=State.PENDING)
        row.record(What.DOUBTED, by=by)
    if row.requested_at and row.state in UNSETTLED and now >= row.requested_at + GRACE:
        _fail(row, NO_RECORD, by=by, ask_at=now + dt.timedelta(hours=1))
    elif row.state == State.SCHEDULED and row.ending_at:
        _revoke(row, by)
    elif row.state == State.SCHEDULED and row.due_at and now >= row.due_at + GRACE:
        _fail(row, NO_RECORD, by=by, ask_at=now + dt.timedelta(hours=1))


@retried
def postpone(payment: Payment, *, by: Actor) -> None:
    """Ask again later, in longer and longer pauses; of what has failed no longer than WATCHED."""
    now = timezone.now()
    row = Payment.objects.locked().get(pk=payment.pk)
    if row.ask_at is None:
        return
    if row.state == State.SCHEDULED and row.due_at and now > row.due_at + OVERDUE:
        row.alert(NOT_RUN, by=by)
    if row.state == State.READY and row.vbank_due and now > row.vbank_due + UNCLOSED:
        _close(row, by)
        return
    if _has_ended(row) and row.ending_at and now > row.ending_at + WATCHED:
        row.alert(NOT_ENDED, by=by)
    _move(row, ask_at=None if _is_over(row, now) else _next(row, now))
    Payment.objects.filter(pk=row.pk).update(asked=F("asked") + 1)


def _is_over(row: Payment, now: dt.datetime) -> bool:
    """Is there nothing to ask or to tell any more?"""
    if row.state in UNSETTLED or row.state in WAITING or (_has_ended(row) and row.ending_at):
        return False
    return row.state != State.FAILED or row.requested_at is None or now >= row.requested_at + WATCHED


def _next(row: Payment, now: dt.datetime) -> dt.datetime:
    if row.ending_at is None and row.state == State.SCHEDULED and not row.is_due:
        return _after(row.due_at) if row.method == Method.CARD else row.due_at or now
    if row.ending_at is None and row.state == State.READY and row.vbank_due and not row.has_run_out:
        return min(now + LONGEST_PAUSE, row.vbank_due)
    later = now + pause(row.asked)
    judged_at = row.requested_at + GRACE if row.requested_at and row.state in UNSETTLED else later
    return min(later, judged_at) if judged_at > now else later


def pause(asked: int) -> dt.timedelta:
    """10 seconds at first, an hour at last."""
    return min(dt.timedelta(seconds=10 * (1 << min(asked, 20))), LONGEST_PAUSE)


@retried
def acknowledge(*, by: Actor, payment: Payment) -> None:
    """Somebody has looked, and done what was to be done; the alarm's words stay in the payment's history."""
    if Payment.objects.alarming().filter(pk=payment.pk).update(alarm=""):
        payment.record(What.ACKNOWLEDGED, by=by, alarm=payment.alarm)
