from typing import Any

from cody_site.api.throttles import PerMinute


class Payments(PerMinute):
    setting = "THROTTLE_PAYMENT"

    def ident(self, request: Any, view: Any) -> str | None:
        return str(request.auth.key)
