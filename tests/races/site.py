"""A site under real HTTP: its own database, the salon of the tests, gunicorn with two processes of eight threads."""

import contextlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import requests

from tests.races.salon import ADMINISTRATOR, CLIENT, PASSWORD, SECRET
from tests.servers import free_port, wait_until_listening

ROOT = Path(__file__).resolve().parents[2]
THROTTLES = (
    "THROTTLE_ANON", "THROTTLE_USER", "THROTTLE_SIGNUP", "THROTTLE_PASSWORD", "THROTTLE_UPLOAD", "THROTTLE_PAYMENT",
    "THROTTLE_REFUSED_CARDS",
)  # fmt: skip


class Connection(requests.Session):
    """One caller, with connections of its own."""

    def __init__(self, url, headers):
        super().__init__()
        self.url = url
        self.headers.update(headers)

    def request(self, method, path, **kwargs):
        return super().request(method, self.url + path, timeout=60, **kwargs)


class Site:
    root = ROOT
    """Whose code it runs."""

    def __init__(self, database_url, folder, port=None, environment=()):
        self.database_url = database_url
        self.port = port or free_port()
        self.log, self.access_log = folder / "gunicorn.log", folder / "access.log"
        self.media = folder / "media"
        self.environment = os.environ | dict.fromkeys(THROTTLES, "0") | {
            "DATABASE_URL": database_url,
            "MEDIA_ROOT": str(self.media),
            "DEBUG": "1",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "cody_site.settings",
        } | dict(environment)  # fmt: skip

    def neighbour(self, folder):
        """Another of the same salon, on a port of its own."""
        folder.mkdir(exist_ok=True)
        return Site(self.database_url, folder, environment=self.environment)

    def manage(self, *arguments):
        """Run manage.py in a process of its own."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def prepare(self, *arguments):
        done = self.manage(*arguments)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def verify(self):
        """What `manage.py verify` complains of; empty if it finds nothing."""
        done = self.manage("verify")
        return done.stdout + done.stderr if done.returncode else ""

    def complaints(self):
        """What the server has logged beyond its daily business."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if '"level": "INFO"' not in line or '"status": 500' in line]

    def processes(self):
        """The ids of the processes that have answered requests."""
        return set(self.access_log.read_text().split())

    def connection(self, **headers):
        return Connection(f"http://127.0.0.1:{self.port}", headers)

    @cached_property
    def token(self):
        with self.connection() as connection:
            secrets = {"client_id": CLIENT, "client_secret": SECRET}
            return connection.post("/payment/OAuth2.0/getToken", json=secrets).json()["contents"]["access_token"]

    def api(self):
        """A connection as the app client, who may do everything."""
        return self.connection(Authorization=f"Bearer {self.token}")

    def back_office(self):
        """A connection as the administrator, signed in to the admin."""
        connection = self.connection()
        connection.get("/login/")
        given = {
            "username": ADMINISTRATOR,
            "password": PASSWORD,
            "csrfmiddlewaretoken": connection.cookies["csrftoken"],
        }
        answer = connection.post("/login/", data=given, allow_redirects=False)
        if answer.status_code != 302:
            raise RuntimeError(f"the administrator cannot sign in: {answer.status_code}")
        return connection

    def reserve_at_once(self, wishes):
        """POST /reserv for all these wishes in the same moment, over a connection each; what each was told."""
        token, start = self.token, threading.Barrier(len(wishes))

        def reserve(wish):
            with self.connection(Authorization=f"Bearer {token}") as connection:
                connection.get("/healthz")  # so that connecting is no part of the race
                start.wait(timeout=60)
                answer = connection.post("/reserv", json=wish)
                return answer.status_code, answer.json()["errors"]

        with ThreadPoolExecutor(len(wishes)) as pool:
            return list(pool.map(reserve, wishes))


@contextlib.contextmanager
def running(
    database_url, folder, application="cody_site.wsgi", *, without_indexes=False, port=None, environment=(), more=""
):
    """The Site, with a fresh database that is built here (with `more`, a program), until the context ends."""
    site = Site(database_url, folder, port, environment)
    site.prepare("migrate", "--verbosity", "0")
    site.prepare("shell", "-c", f"from tests.races import salon; salon.build()\n{more}")
    if without_indexes:
        site.prepare("shell", "-c", "from tests.races import salon; salon.drop_unique_indexes()")
    with serving(site, application):
        yield site


@contextlib.contextmanager
def serving(site, application):
    """Gunicorn, until the context ends."""
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{site.port}",
        "--workers", "2", "--worker-class", "gthread", "--threads", "8",
        "--timeout", "90", "--keep-alive", "75", "--log-level", "warning", "--no-control-socket",
        "--access-logfile", str(site.access_log), "--access-logformat", "%(p)s",
    ]  # fmt: skip
    with (
        site.log.open("w") as log,
        subprocess.Popen(command, cwd=site.root, env=site.environment, stdout=log, stderr=log) as server,
    ):
        try:
            wait_until_listening(server, site.port)
            with site.connection() as connection:
                connection.get("/healthz").raise_for_status()
            yield site
        except (RuntimeError, requests.RequestException) as error:
            error.add_note(site.log.read_text())
            raise
        finally:
            server.terminate()
