"""Money: what is sold, who pays for it, what IMP says of it, and what goes back."""

import datetime as dt
import secrets
import string
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.actors import Actor, Door
from accounts.models import STAFF, AccountType, User
from cody_site.sql import Negative
from reservations.models import Reservation

DEAREST = 100_000_000
"""Of a product, in won."""

ALPHABET = string.ascii_uppercase + string.digits
PAYMENT_UID_LENGTH = 17


CASHIERS = frozenset({AccountType.FINANCE_MANAGER, AccountType.ADMINISTRATOR})
"""Who among the staff writes money (section 7)."""


def new_payment_uid() -> str:
    """IMP's merchant_uid, one for each charge: 88 random bits, since who knows it may ask IMP's pages for it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PAYMENT_UID_LENGTH))


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> "ProductQuerySet":
        return self.filter(on_sale=True)


class Product(models.Model):
    name = models.CharField("이름", max_length=40)
    price = models.PositiveIntegerField(
        "가격(원)",
        validators=[MinValueValidator(1), MaxValueValidator(DEAREST)],
        help_text="이미 결제된 금액은 바뀌지 않습니다.",
    )
    description = models.TextField("설명", max_length=1000, blank=True)
    on_sale = models.BooleanField("판매 중", default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "상품"
        constraints = [
            models.CheckConstraint(name="product_price_in_range", condition=models.Q(price__gte=1, price__lte=DEAREST)),
        ]
        indexes = [models.Index("name", Negative("id"), name="product_name")]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """created → requested → paid or failed, by way of pending where IMP's answer is in doubt; refunded: cancelled."""

    CREATED = "created", "준비"
    REQUESTED = "requested", "요청함"
    PENDING = "pending", "확인 중"
    PAID = "paid", "결제됨"
    FAILED = "failed", "실패"
    CANCELLED = "cancelled", "전액 환불됨"


UNSETTLED = (State.CREATED, State.REQUESTED, State.PENDING)
"""What has become of the money is not known, or not known yet."""

LIVE = (*UNSETTLED, State.PAID)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def unsettled(self) -> "PaymentQuerySet":
        return self.filter(state__in=UNSETTLED)

    def visible_to(self, actor: Actor) -> "PaymentQuerySet":
        """Section 9: staff and app clients see all, everybody else their own."""
        if actor.is_app_client or actor.account_type in STAFF:
            return self
        return self.filter(payer=actor.user_pk)

    def due(self, now: dt.datetime) -> "PaymentQuerySet":
        """IMP is to be asked about them now, and no worker is at it."""
        return self.filter(_free(now), ask_at__lte=now)

    def locked(self) -> "PaymentQuerySet":
        return self.select_for_update(of=("self",), no_key=True)

    def alarming(self) -> "PaymentQuerySet":
        return self.exclude(alarm="")

    def forgotten(self, before: dt.datetime) -> "PaymentQuerySet":
        """Still in doubt since then, and nobody was told; verify expects none."""
        return self.unsettled().filter(created_at__lt=before, alarm="")

    def miscounted(self) -> "PaymentQuerySet":
        """What has gone back is not what their refunds say; verify expects none."""
        refunds = Refund.objects.filter(payment=models.OuterRef("pk"), state=RefundState.DONE).order_by()
        total_refunded = refunds.values("payment").annotate(total=models.Sum("amount")).values("total")
        return self.annotate(
            told=Coalesce(models.Subquery(total_refunded), 0, output_field=models.BigIntegerField())
        ).exclude(told=models.F("refunded_amount"))

    def mispriced(self) -> "PaymentQuerySet":
        """The amount is not what their items cost; verify expects none."""
        items = PaymentItem.objects.filter(payment=models.OuterRef("pk")).order_by()
        cost = items.values("payment").annotate(total=models.Sum(models.F("price") * models.F("quantity")))
        return self.annotate(
            cost=Coalesce(models.Subquery(cost.values("total")), 0, output_field=models.BigIntegerField())
        ).exclude(cost=models.F("amount"))


