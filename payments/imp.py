"""IMP (PortOne V1): the only module that talks to it.

A call either has an answer, or raises what is known: Declined (IMP says no), Unreachable (nothing was sent), or
UnknownOutcome (it was sent, and anything may have come of it). What moves money is sent once and never again. Every
call has a connection of its own: one that was kept may have ended unseen, and what is then sent is in doubt.
"""

import contextlib
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import orjson
import requests  # noqa: TID251 -- this is the only door out
from django.conf import settings
from requests.adapters import HTTPAdapter  # noqa: TID251 -- the same
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from cody_site.logs import scrub
from payments.cards import Card

CONNECT_SECONDS = 5
MOST_BYTES = 64 * 1024
PAGE = 10
"""Payments in one answer: each is about 2 KiB, and ten may be three times as long, by refunds and their reasons, and
are still within MOST_BYTES."""

LONGEST_SEARCH = 90 * 24 * 3600
MOST_TOLD = 1000  # characters of a message
RENEWED_BEFORE = 60  # seconds before a token ends
UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
ORDERED_ALREADY = "동일한 merchant_uid"
"""In IMP's refusal of an order that it has charged before: no refusal at all, but an outcome to ask for."""

Document = Mapping[str, Any]


class ImpError(Exception):
    """Carries IMP's own code and message, if it gave any; its text tells neither."""

    def __init__(self, message: str = "", code: int = 0) -> None:
        super().__init__()
        self.message, self.code = _told(message), code

    def __str__(self) -> str:
        return f"code {self.code}"


class Declined(ImpError):
    """IMP has answered no, and nothing has moved."""


class Unreachable(ImpError):
    """Nothing was sent."""


class UnknownOutcome(ImpError):
    """It was sent; what became of it IMP must be asked."""


class AuthenticationFailed(ImpError):
    """IMP refuses our key, or did not give us a token; nothing has moved."""


class NotConfigured(ImpError):
    """No credentials are set."""


class UnreadableCredentials(ImpError):
    """A file of credentials is named, and cannot be read."""


class Busy(ImpError):
    """As many calls are under way as this process allows itself; nothing was sent."""


_LINES = threading.BoundedSemaphore(settings.IMP_AT_ONCE)


@contextlib.contextmanager
def line() -> Iterator[None]:
    """One of the few lines to IMP, for who serves other people too: while IMP hangs, the rest of the site does not.

    Raises Busy.
    """
    if not _LINES.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _LINES.release()


@dataclass(frozen=True)
class Payment:
    """What IMP knows of a payment."""

    imp_uid: str
    merchant_uid: str
    status: str
    amount: int
    refunded: int
    currency: str
    was_paid: bool
    fail_reason: str
    receipt_url: str

    @classmethod
    def read(cls, document: object) -> "Payment":
        """Raises UnknownOutcome for what is no payment."""
        try:
            return cls._read(document)  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            raise UnknownOutcome from None

    @classmethod
    def _read(cls, document: Document) -> "Payment":
        imp_uid, status = document["imp_uid"], document["status"]
        if not isinstance(imp_uid, str) or not UID.fullmatch(imp_uid) or not isinstance(status, str):
            raise ValueError
        return cls(
            imp_uid=imp_uid,
            merchant_uid=str(document["merchant_uid"]),
            status=status,
            amount=_won(document["amount"]),
            refunded=_won(document.get("cancel_amount") or 0),
            currency=str(document["currency"]),
            was_paid=status == "paid" or (status == "cancelled" and bool(document.get("paid_at"))),
            fail_reason=_told(document.get("fail_reason")),
            receipt_url=str(document.get("receipt_url") or "").replace("\x00", "")[:MOST_TOLD],
        )


@dataclass(frozen=True)
class Listed:
    """A payment in the list of all, with what tells people whose it is; `at` is when it was made, in unix seconds."""

    payment: Payment
    buyer: str
    name: str
    card_number: str
    at: int

    @classmethod
    def read(cls, document: Any) -> "Listed":
        """Raises UnknownOutcome for what is no payment."""
        payment = Payment.read(document)
        known: Document = document
        at = known.get("paid_at") or known.get("started_at")
        return cls(
            payment=payment,
            buyer=_told(known.get("buyer_name")),
            name=_told(known.get("name")),
            card_number=_told(known.get("card_number")),
            at=at if isinstance(at, int) else 0,
        )


def _told(text: object) -> str:
    """IMP's words as they may be kept: should a gateway repeat a card's number, not that."""
    return scrub(str(text or "").replace("\x00", "")[:MOST_TOLD])


