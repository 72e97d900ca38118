"""Asking for money, once, whatever fails: written down before IMP is called, settled by what it says afterwards.

No transaction is open while IMP is called. A card is charged or scheduled at IMP; a virtual account is opened at once,
or by the worker when its time has come.
"""

import contextlib
import datetime as dt
import logging
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AccountType, User
from cody_site.errors import Conflict, UnknownUser
from cody_site.transactions import retried
from payments import imp, keys, refused_cards, settling
from payments.cards import Card
from payments.errors import (
    DeclinedByImp,
    FailedAuthentication,
    NotReady,
    PayOne,
    UnappropriateAccess,
    UnreadableCredentials,
)
from payments.keys import Key
from payments.models import LIVE, UNSETTLED, Method, Payment, PaymentItem, Schedule, State, What
from payments.wishes import Wish, title
from reservations.models import Reservation

logger = logging.getLogger(__name__)

SMALLEST_INSTALMENT = 50_000  # won
DAYS_TO_DEPOSIT = 3
FURTHEST = dt.timedelta(days=366)
"""So far ahead payments are scheduled, and accounts wait for their money."""


def charge(*, by: Actor, wish: Wish, card: Card, key: Key | None = None) -> Payment:
    """Charge a card; the payment, paid. Of a key that was used before, what became of it.

    Raises DeclinedByImp, PayOne (failed if nothing was sent, else pending) or FailedAuthentication, with its payment;
    NotReady, UnreadableCredentials, Conflict, KeyReused, TooManyRefusedCards, UnknownUser or UnappropriateAccess.
    """
    if used := keys.known(key):
        return told(used.payment)
    _refuse_unready(wish)
    _refuse_card(wish, card)
    with a_line():
        (payment,), is_new = _write(by, wish, card, key)
        if is_new:
            with _asking(by, [payment], wish, card):
                payment = settling.settle(payment, [imp.charge(_order(payment, wish), card)], by=by)
                if payment.state == State.FAILED:  # a refusal in the form of an answer
                    refused_cards.count(wish, card)
    return told(payment)


def schedule_card(*, by: Actor, wish: Wish, card: Card, key: Key | None = None) -> Schedule:
    """Have IMP charge a card at the wish's times; the schedule. The card is kept by IMP, and not here.

    Raises as charge() does, each failure with its schedule.
    """
    if used := keys.known(key):
        return scheduled(used.payment)
    _refuse_unready(wish)
    _refuse_card(wish, card)
    with a_line():
        payments, is_new = _write(by, wish, card, key)
        schedule = payments[0].schedule
        if is_new and schedule is not None:
            with _asking(by, payments, wish, card):
                orders = [_order(payment, wish) for payment in payments]
                noted = {found.merchant_uid: found for found in imp.schedule(schedule.customer_uid, card, orders)}
                for payment in payments:
                    if found := noted.get(payment.payment_uid):
                        settling.note(payment, found, by=by)
            _doubt_what_is_not_told(payments, by)
    return scheduled(payments[0])


def open_account(*, by: Actor, wish: Wish, key: Key | None = None) -> Payment:
    """Open a virtual account; the payment, ready for its money. Raises as charge() does."""
    if used := keys.known(key):
        return told(used.payment)
    _refuse_unready(wish)
    with a_line():
        (payment,), is_new = _write(by, wish, None, key)
        if is_new:
            with _asking(by, [payment]):
                payment = _open(payment, by)
    return told(payment)


def schedule_account(*, by: Actor, wish: Wish, key: Key | None = None) -> Schedule:
    """Open virtual accounts at the wish's times; the schedule. Raises as charge() does, and asks IMP nothing yet."""
    if used := keys.known(key):
        return scheduled(used.payment)
    _refuse_unready(wish)
    payments, _is_new = _write(by, wish, None, key)
    return scheduled(payments[0])


def open_due_account(payment: Payment, *, by: Actor) -> None:
    """Of a schedule whose time has come, for the worker: sent once, and asked for ever after.

    Raises imp.ImpError if nothing was sent, so that it is due again.
    """
    imp.sign_in()
    if not settling.request([payment], by=by):
        return
    try:
        _open(payment, by)
    except imp.Declined as declined:
        settling.fail(payment, declined.message, by=by, code=declined.code)
    except imp.UnknownOutcome as unknown:
        settling.doubt(payment, by=by, code=unknown.code)
    except imp.ImpError:
        settling.unsend(payment, by=by)
        raise


