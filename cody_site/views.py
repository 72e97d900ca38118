"""What is told before any view, or instead of one: the envelope to programs, a page to people."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from cody_site.api import errors
from cody_site.api.envelope import failure_response
from cody_site.errors import Conflict
from cody_site.logs import request_id

TYPED = ("title", "cont", "note")
"""Fields of our forms in which people write at length: what they wrote is shown to be copied, if it cannot be taken."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, *errors.MALFORMED)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, *errors.DENIED)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, *errors.NO_ROUTE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; or, with 503, that of a database, cache or storage which is down, so that one may come again."""
    if errors.is_down(sys.exc_info()[1]):
        answer = _answer(request, *errors.NOT_READY)
        answer["Retry-After"] = "5"
        return answer
    return _answer(request, 500, f"{errors.INTERNAL} ({request_id.get()})")


def conflict(request: HttpRequest) -> HttpResponse:
    return _answer(request, Conflict.status, Conflict.message)


def too_many(request: HttpRequest, wait: float) -> HttpResponse:
    """`wait` in seconds."""
    answer = _answer(request, *errors.TOO_MANY)
    answer["Retry-After"] = str(int(wait) + 1)
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, *errors.DENIED, stale=True)


def _answer(request: HttpRequest, status: int, message: str, *, stale: bool = False) -> HttpResponse:
    """`stale`: the page that was sent is older than the session it belongs to."""
    if _wants_html(request):
        back = _back(request)
        # What another site made the browser send is not shown as if it were ours.
        typed = {name: request.POST[name] for name in TYPED if stale and back and request.POST.get(name)}
        told = {"status": status, "stale": stale, "back": back, "typed": typed, "request_id": request_id.get()}
        # Our fault may be the database's: the page of a 500 asks for nobody's session.
        return render(None if status >= 500 else request, "error.html", told, status=status)
    return failure_response(status, message)


def _back(request: HttpRequest) -> str:
    """Where somebody came from, if that was a page of ours."""
    came_from = request.headers.get("Referer", "")
    try:
        ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    except DisallowedHost:
        return ""
    return came_from if ours else ""


def _wants_html(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "")
