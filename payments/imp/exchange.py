"""A call with its token, and IMP's envelope taken apart."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import orjson
from django.conf import settings

from payments.imp.errors import (
    AuthenticationFailed,
    Declined,
    NotConfigured,
    NotFound,
    Unauthorized,
    UnknownOutcome,
    UnreadableCredentials,
)
from payments.imp.wire import send

RENEWED_BEFORE = 60  # seconds before a token ends

Document = Mapping[str, Any]


def call(method: str, path: str, given: Document | None = None, query: Mapping[str, str] | None = None) -> object:
    """With a token, which is renewed once when IMP refuses it. A refused call has moved nothing."""
    token = _token()
    try:
        return _exchange(method, path, given, query, token)
    except Unauthorized:
        token = _token(refused=token)
    try:
        return _exchange(method, path, given, query, token)
    except Unauthorized as unauthorized:
        raise AuthenticationFailed(unauthorized.message, unauthorized.code) from None


def _exchange(
    method: str,
    path: str,
    given: Document | None = None,
    query: Mapping[str, str] | None = None,
    token: str = "",
) -> object:
    """Send it, and take IMP's envelope apart: the response, or what went wrong as an ImpError."""
    status, body = send(method, path, given, query, token)
    try:
        envelope = orjson.loads(body)
        code, message = int(envelope["code"]), str(envelope["message"] or "")
    except (ValueError, KeyError, TypeError):
        raise UnknownOutcome from None
    if status == 401:
        raise Unauthorized(message, code)
    if status == 404:
        raise NotFound(message, code)
    if status >= 500 or 300 <= status < 400:
        raise UnknownOutcome(message, code)
    if code or status >= 400:
        raise Declined(message, code, status)
    return envelope.get("response")


def sign_in() -> None:
    """Have a token, so that the next call does not fail for want of one.

    Raises NotConfigured, UnreadableCredentials, AuthenticationFailed or Unreachable.
    """
    _token()


class _Token(NamedTuple):
    """An access token: of which credentials, and until when by this process's clock."""

    of: tuple[str, ...]
    text: str
    ends: float


class _Held:
    """The process's token. Nobody waits for another who fetches one: IMP gives the same to everybody who asks."""

    token: ClassVar[_Token | None] = None


def _token(refused: str = "") -> str:
    """The token; a new one if the present one is nearly over, or is the one that was refused."""
    key, secret = credentials()
    of, held = (settings.IMP_BASE_URL, key, secret), _Held.token
    if held is not None and held.of == of and held.text != refused and time.monotonic() < held.ends:
        return held.text
    text, lifetime = _new_token(key, secret)
    _Held.token = _Token(of, text, time.monotonic() + lifetime - RENEWED_BEFORE)
    return text


def _new_token(key: str, secret: str) -> tuple[str, float]:
    try:
        found = _exchange("POST", "/users/getToken", {"imp_key": key, "imp_secret": secret})
        if isinstance(found, dict):
            return str(found["access_token"]), float(found["expired_at"]) - float(found["now"])
    except (Unauthorized, UnknownOutcome, Declined, KeyError, TypeError, ValueError):
        pass
    raise AuthenticationFailed


def credentials() -> tuple[str, str]:
    """Key and secret. Raises NotConfigured or UnreadableCredentials."""
    if not settings.IMP_CREDENTIALS_FILE:
        if not settings.IMP_KEY or not settings.IMP_SECRET:
            raise NotConfigured
        return settings.IMP_KEY, settings.IMP_SECRET
    try:
        found = orjson.loads(Path(settings.IMP_CREDENTIALS_FILE).read_bytes())
        return str(found["imp_key"]), str(found["imp_secret"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UnreadableCredentials from None