def told(payment: Payment) -> Payment:
    """The payment if it was paid, or waits for its money; or else the refusal that tells of it."""
    if payment.state in UNSETTLED or payment.late_at is not None:
        raise PayOne().of(payment)
    if payment.state == State.FAILED:
        raise DeclinedByImp(payment.fail_reason).of(payment)
    return payment


def scheduled(first: Payment) -> Schedule:
    """The schedule of this payment if it was taken on, or else the refusal that tells of it."""
    schedule = first.schedule
    if schedule is None:
        raise Conflict
    if schedule.method == Method.VIRTUAL_ACCOUNT:
        return schedule  # our own word is enough
    states = set(schedule.payments.values_list("state", flat=True))
    if states & set(UNSETTLED):
        raise PayOne().of(schedule)
    if states == {State.FAILED}:
        reason = schedule.payments.order_by("pk").values_list("fail_reason", flat=True)[0]
        raise DeclinedByImp(reason).of(schedule)
    return schedule


@contextlib.contextmanager
def a_line() -> Iterator[None]:
    """A line to IMP, taken before anything is written; NotReady if there is none."""
    try:
        with imp.line():
            yield
    except imp.Busy:
        raise NotReady from None


def ensure_configured() -> None:
    """Raises NotReady or UnreadableCredentials."""
    try:
        imp.credentials()
    except imp.NotConfigured:
        raise NotReady from None
    except imp.UnreadableCredentials:
        logger.exception("IMP_CREDENTIALS_FILE cannot be read")
        raise UnreadableCredentials from None


# ---------------------------------------------------------------- before anything is written


def _refuse_unready(wish: Wish) -> None:
    """Without credentials nothing is written; test accounts pay in tests only (section 7)."""
    if wish.payer.type == AccountType.TEST and not settings.IMP_TEST_CHANNEL:
        raise NotReady
    ensure_configured()
    now = timezone.now()
    due = wish.deposit and wish.deposit.due
    if any(not now < at <= now + FURTHEST for at in [*wish.times, *([due] if due else [])]):
        raise UnappropriateAccess
    if due and any(due <= at for at in wish.times):
        raise UnappropriateAccess
    if wish.reservation is not None and len(wish.times) > 1:
        raise UnappropriateAccess  # a reservation has at most one live payment


def _refuse_card(wish: Wish, card: Card) -> None:
    refused_cards.refuse_tried(wish, card)
    if wish.instalment_months and wish.amount < SMALLEST_INSTALMENT:
        raise UnappropriateAccess


# ---------------------------------------------------------------- writing


@retried
def _write(by: Actor, wish: Wish, card: Card | None, key: Key | None) -> tuple[list[Payment], bool]:
    """The payments before anything is sent, with their key; or the one that the key has written meanwhile."""
    if not list(User.objects.active().filter(pk=wish.payer.pk).select_for_update(no_key=True).values_list("pk")):
        raise UnknownUser(wish.payer.userid)
    if used := keys.known(key):
        return [used.payment], False
    _refuse_foreign(wish)
    _refuse_doubles(wish)
    schedule = Schedule.objects.create(payer=wish.payer, method=wish.method) if wish.times else None
    payments = [_new(wish, card, schedule, at) for at in (wish.times or (None,))]
    keys.remember(key, payments[0])
    for payment in payments:
        PaymentItem.objects.bulk_create(
            PaymentItem(payment=payment, product=product, name=product.name, price=product.price, quantity=quantity)
            for product, quantity in wish.products
        )
        payment.record(What.CREATED, by=by, amount=wish.amount)
        if payment.state == State.SCHEDULED:
            payment.record(What.SCHEDULED, by=by)
    return payments, True


