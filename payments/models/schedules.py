"""Charges at a later time."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from payments.models.states import Method


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def keeping_a_card(self) -> "ScheduleQuerySet":
        return self.filter(method=Method.CARD, card_forgotten_at=None)


def new_customer_uid() -> str:
    """The name under which IMP keeps a card for one schedule, and no longer."""
    return secrets.token_hex(20)


class Schedule(models.Model):
    """What one request scheduled: payments of the same products by the same means, each at its own time.

    A card is kept by IMP under `customer_uid` until the last of them is over, and never here; virtual accounts are
    opened by our worker when they are due.
    """

    payer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="schedules", verbose_name=_("결제할 사람"))
    method = models.CharField(_("수단"), max_length=10, choices=Method.choices)
    customer_uid = models.CharField(max_length=40, unique=True, default=new_customer_uid, editable=False)
    created_at = models.DateTimeField(_("접수"), default=timezone.now)
    card_forgotten_at = models.DateTimeField(_("카드 등록 삭제"), null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("예약 결제"), pgettext_lazy("plural", "예약 결제")
        constraints = [
            models.CheckConstraint(name="schedule_method_known", condition=models.Q(method__in=Method.values)),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="schedule_keeping_a_card",
                condition=models.Q(method=Method.CARD, card_forgotten_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_method_display()} {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"
