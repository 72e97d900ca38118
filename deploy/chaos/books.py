"""What is stored, as the reckoning reads it: the database, IMP's ledger, the photos, and what `verify` finds."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any, Protocol

import boto3
import psycopg2
import requests

from cody_site.demo.sign_ins import CLIENT_SECRET
from deploy.cluster import IMP_DATA, Cluster
from tests.servers import S3_KEY, S3_SECRET

Rows = list[tuple[Any, ...]]


class Books(Protocol):
    """Of a site; the second half is for the control, which makes them wrong."""

    def query(self, sql: str) -> Rows: ...
    def ledger(self) -> list[dict[str, Any]]: ...
    def photo(self, photoid: str) -> bytes: ...
    def complaints(self) -> set[str]: ...

    def execute(self, sql: str) -> None: ...
    def charge_again(self, payment_uid: str) -> None: ...
    def spoil(self, storage_key: str) -> None: ...


class ClusterBooks:
    """Of a running cluster: photos through its API, everything else past it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.app = requests.Session()

    def query(self, sql: str) -> Rows:
        with self._cursor() as cursor:
            cursor.execute(sql)
            rows: Rows = cursor.fetchall()
            return rows

    def ledger(self) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.cluster.services['imp-sandbox'].port}/sandbox/ledger"
        told: list[dict[str, Any]] = requests.get(url, timeout=30).json()
        return told

    def photo(self, photoid: str) -> bytes:
        """What the API gives of it, an error's envelope too; nothing where it is cut off."""
        if "Authorization" not in self.app.headers:
            body = {"client_id": "demo-server", "client_secret": CLIENT_SECRET}
            answer = requests.post(f"{self.cluster.url}/payment/OAuth2.0/getToken", json=body, timeout=30)
            self.app.headers["Authorization"] = f"Bearer {answer.json()['contents']['access_token']}"
        with contextlib.suppress(requests.RequestException):
            return self.app.post(f"{self.cluster.url}/photo_d", json={"photoid": photoid}, timeout=30).content
        return b""

    def complaints(self) -> set[str]:
        """Line by line what `verify --with-imp` names."""
        done = self.cluster.manage("verify", "--with-imp", check=False)
        lines = set(done.stdout.splitlines()) - {"", "No violations."}
        return lines or ({done.stderr[-300:]} if done.returncode else set())

    def execute(self, sql: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(sql)

    def charge_again(self, payment_uid: str) -> None:
        charge_again(IMP_DATA, payment_uid)

    def spoil(self, storage_key: str) -> None:
        at = self.cluster.environment["S3_ENDPOINT_URL"]
        s3 = boto3.client("s3", endpoint_url=at, aws_access_key_id=S3_KEY, aws_secret_access_key=S3_SECRET)
        s3.put_object(Bucket="photos", Key=storage_key, Body=b"another picture")

    @contextlib.contextmanager
    def _cursor(self) -> Any:
        url = self.cluster.environment["DATABASE_URL"]
        with contextlib.closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            yield cursor


def charge_again(folder: Path, payment_uid: str) -> None:
    """In the sandbox's own data: IMP itself refuses to."""
    with contextlib.closing(sqlite3.connect(folder / "imp.sqlite3", timeout=20)) as db, db:
        db.execute(AGAIN, (payment_uid,))


AGAIN = (
    "INSERT INTO ledger (merchant_uid, imp_uid, kind, amount, at)"
    " SELECT merchant_uid, imp_uid, kind, amount, at FROM ledger WHERE merchant_uid = ? AND kind = 'charge' LIMIT 1"
)
