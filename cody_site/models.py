"""What none of the apps owns: who of the staff read or took away whose personal data."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cody_site.security_events import Event, note_once_done

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.models import User


class Access(models.TextChoices):
    CARD = "card", _("고객 카드 열람")
    EXPORT = "export", _("내보내기")


class AccessLogQuerySet(models.QuerySet["AccessLog"]):
    def record(
        self,
        what: Access,
        *,
        by: "Actor",
        ip: str,
        subject: "User | None" = None,
        detail: str = "",
        reason: str = "",
        rows: int | None = None,
    ) -> "AccessLog":
        """Write down that `by` has read `subject`'s data, or taken away `rows` rows of `detail` for `reason`."""
        note_once_done(
            Event.PERSONAL_DATA_READ,
            user=None if subject is None else subject.pk,
            by=by.key,
            detail=what if rows is None else f"{what} of {rows} rows",
        )
        return self.create(
            what=what, by=by.user, ip=ip or None, subject=subject, detail=detail, reason=reason, rows=rows
        )


class AccessLog(models.Model):
    """Append-only, as article 8 of Korea's Standards for Measures to Secure Personal Information asks for it.

    Who, whose data, when, from where. `rows` is how many rows an export took away, whose `detail` names it and whose
    `reason` is the person's own words.
    """

    at = models.DateTimeField(_("때"), default=timezone.now, db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("누가")
    )
    what = models.CharField(_("무엇을"), max_length=10, choices=Access.choices)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="accesses",
        null=True,
        blank=True,
        verbose_name=_("누구의"),
    )
    detail = models.CharField(_("내용"), max_length=256, blank=True)
    reason = models.CharField(_("사유"), max_length=256, blank=True)
    rows = models.PositiveIntegerField(_("행"), null=True, blank=True)
    ip = models.GenericIPAddressField("IP", null=True, blank=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("개인정보 접근 기록"), pgettext_lazy("plural", "개인정보 접근 기록")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["at"], name="accesslog_at")]
        constraints = [
            models.CheckConstraint(name="accesslog_what_known", condition=models.Q(what__in=Access.values)),
            models.CheckConstraint(
                name="accesslog_export_says_why",
                condition=~models.Q(what=Access.EXPORT) | (~models.Q(reason="") & models.Q(rows__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"


class Tick(models.Model):
    """One row: when a worker last did what the beat had told it."""

    at = models.DateTimeField(_("때"), default=timezone.now, db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = _("작업자 신호"), pgettext_lazy("plural", "작업자 신호")
        constraints = [models.CheckConstraint(name="tick_only_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S}"
