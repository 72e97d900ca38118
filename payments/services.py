"""Charging a card, once, whatever fails: written down before IMP is called, settled by compare-and-set afterwards.

No transaction is open while IMP is called. Whoever learns what became of a charge (the caller, the webhook, the
worker) goes through `settle`, and the same news twice change nothing.
"""

import contextlib
import datetime as dt
import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import AccountType, User
from cody_site.errors import Conflict
from cody_site.transactions import retried
from payments import imp, refused_cards
from payments.cards import Card
from payments.errors import (
    DeclinedByImp,
    FailedAuthentication,
    KeyReused,
    NotReady,
    PayOne,
    UnappropriateAccess,
    UnreadableCredentials,
)
from payments.models import (
    LIVE,
    UNSETTLED,
    IdempotencyKey,
    Payment,
    PaymentEvent,
    PaymentItem,
    Product,
    Refund,
    State,
    What,
    total,
)
from reservations.models import Reservation

logger = logging.getLogger(__name__)

SMALLEST_INSTALMENT = 50_000  # won
GRACE = dt.timedelta(minutes=15)
"""So long IMP may know nothing of a charge that it was sent."""

WATCHED = dt.timedelta(hours=24)
"""So long a charge that IMP knew nothing of is asked for, should it appear after all."""

NO_RECORD = "결제사에 결제 기록이 없습니다."
UNREACHED = "결제사와 연결되지 않았습니다."
LATE = "실패로 알린 뒤에 결제되었습니다. 자동으로 환불합니다."


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key: of whom, for what, and of which body."""

    caller: str
    route: str
    text: str
    fingerprint: str


@dataclass(frozen=True)
class Wish:
    """What shall be charged, and for whom."""

    payer: User
    products: Sequence[tuple[Product, int]]
    instalment_months: int = 0
    reservation: Reservation | None = None
    ip: str | None = None

    @property
    def amount(self) -> int:
        return total(self.products)

    @property
    def basket(self) -> str:
        """The same for the same products."""
        listed = ",".join(f"{product.pk}x{quantity}" for product, quantity in self.products)
        return hashlib.sha256(listed.encode()).hexdigest()

    @property
    def name(self) -> str:
        """What IMP and the card's statement call it."""
        first = self.products[0][0].name
        others = sum(quantity for _product, quantity in self.products) - 1
        return f"{first[:30]} 외 {others}건" if others else first


def products_named(ids: Iterable[int]) -> list[tuple[Product, int]]:
    """What is on sale under these ids, each with how often it stands there; or UnappropriateAccess."""
    wanted = Counter(ids)
    found = Product.objects.on_sale().filter(pk__in=wanted).order_by("pk")
    products = [(product, wanted[product.pk]) for product in found]
    if not wanted or len(products) != len(wanted):
        raise UnappropriateAccess
    return products


def charge(*, by: Actor, wish: Wish, card: Card, key: Key | None = None) -> Payment:
    """Charge a card; the payment, paid. Of a key that was used before, what became of it.

    Raises DeclinedByImp, PayOne (failed if nothing was sent, else pending) or FailedAuthentication, with its payment;
    NotReady, UnreadableCredentials, Conflict, KeyReused, TooManyRefusedCards or UnappropriateAccess.
    """
    if key is not None and (used := known(key)):
        return told(used.payment)
    _refuse_unready(wish)
    refused_cards.refuse_tried(wish, card)
    if wish.instalment_months and wish.amount < SMALLEST_INSTALMENT:
        raise UnappropriateAccess
    with a_line():
        payment, is_new = _write(by, wish, card, key)
        if is_new:
            _send(by, payment, wish, card)
            payment.refresh_from_db()
    return told(payment)


def told(payment: Payment) -> Payment:
    """The payment if it was paid, or else the refusal that tells of it."""
    if payment.state in (State.PAID, State.CANCELLED) and payment.late_at is None:
        return payment
    if payment.state in UNSETTLED or payment.late_at is not None:
        raise PayOne().of(payment)
    raise DeclinedByImp(payment.fail_reason).of(payment)