def _won(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError
    return int(value)


# ---------------------------------------------------------------- the calls


def sign_in() -> None:
    """Have a token, so that the next call does not fail for want of one.

    Raises NotConfigured, UnreadableCredentials, AuthenticationFailed or Unreachable.
    """
    _token()


def charge(
    *, merchant_uid: str, amount: int, name: str, card: Card, birth: str, instalment_months: int, buyer: str
) -> Payment:
    """Charge a card. Raises Declined, Unreachable, UnknownOutcome or AuthenticationFailed."""
    shown = card.reveal()
    given = {
        "merchant_uid": merchant_uid,
        "amount": amount,
        "card_number": "-".join(re.findall(".{1,4}", shown.number)),
        "expiry": shown.expiry,
        "pwd_2digit": shown.password,
        "birth": shown.birth or birth,
        "name": name[:40],
        "buyer_name": buyer[:16],
        "card_quota": instalment_months,
        "pg": settings.IMP_PG,
    }
    given = {key: value for key, value in given.items() if value != ""}
    try:
        return Payment.read(_call("POST", "/subscribe/payments/onetime", given))
    except Declined as declined:
        if ORDERED_ALREADY in declined.message:
            raise UnknownOutcome(declined.message, declined.code) from None
        raise


def cancel(*, imp_uid: str, amount: int, checksum: int, reason: str) -> Payment:
    """Give money back, if IMP's balance is the checksum. Raises as charge() does."""
    given = {"imp_uid": imp_uid, "amount": amount, "checksum": checksum, "reason": reason}
    return Payment.read(_call("POST", "/payments/cancel", given))


def payment(imp_uid: str) -> Payment | None:
    """What IMP knows under its own number. Raises Unreachable, UnknownOutcome or AuthenticationFailed."""
    found = _ask(f"/payments/{imp_uid}", {"include_sandbox": "true"})
    return None if found is None else Payment.read(found)


def payments_of(merchant_uid: str) -> list[Payment]:
    """All that IMP knows of an order; raises as payment() does."""
    found = _ask(f"/payments/findAll/{merchant_uid}", {"limit": "20"})
    if found is None:
        return []
    if not isinstance(found, dict) or not isinstance(found.get("list"), list):
        raise UnknownOutcome
    return [Payment.read(document) for document in found["list"]]


def page_of_all(since: int, until: int, number: int) -> tuple[list[Listed], int]:
    """A page of all that has come to be what it is between two unix seconds, both included; and how many pages.

    The oldest come first. At most LONGEST_SEARCH seconds at a time; raises as payment() does.
    """
    query = {"from": since, "to": until, "page": number, "limit": PAGE, "sorting": "started"}
    found = _ask("/payments/status/all", {key: str(value) for key, value in query.items()})
    if found is None:
        return [], 0
    if not isinstance(found, dict) or not isinstance(found.get("list"), list):
        raise UnknownOutcome
    try:
        pages = -(-_won(found["total"]) // PAGE)
    except (KeyError, TypeError, ValueError):
        raise UnknownOutcome from None
    return [Listed.read(document) for document in found["list"]], pages


def _ask(path: str, query: Mapping[str, str]) -> object:
    """The response, or None if IMP knows nothing there; a refusal to answer tells nothing about the payment."""
    try:
        return _call("GET", path, query=query)
    except _NotFound:
        return None
    except Declined as declined:
        raise UnknownOutcome(declined.message, declined.code) from None


# ---------------------------------------------------------------- tokens


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
    except (_Unauthorized, UnknownOutcome, Declined, KeyError, TypeError, ValueError):
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


# ---------------------------------------------------------------- one exchange


class _Unauthorized(ImpError):
    """401: the token has ended, or was never one; nothing was done."""


class _NotFound(Declined):
    """404."""


def _call(method: str, path: str, given: Document | None = None, query: Mapping[str, str] | None = None) -> object:
    """With a token, which is renewed once when IMP refuses it. A refused call has moved nothing."""
    token = _token()
    try:
        return _exchange(method, path, given, query, token)
    except _Unauthorized:
        token = _token(refused=token)
    try:
        return _exchange(method, path, given, query, token)
    except _Unauthorized as unauthorized:
        raise AuthenticationFailed(unauthorized.message, unauthorized.code) from None


def _exchange(
    method: str,
    path: str,
    given: Document | None = None,
    query: Mapping[str, str] | None = None,
    token: str = "",
) -> object:
    """Send it, and take IMP's envelope apart: the response, or what went wrong as an ImpError."""
    status, body = _send(method, path, given, query, token)
    try:
        envelope = orjson.loads(body)
        code, message = int(envelope["code"]), str(envelope["message"] or "")
    except (ValueError, KeyError, TypeError):
        raise UnknownOutcome from None
    if status == 401:
        raise _Unauthorized(message, code)
    if status == 404:
        raise _NotFound(message, code)
    if status >= 500 or 300 <= status < 400:
        raise UnknownOutcome(message, code)
    if code or status >= 400:
        raise Declined(message, code)
    return envelope.get("response")


def _send(
    method: str, path: str, given: Document | None, query: Mapping[str, str] | None, token: str
) -> tuple[int, bytes]:
    """Status and body, within the deadline and of bounded length; 5 seconds to connect."""
    headers = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "cdeday"}
    if token:
        headers["Authorization"] = token
    with _Watch() as watch, requests.Session() as session:
        session.trust_env = False  # a .netrc would put its own word into Authorization
        session.mount("https://", _Adapter())
        session.mount("http://", _Adapter())
        try:
            answer = session.request(
                method,
                settings.IMP_BASE_URL + path,
                json=given,
                params=query,
                headers=headers,
                timeout=(CONNECT_SECONDS, settings.IMP_DEADLINE_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            body = b""
            for chunk in answer.iter_content(8192):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise UnknownOutcome
        except OSError:  # all that requests and urllib3 raise
            raise (UnknownOutcome if watch.connected else Unreachable) from None
        if watch.over:
            raise UnknownOutcome
        return answer.status_code, body


class _Watch:
    """Ends a call's connection when its time is over: a body that comes byte by byte never lets a read time out."""

    current = threading.local()

    def __init__(self) -> None:
        self.sockets: list[Any] = []
        self.over = False
        self._timer = threading.Timer(settings.IMP_DEADLINE_SECONDS, self._end)
        self._timer.daemon = True

    @property
    def connected(self) -> bool:
        return bool(self.sockets)

    def __enter__(self) -> "_Watch":
        self.current.watch = self
        self._timer.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._timer.cancel()
        self.current.watch = None

    def _end(self) -> None:
        self.over = True
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(2)


def _watched(connection: Any) -> None:
    watch = getattr(_Watch.current, "watch", None)
    if watch is not None:
        watch.sockets.append(connection.sock)


class _Http(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _watched(self)


class _Https(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _watched(self)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """Never sends twice, and lets the watch see its connection."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
