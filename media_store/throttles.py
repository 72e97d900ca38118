from typing import Any

from cody_site.api.throttles import PerMinute


class Uploads(PerMinute):
    """Each caller's files, by the API and by the pages together."""

    setting = "THROTTLE_UPLOAD"

    def ident(self, request: Any, view: Any) -> str | None:
        return str(request.auth.key)