@contextlib.contextmanager
def a_line() -> Iterator[None]:
    """A line to IMP, taken before anything is written; NotReady if there is none."""
    try:
        with imp.line():
            yield
    except imp.Busy:
        raise NotReady from None


def _refuse_unready(wish: Wish) -> None:
    """Without credentials nothing is written; test accounts pay in tests only (section 7)."""
    if wish.payer.type == AccountType.TEST and not settings.IMP_TEST_CHANNEL:
        raise NotReady
    ensure_configured()


def ensure_configured() -> None:
    """Raises NotReady or UnreadableCredentials."""
    try:
        imp.credentials()
    except imp.NotConfigured:
        raise NotReady from None
    except imp.UnreadableCredentials:
        logger.exception("IMP_CREDENTIALS_FILE cannot be read")
        raise UnreadableCredentials from None


def known(key: Key) -> IdempotencyKey | None:
    """What the key was used for. Raises KeyReused for another body, Conflict while the act is under way."""
    used = (
        IdempotencyKey.objects.select_related("payment__payer", "refund")
        .filter(caller=key.caller, route=key.route, key=key.text)
        .first()
    )
    if used is None:
        return None
    if used.fingerprint != key.fingerprint:
        raise KeyReused
    if used.refund is None and used.payment.state in (State.CREATED, State.REQUESTED):
        raise Conflict
    if used.refund is not None and used.refund.state == "requested":
        raise Conflict
    return used


@retried
def _write(by: Actor, wish: Wish, card: Card, key: Key | None) -> tuple[Payment, bool]:
    """The payment before anything is sent, with its key; or the one that the key has written meanwhile."""
    if key is not None and (used := known(key)):
        return used.payment, False
    if Payment.objects.unsettled().filter(payer=wish.payer, basket=wish.basket).exists():
        raise Conflict
    if wish.reservation is not None:
        _refuse_paid(wish.reservation)
    payment = Payment.objects.create(
        payer=wish.payer,
        reservation=wish.reservation,
        amount=wish.amount,
        basket=wish.basket,
        instalment_months=wish.instalment_months,
        card_number=card.masked,
        ip=wish.ip,
        ask_at=timezone.now() + dt.timedelta(minutes=2),
    )
    PaymentItem.objects.bulk_create(
        PaymentItem(payment=payment, product=product, name=product.name, price=product.price, quantity=quantity)
        for product, quantity in wish.products
    )
    PaymentEvent.record(payment, What.CREATED, by=by, amount=wish.amount)
    if key is not None:
        remember(key, payment)
    return payment, True


def remember(key: Key, payment: Payment, refund: Refund | None = None) -> None:
    IdempotencyKey.objects.create(
        caller=key.caller,
        route=key.route,
        key=key.text,
        fingerprint=key.fingerprint,
        payment=payment,
        refund=refund,
    )


def _refuse_paid(reservation: Reservation) -> None:
    """A reservation has at most one live payment."""
    live = Payment.objects.filter(reservation=reservation, state__in=LIVE, late_at=None).first()
    if live is not None:
        raise UnappropriateAccess if live.state == State.PAID else Conflict
    if not Reservation.objects.live().filter(pk=reservation.pk).exists():
        raise UnappropriateAccess


