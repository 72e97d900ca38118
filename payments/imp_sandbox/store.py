"""The sandbox's own data: one SQLite file, which a kill -9 leaves as it was after the last answer."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

# A payment, customer or schedule is the document that IMP answers; what is searched for is a column computed from it.
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;  -- safe when the process dies; a power cut may cost a sandbox its last seconds

CREATE TABLE IF NOT EXISTS token (access_token TEXT PRIMARY KEY, expired_at INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS payment (
    imp_uid TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    notice_url TEXT,
    merchant_uid TEXT AS (json_extract(document, '$.merchant_uid')),
    customer_uid TEXT AS (json_extract(document, '$.customer_uid')),
    pay_method TEXT AS (json_extract(document, '$.pay_method')),
    status TEXT AS (json_extract(document, '$.status')),
    paid_at INTEGER AS (json_extract(document, '$.paid_at'))
);
CREATE INDEX IF NOT EXISTS payment_by_merchant_uid ON payment (merchant_uid);
CREATE INDEX IF NOT EXISTS payment_by_customer_uid ON payment (customer_uid);
CREATE UNIQUE INDEX IF NOT EXISTS payment_card_charged_once ON payment (merchant_uid)
    WHERE paid_at > 0 AND pay_method = 'card';

CREATE TABLE IF NOT EXISTS customer (
    customer_uid TEXT PRIMARY KEY,
    billing_key TEXT NOT NULL UNIQUE,
    over_limit INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS schedule (
    merchant_uid TEXT PRIMARY KEY,
    "order" TEXT NOT NULL,
    document TEXT NOT NULL,
    customer_uid TEXT AS (json_extract(document, '$.customer_uid')),
    schedule_at INTEGER AS (json_extract(document, '$.schedule_at')),
    schedule_status TEXT AS (json_extract(document, '$.schedule_status'))
);
CREATE INDEX IF NOT EXISTS schedule_due ON schedule (schedule_status, schedule_at);

CREATE TABLE IF NOT EXISTS prepared (merchant_uid TEXT PRIMARY KEY, document TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY,
    merchant_uid TEXT NOT NULL,
    imp_uid TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund', 'deposit')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ledger_by_merchant_uid ON ledger (merchant_uid);

CREATE TABLE IF NOT EXISTS webhook (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
);
"""


class Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "imp.sqlite3", isolation_level=None, check_same_thread=False, timeout=20)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One at a time: whoever is inside sees all that was answered before, and nobody in between."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._db.close()


def forget_order(db: sqlite3.Connection, merchant_uid: str) -> None:
    """As if it had never been paid."""
    db.execute("DELETE FROM payment WHERE merchant_uid = ?", (merchant_uid,))
    db.execute("DELETE FROM ledger WHERE merchant_uid = ?", (merchant_uid,))
    db.execute("DELETE FROM schedule WHERE merchant_uid = ?", (merchant_uid,))


def forget_everything(db: sqlite3.Connection) -> None:
    """Except the token, which callers hold."""
    for table in ("payment", "customer", "schedule", "prepared", "ledger", "webhook"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own tables  # nosec B608
