from typing import Any

from rest_framework.request import Request

from accounts.lockout import counted_userid
from cody_site.api.client_ip import client_ip
from cody_site.api.throttles import PerMinute


class SignUps(PerMinute):
    setting = "THROTTLE_SIGNUP"


class PasswordsPerUserid(PerMinute):
    setting = "THROTTLE_PASSWORD"

    def ident(self, request: Any, view: Any) -> str | None:
        if isinstance(request, Request):  # getToken knows both names, and refuses two that differ
            userid = request.data.get("userid") or request.data.get("username")  # type: ignore[union-attr]
        else:
            userid = request.POST.get("username")
        if not isinstance(userid, str):
            return None  # no person's password is tried
        django_request = getattr(request, "_request", request)
        return f"{counted_userid(django_request, {'username': userid})}:{client_ip(django_request)}"


class PasswordsPerAddress(PerMinute):
    setting = "THROTTLE_PASSWORD_PER_IP"


PASSWORDS = (PasswordsPerUserid, PasswordsPerAddress)
"""At every door that takes a password."""


class WrongCalendars(PerMinute):
    """Secret addresses of calendars that are none, from one address; only who counts them is counted."""

    setting = "THROTTLE_PASSWORD_PER_IP"

    def ident(self, request: Any, view: Any) -> str | None:
        return f"calendar:{client_ip(request)}"

    def throttle_success(self) -> bool:
        return True

    def count(self) -> None:
        """That was a wrong one; after `allow_request`."""
        super().throttle_success()