def _new(wish: Wish, card: Card | None, schedule: Schedule | None, at: dt.datetime | None) -> Payment:
    now = timezone.now()
    deposit = wish.deposit
    by_us = deposit is not None and at is not None
    return Payment.objects.create(
        payer=wish.payer,
        reservation_id=wish.reservation,
        method=wish.method,
        schedule=schedule,
        due_at=at,
        state=State.SCHEDULED if by_us else State.CREATED,
        amount=wish.amount,
        basket=wish.basket,
        instalment_months=wish.instalment_months,
        card_number=card.masked if card else "",
        bank=deposit.bank if deposit else "",
        vbank_holder=deposit.holder if deposit else "",
        vbank_due=(deposit.due or (at or now) + dt.timedelta(days=DAYS_TO_DEPOSIT)) if deposit else None,
        ip=wish.ip,
        ask_at=at if by_us else now + dt.timedelta(minutes=2),
    )


def _refuse_doubles(wish: Wish) -> None:
    """The same payer pays for the same products once at a time, and a reservation is paid for once."""
    in_doubt = Q(payer=wish.payer, basket=wish.basket, state__in=UNSETTLED)
    at_these_times = Q(payer=wish.payer, basket=wish.basket, state=State.SCHEDULED, due_at__in=wish.times)
    same = in_doubt & Q(due_at__in=wish.times) | at_these_times if wish.times else in_doubt & Q(schedule=None)
    paying = Q(reservation=wish.reservation, state__in=LIVE, late_at=None) if wish.reservation else Q(pk=None)
    for state, at, basket in Payment.objects.filter(same | paying).values_list("state", "due_at", "basket"):
        if state in UNSETTLED or (at in wish.times and basket == wish.basket):
            raise Conflict
        raise UnappropriateAccess


def _refuse_foreign(wish: Wish) -> None:
    """A reservation that is paid for is the payer's own, and live; it is locked, so that it stays so."""
    if wish.reservation is not None:
        own = Reservation.objects.live().filter(customer=wish.payer, pk=wish.reservation).locked()
        if not list(own.values_list("pk")):
            raise UnappropriateAccess


# ---------------------------------------------------------------- sending


@contextlib.contextmanager
def _asking(
    by: Actor, payments: Sequence[Payment], wish: Wish | None = None, card: Card | None = None
) -> Iterator[None]:
    """Around the one call that sends these: written ahead before, and what is no answer written down after.

    Raises what told() would not: that nothing was sent.
    """
    about = payments[0].schedule or payments[0]
    try:
        imp.sign_in()
        if not settling.request(payments, by=by):
            raise Conflict
        yield
    except imp.Declined as declined:
        for payment in payments:
            settling.fail(payment, declined.message, by=by, code=declined.code)
            payment.refresh_from_db()
        if wish and card:
            refused_cards.count(wish, card)
    except imp.Unreachable:
        _forget(payments, "", by)
        raise PayOne().of(_fresh(about)) from None
    except imp.AuthenticationFailed as refused:
        logger.error("IMP refuses our credentials")
        _forget(payments, refused.message, by)
        raise FailedAuthentication().of(_fresh(about)) from None
    except imp.UnknownOutcome as unknown:
        for payment in payments:
            settling.doubt(payment, by=by, code=unknown.code)
            payment.refresh_from_db()


def _forget(payments: Sequence[Payment], reason: str, by: Actor) -> None:
    for payment in payments:
        settling.forget(payment, reason, by=by)


def _fresh(about: Payment | Schedule) -> Payment | Schedule:
    about.refresh_from_db()
    return about


def _doubt_what_is_not_told(payments: Sequence[Payment], by: Actor) -> None:
    """An answer that leaves an order out says nothing about it."""
    for payment in payments:
        settling.doubt(payment, by=by)


def _order(payment: Payment, wish: Wish) -> imp.Order:
    return imp.Order(
        merchant_uid=payment.payment_uid,
        amount=payment.amount,
        name=wish.name,
        buyer=wish.payer.name,
        birth="" if wish.payer.birth is None else f"{wish.payer.birth:%y%m%d}",
        instalment_months=payment.instalment_months,
        at=payment.due_at,
    )


def _open(payment: Payment, by: Actor) -> Payment:
    """Raises imp.ImpError."""
    items = payment.items.order_by("pk").values_list("name", "quantity")
    order = imp.Order(payment.payment_uid, payment.amount, title(items), payment.payer.name)
    due = payment.vbank_due or timezone.now()
    found = imp.open_account(order, bank=payment.bank, holder=payment.vbank_holder, due=due)
    return settling.settle(payment, [found], by=by)
