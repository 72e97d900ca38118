"""What the demo salon sells, and what its customers have paid: payments in every state."""

import datetime as dt
import random

from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from accounts import actors
from payments.models import (
    ALPHABET,
    PAYMENT_UID_LENGTH,
    ConsultationTerms,
    Method,
    Payment,
    PaymentEvent,
    PaymentItem,
    Product,
    Refund,
    RefundState,
    Schedule,
    State,
    What,
    When,
)
from payments.wishes import Wish
from reservations.models import Reservation, Status

PRODUCTS = [
    ("디자이너 상담", 10_000, "30분 동안 얼굴형과 모질을 함께 봅니다."),
    ("커트 상담", 30_000, "상담과 커트. 샴푸와 마무리 드라이까지 합니다."),
    ("두피 케어", 45_000, "각질을 정리하고 진정시키는 50분."),
    ("퍼스널 컬러 진단", 60_000, "어울리는 머리색을 찾아 팔레트로 드립니다."),
    ("뿌리 염색", 80_000, "뿌리 3cm까지. 두피 보호제를 함께 씁니다."),
    ("디지털 펌", 120_000, "상담, 커트, 펌, 손질법까지 세 시간."),
]
PAID_FOR = 24
"""So many of the last reservations that are done."""

OVER_LIMIT = "결제승인에 실패하였습니다. [2116]개인 월 한도금액 초과"
CHARGED_ELSEWHERE = 29_900
ELSEWHERE = f"결제사의 결제가 다릅니다: {CHARGED_ELSEWHERE:,} KRW"


