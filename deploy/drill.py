"""`make drill`: is a backup worth anything? A salon at work is backed up, goes on, is lost, and comes back elsewhere.

Starts all that it needs on loopback, prints what it saw at each step, and exits 1 at the first untruth. `--sqlite`: the
same with SQLite and a folder instead of PostgreSQL and a bucket.
"""

import argparse
import contextlib
import datetime as dt
import hashlib
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg2
import requests

from cody_site.demo.sign_ins import CLIENT_SECRET, PASSWORD
from deploy.chaos.apps import CARD
from tests import servers
from tests.imp_sandbox import ImpSandbox
from tests.imp_sandbox import running as imp_sandbox

ROOT = Path(__file__).resolve().parent.parent
BARE = "SELECT photoid, storage_key, sha256 FROM media_store_photo WHERE trashed_at IS NULL ORDER BY id"


class Untrue(Exception):
    """Something is not as it must be; the text says what."""


class Salon:
    """A database, a place for photos, and the commands and the site that use them."""

    def __init__(self, folder: Path, imp: ImpSandbox, database_url: str, s3: str) -> None:
        folder.mkdir(exist_ok=True)
        self.database_url, self.s3, self.media = database_url or f"sqlite:///{folder}/db.sqlite3", s3, folder / "media"
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DEBUG": "1", "SECRET_KEY": "of-this-drill-alone-" + "x" * 40, "ALLOWED_HOSTS": "127.0.0.1",
            "VAR_DIR": str(folder), "DATABASE_URL": self.database_url, "REDIS_URL": "", "CELERY_BROKER_URL": "",
            "MEDIA_ROOT": "", "S3_BUCKET": "photos" if s3 else "", "S3_ENDPOINT_URL": s3,
            "AWS_ACCESS_KEY_ID": servers.S3_KEY, "AWS_SECRET_ACCESS_KEY": servers.S3_SECRET,
            "IMP_BASE_URL": imp.url, "IMP_SANDBOX_PORT": str(imp.port), "IMP_KEY": "", "IMP_SECRET": "",
            "PORT": str(self.port), "WEB_CONCURRENCY": "1", "STAFF_SECOND_FACTOR": "0",
            "DJANGO_SETTINGS_MODULE": "cody_site.settings",
        }  # fmt: skip

    def manage(self, *arguments: str, fails: bool = False) -> str:
        """What a command of manage.py says; Untrue if it fails, or does not while it should."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=300)
        if bool(done.returncode) != fails:
            raise Untrue(f"manage.py {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        command = [sys.executable, "-m", "gunicorn", "cody_site.wsgi", "--config", str(ROOT / "gunicorn.conf.py")]
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL) as site:
            try:
                servers.wait_until_listening(site, self.port, seconds=60)
                yield
            finally:
                site.terminate()

    def app(self) -> requests.Session:
        """As the app client that may do everything."""
        session = requests.Session()
        body = {"client_id": "demo-server", "client_secret": CLIENT_SECRET}
        answer = session.post(f"{self.url}/payment/OAuth2.0/getToken", json=body, timeout=30)
        session.headers["Authorization"] = f"Bearer {answer.json()['contents']['access_token']}"
        return session

    def ask(self, app: requests.Session, method: str, path: str, body: dict[str, Any]) -> Any:
        """The contents of the answer."""
        answer = app.request(method, self.url + path, json=body, timeout=60)
        if answer.status_code != 200:
            raise Untrue(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()["contents"]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Of a query, or of a change with RETURNING."""
        if self.database_url.startswith("sqlite"):
            with sqlite3.connect(self.database_url.removeprefix("sqlite:///")) as database:
                return database.execute(sql).fetchall()
        with (
            contextlib.closing(psycopg2.connect(self.database_url)) as connection,
            connection,
            connection.cursor() as it,
        ):
            it.execute(sql)
            found: list[tuple[Any, ...]] = it.fetchall()
            return found

    def spoil(self, lost: str, other: str) -> None:
        """Of two objects of the storage, by their keys: one is not there any more, one has other bytes."""
        if not self.s3:
            (self.media / lost).unlink()
            (self.media / other).write_bytes(b"others")
            return
        client = boto3.client("s3", endpoint_url=self.s3, aws_access_key_id=servers.S3_KEY,
                              aws_secret_access_key=servers.S3_SECRET, region_name="us-east-1")  # fmt: skip
        client.delete_object(Bucket="photos", Key=lost)
        client.put_object(Bucket="photos", Key=other, Body=b"others")