def _send(by: Actor, payment: Payment, wish: Wish, card: Card) -> None:
    """Call IMP and write down what it says. Raises what told() would not: that nothing was sent."""
    try:
        imp.sign_in()
        if not _requested(by, payment):
            raise Conflict
        found = imp.charge(
            merchant_uid=payment.payment_uid,
            amount=payment.amount,
            name=wish.name,
            card=card,
            birth="" if wish.payer.birth is None else f"{wish.payer.birth:%y%m%d}",
            instalment_months=wish.instalment_months,
            buyer=wish.payer.name,
        )
    except imp.Declined as declined:
        fail(payment, declined.message, by=by, code=declined.code)
        refused_cards.count(wish, card)
    except imp.Unreachable:
        _forget(payment, by)
        raise PayOne().of(payment) from None
    except imp.AuthenticationFailed as refused:
        logger.error("IMP refuses our credentials")
        _forget(payment, by, refused.message)
        raise FailedAuthentication().of(payment) from None
    except imp.UnknownOutcome as unknown:
        doubt(payment, by=by, code=unknown.code)
    else:
        settle(payment, [found], by=by)


@retried
def _requested(by: Actor, payment: Payment) -> bool:
    """Written ahead: from here on the charge may exist."""
    now = timezone.now()
    ask_at = now + dt.timedelta(seconds=settings.IMP_DEADLINE_SECONDS + 30)
    moved = Payment.objects.filter(pk=payment.pk, state=State.CREATED).update(
        state=State.REQUESTED, requested_at=now, ask_at=ask_at
    )
    if moved:
        PaymentEvent.record(payment, What.REQUESTED, by=by)
    return bool(moved)


@retried
def _forget(payment: Payment, by: Actor, reason: str = "") -> None:
    """Nothing was sent: the payment has failed, and its key may be used again."""
    _fail(payment, reason or UNREACHED, by=by)
    IdempotencyKey.objects.filter(payment=payment).delete()
    payment.refresh_from_db()


@retried
def fail(payment: Payment, reason: str, *, by: Actor, code: int = 0, ask_at: dt.datetime | None = None) -> None:
    """No money has moved. What is settled already stays as it is."""
    _fail(payment, reason, by=by, code=code, ask_at=ask_at)


def _fail(payment: Payment, reason: str, *, by: Actor, code: int = 0, ask_at: dt.datetime | None = None) -> None:
    moved = Payment.objects.filter(pk=payment.pk, state__in=UNSETTLED).update(
        state=State.FAILED, code=code, fail_reason=reason, ask_at=ask_at
    )
    if moved:
        PaymentEvent.record(payment, What.FAILED, by=by, code=code)


@retried
def doubt(payment: Payment, *, by: Actor, code: int = 0) -> None:
    """IMP was asked to charge and has not said what came of it: pending, until it is asked (R27)."""
    moved = Payment.objects.filter(pk=payment.pk, state=State.REQUESTED).update(
        state=State.PENDING, code=code, ask_at=timezone.now() + dt.timedelta(seconds=10)
    )
    if moved:
        PaymentEvent.record(payment, What.DOUBTED, by=by, code=code)


@retried
def settle(payment: Payment, reports: Sequence[imp.Payment], *, by: Actor) -> None:
    """Bring our payment to what IMP knows of it; `reports` is not empty. Any number of callers, in any order."""
    row = Payment.objects.locked().get(pk=payment.pk)
    charged = [found for found in reports if found.was_paid]
    if len(charged) > 1:
        alarm(row, "결제사에 같은 번호의 결제가 여러 건 있습니다.", by=by)
        return
    if not charged:
        if all(found.status == "failed" for found in reports):
            _fail(row, reports[0].fail_reason or NO_RECORD, by=by, code=-1)
        return
    found = charged[0]
    if (found.merchant_uid, found.amount, found.currency) != (row.payment_uid, row.amount, "KRW"):
        _mismatched(row, found, by)
    elif row.state in UNSETTLED:
        _pay(row, found, by, What.PAID)
    elif row.state == State.FAILED:
        _pay_late(row, found, by)
    elif found.refunded != row.refunded_amount and not row.refunds.in_flight().exists():
        alarm(row, f"결제사의 환불액이 다릅니다: {found.refunded:,}원", by=by)


