"""A site that sells, whose processes die where a test says, between IMP's sandbox and the worker; and its books."""

import contextlib
import datetime as dt
import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from zoneinfo import ZoneInfo

import requests

from tests import books, imp_relay, imp_sandbox
from tests.imp_sandbox import KEY, SECRET
from tests.races import databases
from tests.races.site import ROOT, running, serving

CARD = {"number": "4929-1234-5678-1236", "expiry": "2077-11", "birth": "771103"}
PRICE, PART = 30_000, 12_000  # so little that it might go back twice
PAYERS = 1_500  # the controls take two for every try
ONETIME, CANCEL, WEBHOOK = "/payment/card/onetime", "/payment/cancel", "/payment/webhook"
SCHEDULE, ACCOUNT = "/payment/OAuth2.0/card/schedule", "/payment/OAuth2.0/vbank/schedule"
OPEN = "/payment/OAuth2.0/vbank/onetime"
FILLED = f"""
from payments.models import Product
from tests.factories import UserFactory
Product.objects.create(pk=1, name='커트', price={PRICE})
for number in range(1, {PAYERS} + 1): UserFactory(userid=f'payer{{number}}')
"""


class Money:
    def __init__(self, site, sandbox, relay, worker, folder):
        self.site, self.sandbox, self.relay, self.worker, self.folder = site, sandbox, relay, worker, folder
        self.numbers = count(1)

    # ---- what people do

    def payer(self):
        """Somebody who has never paid."""
        return f"payer{next(self.numbers)}"

    def send(self, path, body, *, key="", dies=""):
        """The answer; None if the process died of it."""
        headers = {"Authorization": f"Bearer {self.site.token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"X-Dies": dies} if dies else {}
        with self.site.connection(**headers) as api:
            try:
                return api.post(path, json=body)
            except requests.ConnectionError:
                return None

    def pay(self, payer, *, key="", dies="", **more):
        return self.send(ONETIME, self.wish(payer) | more, key=key, dies=dies)

    def wish(self, payer):
        return {
            "paytype": 1, "cardnum": CARD["number"], "expiry": CARD["expiry"], "birth": CARD["birth"], "pwd": "73",
            "userid": payer, "p_array": [1],
        }  # fmt: skip

    def cancel(self, payer, **how):
        body = {"paym_id": self.uid(payer), "userid": payer, "reason": "x", "c_price": PART}
        return self.send(CANCEL, body, **how)

    def cancel_all(self, payer):
        return self.send(CANCEL, {"paym_id": self.uid(payer), "userid": payer, "reason": "x"})

    def schedule(self, payer, **how):
        """Of a card, for tomorrow."""
        return self.send(SCHEDULE, self.wish(payer) | {"time": _later(days=1)}, **how)

    def schedule_account(self, payer, minutes):
        return self.send(ACCOUNT, {"userid": payer, "p_array": [1], "bank": "088", "time": _later(minutes=minutes)})

    def open_account(self, payer, *, key=""):
        return self.send(OPEN, {"userid": payer, "p_array": [1], "bank": "088"}, key=key)

    def end(self, payer, **how):
        """What waits to be paid."""
        return self.send(CANCEL, {"paym_id": self.uid(payer), "userid": payer, "reason": "x"}, **how)

    def schedule_at_imp(self, payer):
        """What IMP says of the payer's schedule; None if it knows of none."""
        if self.state(payer) is None:
            return None
        found = self.sandbox.call("GET", f"/subscribe/payments/schedule/{self.uid(payer)}").json()["response"]
        return found and found["schedule_status"]

    def tell(self, payer):
        """IMP's webhook about this payment."""
        return self.send(WEBHOOK, {"imp_uid": "imp_1", "merchant_uid": self.uid(payer), "status": "paid"})

    def beside(self, act, *args, **how):
        """Do this in a thread; the future answer."""
        pool = ThreadPoolExecutor(1)
        try:
            return pool.submit(act, *args, **how)
        finally:
            pool.shutdown(wait=False)

    # ---- what has become of it

    def read(self, columns, payer, table="payments_payment"):
        """These columns of the payer's only payment, or of what belongs to it; None if there is none."""
        joined = "" if table == "payments_payment" else f"JOIN {table} t ON t.payment_id = p.id"
        rows = databases.read(
            self.site.database_url,
            f"SELECT {columns} FROM payments_payment p {joined} JOIN accounts_user u ON u.id = payer_id "
            f"WHERE u.userid = '{payer}'",
        )
        assert len(rows) <= 1, rows
        return rows[0] if rows else None

    def uid(self, payer):
        return self.read("payment_uid", payer)[0]

    def state(self, payer):
        found = self.read("p.state", payer)
        return found and found[0]

    def refund_state(self, payer):
        found = self.read("t.state", payer, "payments_refund")
        return found and found[0]

    def alarm(self, payer):
        return self.read("p.alarm", payer)[0]

    def events(self, payer, what):
        return self.read(f"SUM(CASE t.what WHEN '{what}' THEN 1 ELSE 0 END)", payer, "payments_paymentevent")[0]

    def moved(self, payer, kind, expected=0):
        """How often IMP moved money for this payer; waits a moment for what is expected."""
        if self.state(payer) is None:
            return 0
        for _ in range(100):
            found = sum(moved == kind for moved, _ in self.sandbox.moved(self.uid(payer)))
            if found >= expected:
                break
            time.sleep(0.05)
        return found

    def agree(self):
        """Our books are IMP's ledger, nothing was sent twice, and the card stands nowhere."""
        rows = databases.read(
            self.site.database_url,
            "SELECT payment_uid, state, paid_amount, refunded_amount FROM payments_payment",
        )
        for uid, state, paid, refunded in rows:
            moved = self.sandbox.moved(uid)
            charges = [amount for kind, amount in moved if kind in ("charge", "deposit")]
            refunds = [amount for kind, amount in moved if kind == "refund"]
            assert len(charges) <= 1
            assert sum(refunds) <= sum(charges)
            assert (paid, refunded) == (sum(charges), sum(refunds)), (uid, state, moved)
            assert state in ("paid", "failed", "cancelled", "ready", "scheduled", "revoked"), (uid, state)
            assert self.relay.tries(uid) <= 1
        assert self.cards() == []

    def cards(self):
        """Where the card was left: in the tables, our files and logs, mails, IMP's sandbox."""
        folders = (self.folder, self.sandbox.folder, ROOT / "var")
        files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
        texts = {str(path): path.read_text(errors="replace") for path in files}
        texts["tables"] = databases.dump(self.site.database_url)
        return [(where, found) for where, text in texts.items() if (found := books.cards_in(text, **CARD))]


def _later(**by):
    at = dt.datetime.now(ZoneInfo("Asia/Seoul")) + dt.timedelta(**by)
    return f"{at:%Y%m%d-%H:%M}"


class Worker:
    def __init__(self, site, log):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.races.mortal"],
            cwd=ROOT, env=site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        self.lock = threading.Lock()

    def start(self, minutes, dies="", task="reconcile"):
        """Reconcile, or do another task of payments, in a process, so many minutes from now; its pid."""
        return self._told({"start": {"minutes": minutes, "dies": dies, "task": task}})

    def wait(self, pid):
        """Whether it came to its end; False if it was killed."""
        ended = self._told({"wait": pid})
        assert ended in (0, signal.SIGKILL), ended
        return ended == 0

    def reconcile(self, minutes, dies=""):
        return self.wait(self.start(minutes, dies))

    def settle(self, minutes=6):
        """Ask about everything until nothing is in doubt any more."""
        for later in (minutes, minutes + 20, minutes + 60, minutes + 180):
            assert self.reconcile(later)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)

    def _told(self, order):
        with self.lock:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline())


