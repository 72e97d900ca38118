"""nginx before two sites of the same salon, as deploy/ has them, each of which can be replaced."""

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import requests

from deploy import cluster
from tests.races.site import Connection, Site
from tests.servers import free_port, wait_until_listening

GRACE_SECONDS = 80


class Member:
    """One of the sites behind nginx, by the very command of its unit."""

    def __init__(self, site, folder):
        self.port, self.log = free_port(), folder / f"gunicorn-{id(self):x}.log"
        self.environment = site.environment | {"PORT": str(self.port), "WEB_CONCURRENCY": "2", "VAR_DIR": str(folder)}
        self.process = None

    def start(self):
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                cluster.unit("site"), cwd=cluster.ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        wait_until_listening(self.process, self.port)

        self.wait_until(lambda: self.answers)

    @property
    def answers(self):
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=1).ok

    @property
    def children(self):
        """The ids of its processes."""
        return set(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split())

    def restart(self):
        self.end()
        self.start()

    def reload(self):
        """As `systemctl reload` does: new processes, the old ones end when they have answered."""
        before = self.children
        self.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: self.children and not before & self.children)
        self.wait_until(lambda: self.answers)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(GRACE_SECONDS)

    def wait_until(self, is_so):
        deadline = time.monotonic() + GRACE_SECONDS
        while not is_so():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text())
            time.sleep(0.1)


class Rolling:
    def __init__(self, site, members, port):
        self.site, self.members, self.url = site, members, f"http://127.0.0.1:{port}"

    def api(self):
        """A connection as the app client, through nginx."""
        return Connection(self.url, {"Authorization": f"Bearer {self.site.token}"})


@contextlib.contextmanager
def behind_nginx(database_url, folder, monkeypatch, environment=()):
    """A Rolling whose salon is built here; it ends with the context."""
    site = Site(database_url, folder, environment=environment)
    site.prepare("migrate", "--verbosity", "0")
    site.prepare("shell", "-c", "from tests.races import salon; salon.build()")
    members, port = [Member(site, folder), Member(site, folder)], free_port()
    monkeypatch.setattr(cluster, "HOME", folder)
    (folder / "var").mkdir()
    (folder / "nginx.conf").write_text(cluster.nginx(port, [member.port for member in members]))
    with contextlib.ExitStack() as stack:
        for member in members:
            member.start()
            stack.callback(member.end)
        site.port = members[0].port
        with (folder / "nginx.log").open("w") as log:
            command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
            nginx = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
        stack.callback(nginx.terminate)
        wait_until_listening(nginx, port)
        yield Rolling(site, members, port)
