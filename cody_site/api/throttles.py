"""Requests a minute (design page, "throttles"). 0 means no limit; the counters go on, so that a benchmark pays them."""

from hashlib import blake2b
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from cody_site.api.client_ip import client_ip

WITHOUT_LIMIT = 10**9


class PerMinute(SimpleRateThrottle):
    """So many requests in 60 seconds for each `ident`; `setting` names the number."""

    setting: ClassVar[str]

    def get_rate(self) -> str:
        return f"{getattr(settings, self.setting) or WITHOUT_LIMIT}/min"

    def ident(self, request: Any, view: Any) -> str | None:
        """Whom the counter is for; None = this throttle does not count the request."""
        return client_ip(getattr(request, "_request", request))  # pages throttle Django's own request

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        ident = self.ident(request, view)
        if ident is None:
            return None
        # Hashed: what a stranger typed fits no cache's keys, and a userid has no business there.
        return f"throttle:{self.setting}:{blake2b(ident.encode(errors='replace'), digest_size=16).hexdigest()}"

    def throttle_success(self) -> bool:
        if not getattr(settings, self.setting):
            del self.history[100:]  # without a limit the time stamps must still end somewhere
        return super().throttle_success()


class Anonymous(PerMinute):
    setting = "THROTTLE_ANON"


class SignedIn(PerMinute):
    setting = "THROTTLE_USER"

    def ident(self, request: Any, view: Any) -> str | None:
        return str(request.auth.key)


class PerCaller(BaseThrottle):
    """Each signed-in person and app client by itself, everybody else by address."""

    by: PerMinute

    def allow_request(self, request: Any, view: Any) -> bool:
        self.by = Anonymous() if request.auth.is_anonymous else SignedIn()
        return self.by.allow_request(request, view)

    def wait(self) -> float | None:
        return self.by.wait()
