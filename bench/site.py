"""A site on this machine, in production's settings: gunicorn with two processes of four threads, beside PostgreSQL."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

from bench.names import CLIENT, SECRET
from tests.servers import free_port, wait_until_listening

ROOT = Path(__file__).resolve().parent.parent
THROTTLES = (
    "THROTTLE_ANON", "THROTTLE_USER", "THROTTLE_SIGNUP", "THROTTLE_PASSWORD", "THROTTLE_UPLOAD", "THROTTLE_PAYMENT",
    "THROTTLE_REFUSED_CARDS",
)  # fmt: skip
PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


@dataclass(frozen=True)
class Answer:
    seconds: float
    """From the request's first byte to the answer's last."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def contents(self) -> Any:
        return self.json["contents"]


class Connection:
    """One client, one connection that stays open."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = headers

    def get(self, path: str) -> Answer:
        return self._send("GET", path)

    def post(self, path: str, **body: object) -> Answer:
        return self._send("POST", path, json.dumps(body))

    def open(self, path: str) -> http.client.HTTPResponse:
        """The answer before its body is read."""
        self.http.request("GET", path, headers=self.headers)
        return self.http.getresponse()

    def upload(self, path: str, body: bytes, content_type: str) -> Answer:
        return self._send("POST", path, body, content_type)

    def _send(
        self, method: str, path: str, body: str | bytes | None = None, content_type: str = "application/json"
    ) -> Answer:
        started = time.perf_counter()
        self.http.request(method, path, body, self.headers | {"Content-Type": content_type})
        response = self.http.getresponse()
        answer = Answer(body=response.read(), seconds=time.perf_counter() - started)
        found = response.status == 302 and "/login/" not in response.headers["Location"]  # the only one of a search
        if response.status != 200 and not found:
            raise RuntimeError(f"{method} {path}: {response.status} {answer.body.decode()[:500]}")
        return answer


@dataclass(frozen=True)
class Site:
    database_url: str
    port: int
    pid: int
    """Of gunicorn's master; its children are the workers."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        return children(self.pid)

    def visitor(self) -> Connection:
        return Connection(self.port, PROXY)

    def app_headers(self) -> dict[str, str]:
        """Of an app client with every scope, by a token of getToken's."""
        given = self.visitor().post("/payment/OAuth2.0/getToken", client_id=CLIENT, client_secret=SECRET).contents
        return PROXY | {"Authorization": f"Bearer {given['access_token']}"}

    def app(self) -> Connection:
        return Connection(self.port, self.app_headers())


def environment(database_url: str) -> dict[str, str]:
    """Production, except that nothing is throttled; the throttles' counters go on."""
    return os.environ | dict.fromkeys(THROTTLES, "0") | {
        "DATABASE_URL": database_url,
        "DEBUG": "0",
        "STAFF_SECOND_FACTOR": "0",
        "STAFF_IDLE_MINUTES": "0",
        "SECRET_KEY": "only-for-the-bench-" + "x" * 50,
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXY_COUNT": "1",
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "cody_site.settings",
    }  # fmt: skip


def manage(database_url: str, *arguments: str, variables: dict[str, str] | None = None) -> str:
    """Run manage.py in a process of its own; what it wrote to stdout. `variables` are of its environment."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment(database_url) | (variables or {}), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def in_shell(database_url: str, call: str, **how: dict[str, str]) -> str:
    """What this call of a function in a module of bench writes to stdout in the site's own shell."""
    module = call.partition(".")[0]
    return manage(database_url, "shell", "--no-imports", "-c", f"from bench import {module}; {call}", **how)


def resident_kilobytes(pid: int, *, peak: bool = False) -> int:
    """What the process holds in memory, or the most that it held since `forget_peak`."""
    key = "VmHWM:" if peak else "VmRSS:"
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))


def processor_seconds(pid: int) -> float:
    """User and system time so far; the process' name, which may have blanks, ends at the last parenthesis."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def postgres_pid(database_url: str) -> int:
    """The server's, whose children serve its connections."""
    with contextlib.closing(psycopg2.connect(database_url)) as connection:
        own = connection.info.backend_pid
        return int(Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()[1])


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def scalar(database_url: str, query: str) -> int:
    """The one number that a query is for; 0 for NULL."""
    with contextlib.closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return next(iter(cursor.fetchone() or ()), None) or 0


@contextlib.contextmanager
def serving(
    database_url: str,
    *,
    bare: bool = False,
    processes: int = 2,
    threads: int = 4,
    variables: dict[str, str] | None = None,
) -> Iterator[Site]:
    """The site, or with `bare` bench.bare's, until the context ends; `variables` are of its environment."""
    port = free_port()
    environ = environment(database_url) | (variables or {})
    if bare:
        environ["DJANGO_SETTINGS_MODULE"] = "bench.bare_settings"
    command = [
        sys.executable, "-m", "gunicorn", "cody_site.wsgi", "--bind", f"127.0.0.1:{port}",
        "--workers", str(processes), "--threads", str(threads),
        "--timeout", "120", "--keep-alive", "75", "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_until_listening(server, port)
            yield Site(database_url, port, server.pid)
        finally:
            server.terminate()


def listing(path: str, **query: object) -> str:
    """The path of a list, its parameters as a query string."""
    texts = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in query.items()}
    return f"{path}?{urlencode(texts)}"
