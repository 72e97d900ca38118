"""What lies between the site and IMP: passes every call on to the sandbox, except those that a test spoils or holds.

The sandbox knows the commonest faults by itself; here are the others, and what needs the test's own hand.
"""

import contextlib
import http.client
import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

from payments.imp_sandbox import sockets

ONETIME, SCHEDULE, CANCEL, TOKEN, FIND = (
    "/subscribe/payments/onetime",
    "/subscribe/payments/schedule",
    "/payments/cancel",
    "/users/getToken",
    "/payments/findAll/",
)
MONEY = (ONETIME, CANCEL)
JSON, HTML = "application/json; charset=UTF-8", "text/html"
PAGE = b"<html><body><h1>Bad Gateway</h1></body></html>"


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


class Relay:
    def __init__(self, upstream):
        self.upstream = urlsplit(upstream).netloc
        self.faults, self.lock = deque(), threading.Lock()
        self.sent, self.refused = [], []
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.relay = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        """Nobody listens any more."""
        self.server.shutdown()
        self.server.server_close()

    def spoil(self, fault, times=1, paths=MONEY):
        """The next `times` calls to one of these paths come to this: a function of the call."""
        self.faults.extend([(fault, paths)] * times)

    def tries(self, merchant_uid):
        """How often the site has sent this charge; a call whose token was refused is none."""
        return sum(_charges(merchant_uid, call) for call in self.sent) - sum(
            _charges(merchant_uid, call) for call in self.refused
        )

    @contextlib.contextmanager
    def holding(self, paths, *, passed):
        """The next such call is held, before it is passed on or afterwards, until the Gate or the context ends it."""
        gate = Gate()
        self.spoil(held(gate, passed=passed), paths=paths)
        try:
            yield gate
        finally:
            gate.open()

    def taken(self, path):
        with self.lock:
            for fault, paths in self.faults:
                if path.startswith(paths):
                    self.faults.remove((fault, paths))
                    return fault
        return None


def _charges(merchant_uid, call):
    path, given = call
    return path == ONETIME and given.get("merchant_uid") == merchant_uid


class Gate:
    def __init__(self):
        self._come, self._opened = threading.Event(), threading.Event()

    def wait_for_the_call(self):
        if not self._come.wait(30):
            raise AssertionError("no call has come")

    def hold(self):
        self._come.set()
        self._opened.wait(60)

    def open(self):
        self._opened.set()


# ---------------------------------------------------------------- faults


def answering(status, body=PAGE, content_type=HTML, *, passed):
    """This answer instead of IMP's, which was asked (`passed`) or not."""

    def fault(call):
        if passed:
            call.passed()
        call.answer(Answer(status, content_type, body))

    return fault


def mistyped(call):
    """IMP's answer, as if it were a page."""
    call.answer(call.passed()._replace(content_type=HTML))


def in_an_envelope(call):
    """A 503 in IMP's own form, although the money has moved."""
    call.passed()
    call.answer(Answer(503, JSON, b'{"code": -1, "message": "busy", "response": null}'))


def truncated(call):
    """Half of what Content-Length promises; then an orderly end."""
    answer = call.passed()
    call.answer(answer, answer.body[: len(answer.body) // 2])


def reset_midway(call):
    """Half of the body, and an RST."""
    truncated(call)
    time.sleep(0.05)  # so that the half arrives: a reset throws away what was not read
    sockets.reset(call.connection)


def closed_unanswered(call):
    call.passed()


def ten_megabytes(call):
    answer = call.passed()
    call.answer(answer._replace(body=b" " * 10_000_000 + answer.body))


def dribbled(call):
    """A byte a second."""
    answer = call.passed()
    call.answer(answer, b"")
    for byte in answer.body:
        call.wfile.write(bytes([byte]))
        time.sleep(1)


def misheard(**others):
    """IMP understands something else than was sent."""

    def fault(call):
        call.answer(call.passed(**others))

    return fault


def held(gate, *, passed):
    def fault(call):
        if passed:
            answer = call.passed()
            gate.hold()
            call.answer(answer)
        else:
            gate.hold()
            call.answer(call.passed())

    return fault


# ---------------------------------------------------------------- the server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """Clients leave whenever they like."""


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def handle_call(self):
        relay = self.server.relay
        length = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(length)
        if len(self.body) < length:
            return  # the caller has died, and nobody has been asked for anything
        path = urlsplit(self.path).path
        self.call = (path, self._given())
        relay.sent.append(self.call)
        fault = relay.taken(path)
        if fault is None:
            self.answer(self.passed())
        else:
            fault(self)

    do_GET = do_POST = do_DELETE = handle_call  # noqa: N815 -- http.server's own names

    def passed(self, **others):
        """IMP's answer to this call, or to one with other parameters."""
        body = json.dumps(self._given() | others).encode() if others else self.body
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        with contextlib.closing(http.client.HTTPConnection(self.server.relay.upstream, timeout=120)) as upstream:
            upstream.request(self.command, self.path, body, kept)
            answer = upstream.getresponse()
            return Answer(answer.status, answer.headers["Content-Type"], answer.read())

    def answer(self, answer, body=None):
        """All of it, or with a head that promises more than comes."""
        if answer.status == 401:
            self.server.relay.refused.append(self.call)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if body is None else body)

    def _given(self):
        try:
            given = json.loads(self.body)
        except ValueError:
            return {}
        return given if isinstance(given, dict) else {}


@contextlib.contextmanager
def running(upstream):
    relay = Relay(upstream)
    try:
        yield relay
    finally:
        relay.close()
