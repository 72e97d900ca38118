"""What money has moved: the sandbox's truth, written in the transaction that moves it."""

import sqlite3
from typing import Any, Literal

from payments.imp_sandbox.calls import Document

Kind = Literal["charge", "refund", "deposit"]


def enter(db: sqlite3.Connection, payment: Document, kind: Kind, amount: int, at: int) -> None:
    db.execute(
        "INSERT INTO ledger (merchant_uid, imp_uid, kind, amount, at) VALUES (?, ?, ?, ?, ?)",
        (payment["merchant_uid"], payment["imp_uid"], kind, amount, at),
    )


def entries(db: sqlite3.Connection, merchant_uid: str | None = None) -> list[dict[str, Any]]:
    """In the order they happened; of one order, or all."""
    rows = db.execute(
        "SELECT merchant_uid, imp_uid, kind, amount, at FROM ledger WHERE ?1 IS NULL OR merchant_uid = ?1"
        " ORDER BY at, id",
        (merchant_uid,),
    )
    return [dict(row) for row in rows]
