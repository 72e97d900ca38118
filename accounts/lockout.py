"""One counter of failed passwords for every door: pages, admin, getToken (django-axes)."""

import unicodedata
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cody_site.api.client_ip import client_ip
from cody_site.security_events import Event, note


def counted_userid(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name that failures are counted under: userids match without regard to case, so must their counters."""
    given = (credentials or {}).get("username") or (credentials or {}).get("userid") or request.POST.get("username", "")
    return unicodedata.normalize("NFKC", str(given)).replace("\0", "").strip().lower()[:255]  # as the form reads it


class Failures(AxesDatabaseHandler):
    """Where axes counts them, whatever the door; who signs in there gets a line in the log, and who may not."""

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        note(Event.SIGN_IN_REFUSED)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        note(Event.SIGNED_IN, user=user.pk)


def forget_failures(request: HttpRequest, userid: str) -> None:
    """Start again from zero after a right password, where no session is opened that would tell axes."""
    AxesProxyHandler.reset_attempts(username=userid.lower(), ip_address=client_ip(request))


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """What a page answers while the door is closed."""
    note(Event.LOCKED_OUT)
    return too_many(request, cool_off_seconds())


def too_many(request: HttpRequest, wait_seconds: float) -> HttpResponse:
    """429 for a browser, and for plain OAuth clients."""
    minutes = max(1, round(wait_seconds / 60))
    answer = render(request, "accounts/too_many.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(int(wait_seconds) + 1)
    return answer


def cool_off_seconds() -> int:
    return int(settings.AXES_COOLOFF_TIME * 3600)
