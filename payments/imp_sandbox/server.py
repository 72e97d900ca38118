"""HTTP: a thread for each connection, each call in one transaction, committed before it is answered."""

import logging
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from payments.imp_sandbox import parameters, schedules, sockets, tokens, webhooks
from payments.imp_sandbox.answers import Answer, Refused, as_json
from payments.imp_sandbox.calls import Call, Context
from payments.imp_sandbox.faults import Faults, misheard
from payments.imp_sandbox.gateways import Channel
from payments.imp_sandbox.parameters import Parameters
from payments.imp_sandbox.routes import Route, routes
from payments.imp_sandbox.store import Store

logger = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
BACKGROUND_PAUSE = 1  # seconds


class Clock:
    """The present, or a clock that begins at `start` (unix seconds) and goes on from there."""

    def __init__(self, start: int | None = None) -> None:
        self._ahead = 0.0 if start is None else start - time.time()

    def now(self) -> int:
        return int(time.time() + self._ahead)


class Sandbox:
    """The server and what works beside it: webhooks are delivered, and schedules run when they are due."""

    def __init__(self, where: tuple[str, int], store: Store, *, channel: Channel, webhook: str, clock: Clock) -> None:
        self.store, self.channel, self.webhook, self.clock = store, channel, webhook, clock
        self.faults = Faults()
        self.routes = routes(self.faults)
        self.stopping = threading.Event()
        self.posted = threading.Event()
        self._server = Server(where, self)
        self.address = f"http://{where[0]}:{self._server.server_port}"

    def start(self) -> None:
        for work in (self._serve, self._deliver, self._run_schedules):
            threading.Thread(target=work, daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        self.posted.set()
        self._server.shutdown()
        self._server.server_close()
        self.store.close()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def _deliver(self) -> None:
        while not self.stopping.is_set():
            self.posted.wait(BACKGROUND_PAUSE)
            self.posted.clear()
            self._guarded(lambda: webhooks.deliver_due(self.store, self.clock.now()))

    def _run_schedules(self) -> None:
        while not self.stopping.wait(BACKGROUND_PAUSE):
            self._guarded(self._run_due)

    def _run_due(self) -> None:
        with self.store.transaction() as db:
            now = self.clock.now()
            ran = schedules.run_due(Context(db, now, self.channel, self.address, self.webhook), now)
        if ran:
            self.posted.set()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 -- the next round may fare better, and the log tells of this one
            if not self.stopping.is_set():
                log_unforeseen(error)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, where: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        super().__init__(where, Handler)

    def server_bind(self) -> None:
        """Without asking who this host is, which may take a name server's time."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients leave whenever they like."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            log_unforeseen(error)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "imp-sandbox", ""
    disable_nagle_algorithm = True
    timeout = 120  # seconds that a connection may be idle

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's own name
        """Its lines show the query, in which some clients send a card."""

    def handle_call(self) -> None:
        sandbox = self.server.sandbox
        url = urlsplit(self.path)
        body = self._body()
        if body is None:
            return
        route, path = self._route(url.path)
        fault: str | None = None
        try:
            if route is None:
                raise Refused("존재하지 않는 API입니다.", code=-1, status=404)
            if route.needs_token:
                self._authenticate()
            if route.moves_money:
                fault = sandbox.faults.take()
            if fault is not None and self._suffered_before(fault):
                return
            given = parameters.read(url.query, self.headers.get("Content-Type", ""), body)
            answer = self._answer(route, path, misheard(given) if fault == "wrong-amount" else given)
        except Refused as refused:
            answer = refused.answer
        except Exception as error:  # noqa: BLE001 -- told in the log, without what was sent
            if sandbox.stopping.is_set():
                return
            log_unforeseen(error)
            answer = Answer(code=-1, message="Internal Server Error", status=500)
        if route is not None and (route.moves_money or route.control):
            sandbox.posted.set()
        logger.info("%s %s %s", self.command, route.path if route else "-", answer.status)
        control = route is not None and route.control
        self._send(answer.status, as_json(_bare(answer)) if control else answer.body(), fault)

    do_GET = do_POST = do_PUT = do_DELETE = handle_call  # noqa: N815 -- http.server's own names

    def _body(self) -> bytes | None:
        """None if it is too long or its length is unknown; that has been answered then."""
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(413, Answer(code=-1, message="Payload Too Large").body())
            return None
        return self.rfile.read(int(length))

    def _route(self, path: str) -> tuple[Route | None, dict[str, str]]:
        for route in self.server.sandbox.routes:
            if route.method == self.command and (parts := route.match(path)) is not None:
                return route, parts
        return None, {}

    def _authenticate(self) -> None:
        header = self.headers.get("Authorization") or self.headers.get("X-ImpTokenHeader") or ""
        with self.server.sandbox.store.transaction() as db:
            if not tokens.valid(db, header, self.server.sandbox.clock.now()):
                raise unauthorized()

    def _suffered_before(self, fault: str) -> bool:
        """Is there nothing more to do?"""
        logger.info("fault: %s", fault)
        if fault == "unauthorized":
            raise unauthorized()
        if fault == "500-before":
            self._break_down()
        elif fault == "timeout-before":
            self._hold()
        elif fault == "reset-before":
            self._reset()
        return fault.endswith("-before")

    def _answer(self, route: Route, path: dict[str, str], given: Parameters) -> Answer:
        sandbox = self.server.sandbox
        with sandbox.store.transaction() as db:
            call = Call(
                db=db,
                now=sandbox.clock.now(),
                channel=sandbox.channel,
                address=sandbox.address,
                webhook=sandbox.webhook,
                given=given,
                path=path,
                user_agent=self.headers.get("User-Agent"),
            )
            result = route.answer(call)
        return result if isinstance(result, Answer) else Answer(result)

    def _send(self, status: int, body: bytes, fault: str | None = None) -> None:
        stopping = self.server.sandbox.stopping
        if fault == "timeout-after":
            self._hold()
        elif fault == "reset-after":
            self._reset()
        elif fault == "500-after":
            self._break_down()
        elif fault == "malformed-after":
            self._begin(status, length=len(body) // 2)
            self.wfile.write(body[: len(body) // 2])
        elif fault == "slow-after":
            self._begin(status, length=len(body))
            sockets.dribble(self.wfile, body, stopping)
            self.close_connection = True
        elif fault == "huge-after":
            self._begin(status, length=None)
            sockets.flood(self.wfile, body, stopping)
        else:
            self._begin(status, length=len(body))
            self.wfile.write(body)

    def _begin(self, status: int, *, length: int | None, content_type: str = "application/json; charset=UTF-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _break_down(self) -> None:
        page = b"<html><body><h1>500 Internal Server Error</h1></body></html>"
        self._begin(500, length=len(page), content_type="text/html")
        self.wfile.write(page)

    def _hold(self) -> None:
        sockets.hold(self.connection, self.server.sandbox.stopping)
        self.close_connection = True

    def _reset(self) -> None:
        sockets.reset(self.connection)
        self.close_connection = True


def unauthorized() -> Refused:
    return Refused("Unauthorized", code=-1, status=401)


def log_unforeseen(error: BaseException) -> None:
    """Where it happened, but not its message, which may repeat what a caller sent."""
    places = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unforeseen %s\n%s", type(error).__name__, places)


def _bare(answer: Answer) -> object:
    return {"message": answer.message} if answer.code else answer.response