class Drill:
    """The steps, in their order; each returns what was seen, or raises Untrue."""

    def __init__(self, lost: Salon, place: Path) -> None:
        self.lost, self.place = lost, place
        self.here: Salon
        self.since = f"{dt.date.today():%Y-%m-%d}"
        self.only_imp_knows = self.refunded = ""

    def opened(self) -> str:
        self.lost.manage("migrate", "--verbosity", "0")
        self.lost.manage("demo")  # with the sandbox's knowledge of its payments
        (counts,) = self.lost.rows(
            "SELECT (SELECT count(*) FROM reservations_reservation), (SELECT count(*) FROM payments_payment),"
            " (SELECT count(*) FROM media_store_photo)"
        )
        return "{} reservations, {} payments, {} photos".format(*counts)

    def backed_up(self) -> str:
        return self.lost.manage("backup", str(self.place)).strip()

    def gone_on(self) -> str:
        app = self.lost.app()
        (paid,) = self.lost.rows(
            "SELECT p.payment_uid, u.userid, p.amount FROM payments_payment p JOIN accounts_user u ON u.id = p.payer_id"
            " WHERE p.state = 'paid' AND p.method = 'card' AND p.refunded_amount = 0 AND p.alarm = '' AND u.type = 1"
            " ORDER BY p.id DESC LIMIT 1"
        )
        self.refunded, payer, amount = paid
        given = {"paym_id": self.refunded, "userid": payer, "reason": "drill", "c_price": amount}
        self.lost.ask(app, "POST", "/payment/cancel", given)
        charged = self.lost.ask(app, "POST", "/payment/card/onetime", CARD | {"userid": "customer1", "p_array": [1]})
        self.only_imp_knows = charged["payment_UID"]
        return f"{self.refunded} refunded, {self.only_imp_knows} charged"

    def restored(self) -> str:
        return self.here.manage("restore", str(self.place)).strip()

    def checked(self) -> str:
        self.here.manage("migrate", "--check")
        return self.here.manage("verify", "--with-photos").strip()

    def ready(self) -> str:
        answer = requests.get(f"{self.here.url}/readyz", timeout=30)
        if answer.status_code != 200:
            raise Untrue(answer.text)
        return answer.text

    def signed_in(self) -> str:
        with requests.Session() as browser:
            browser.get(f"{self.here.url}/login/", timeout=30)
            form = {"username": "customer1", "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            browser.post(f"{self.here.url}/login/", data=form, timeout=30)
            page = browser.get(f"{self.here.url}/my/", timeout=30)
        shown = re.findall(r"/my/reservations/(\d+)/", page.text)
        if page.status_code != 200 or not page.url.endswith("/my/") or not shown:
            raise Untrue(f"/my/: {page.status_code} at {page.url}")
        return f"customer1 sees {len(set(shown))} reservations"

    def read(self) -> str:
        app, seen = self.here.app(), 0
        for photoid, _key, digest in self.here.rows(BARE):
            answer = app.post(f"{self.here.url}/photo_d", json={"photoid": photoid}, timeout=30)
            if hashlib.sha256(answer.content).hexdigest() != digest:
                raise Untrue(f"photo {photoid}: {answer.status_code}, other bytes")
            seen += 1
        return f"{seen} photos with their bytes"

    def reconciled(self) -> str:
        told = self.here.manage("reconcile", "--since", self.since, fails=True)
        unknown = re.findall(r"^unknown (\S+)", told, re.MULTILINE)
        if unknown != [self.only_imp_knows] or f"payment {self.refunded}: paid here, now cancelled" not in told:
            raise Untrue(told)
        return f"{self.refunded} is cancelled here too; {self.only_imp_knows} is named"

    def agreed(self) -> str:
        """All but what the demo salon leaves for a person to see to: the site knows of it, and says so."""
        told = self.here.manage("verify", "--with-imp", fails=True).splitlines()
        named = [line for line in told if line.startswith("payment ")]
        alarms = [uid for (uid,) in self.here.rows("SELECT payment_uid FROM payments_payment WHERE alarm <> ''")]
        if [line for line in told[:-1] if not any(uid in line and "(its alarm: " in line for uid in alarms)]:
            raise Untrue("\n".join(told))
        return f"all others agree: {'; '.join(named)}"

    def spoilt(self) -> str:
        """The control: a copy that lacks something is not passed."""
        self.here.rows("DELETE FROM reservations_reservationphoto WHERE id = (SELECT max(id) FROM"
                       " reservations_reservationphoto) RETURNING id")  # fmt: skip
        self.here.rows("UPDATE payments_product SET price = price + 1 WHERE id = 1 RETURNING id")
        compared = self.here.manage("restore", str(self.place), "--compare", fails=True)
        (lost, lost_key, _), (other, other_key, _) = self.here.rows(BARE)[:2]
        self.here.spoil(lost_key, other_key)
        verified = self.here.manage("verify", "--with-photos", fails=True)
        wanted = ["reservations_reservationphoto: ", "payments_product: "]
        wanted += [f"photo {lost}: its bytes are lost", f"photo {other}: its bytes are others"]
        if missing := [line for line in wanted if line not in compared + verified]:
            raise Untrue(f"nobody noticed {missing}\n{compared}{verified}")
        return "a row gone, a row changed, a photo gone, a photo changed: all named"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--sqlite", action="store_true", help="SQLite and a folder")
    options = parser.parse_args(arguments)
    if not options.sqlite and not (servers.postgres_programs() and servers.s3_program()):
        sys.stderr.write("make drill needs the Debian package postgresql.\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="drill-") as scratch:
        try:
            _run(Path(scratch), sqlite=options.sqlite)
        except Untrue as untrue:
            sys.stdout.write(f"UNTRUE: {untrue}\n")
            return 1
    return 0


def _run(scratch: Path, *, sqlite: bool) -> None:
    started = time.monotonic()

    def step(name: str, act: Callable[[], str]) -> None:
        told = act()
        sys.stdout.write(f"| {time.monotonic() - started:4.1f} s | {name} | {told} |\n")
        sys.stdout.flush()

    sys.stdout.write("| | step | what was seen |\n| --- | --- | --- |\n")
    with imp_sandbox(scratch, "--data", str(scratch / "lost" / "imp_sandbox")) as imp:
        with contextlib.ExitStack() as machine:
            lost = Salon(scratch / "lost", imp, *_machine(machine, sqlite=sqlite))
            drill = Drill(lost, scratch / "place")
            step("a salon", drill.opened)
            with lost.open():
                step("backup, while the site is open", drill.backed_up)
                step("after the backup", drill.gone_on)
        with contextlib.ExitStack() as machine:
            drill.here = here = Salon(scratch / "here", imp, *_machine(machine, sqlite=sqlite))
            step("all of it lost; restored elsewhere", drill.restored)
            with here.open():
                step("migrate --check, verify --with-photos", drill.checked)
                step("/readyz", drill.ready)
                step("sign in", drill.signed_in)
                step("read photos", drill.read)
            step(f"reconcile --since {drill.since}", drill.reconciled)
            step("verify --with-imp", drill.agreed)
            step("the control: a copy that is spoilt", drill.spoilt)


def _machine(stack: contextlib.ExitStack, *, sqlite: bool) -> tuple[str, str]:
    """URLs of a database and a bucket, both empty and gone with the stack; without servers, neither."""
    return ("", "") if sqlite else (stack.enter_context(servers.postgres()), stack.enter_context(servers.s3()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