@contextlib.contextmanager
def selling(database_url, folder):
    """Everything of it, each in a process of its own but for the relay."""
    with contextlib.ExitStack() as stack:
        (folder / "imp").mkdir()
        sandbox = stack.enter_context(imp_sandbox.running(folder / "imp"))
        relay = stack.enter_context(imp_relay.running(sandbox.url))
        environment = {
            "IMP_BASE_URL": relay.url, "IMP_KEY": KEY, "IMP_SECRET": SECRET, "IMP_DEADLINE_SECONDS": "3",
            "EMAIL_URL": f"filemail://{folder}/mails", "GUNICORN_CMD_ARGS": "--preload",
        }  # fmt: skip
        selling = running(database_url, folder, "tests.races.mortal", environment=environment, more=FILLED)
        site = stack.enter_context(selling)
        worker = Worker(site, stack.enter_context((folder / "worker.log").open("w")))
        stack.callback(worker.close)
        yield Money(site, sandbox, relay, worker, folder)


def without_write_ahead(money):
    """The same salon, for as long as the context lasts, with nothing written before IMP is called."""
    return _careless(money, "unwritten")


def without_protection(money):
    """The same salon without locks and transactions."""
    return _careless(money, "unprotected")


@contextlib.contextmanager
def _careless(money, how):
    site = money.site.neighbour(money.folder / how)
    with serving(site, f"tests.races.{how}"):
        careless = Money(site, money.sandbox, money.relay, money.worker, money.folder)
        careless.numbers = money.numbers
        yield careless
