"""Sessions that know whose they are, as Django's documentation has them extended.

Each is written when something in it changes, as ever, and besides at most once in TOUCH that it was used: no request
pays for more than one row read by its key.
"""

import datetime as dt
import re
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DBStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.devices import device_of
from cody_site.api.client_ip import client_ip

TOUCH = dt.timedelta(minutes=10)
"""How exact it is when a session was last used."""


KEY = re.compile("[a-z0-9]{32}")


class SessionQuerySet(models.QuerySet["Session"]):
    def live(self) -> "SessionQuerySet":
        return self.filter(expire_date__gt=timezone.now())

    def expired(self) -> "SessionQuerySet":
        return self.filter(expire_date__lte=timezone.now())

    def forget_ips(self) -> int:
        return self.filter(ip__isnull=False).update(ip=None)


class Session(AbstractBaseSession):
    """One browser that came here; whose it is, once somebody has signed in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="sessions",
        null=True,
        blank=True,
        verbose_name=_("회원"),
    )
    device = models.CharField(_("기기"), max_length=40, blank=True)
    ip = models.GenericIPAddressField("IP", null=True, blank=True)
    seen_at = models.DateTimeField(_("마지막 사용"), default=timezone.now)

    objects: ClassVar[Any] = BaseSessionManager.from_queryset(SessionQuerySet)()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("로그인한 기기")  # type: ignore[assignment]  # the stubs know no lazy name here
        verbose_name_plural = pgettext_lazy("plural", "로그인한 기기")  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        return SessionStore

    @property
    def handle(self) -> str:
        """What pages call it by: the key itself would sign in whoever sees it."""
        return salted_hmac("accounts.sessions.handle", self.session_key).hexdigest()


class SessionStore(DBStore):
    """Django's own, whose rows say who, with what, from where and when."""

    ip: str | None = None
    user_agent = ""
    seen_at: dt.datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """Only what Django makes is looked for: a quoted cookie may bring characters that PostgreSQL cannot compare."""
        return bool(key and KEY.fullmatch(key))

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # Django's own, in spite of its name
        if row is None:
            return {}
        self.seen_at = row.seen_at
        found: dict[str, Any] = self.decode(row.session_data)
        return found

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.seen_at = self.seen_at = timezone.now()
        row.ip, row.device = self.ip, device_of(self.user_agent)
        told: AbstractBaseSession = row
        return told

    def touch(self) -> None:
        """Note that it is used, if that is due; the data of the session are not written over another request's."""
        now = timezone.now()
        if self.seen_at is None or now - self.seen_at < TOUCH or SESSION_KEY not in self:
            return
        self.seen_at = now
        Session.objects.filter(pk=self.session_key).update(seen_at=now, ip=self.ip, device=device_of(self.user_agent))


class Sessions(SessionMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        session: Any = request.session
        session.ip, session.user_agent = client_ip(request) or None, request.META.get("HTTP_USER_AGENT", "")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        answer = super().process_response(request, response)
        session: Any = request.session
        if session.accessed and session.session_key and response.status_code < 500:
            session.touch()
        return answer
