"""nginx before two sites of the same salon, as deploy/ has them, and people who use it while the sites are replaced."""

import contextlib
import itertools
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import requests

from deploy import cluster
from tests.races.salon import CREW, CUSTOMERS, day
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

    @contextlib.contextmanager
    def used(self, people=8):
        """What a crowd is told meanwhile."""
        stop = threading.Event()
        crowd = [Regular(self, number, stop) for number in range(people)]
        for regular in crowd:
            regular.start()
        told = Counter()
        try:
            yield told
        finally:
            stop.set()
            for regular in crowd:
                regular.join()
                told.update(regular.told)


class Regular(threading.Thread):
    """Reserves, notes, cancels and reads, again and again; nobody else wants these seats."""

    def __init__(self, rolling, number, stop):
        super().__init__()
        self.customer, self.designer, self.stop, self.told = CUSTOMERS[number], CREW[number], stop, Counter()
        self.api = Connection(rolling.url, {"Authorization": f"Bearer {rolling.site.token}"})

    def run(self):
        times = itertools.cycle(f"{day(after)}-{hour}:00" for after in range(14, 21) for hour in range(10, 21))
        while not self.stop.is_set():
            self.once(next(times))

    def once(self, at):
        made = self.ask("POST", {"id": self.customer, "designer_id": self.designer, "time": at})
        if made:
            rule = {"id": made["regInfo"]["id"]}
            self.ask("PATCH", {"base": rule, "data": {"note": "later"}})
            self.ask("DELETE", {"rule": rule})
        self.ask("GET", None)

    def ask(self, method, body):
        try:
            answer = self.api.request(method, "/reserv?rule=all&limit=5" if body is None else "/reserv", json=body)
        except requests.RequestException as error:
            self.told[method, type(error).__name__] += 1
            return None
        self.told[method, answer.status_code] += 1
        return answer.json()["contents"] if answer.status_code == 200 else None


@contextlib.contextmanager
def behind_nginx(database_url, folder, monkeypatch, environment=()):
    """A Rolling whose salon is built here; it ends with the context."""
    site = Site(database_url, folder, environment=environment)
    site.prepare("migrate", "--verbosity", "0")
    site.prepare("shell", "-c", "from tests.races import salon; salon.build()")
    members, port = [Member(site, folder), Member(site, folder)], free_port()
    monkeypatch.setattr(cluster, "HOME", folder)
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
