"""Payments: each one charge of a card, or one virtual account to pay into, now or at a later time."""

import datetime as dt
import logging
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from accounts.models import STAFF, User
from cody_site.sql import Negative
from payments.models.products import Product
from payments.models.schedules import Schedule
from payments.models.states import IN_FLIGHT, LIVE, UNSETTLED, WAITING, Method, RefundState, State, What, free
from reservations.models import Reservation

if TYPE_CHECKING:
    from payments.models.events import PaymentEvent
    from payments.models.refunds import Refund, RefundQuerySet

logger = logging.getLogger(__name__)

ALPHABET = string.ascii_uppercase + string.digits
PAYMENT_UID_LENGTH = 17

NO_ACCOUNT = "환불 계좌를 알아야 환불할 수 있습니다."
REFUND_UNDER_WAY = "다른 환불이 진행 중입니다. 끝나면 나머지를 환불해 주세요."


@dataclass(frozen=True)
class Account:
    """Where a refund goes that no card can take: `bank` is the gateway's own code of it (payments.banks)."""

    holder: str
    number: str
    bank: str

    def columns(self) -> dict[str, str]:
        """As a refund keeps it."""
        return {"account_holder": self.holder, "account_number": self.number, "account_bank": self.bank}


def new_payment_uid() -> str:
    """IMP's merchant_uid, one for each charge: 88 random bits, since who knows it may ask IMP's pages for it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PAYMENT_UID_LENGTH))


class PaymentQuerySet(models.QuerySet["Payment"]):
    def waiting(self) -> "PaymentQuerySet":
        return self.filter(state__in=WAITING)

    def live(self) -> "PaymentQuerySet":
        """What pays, or may yet pay, for a reservation."""
        return self.filter(state__in=LIVE, late_at=None)

    def visible_to(self, actor: Actor) -> "PaymentQuerySet":
        """Section 9: staff and app clients see all, everybody else their own."""
        if actor.is_app_client or actor.account_type in STAFF:
            return self
        return self.filter(payer=actor.user_pk)

    def due(self, now: dt.datetime) -> "PaymentQuerySet":
        """IMP is to be asked or told about them now, and no worker is at it."""
        return self.filter(free(now), ask_at__lte=now)

    def locked(self) -> "PaymentQuerySet":
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def alarming(self) -> "PaymentQuerySet":
        return self.exclude(alarm="")

    def stuck(self) -> "PaymentQuerySet":
        """With a refund that has been under way for an hour."""
        since = timezone.now() - dt.timedelta(hours=1)
        late = self.model.objects.filter(refunds__state__in=IN_FLIGHT, refunds__created_at__lt=since)
        return self.filter(pk__in=late.values("pk"))

    def needing_person(self) -> "PaymentQuerySet":
        """With an alarm, or stuck."""
        everybody = self.model.objects.all()
        return self.filter(pk__in=everybody.alarming().values("pk").union(everybody.stuck().values("pk")))

    def stop(
        self, *, by: Actor, reason: str, account: Account | None = None, ask_at: dt.datetime | None = None
    ) -> "list[Refund]":
        """Nothing is to be paid for any more: what is paid goes back, the rest is ended. Locked before it is judged."""
        stopped = [row.stop(by=by, reason=reason, account=account, ask_at=ask_at) for row in self.live().locked()]
        return [refund for refund in stopped if refund is not None]

    def end(self, *, by: Actor) -> None:
        """What waits shall neither be charged nor paid into any more: the worker tells IMP as soon as it can."""
        for row in self.waiting().locked():
            row.end(by=by)

    def forgotten(self, before: dt.datetime) -> "PaymentQuerySet":
        """In doubt or overdue since then, and nobody was told; verify expects none."""
        doubtful = models.Q(state__in=UNSETTLED, created_at__lt=before, due_at=None)
        overdue = models.Q(state__in=(*UNSETTLED, State.SCHEDULED), due_at__lt=before - dt.timedelta(hours=1))
        unclosed = models.Q(state=State.READY, vbank_due__lt=before - dt.timedelta(days=1))
        return self.filter(doubtful | overdue | unclosed, alarm="")

    def miscounted(self) -> "PaymentQuerySet":
        """What has gone back is not what their refunds say; verify expects none."""
        done = models.Sum("refunds__amount", filter=models.Q(refunds__state=RefundState.DONE))
        return self.annotate(told=Coalesce(done, 0)).exclude(told=models.F("refunded_amount"))

    def mispriced(self) -> "PaymentQuerySet":
        """The amount is not what their items cost; verify expects none."""
        cost = models.Sum(models.F("items__price") * models.F("items__quantity"))
        return self.annotate(cost=Coalesce(cost, 0)).exclude(cost=models.F("amount"))


class Payment(models.Model):
    """Written before IMP is called; every later state is a compare-and-set on `state`.

    Of a card it knows the masked number (R26) and nothing else. `due_at` is when a scheduled one is charged,
    `vbank_due` until when a virtual account takes the money. `ask_at` is when the worker asks or tells IMP about it,
    NULL when there is nothing to ask any more; `lease` fences the worker that asks; `ending_at` is since when it shall
    be closed or revoked; `alarm` says why a person must look.
    """

    payment_uid = models.CharField(
        _("결제 번호"), max_length=PAYMENT_UID_LENGTH, unique=True, default=new_payment_uid, editable=False
    )
    imp_uid = models.CharField(_("IMP 번호"), max_length=40, blank=True)
    payer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="payments", db_index=False, verbose_name=_("결제한 사람")
    )
    reservation = models.ForeignKey(
        Reservation,
        on_delete=models.PROTECT,
        related_name="payments",
        null=True,
        blank=True,
        verbose_name=_("예약"),
    )
    method = models.CharField(
        _("수단"), max_length=10, choices=Method.choices, default=Method.CARD, db_default=Method.CARD
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.PROTECT, related_name="payments", null=True, blank=True, verbose_name=_("예약 결제")
    )
    due_at = models.DateTimeField(_("예약된 때"), null=True, blank=True)
    state = models.CharField(_("상태"), max_length=10, choices=State.choices, default=State.CREATED)
    amount = models.PositiveBigIntegerField(_("청구액(원)"))
    paid_amount = models.PositiveBigIntegerField(_("결제액(원)"), default=0)
    refunded_amount = models.PositiveBigIntegerField(_("환불액(원)"), default=0)
    basket = models.CharField(max_length=64, editable=False)
    instalment_months = models.PositiveSmallIntegerField(_("할부(개월)"), default=0)
    card_number = models.CharField(_("카드"), max_length=23, blank=True)
    bank = models.CharField(max_length=10, blank=True, db_default="", editable=False)
    vbank_code = models.CharField(_("은행 코드"), max_length=10, blank=True, db_default="")
    vbank_name = models.CharField(_("은행"), max_length=40, blank=True, db_default="")
    vbank_num = models.CharField(_("가상계좌"), max_length=32, blank=True, db_default="")
    vbank_holder = models.CharField(_("예금주"), max_length=40, blank=True, db_default="")
    vbank_due = models.DateTimeField(_("입금기한"), null=True, blank=True)
    code = models.IntegerField(_("IMP 코드"), default=0)
    fail_reason = models.TextField(_("실패 사유"), blank=True)
    receipt_url = models.TextField(_("영수증"), blank=True)
    ip = models.GenericIPAddressField("IP", null=True, blank=True)
    created_at = models.DateTimeField(_("접수"), default=timezone.now)
    requested_at = models.DateTimeField(_("IMP에 요청"), null=True, blank=True)
    paid_at = models.DateTimeField(_("결제"), null=True, blank=True)
    late_at = models.DateTimeField(_("끝난 뒤 결제됨"), null=True, blank=True)
    ending_at = models.DateTimeField(_("취소 요청"), null=True, blank=True)
    alarm = models.CharField(_("확인 필요"), max_length=256, blank=True)
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked = models.PositiveIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = PaymentQuerySet.as_manager()

    if TYPE_CHECKING:
        items: models.QuerySet["PaymentItem"]
        events: models.QuerySet["PaymentEvent"]
        refunds: "RefundQuerySet"
        payer_id: int
        schedule_id: int | None

    class Meta:
        verbose_name, verbose_name_plural = _("결제"), pgettext_lazy("plural", "결제")
        constraints = [
            models.CheckConstraint(name="payment_state_known", condition=models.Q(state__in=State.values)),
            models.CheckConstraint(name="payment_method_known", condition=models.Q(method__in=Method.values)),
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
                condition=models.Q(state__in=UNSETTLED, schedule__isnull=True),
            ),
            models.UniqueConstraint(
                name="payment_one_scheduled_per_basket_and_time",
                fields=["payer", "basket", "due_at"],
                condition=models.Q(state__in=[*UNSETTLED, State.SCHEDULED], schedule__isnull=False),
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
                | (~models.Q(state=State.PAID) & models.Q(paid_amount=0, paid_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payment_cancelled_when_refunded_or_closed",
                condition=models.Q(state=State.CANCELLED, refunded_amount=models.F("paid_amount"))
                & (models.Q(paid_amount__gt=0) | models.Q(method=Method.VIRTUAL_ACCOUNT))
                | (
                    ~models.Q(state=State.CANCELLED)
                    & (models.Q(refunded_amount=0) | models.Q(refunded_amount__lt=models.F("paid_amount")))
                ),
            ),
            models.CheckConstraint(
                name="payment_asked_for_before_it_is_settled",
                condition=models.Q(state__in=[State.CREATED, State.FAILED])
                | models.Q(requested_at__isnull=False)
                | models.Q(state__in=[State.SCHEDULED, State.REVOKED], method=Method.VIRTUAL_ACCOUNT),
            ),
            models.CheckConstraint(
                name="payment_scheduled_for_a_time",
                condition=models.Q(schedule__isnull=False, due_at__isnull=False)
                | (
                    models.Q(schedule__isnull=True, due_at__isnull=True)
                    & ~models.Q(state__in=[State.SCHEDULED, State.REVOKED])
                ),
            ),
            models.CheckConstraint(
                name="payment_ready_with_an_account",
                condition=~models.Q(state__in=[State.READY, State.EXPIRED])
                | (models.Q(method=Method.VIRTUAL_ACCOUNT, vbank_due__isnull=False) & ~models.Q(vbank_num="")),
            ),
        ]
        indexes = [
            models.Index("payer", Negative("id"), name="payment_payer"),
            models.Index("state", Negative("id"), name="payment_state"),
            models.Index(fields=["ask_at"], name="payment_to_ask", condition=models.Q(ask_at__isnull=False)),
            models.Index(fields=["created_at"], name="payment_alarming", condition=~models.Q(alarm="")),
            # the back-office's list, and the account that somebody at the desk paid into
            models.Index(fields=["created_at"], name="payment_created"),
            models.Index(
                fields=["created_at"], name="payment_vbanks", condition=models.Q(method=Method.VIRTUAL_ACCOUNT)
            ),
            models.Index(fields=["vbank_num"], name="payment_vbank", condition=~models.Q(vbank_num="")),
        ]

    def __str__(self) -> str:
        return self.payment_uid

    @property
    def left(self) -> int:
        """What may still be refunded."""
        return self.paid_amount - self.refunded_amount

    @property
    def needs_account(self) -> bool:
        """No card takes its money back: somebody must say where it goes."""
        return self.state == State.PAID and self.method == Method.VIRTUAL_ACCOUNT

    @property
    def is_due(self) -> bool:
        """Scheduled, and its time has come."""
        return self.due_at is not None and self.due_at <= timezone.now()

    @property
    def has_run_out(self) -> bool:
        """Nobody may pay into the account any more."""
        return self.vbank_due is not None and self.vbank_due <= timezone.now()

    def record(self, what: What, *, by: Actor, **detail: object) -> None:
        """One more line of its history."""
        client = "" if by.client is None else str(by.client)
        self.events.create(what=what, by=by.user, client=client, door=by.door.value, detail=detail)

    def alert(self, text: str, *, by: Actor) -> None:
        """Somebody must look at this payment; said once."""
        if Payment.objects.filter(pk=self.pk).exclude(alarm=text).update(alarm=text):
            logger.error("payment %s needs a person", self.pk)
            self.record(What.ALARM, by=by, alarm=text)

    @property
    def is_in_doubt(self) -> bool:
        return self.state in UNSETTLED

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    def stop(
        self, *, by: Actor, reason: str, account: Account | None = None, ask_at: dt.datetime | None = None
    ) -> "Refund | None":
        """Of a row that is locked: what is paid goes back, the worker seeing to it at `ask_at`; the rest is ended.

        What was paid into a virtual account needs an account to go to, and while a refund is under way nobody knows how
        much is left: such payments get an alarm instead.
        """
        if self.state != State.PAID:
            self.end(by=by)
        elif self.method == Method.VIRTUAL_ACCOUNT and account is None:
            self.alert(NO_ACCOUNT, by=by)
        elif self.refunds.in_flight().exists():
            self.alert(REFUND_UNDER_WAY, by=by)
        else:
            return self.owe(self.left, reason, by=by, account=account, ask_at=ask_at)
        return None

    def end(self, *, by: Actor) -> None:
        """Of a row that is locked, and waits or is in doubt: it shall be closed or revoked, or go back once it is paid.

        Of what IMP does not know, it is at once.
        """
        if self.state == State.SCHEDULED and self.method == Method.VIRTUAL_ACCOUNT:
            Payment.objects.filter(pk=self.pk).update(state=State.REVOKED, ask_at=None)
            self.record(What.REVOKED, by=by)
        elif self.ending_at is None:
            now = timezone.now()
            ask_at = now if self.is_waiting else self.ask_at  # while a call is under way nobody else asks
            Payment.objects.filter(pk=self.pk).update(ending_at=now, ask_at=ask_at)
            self.record(What.ENDING, by=by)

    def owe(
        self,
        amount: int,
        reason: str,
        *,
        by: Actor,
        account: Account | None = None,
        ask_at: dt.datetime | None = None,
    ) -> "Refund":
        """A refund that the site itself owes: the worker sends it, and an alarm tells if it fails."""
        columns = account.columns() if account and self.method == Method.VIRTUAL_ACCOUNT else {}
        refund: Refund = self.refunds.create(
            amount=amount, checksum=self.left, reason=reason, ask_at=ask_at or timezone.now(), **columns
        )
        self.record(What.REFUND_REQUESTED, by=by, amount=amount)
        return refund


class PaymentItem(models.Model):
    """A product as it was sold: name and price of that moment."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="items", verbose_name=_("결제"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("상품"))
    name = models.CharField(_("이름"), max_length=40)
    price = models.PositiveIntegerField(_("가격(원)"))
    quantity = models.PositiveSmallIntegerField(_("수량"))

    class Meta:
        verbose_name, verbose_name_plural = _("결제한 상품"), pgettext_lazy("plural", "결제한 상품")
        constraints = [
            models.UniqueConstraint(name="paymentitem_one_per_product", fields=["payment", "product"]),
            models.CheckConstraint(name="paymentitem_of_something", condition=models.Q(quantity__gte=1, price__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"
