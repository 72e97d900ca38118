"""What is told before any view, or instead of one: the envelope to programs, a page to people."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cody_site.api import errors
from cody_site.api.envelope import failure_response
from cody_site.errors import Conflict
from cody_site.logs import request_id


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
    return _answer(request, *errors.DENIED)


def _answer(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if _wants_html(request):
        context = {"status": status, "message": message, "request_id": request_id.get()}
        # Our fault may be the database's: the page of a 500 asks for nobody's session.
        return render(None if status >= 500 else request, "error.html", context, status=status)
    return failure_response(status, message)


def _wants_html(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "")