def pay(reservations: list[Reservation], rng: random.Random) -> None:
    products = [
        Product.objects.create(pk=pk, name=name, price=price, description=description)
        for pk, (name, price, description) in enumerate(PRODUCTS, start=1)
    ]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Product]):
            cursor.execute(statement)
    ConsultationTerms.objects.create(when=When.LATER, product=products[0])
    done = sorted((row for row in reservations if row.status == Status.DONE), key=lambda row: row.start)[-PAID_FOR:]
    for number, row in enumerate(done, start=1):
        product = rng.choice(products)
        if number % 8 == 0:
            _failed(row, product, rng)
        else:
            refunded = {3: product.price, 7: product.price // 2}.get(number % 10, 0)
            _paid(row, product, refunded, rng)
    _doubtful(done[-1], products[1], rng)
    last = sorted(reservations, key=lambda row: row.start)
    _paid_ahead(last[-1], products[0], rng)
    _accounts(last[-6:-1], products, rng)
    _schedules(done[0], done[1], products, rng)


def _payment(
    row: Reservation,
    product: Product,
    rng: random.Random,
    at: dt.datetime | None = None,
    requested: bool = True,
    **told: object,
) -> Payment:
    at = at or _after(row)
    wish = Wish(row.customer, [(product, 1)])
    payment = Payment.objects.create(
        payment_uid="".join(rng.choices(ALPHABET, k=PAYMENT_UID_LENGTH)),
        payer=row.customer,
        amount=wish.amount,
        basket=wish.basket,
        created_at=at,
        requested_at=at if requested else None,
        **({"card_number": _card_number(rng)} | told),
    )
    PaymentItem.objects.create(payment=payment, product=product, name=product.name, price=product.price, quantity=1)
    _event(payment, What.CREATED, at)
    if requested:
        _event(payment, What.REQUESTED, at)
    return payment


def _paid(row: Reservation, product: Product, refunded: int, rng: random.Random) -> None:
    at = _after(row, seconds=3)
    payment = _payment(
        row,
        product,
        rng,
        reservation=row,
        imp_uid=_imp_uid(rng),
        state=State.CANCELLED if refunded == product.price else State.PAID,
        paid_amount=product.price,
        refunded_amount=refunded,
        paid_at=at,
    )
    _event(payment, What.PAID, at, amount=product.price)
    if refunded:
        at = _after(row, hours=3)
        Refund.objects.create(
            payment=payment,
            state=RefundState.DONE,
            amount=refunded,
            checksum=product.price,
            reason="고객 요청",
            created_at=at,
            settled_at=at,
        )
        _event(payment, What.REFUNDED, at, amount=refunded)


def _failed(row: Reservation, product: Product, rng: random.Random) -> None:
    payment = _payment(row, product, rng, state=State.FAILED, code=-1, fail_reason=OVER_LIMIT)
    _event(payment, What.FAILED, payment.created_at, code=-1)


def _doubtful(row: Reservation, product: Product, rng: random.Random) -> None:
    """One that needs a person."""
    payment = _payment(row, product, rng, imp_uid=_imp_uid(rng), state=State.PENDING, alarm=ELSEWHERE)
    _event(payment, What.ALARM, payment.created_at, alarm=ELSEWHERE)


def _paid_ahead(row: Reservation, product: Product, rng: random.Random) -> None:
    """When it was booked, for the last day of all: its payer may cancel it still."""
    payment = _payment(
        row,
        product,
        rng,
        at=row.created_at,
        reservation=row,
        imp_uid=_imp_uid(rng),
        state=State.PAID,
        paid_amount=product.price,
        paid_at=row.created_at,
    )
    _event(payment, What.PAID, row.created_at, amount=product.price)


def _accounts(rows: list[Reservation], products: list[Product], rng: random.Random) -> None:
    """Virtual accounts: two that wait for their money, one paid, one whose time was over, one that was closed."""
    names = {"088": "신한은행", "004": "KB국민은행", "020": "우리은행", "011": "농협", "081": "하나은행"}
    states = [State.READY, State.READY, State.PAID, State.EXPIRED, State.CANCELLED]
    for row, bank, state in zip(rows, names, states, strict=True):
        at = row.created_at
        product = rng.choice(products)
        waits = state == State.READY
        tied = row if state in (State.READY, State.PAID) else None
        payment = _payment(
            row,
            product,
            rng,
            at=at,
            method=Method.VIRTUAL_ACCOUNT,
            card_number="",
            reservation=tied,
            imp_uid=_imp_uid(rng),
            state=state,
            bank=bank,
            vbank_code=bank,
            vbank_name=names[bank],
            vbank_num=f"{rng.randrange(10**14):014}",
            vbank_holder=row.customer.name,
            vbank_due=timezone.now() + dt.timedelta(days=3) if waits else at + dt.timedelta(hours=1),
            ask_at=timezone.now() + dt.timedelta(hours=1) if waits else None,
            paid_amount=product.price if state == State.PAID else 0,
            paid_at=at if state == State.PAID else None,
        )
        _event(payment, What.READY, at)
        if not waits:
            what = {State.PAID: What.PAID, State.EXPIRED: What.EXPIRED, State.CANCELLED: What.CLOSED}[state]
            _event(payment, what, at)


def _schedules(by_card: Reservation, by_account: Reservation, products: list[Product], rng: random.Random) -> None:
    """A card for three months: one is paid, one to come, one was revoked; and an account that is to be opened."""
    today = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    at = today - dt.timedelta(days=30)
    card = Schedule.objects.create(
        payer=by_card.customer, method=Method.CARD, customer_uid=f"{rng.getrandbits(160):040x}", created_at=at
    )
    number = _card_number(rng)
    for days, state in [(-1, State.PAID), (29, State.SCHEDULED), (59, State.REVOKED)]:
        due = today + dt.timedelta(days=days)
        paid = state == State.PAID
        payment = _payment(
            by_card, products[4], rng, at=at, schedule=card, due_at=due, state=state, card_number=number,
            imp_uid=_imp_uid(rng) if paid else "", paid_amount=products[4].price if paid else 0,
            paid_at=due if paid else None, ask_at=due + dt.timedelta(minutes=1) if state == State.SCHEDULED else None,
        )  # fmt: skip
        _event(payment, What.SCHEDULED, at)
        if state == State.REVOKED:
            _event(payment, What.REVOKED, at)
        if paid:
            _event(payment, What.PAID, due, amount=payment.amount)
    due = today + dt.timedelta(days=5)
    account = Schedule.objects.create(
        payer=by_account.customer, method=Method.VIRTUAL_ACCOUNT, customer_uid=f"{rng.getrandbits(160):040x}",
        created_at=at,
    )  # fmt: skip
    payment = _payment(
        by_account, products[2], rng, at=at, requested=False, schedule=account, due_at=due, ask_at=due,
        state=State.SCHEDULED, method=Method.VIRTUAL_ACCOUNT, card_number="", bank="088",
        vbank_holder=by_account.customer.name, vbank_due=due + dt.timedelta(days=3),
    )  # fmt: skip
    _event(payment, What.SCHEDULED, at)


def _after(row: Reservation, **later: int) -> dt.datetime:
    """When the consultation was over, and so much later; nothing happens in the time to come."""
    return min(timezone.make_aware(row.start) + dt.timedelta(minutes=50) + dt.timedelta(**later), timezone.now())


def _card_number(rng: random.Random) -> str:
    return f"{rng.randrange(4000, 5600)}-{rng.randrange(1000, 9999)}-****-{rng.randrange(1000, 9999)}"


def _imp_uid(rng: random.Random) -> str:
    return f"imps_{rng.randrange(10**12):012}"


def _event(payment: Payment, what: What, at: dt.datetime, **detail: object) -> None:
    PaymentEvent.objects.create(payment=payment, what=what, at=at, door=actors.Door.SYSTEM.value, detail=detail)
