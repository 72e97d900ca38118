"""Payments: their documents, and how they are found."""

import json
import secrets
import sqlite3
from datetime import UTC, datetime
from typing import Any

from payments.imp_sandbox.answers import Answer, Refused, unknown_payment
from payments.imp_sandbox.calls import Call, Context, Document
from payments.imp_sandbox.paging import paged
from payments.imp_sandbox.parameters import Parameters

# IMP answers all of them always: what does not apply is null, 0, false or [].
BLANK: Document = {
    **dict.fromkeys(
        (
            "imp_uid", "merchant_uid", "pay_method", "channel", "pg_provider", "emb_pg_provider", "pg_tid", "pg_id",
            "apply_num", "bank_code", "bank_name", "card_code", "card_name", "card_issuer_code", "card_issuer_name",
            "card_publisher_code", "card_publisher_name", "card_number", "card_type", "vbank_code", "vbank_name",
            "vbank_num", "vbank_holder", "name", "currency", "buyer_name", "buyer_email", "buyer_tel", "buyer_addr",
            "buyer_postcode", "custom_data", "user_agent", "status", "fail_reason", "cancel_reason", "receipt_url",
            "customer_uid", "customer_uid_usage", "promotion",
        )
    ),
    **dict.fromkeys(
        (
            "amount", "cancel_amount", "card_quota", "vbank_date", "vbank_issued_at", "started_at", "paid_at",
            "failed_at", "cancelled_at",
        ),
        0,
    ),
    **dict.fromkeys(("sandbox", "escrow", "cash_receipt_issued"), False),
    **dict.fromkeys(("cancel_history", "deposit_history", "cancel_receipt_urls"), ()),
}  # fmt: skip
ORDER_DETAILS = ("name", "buyer_name", "buyer_email", "buyer_tel", "buyer_addr", "buyer_postcode", "custom_data")

STATUSES = ("ready", "paid", "cancelled", "failed")
SORTINGS = {
    "started": ("started_at",),
    "paid": ("paid_at",),
    "updated": ("started_at", "paid_at", "failed_at", "cancelled_at"),
}
SEARCHED_TIMES = {"ready": "started_at", "paid": "paid_at", "cancelled": "cancelled_at", "failed": "failed_at"}
LONGEST_SEARCH = 90 * 24 * 3600
MOST_AT_ONCE = 100


def begin(context: Context, order: Parameters, **known: Any) -> Document:
    """A new payment through the channel that the order names; not yet saved."""
    channel = context.channel.named(order.text("pg"))
    at = datetime.fromtimestamp(context.now, UTC)
    return BLANK | {
        "imp_uid": f"imps_{secrets.randbelow(10**12):012}",
        "merchant_uid": order.merchant_uid(),
        "channel": "api",
        "pg_provider": channel.provider,
        "pg_id": channel.mid,
        "pg_tid": f"{channel.mid}0116{at:%y%m%d%H%M%S}{secrets.randbelow(10**4):04}",
        "sandbox": channel.sandbox,
        "amount": order.amount(),
        "currency": order.text("currency") or "KRW",
        "started_at": context.now,
        **{detail: order.text(detail) for detail in ORDER_DETAILS},
        **known,
    }


def save(db: sqlite3.Connection, payment: Document, notice_url: str | None = None) -> None:
    """Keep the payment as it is now; `notice_url` counts when it is saved first."""
    db.execute(
        "INSERT INTO payment (imp_uid, document, notice_url) VALUES (?, ?, ?)"
        " ON CONFLICT (imp_uid) DO UPDATE SET document = excluded.document",
        (payment["imp_uid"], json.dumps(payment, ensure_ascii=False), notice_url),
    )


def by_imp_uid(db: sqlite3.Connection, imp_uid: str) -> Document | None:
    row = db.execute("SELECT document FROM payment WHERE imp_uid = ?", (imp_uid,)).fetchone()
    return json.loads(row["document"]) if row else None