class Payment(models.Model):
    """One charge of a card. Written before IMP is called; every later state is a compare-and-set on `state`.

    Of the card it knows the masked number (R26) and nothing else. `ask_at` is when the worker asks IMP about it, NULL
    when there is nothing to ask any more; `lease` fences the worker that asks; `alarm` says why a person must look.
    """

    payment_uid = models.CharField(
        "결제 번호", max_length=PAYMENT_UID_LENGTH, unique=True, default=new_payment_uid, editable=False
    )
    imp_uid = models.CharField("IMP 번호", max_length=40, blank=True)
    payer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="payments", db_index=False, verbose_name="결제한 사람"
    )
    reservation = models.ForeignKey(
        Reservation,
        on_delete=models.PROTECT,
        related_name="payments",
        null=True,
        blank=True,
        verbose_name="예약",
    )
    state = models.CharField("상태", max_length=10, choices=State.choices, default=State.CREATED)
    amount = models.PositiveBigIntegerField("청구액(원)")
    paid_amount = models.PositiveBigIntegerField("결제액(원)", default=0)
    refunded_amount = models.PositiveBigIntegerField("환불액(원)", default=0)
    basket = models.CharField(max_length=64, editable=False)
    instalment_months = models.PositiveSmallIntegerField("할부(개월)", default=0)
    card_number = models.CharField("카드", max_length=23)
    code = models.IntegerField("IMP 코드", default=0)
    fail_reason = models.TextField("실패 사유", blank=True)
    receipt_url = models.TextField("영수증", blank=True)
    ip = models.GenericIPAddressField("IP", null=True, blank=True)
    created_at = models.DateTimeField("접수", default=timezone.now)
    requested_at = models.DateTimeField("IMP에 요청", null=True, blank=True)
    paid_at = models.DateTimeField("결제", null=True, blank=True)
    late_at = models.DateTimeField("실패로 알린 뒤 결제됨", null=True, blank=True)
    alarm = models.CharField("확인 필요", max_length=256, blank=True)
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked = models.PositiveIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = PaymentQuerySet.as_manager()

    if TYPE_CHECKING:
        items: models.QuerySet["PaymentItem"]
        events: models.QuerySet["PaymentEvent"]
        refunds: "RefundQuerySet"

    class Meta:
        verbose_name = verbose_name_plural = "결제"
        constraints = [
            models.CheckConstraint(name="payment_state_known", condition=models.Q(state__in=State.values)),
            models.UniqueConstraint(
                name="payment_one_per_imp_uid", fields=["imp_uid"], condition=~models.Q(imp_uid="")
            ),
            models.UniqueConstraint(
                name="payment_one_live_per_reservation",
                fields=["reservation"],
                condition=models.Q(state__in=LIVE, late_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="payment_one_unsettled_per_basket",
                fields=["payer", "basket"],
                condition=models.Q(state__in=UNSETTLED),
            ),
            models.CheckConstraint(name="payment_of_something", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="payment_refunded_at_most_paid", condition=models.Q(refunded_amount__lte=models.F("paid_amount"))
            ),
            models.CheckConstraint(
                name="payment_paid_in_full_or_not_at_all",
                condition=models.Q(
                    state__in=[State.PAID, State.CANCELLED], paid_amount=models.F("amount"), paid_at__isnull=False
                )
                | (~models.Q(state__in=[State.PAID, State.CANCELLED]) & models.Q(paid_amount=0, paid_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payment_cancelled_when_refunded",
                condition=models.Q(state=State.CANCELLED, refunded_amount=models.F("paid_amount"))
                | (
                    ~models.Q(state=State.CANCELLED)
                    & (models.Q(refunded_amount=0) | models.Q(refunded_amount__lt=models.F("paid_amount")))
                ),
            ),
            models.CheckConstraint(
                name="payment_requested_before_it_is_settled",
                condition=models.Q(state__in=[State.CREATED, State.FAILED]) | models.Q(requested_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("payer", Negative("id"), name="payment_payer"),
            models.Index("state", Negative("id"), name="payment_state"),
            models.Index(fields=["ask_at"], name="payment_to_ask", condition=models.Q(ask_at__isnull=False)),
            models.Index(fields=["created_at"], name="payment_alarming", condition=~models.Q(alarm="")),
        ]

    def __str__(self) -> str:
        return self.payment_uid

    @property
    def left(self) -> int:
        """What may still be refunded."""
        return self.paid_amount - self.refunded_amount


class PaymentItem(models.Model):
    """A product as it was sold: name and price of that moment."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="items", verbose_name="결제")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name="상품")
    name = models.CharField("이름", max_length=40)
    price = models.PositiveIntegerField("가격(원)")
    quantity = models.PositiveSmallIntegerField("수량")

    class Meta:
        verbose_name = verbose_name_plural = "결제한 상품"
        constraints = [
            models.UniqueConstraint(name="paymentitem_one_per_product", fields=["payment", "product"]),
            models.CheckConstraint(name="paymentitem_of_something", condition=models.Q(quantity__gte=1, price__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"


class What(models.TextChoices):
    CREATED = "created", "접수"
    REQUESTED = "requested", "IMP에 요청"
    PAID = "paid", "결제됨"
    FAILED = "failed", "실패"
    DOUBTED = "doubted", "확인 필요"
    LATE = "late", "실패로 알린 뒤 결제됨"
    ALARM = "alarm", "경보"
    ACKNOWLEDGED = "acknowledged", "확인함"
    REFUND_REQUESTED = "refund-requested", "환불 요청"
    REFUNDED = "refunded", "환불됨"
    REFUND_FAILED = "refund-failed", "환불 실패"
    REFUND_DOUBTED = "refund-doubted", "환불 확인 필요"


class PaymentEvent(models.Model):
    """Append-only: what happened to a payment, by whom, through which door."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events", verbose_name="결제")
    at = models.DateTimeField("때", default=timezone.now)
    what = models.CharField("일", max_length=16, choices=What.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="누가")
    client = models.CharField("앱", max_length=255, blank=True)
    door = models.CharField("어디서", max_length=10, choices=[(door.value, door.value) for door in Door])
    detail = models.JSONField("내용", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "결제 이력"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="paymentevent_what_known", condition=models.Q(what__in=What.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def record(cls, payment: Payment, what: What, *, by: Actor, **detail: object) -> None:
        client = "" if by.client is None else str(by.client)
        cls.objects.create(payment=payment, what=what, by=by.user, client=client, door=by.door.value, detail=detail)


class RefundState(models.TextChoices):
    REQUESTED = "requested", "요청함"
    PENDING = "pending", "확인 중"
    DONE = "done", "환불됨"
    FAILED = "failed", "실패"


IN_FLIGHT = (RefundState.REQUESTED, RefundState.PENDING)


class RefundQuerySet(models.QuerySet["Refund"]):
    def in_flight(self) -> "RefundQuerySet":
        return self.filter(state__in=IN_FLIGHT)

    def due(self, now: dt.datetime) -> "RefundQuerySet":
        return self.in_flight().filter(_free(now), ask_at__lte=now)


class Refund(models.Model):
    """Money that goes back. `checksum` is what was left before: IMP does nothing if it knows another balance."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name="결제")
    state = models.CharField("상태", max_length=10, choices=RefundState.choices, default=RefundState.REQUESTED)
    amount = models.PositiveBigIntegerField("금액(원)")
    checksum = models.PositiveBigIntegerField("환불 전 잔액(원)")
    reason = models.CharField("사유", max_length=256)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="누가")
    code = models.IntegerField("IMP 코드", default=0)
    fail_reason = models.TextField("실패 사유", blank=True)
    created_at = models.DateTimeField("요청", default=timezone.now)
    settled_at = models.DateTimeField("처리", null=True, blank=True)
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked = models.PositiveIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "환불"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="refund_state_known", condition=models.Q(state__in=RefundState.values)),
            models.CheckConstraint(
                name="refund_at_most_what_was_left",
                condition=models.Q(amount__gt=0, amount__lte=models.F("checksum")),
            ),
            models.UniqueConstraint(
                name="refund_one_in_flight", fields=["payment"], condition=models.Q(state__in=IN_FLIGHT)
            ),
        ]
        indexes = [models.Index(fields=["ask_at"], name="refund_to_ask", condition=models.Q(ask_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.amount:,}원 {self.get_state_display()}"


class IdempotencyKey(models.Model):
    """The act that a caller named by a key, written with it: who sends the key again is told what became of it."""

    caller = models.CharField("누가", max_length=40)
    route = models.CharField("무엇을", max_length=20)
    key = models.CharField("키", max_length=255)
    fingerprint = models.CharField("지문", max_length=64)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="+", verbose_name="결제")
    refund = models.ForeignKey(
        Refund, on_delete=models.CASCADE, related_name="+", null=True, blank=True, verbose_name="환불"
    )
    created_at = models.DateTimeField("받음", default=timezone.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "멱등 키"
        constraints = [
            models.UniqueConstraint(name="idempotencykey_one_per_caller", fields=["caller", "route", "key"]),
        ]

    def __str__(self) -> str:
        return self.key


def _free(now: dt.datetime) -> models.Q:
    return models.Q(leased_until=None) | models.Q(leased_until__lt=now)


def total(products: Iterable[tuple[Product, int]]) -> int:
    return sum(product.price * quantity for product, quantity in products)
