"""What happened to money."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Door
from accounts.models import User
from payments.models.payment import Payment
from payments.models.states import What


class PaymentEvent(models.Model):
    """Append-only: what happened to a payment, by whom, through which door."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events", verbose_name=_("결제"))
    at = models.DateTimeField(_("때"), default=timezone.now)
    what = models.CharField(_("일"), max_length=16, choices=What.choices)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("누가")
    )
    client = models.CharField(_("앱"), max_length=255, blank=True)
    door = models.CharField(_("어디서"), max_length=10, choices=[(door.value, door.value) for door in Door])
    detail = models.JSONField(_("내용"), default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("결제 이력")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="paymentevent_what_known", condition=models.Q(what__in=What.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"
