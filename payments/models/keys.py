"""Idempotency keys."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.models.payment import Payment
from payments.models.refunds import Refund


class IdempotencyKey(models.Model):
    """The act that a caller named by a key, written with it: who sends the key again is told what became of it.

    Of a schedule `payment` is the first; `refund` is NULL where a payment was asked for, or one was ended unpaid.
    """

    caller = models.CharField(_("누가"), max_length=40)
    route = models.CharField(_("무엇을"), max_length=20)
    key = models.CharField(_("키"), max_length=255)
    fingerprint = models.CharField(_("지문"), max_length=64)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="+", verbose_name=_("결제"))
    refund = models.ForeignKey(
        Refund, on_delete=models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("환불")
    )
    created_at = models.DateTimeField(_("받음"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("멱등 키"), pgettext_lazy("plural", "멱등 키")
        constraints = [
            models.UniqueConstraint(name="idempotencykey_one_per_caller", fields=["caller", "route", "key"]),
        ]

    def __str__(self) -> str:
        return self.key
