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
        given: Any = request.data if isinstance(request, Request) else request.POST
        userid = given.get("userid") or given.get("username")
        if not isinstance(userid, str):
            return None  # no person's password is tried
        django_request = getattr(request, "_request", request)
        return f"{counted_userid(django_request, {'username': userid})}:{client_ip(django_request)}"


class PasswordsPerAddress(PerMinute):
    setting = "THROTTLE_PASSWORD_PER_IP"
