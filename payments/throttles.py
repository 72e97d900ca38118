from typing import Any

from rest_framework.request import Request

from accounts.visitors import visitor
from cody_site.api.throttles import PerMinute


class Payments(PerMinute):
    """One counter for the API and the pages: a person has the same key at both doors."""

    setting = "THROTTLE_PAYMENT"

    def ident(self, request: Any, view: Any) -> str | None:
        return str(request.auth.key if isinstance(request, Request) else visitor(request).key)
