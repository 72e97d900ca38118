"""Money that goes back."""

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from payments.models.payment import Account, Payment
from payments.models.states import IN_FLIGHT, RefundState, free
from payments.money import won


class RefundQuerySet(models.QuerySet["Refund"]):
    def in_flight(self) -> "RefundQuerySet":
        return self.filter(state__in=IN_FLIGHT)

    def due(self, now: dt.datetime) -> "RefundQuerySet":
        return self.in_flight().filter(free(now), ask_at__lte=now)


class Refund(models.Model):
    """Money that goes back. `checksum` is what was left before: IMP does nothing if it knows another balance."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("결제"))
    state = models.CharField(_("상태"), max_length=10, choices=RefundState.choices, default=RefundState.REQUESTED)
    amount = models.PositiveBigIntegerField(_("금액(원)"))
    checksum = models.PositiveBigIntegerField(_("환불 전 잔액(원)"))
    reason = models.CharField(_("사유"), max_length=256)
    account_holder = models.CharField(_("예금주"), max_length=40, blank=True, db_default="")
    account_number = models.CharField(_("환불 계좌"), max_length=40, blank=True, db_default="")
    account_bank = models.CharField(_("환불 은행 코드"), max_length=10, blank=True, db_default="")
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("누가")
    )
    code = models.IntegerField(_("IMP 코드"), default=0)
    fail_reason = models.TextField(_("실패 사유"), blank=True)
    created_at = models.DateTimeField(_("요청"), default=timezone.now)
    settled_at = models.DateTimeField(_("처리"), null=True, blank=True)
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked = models.PositiveIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("환불"), pgettext_lazy("plural", "환불")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="refund_state_known", condition=models.Q(state__in=RefundState.values)),
            models.CheckConstraint(
                name="refund_at_most_what_was_left",
                condition=models.Q(amount__gt=0, amount__lte=models.F("checksum")),
            ),
            models.CheckConstraint(
                name="refund_to_a_whole_account_or_none",
                condition=models.Q(account_holder="", account_number="", account_bank="")
                | ~(models.Q(account_holder="") | models.Q(account_number="") | models.Q(account_bank="")),
            ),
            models.UniqueConstraint(
                name="refund_one_in_flight", fields=["payment"], condition=models.Q(state__in=IN_FLIGHT)
            ),
        ]
        indexes = [models.Index(fields=["ask_at"], name="refund_to_ask", condition=models.Q(ask_at__isnull=False))]

    def __str__(self) -> str:
        return f"{won(self.amount)} {self.get_state_display()}"

    @property
    def account(self) -> Account | None:
        """Where it goes, if not to the card."""
        return Account(self.account_holder, self.account_number, self.account_bank) if self.account_number else None
