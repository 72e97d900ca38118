"""What somebody typed before signing in: kept in the session through it, so that nothing is typed twice."""

import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

DRAFTS = "drafts"
KEPT_SECONDS = 60 * 60
KEPT_AT_MOST = 5
"""So many at a time; the oldest goes first."""

Draft = dict[str, str]


def keep(request: HttpRequest, name: str, typed: Mapping[str, str]) -> None:
    """Under a name of the form's own, as `comment:` and the post's id; what was kept under it before is replaced."""
    others = [draft for draft in _fresh(request) if draft["name"] != name]
    request.session[DRAFTS] = [*others, {"name": name, "at": time.time(), "typed": dict(typed)}][-KEPT_AT_MOST:]


def kept(request: HttpRequest, name: str) -> Draft | None:
    """What was typed, if anything and not too long ago; it stays until it is forgotten."""
    return next((dict(draft["typed"]) for draft in _fresh(request) if draft["name"] == name), None)


def forget(request: HttpRequest, name: str) -> None:
    """Once it has been sent."""
    if kept(request, name) is not None:
        request.session[DRAFTS] = [draft for draft in _fresh(request) if draft["name"] != name]


def _fresh(request: HttpRequest) -> list[dict[str, Any]]:
    return [draft for draft in request.session.get(DRAFTS, ()) if time.time() - draft["at"] < KEPT_SECONDS]