def by_merchant_uid(db: sqlite3.Connection, merchant_uid: str) -> list[Document]:
    """All of them, the first begun first."""
    rows = db.execute("SELECT document FROM payment WHERE merchant_uid = ? ORDER BY rowid", (merchant_uid,))
    return [json.loads(row["document"]) for row in rows]


def refuse_if_used(db: sqlite3.Connection, merchant_uid: str) -> None:
    if any(payment["status"] in ("paid", "cancelled") for payment in by_merchant_uid(db, merchant_uid)):
        raise Refused("이미 주문이 이루어진 건입니다. (동일한 merchant_uid로 결제 또는 취소된 기록이 있습니다)")


def receipt_url(context: Context, payment: Document) -> str:
    return f"{context.address}/sandbox/receipts/{payment['imp_uid']}"


def one(call: Call) -> Document:
    payment = by_imp_uid(call.db, call.path["imp_uid"])
    if payment is None or (payment["sandbox"] and not call.given.flag("include_sandbox")):
        raise unknown_payment()
    return payment


def several(call: Call) -> Answer:
    imp_uids, merchant_uids = call.given.texts("imp_uid"), call.given.texts("merchant_uid")
    asked = len(imp_uids) + len(merchant_uids)
    if not 1 <= asked <= MOST_AT_ONCE:
        raise Refused(f"한 번에 {MOST_AT_ONCE}건까지 조회할 수 있습니다.", status=400)
    found = [[payment] for uid in imp_uids if (payment := by_imp_uid(call.db, uid))]
    found += [payments for uid in merchant_uids if (payments := by_merchant_uid(call.db, uid))]
    if not found:
        raise unknown_payment()
    payments = [payment for group in found for payment in group]
    return Answer(payments, status=200 if len(found) == asked else 207)


def find(call: Call) -> Document:
    return _sorted(_of_order(call), call.given)[0]


def find_all(call: Call) -> Document:
    return paged(_sorted(_of_order(call), call.given), call.given)


def by_status(call: Call) -> Document:
    status = call.path["status"]
    _known_status(status, "all")
    until = call.given.whole("to") or call.now
    since = call.given.whole("from") or until - LONGEST_SEARCH
    if since > until:
        raise Refused("유효하지 않은 검색기간입니다.", code=-1, status=400)
    if until - since > LONGEST_SEARCH:
        raise Refused("최대 90일간 검색이 가능합니다.", code=-1, status=400)
    rows = call.db.execute("SELECT document FROM payment WHERE ?1 = 'all' OR status = ?1 ORDER BY rowid", (status,))
    payments = [json.loads(row["document"]) for row in rows]
    return paged(
        _sorted([p for p in payments if since <= p[SEARCHED_TIMES[p["status"]]] <= until], call.given), call.given
    )


def of_customer(call: Call) -> Document:
    rows = call.db.execute(
        "SELECT document FROM payment WHERE customer_uid = ? ORDER BY rowid", (call.path["customer_uid"],)
    )
    return paged(_sorted([json.loads(row["document"]) for row in rows], call.given), call.given)


def _of_order(call: Call) -> list[Document]:
    payments = by_merchant_uid(call.db, call.path["merchant_uid"])
    status = call.path.get("status")
    if status is not None:
        _known_status(status)
        payments = [payment for payment in payments if payment["status"] == status]
    if not payments:
        raise unknown_payment()
    return payments


def _known_status(status: str, *besides: str) -> None:
    if status not in (*STATUSES, *besides):
        raise Refused("지원되지 않는 상태값입니다.", code=-1, status=400)


def _sorted(payments: list[Document], given: Parameters) -> list[Document]:
    """By `sorting`, a minus for the newest first; `payments` come in the order of their beginning."""
    sorting = given.text("sorting") or "-started"
    if sorting.removeprefix("-") not in SORTINGS:
        raise Refused("지원되지 않는 정렬규칙입니다.", code=-1, status=400)
    times = SORTINGS[sorting.removeprefix("-")]
    oldest_first = sorted(payments, key=lambda payment: max(payment[time] for time in times))  # stable within a second
    return oldest_first[::-1] if sorting.startswith("-") else oldest_first