def _pay(row: Payment, found: imp.Payment, by: Actor, what: What) -> None:
    now = timezone.now()
    Payment.objects.filter(pk=row.pk).update(
        state=State.PAID,
        imp_uid=found.imp_uid,
        paid_amount=found.amount,
        paid_at=now,
        requested_at=row.requested_at or now,
        receipt_url=found.receipt_url,
        code=0,
        fail_reason="",
        ask_at=None,
    )
    PaymentEvent.record(row, what, by=by, imp_uid=found.imp_uid, amount=found.amount)


def _pay_late(row: Payment, found: imp.Payment, by: Actor) -> None:
    """Told as failed, and charged all the same: it goes back by itself, and somebody is told (R27)."""
    now = timezone.now()
    Payment.objects.filter(pk=row.pk).update(late_at=now)
    _pay(row, found, by, What.LATE)
    alarm(row, LATE, by=by)
    Refund.objects.create(payment=row, amount=found.amount, checksum=found.amount, reason=LATE, ask_at=now)
    PaymentEvent.record(row, What.REFUND_REQUESTED, by=actors.system(), amount=found.amount)


def _mismatched(row: Payment, found: imp.Payment, by: Actor) -> None:
    """IMP has charged something else than we asked: for people to decide, not for a program."""
    Payment.objects.filter(pk=row.pk, state__in=UNSETTLED).update(
        state=State.PENDING,
        requested_at=row.requested_at or timezone.now(),
        imp_uid=found.imp_uid if found.merchant_uid == row.payment_uid else "",
        ask_at=None,
    )
    alarm(row, f"결제사의 결제가 다릅니다: {found.amount:,} {found.currency[:10]}", by=by)


def alarm(row: Payment, text: str, *, by: Actor) -> None:
    """Somebody must look at this payment; said once."""
    if Payment.objects.filter(pk=row.pk).exclude(alarm=text).update(alarm=text):
        logger.error("payment %s needs a person", row.pk)
        PaymentEvent.record(row, What.ALARM, by=by, alarm=text)


@retried
def acknowledge(*, by: Actor, payment: Payment) -> None:
    """Somebody has looked, and done what was to be done; the alarm's words stay in the payment's history."""
    if Payment.objects.alarming().filter(pk=payment.pk).update(alarm=""):
        PaymentEvent.record(payment, What.ACKNOWLEDGED, by=by, alarm=payment.alarm)


# ---------------------------------------------------------------- asking IMP


def ask(payment: Payment, *, by: Actor) -> None:
    """Ask IMP about a payment, and write down what it says. Raises imp.ImpError if it cannot be asked."""
    reports = imp.payments_of(payment.payment_uid)
    if reports:
        settle(payment, reports, by=by)
        return
    found_nothing(payment, by=by)


@retried
def found_nothing(payment: Payment, *, by: Actor) -> None:
    """IMP knows nothing of it: no proof that it never will, until the grace has passed."""
    row = Payment.objects.locked().get(pk=payment.pk)
    if row.state == State.REQUESTED:
        Payment.objects.filter(pk=row.pk).update(state=State.PENDING)
        PaymentEvent.record(row, What.DOUBTED, by=by)
    if row.requested_at and row.state in UNSETTLED and timezone.now() >= row.requested_at + GRACE:
        _fail(row, NO_RECORD, by=by, ask_at=timezone.now() + dt.timedelta(hours=1))


@transaction.atomic
def postpone(payment: Payment) -> None:
    """Ask again later, in longer and longer pauses; of what has failed no longer than WATCHED."""
    now = timezone.now()
    row = Payment.objects.locked().get(pk=payment.pk)
    if row.ask_at is None:
        return
    over = row.state == State.FAILED and (row.requested_at is None or now >= row.requested_at + WATCHED)
    Payment.objects.filter(pk=row.pk).update(ask_at=None if over else now + pause(row.asked), asked=F("asked") + 1)


def pause(asked: int) -> dt.timedelta:
    """10 seconds at first, an hour at last."""
    return min(dt.timedelta(seconds=10 * (1 << min(asked, 20))), dt.timedelta(hours=1))
