"""One HTTP exchange: sent once, over a connection of its own, within the deadline, and of bounded length."""

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

import requests  # noqa: TID251 -- this is the only door out
from django.conf import settings
from requests.adapters import HTTPAdapter  # noqa: TID251 -- the same
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from payments.imp.errors import UnknownOutcome, Unreachable

CONNECT_SECONDS = 5
MOST_BYTES = 64 * 1024


def send(
    method: str, path: str, given: Mapping[str, Any] | None, query: Mapping[str, str] | None, token: str
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
            with session.request(
                method,
                settings.IMP_BASE_URL + path,
                json=given,
                params=query,
                headers=headers,
                timeout=(CONNECT_SECONDS, settings.IMP_DEADLINE_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
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
