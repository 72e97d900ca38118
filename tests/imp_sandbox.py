"""The IMP sandbox for tests: the fixture `imp_sandbox`, or `running(folder, …)` for one of a test's own.

It is a process of its own, as IMP is, with its own data in a folder that goes with the tests.
"""

import contextlib
import signal
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import pytest
import requests

from tests.clock import NOW

ROOT = Path(__file__).resolve().parents[1]
KEY, SECRET = "imp-demo-key", "imp-demo-secret"
CARD = {"card_number": "5361-4890-1234-1704", "expiry": "2030-12", "birth": "900101", "pwd_2digit": "12"}


class ImpSandbox:
    """A running sandbox: its controls, and IMP's calls as a merchant makes them."""

    def __init__(self, folder, *options):
        self.folder, self.options, self.port = folder, options, 0
        self.log = folder / "log"
        self.http = requests.Session()

    # ---- the process

    def start(self):
        """Start, or start again on the same port with the same data."""
        command = [sys.executable, "-m", "payments.imp_sandbox"]
        command += ["--port", str(self.port), "--data", str(self.data), *self.options]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        told = self.process.stdout.readline().split()  # comes when it listens
        if not told:
            self.stop()
            raise RuntimeError(self.log.read_text())
        self.url = told[-1]
        self.port = int(self.url.rpartition(":")[2])

    def stop(self, signum=signal.SIGTERM):
        """End it; returns its exit status."""
        self.process.send_signal(signum)
        self.process.stdout.close()
        return self.process.wait(timeout=20)

    def kill(self):
        self.stop(signal.SIGKILL)

    @property
    def data(self):
        return self.folder / "data"

    # ---- its controls

    def fault(self, kind, times=1):
        """The next `times` calls that move money suffer this."""
        return self._control("POST", "/sandbox/faults", {"kind": kind, "times": times})

    def clear_faults(self):
        return self._control("DELETE", "/sandbox/faults")

    def end_tokens(self):
        """All access tokens are over, as after half an hour."""
        self.__dict__.pop("token", None)
        return self._control("DELETE", "/sandbox/tokens")

    def deposit(self, imp_uid):
        """The customer pays into the virtual account."""
        return self._control("POST", f"/sandbox/vbanks/{imp_uid}/deposit")

    def run_schedules(self, until):
        """Charge what is due by then (unix seconds); the payments that came of it."""
        return self._control("POST", "/sandbox/schedules/run", {"until": until})

    def ledger(self, merchant_uid=None):
        """What money has moved, for one order or for all: `merchant_uid imp_uid kind amount at`."""
        return self._control("GET", "/sandbox/ledger", params={"merchant_uid": merchant_uid})

    def moved(self, merchant_uid):
        """The ledger of one order in short: [("charge", 1000), ("refund", 400)]."""
        return [(entry["kind"], entry["amount"]) for entry in self.ledger(merchant_uid)]

    def _control(self, method, path, given=None, params=None):
        answer = self.http.request(method, self.url + path, json=given, params=params, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    # ---- IMP's calls

    @cached_property
    def token(self):
        given = {"imp_key": KEY, "imp_secret": SECRET}
        return self.http.post(f"{self.url}/users/getToken", json=given, timeout=30).json()["response"]["access_token"]

    def call(self, method, path, given=None, timeout=30, **options):
        """An authenticated call with a JSON body; the `requests.Response`."""
        headers = {"Authorization": self.token}
        # Over a connection of its own: tests call at once, and faults end connections.
        return requests.request(method, self.url + path, json=given, headers=headers, timeout=timeout, **options)

    def charge(self, merchant_uid, amount=1000, **more):
        given = {"merchant_uid": merchant_uid, "amount": amount} | CARD | more
        return self.call("POST", "/subscribe/payments/onetime", given)

    def payments(self, merchant_uid):
        """What IMP knows of an order, the latest first; [] if nothing."""
        answer = self.call("GET", f"/payments/findAll/{merchant_uid}")
        return [] if answer.status_code == 404 else answer.json()["response"]["list"]


@contextlib.contextmanager
def running(folder, *options, webhook="", now=None):
    """A sandbox with its data in this folder, in the present or from `now` on (a datetime), until the context ends."""
    clock = () if now is None else ("--now", str(int(now.timestamp())))
    sandbox = ImpSandbox(folder, "--webhook", webhook, *clock, *options)
    with sandbox.http:
        sandbox.start()
        try:
            yield sandbox
        finally:
            if sandbox.process.poll() is None:
                sandbox.stop()


@pytest.fixture(scope="session")
def _imp_sandbox(tmp_path_factory):
    with running(tmp_path_factory.mktemp("imp_sandbox"), now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def imp_sandbox(_imp_sandbox):
    """One sandbox for all tests, its clock beginning at theirs; no webhooks. Name orders differently in each test."""
    yield _imp_sandbox
    _imp_sandbox.clear_faults()
