"""Every failure becomes an envelope here, and nowhere else."""

import errno
import logging
import traceback
from typing import Any

import redis
from botocore.exceptions import BotoCoreError, ClientError
from django.core import exceptions as django_exceptions
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from cody_site.api.envelope import failure
from cody_site.errors import Conflict, Mistyped, Refusal
from cody_site.logs import request_id
from cody_site.transactions import is_transient

logger = logging.getLogger(__name__)

MALFORMED = 400, "ERR: Malformed request."
UNAUTHENTICATED = 401, "ERR: Authentication required."
DENIED = 403, "ERR: Permission denied."
NO_ROUTE = 404, "ERR: No such route."
NOT_ALLOWED = 405, "ERR: Method not allowed."
TOO_LARGE = 413, "ERR: Request too large."
UNSUPPORTED = 415, "ERR: Unsupported media type."
TOO_MANY = 429, "ERR: Too many requests."
NOT_READY = 503, "serviceNotReady"
INTERNAL = "ERR: Internal Server Error"

MESSAGES: dict[type[BaseException], tuple[int, str]] = {
    exceptions.ParseError: MALFORMED,
    django_exceptions.SuspiciousOperation: MALFORMED,
    UnreadablePostError: MALFORMED,
    exceptions.NotAuthenticated: UNAUTHENTICATED,
    exceptions.AuthenticationFailed: UNAUTHENTICATED,
    exceptions.PermissionDenied: DENIED,
    django_exceptions.PermissionDenied: DENIED,
    Http404: NO_ROUTE,
    exceptions.MethodNotAllowed: NOT_ALLOWED,
    django_exceptions.RequestDataTooBig: TOO_LARGE,
    exceptions.UnsupportedMediaType: UNSUPPORTED,
    exceptions.Throttled: TOO_MANY,
}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    position = getattr(exc, "position", "") or _position(exc)
    if isinstance(exc, Refusal):
        answer = failure(exc.status, str(exc), contents=exc.contents, position=position)
        return _response(answer, exc.http_status, _headers(exc))
    if is_transient(exc):
        return _response(failure(Conflict.status, Conflict.message, position=position), Conflict.status)
    if is_down(exc):
        logger.error("a dependency is down: %s", type(exc).__name__)
        return _response(failure(*NOT_READY, position=position), NOT_READY[0])
    for kind in type(exc).__mro__:
        if kind in MESSAGES:
            status, message = MESSAGES[kind]
            return _response(failure(status, message, position=position), status, _headers(exc))
    return _our_fault(exc, context["request"], position)


def is_down(exc: BaseException | None) -> bool:
    """Is it the cache, the photos' storage, a full disk, or a database that is full, away or going?"""
    if isinstance(exc, redis.exceptions.ConnectionError | redis.exceptions.TimeoutError | BotoCoreError | ClientError):
        return True
    if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if isinstance(exc, InterfaceError):
        return True
    # What never reached the server has no SQLSTATE; 57P: it is being shut down, has crashed, or is not up yet; 53: it
    # is out of disk, memory or connections.
    sqlstate = getattr(exc.__cause__, "pgcode", "") if isinstance(exc, OperationalError) else ""
    return sqlstate is None or sqlstate.startswith(("57P", "53"))


def _our_fault(exc: Exception, request: Request, position: str) -> Response:
    """Log everything, tell nothing but the request's id (R3)."""
    got_request_exception.send(sender=exception_handler, request=request._request)  # noqa: SLF001 -- see throttles
    logger.error("unforeseen %s", type(exc).__name__, exc_info=exc)
    return _response(failure(500, f"{INTERNAL} ({request_id.get()})", position=position), 500)


def _response(body: dict[str, object], status: int, headers: dict[str, str] | None = None) -> Response:
    response = Response(body, status=status, headers=headers)
    response.exception = True  # a failure() already: the renderer must not wrap it
    return response


def _headers(exc: Exception) -> dict[str, str]:
    headers = {}
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _position(exc: Exception) -> str:
    """Where the error arose, as `module:function`, for developers (section 1, `error`)."""
    if isinstance(exc, Mistyped) and exc.value is not None:
        return str(exc.value)
    frames = list(traceback.walk_tb(exc.__traceback__))
    if not frames:
        return ""
    frame = frames[-1][0]
    return f"{frame.f_globals.get('__name__', '')}:{frame.f_code.co_name}"
