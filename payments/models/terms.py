"""What a consultation costs, when it is paid, and until when a reservation waits for that."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.models.products import Product
from reservations.models import Reservation

LONGEST_HOLD = 24 * 60
LONGEST_DEPOSIT = 7 * 24


class When(models.TextChoices):
    FREE = "free", _("무료")
    LATER = "later", _("나중에 결제(미리 결제할 수 있음)")
    PREPAID = "prepaid", _("예약할 때 결제")


class ConsultationTerms(models.Model):
    """The salon's terms, in its one row: free, or the price of a product.

    A reservation that is to be paid ahead waits `hold_minutes` for a card, `deposit_hours` for a virtual account's
    money.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    when = models.CharField(_("결제 시점"), max_length=10, choices=When.choices, default=When.FREE)
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        limit_choices_to={"on_sale": True},
        verbose_name=_("상담 상품"),
        help_text=_("무료일 때는 비워 둡니다. 판매를 멈춘 상품은 청구하지 않습니다."),
    )
    hold_minutes = models.PositiveSmallIntegerField(
        _("결제를 기다리는 시간(분)"),
        default=20,
        validators=[MinValueValidator(5), MaxValueValidator(LONGEST_HOLD)],
        help_text=_("예약할 때 결제하는 경우, 그동안 결제하지 않으면 예약이 취소됩니다."),
    )
    deposit_hours = models.PositiveSmallIntegerField(
        _("입금을 기다리는 시간(시간)"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DEPOSIT)],
        help_text=_("가상계좌의 입금기한입니다. 취소 마감과 예약 시각을 넘기지 않습니다."),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("상담료")
        constraints = [
            models.CheckConstraint(name="consultationterms_are_one_row", condition=models.Q(id=1)),
            models.CheckConstraint(name="consultationterms_when_known", condition=models.Q(when__in=When.values)),
            models.CheckConstraint(
                name="consultationterms_free_or_of_a_product",
                condition=models.Q(when=When.FREE, product__isnull=True)
                | (~models.Q(when=When.FREE) & models.Q(product__isnull=False)),
                violation_error_message=_("무료이면 상품을 비우고, 아니면 상담 상품을 골라 주세요."),
            ),
            models.CheckConstraint(
                name="consultationterms_wait_in_range",
                condition=models.Q(
                    hold_minutes__gte=5,
                    hold_minutes__lte=LONGEST_HOLD,
                    deposit_hours__gte=1,
                    deposit_hours__lte=LONGEST_DEPOSIT,
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(_("상담료"))

    @classmethod
    def current(cls) -> "ConsultationTerms":
        """As they are now; free if nobody has set them, or if the product is not sold any more."""
        terms = cls.objects.select_related("product").filter(pk=1).first() or cls()
        if terms.product is not None and not terms.product.on_sale:
            terms.product, terms.when = None, When.FREE
        return terms

    @property
    def amount(self) -> int | None:
        """In won; None if it is free."""
        return None if self.product is None else self.product.price


class PaymentDueQuerySet(models.QuerySet["PaymentDue"]):
    def over(self, now: dt.datetime) -> "PaymentDueQuerySet":
        """Whose time is over; whether somebody has paid, or is paying, has still to be asked."""
        return self.filter(pay_by__lte=now, reservation__in=Reservation.objects.live().upcoming())


class PaymentDue(models.Model):
    """That a reservation is to be paid ahead, for the price that was told when it was made.

    Unpaid, it is cancelled after `pay_by`; a virtual account may wait for its money until `deposit_by`. It goes when
    the reservation is cancelled, by whatever door: whom the desk takes back owes nothing ahead.
    """

    reservation = models.OneToOneField(
        Reservation, on_delete=models.PROTECT, related_name="payment_due", verbose_name=_("예약")
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("상품"))
    amount = models.PositiveIntegerField(_("금액(원)"))
    pay_by = models.DateTimeField(_("결제 기한"), db_index=True)
    deposit_by = models.DateTimeField(_("입금 기한"))
    created_at = models.DateTimeField(_("접수"), default=timezone.now)

    objects = PaymentDueQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("선결제"), pgettext_lazy("plural", "선결제")
        constraints = [
            models.CheckConstraint(name="paymentdue_of_something", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="paymentdue_deposits_have_no_less_time", condition=models.Q(deposit_by__gte=models.F("pay_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:,} KRW ~ {timezone.localtime(self.pay_by):%Y-%m-%d %H:%M}"
