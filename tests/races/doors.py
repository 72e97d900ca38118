"""The site's outer doors on raw sockets: gunicorn by itself, and behind nginx, both as deploy/ starts them."""

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from deploy import cluster
from tests.servers import free_port, wait_until_listening

ROOT = Path(__file__).resolve().parents[2]
SILENT, PATIENT = 1.5, 30
"""Seconds to wait for an answer that need not come, and for one that must."""


@dataclass
class Door:
    port: int
    access_log: Path
    """What gunicorn has answered: a request line each."""

    def connect(self, patience=PATIENT):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=patience)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def talk(self, raw, patience=PATIENT):
        """All that comes back for these bytes until the other side ends or falls silent."""
        told = b""
        with self.connect(patience) as connection, contextlib.suppress(OSError):  # a reset is an end too
            connection.sendall(raw)
            while more := connection.recv(65536):
                told += more
        return told

    def statuses(self, raw):
        """Of the answers; that one may go on (100) is none."""
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] ([2-9][0-9]{2}) ", self.talk(raw, SILENT))]

    def ask(self, number, patience=PATIENT):
        """Is an ordinary request answered, and by its own answer alone?"""
        name = f"X-Request-ID: ordinary-request-{number}"
        told = self.talk(
            f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n{name}\r\nConnection: close\r\n\r\n".encode(), patience
        )
        return told[9:12] == b"200" and told.count(b"HTTP/1.") == 1 and name.encode() in told

    def answered(self, path, *, some=False):
        """The lines of what was asked for there: target, X-Forwarded-For and Host; of `some` at least one is awaited.

        gunicorn writes a line when the answer has gone already.
        """
        until = time.monotonic() + PATIENT
        while True:
            lines = re.findall(rf"^[A-Z]+ ({re.escape(path)} .*)$", self.access_log.read_text(), re.MULTILINE)
            if lines or not some or time.monotonic() > until:
                return lines
            time.sleep(0.02)


@contextlib.contextmanager
def gunicorn(folder, *, proxies=0, processes=1):
    """With gunicorn.conf.py and no tables: what is asked of it here needs none."""
    port, log = free_port(), folder / "access.log"
    environment = os.environ | {
        "DEBUG": "0", "SECRET_KEY": "only-for-tests-" + "x" * 50, "ALLOWED_HOSTS": "127.0.0.1",
        "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(processes), "TRUSTED_PROXY_COUNT": str(proxies),
        "VAR_DIR": str(folder), "STATIC_ROOT": str(ROOT / "static"), "DATABASE_URL": "", "REDIS_URL": "",
        "THROTTLE_ANON": "0",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "cody_site.wsgi", "--access-logfile", str(log)]
    command += shlex.split("--access-logformat '%(r)s|%({x-forwarded-for}i)s|%({host}i)s'")
    with (folder / "gunicorn.log").open("w") as words:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=words, stderr=words)
    try:
        wait_until_listening(server, port)
        door = Door(port, log)
        while not door.ask(0):  # the first one waits for the application to be loaded
            if server.poll() is not None:
                raise RuntimeError((folder / "gunicorn.log").read_text())
        yield door
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def nginx(site):
    """deploy/nginx's own file before that site."""
    port, home = free_port(), cluster.HOME
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        Path(folder).chmod(0o755)  # nginx's processes are nobody's, where we are root
        (Path(folder) / "var").mkdir()
        cluster.HOME = Path(folder)
        try:
            (cluster.HOME / "nginx.conf").write_text(cluster.nginx(port, [site.port]))
        finally:
            cluster.HOME = home
        command = [shutil.which("nginx"), "-c", f"{folder}/nginx.conf", "-p", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_listening(server, port)
            yield Door(port, site.access_log)
        finally:
            server.terminate()
            server.wait()
