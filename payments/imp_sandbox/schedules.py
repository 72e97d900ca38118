"""Charges at a later time, of a stored card: registered, revoked, moved, and run when they are due."""

import json
import sqlite3
from typing import Any

from payments.imp_sandbox import charges, customers, payments, webhooks
from payments.imp_sandbox.answers import Refused, missing
from payments.imp_sandbox.calls import Call, Context, Document
from payments.imp_sandbox.cards import Card
from payments.imp_sandbox.paging import paged
from payments.imp_sandbox.parameters import Parameters

STATUSES = ("scheduled", "executed", "revoked")
LONGEST_SEARCH = 92 * 24 * 3600  # three months
KEPT = ("merchant_uid", "amount", "currency", "card_quota", "notice_url", *payments.ORDER_DETAILS)


def register(call: Call) -> list[Document]:
    """All of them or none, and first the billing key, if a card comes with them."""
    customer_uid = call.given.needed("customer_uid")
    orders = call.given.each("schedules")
    if call.given.text("card_number"):
        card = Card(call.given)
        if trouble := card.refused():
            raise Refused(f"카드정보 확인에 실패하였습니다. {trouble}")
        customers.keep(call, customer_uid, card, call.given)
    customer = customers.find(call.db, customer_uid)
    if customer is None:
        raise Refused("등록된 고객정보가 없습니다.")
    return [add(call, order, customer) for order in orders]


def add(call: Context, order: Parameters, customer: Document) -> Document:
    """One more charge of this customer's card, to come."""
    merchant_uid, at = order.merchant_uid(), order.needed_whole("schedule_at")
    if at <= call.now:
        raise Refused("예약시각(schedule_at)은 현재 시각 이후여야 합니다.")
    payments.refuse_if_used(call.db, merchant_uid)
    if find(call.db, merchant_uid):
        raise Refused("이미 등록된 merchant_uid입니다.")
    details = {
        detail: order.text(detail) or customer.get(detail.replace("buyer", "customer"))
        for detail in payments.ORDER_DETAILS
    }
    schedule: Document = {
        "customer_uid": customer["customer_uid"],
        "merchant_uid": merchant_uid,
        "imp_uid": None,
        "pg_provider": customer["pg_provider"],
        "pg_id": customer["pg_id"],
        "customer_id": customer["customer_id"],
        "schedule_at": at,
        "executed_at": 0,
        "revoked_at": 0,
        "amount": order.amount(),
        "currency": order.text("currency") or "KRW",
        "schedule_status": "scheduled",
        "payment_status": None,
        "fail_reason": None,
        "promotion_id": None,
        **details,
    }
    kept = order.only(KEPT) | details | {"pg": f"{customer['pg_provider']}.{customer['pg_id']}"}
    call.db.execute(
        'INSERT INTO schedule (merchant_uid, "order", document) VALUES (?, ?, ?)',
        (merchant_uid, json.dumps(kept, ensure_ascii=False), json.dumps(schedule, ensure_ascii=False)),
    )
    return schedule


def find(db: sqlite3.Connection, merchant_uid: str) -> Document | None:
    row = db.execute("SELECT document FROM schedule WHERE merchant_uid = ?", (merchant_uid,)).fetchone()
    return json.loads(row["document"]) if row else None


def revoke(call: Call) -> list[Document]:
    """Those of `merchant_uid`; without it, all that the customer has."""
    customer_uid, merchant_uids = call.given.text("customer_uid"), call.given.texts("merchant_uid")
    if customer_uid is None and not merchant_uids:
        raise missing("customer_uid")
    rows = call.db.execute(
        "SELECT document FROM schedule WHERE schedule_status = 'scheduled' AND (?1 IS NULL OR customer_uid = ?1)"
        " ORDER BY schedule_at",
        (customer_uid,),
    ).fetchall()
    waiting = [json.loads(row["document"]) for row in rows]
    revoked = [schedule for schedule in waiting if not merchant_uids or schedule["merchant_uid"] in merchant_uids]
    if not revoked:
        raise Refused("취소할 예약결제 기록이 존재하지 않습니다.")
    return [save(call.db, schedule, schedule_status="revoked", revoked_at=call.now) for schedule in revoked]


def one(call: Call) -> Document:
    schedule = find(call.db, call.path["merchant_uid"])
    if schedule is None:
        raise Refused("존재하지 않는 결제예약입니다.", code=-1, status=404)
    return schedule


def of_period(call: Call) -> Document:
    given = call.given
    rows = _of_period(call, given.whole("schedule_from"), given.whole("schedule_to"), given.text("schedule_status"))
    return paged(rows[::-1] if given.text("sorting") == "scheduled" else rows, given)


def of_customer(call: Call) -> Document:
    given = call.given
    rows = _of_period(call, given.whole("from"), given.whole("to"), given.text("schedule-status"))
    return paged([row for row in rows if row["customer_uid"] == call.path["customer_uid"]], given)


def _of_period(call: Call, since: int | None, until: int | None, status: str | None) -> list[Document]:
    """Those of since <= schedule_at < until, the latest first."""
    if since is None or until is None:
        raise missing("from", "to")
    if not 0 <= until - since <= LONGEST_SEARCH or status not in (None, *STATUSES):
        raise Refused("유효하지 않은 검색조건입니다.", code=-1, status=400)
    rows = call.db.execute(
        "SELECT document FROM schedule WHERE ?1 <= schedule_at AND schedule_at < ?2"
        " AND (?3 IS NULL OR schedule_status = ?3) ORDER BY schedule_at DESC, rowid DESC",
        (since, until, status),
    )
    return [json.loads(row["document"]) for row in rows]


def move(call: Call) -> Document:
    """To another time, while it has not run."""
    schedule = one(call)
    if schedule["schedule_status"] != "scheduled":
        raise Refused("이미 실행되었거나 취소된 결제예약입니다.", status=400)
    return save(call.db, schedule, schedule_at=_coming(call))


def reschedule(call: Call) -> Document:
    """Once more, what has failed or was revoked."""
    schedule = _over(call)
    return save(
        call.db,
        schedule,
        schedule_status="scheduled",
        schedule_at=_coming(call),
        imp_uid=None,
        executed_at=0,
        revoked_at=0,
        payment_status=None,
        fail_reason=None,
    )


def retry(call: Call) -> Document:
    """At once, what has failed or was revoked. The payment says what came of it."""
    return _run(call, _over(call))


def run_due(context: Context, until: int) -> list[Document]:
    """Charge all that is due by then, in the order of their time; the payments that came of it."""
    rows = context.db.execute(
        "SELECT document FROM schedule WHERE schedule_status = 'scheduled' AND schedule_at <= ?"
        " ORDER BY schedule_at, rowid",
        (until,),
    ).fetchall()
    return [_run(context, json.loads(row["document"])) for row in rows]


def _run(context: Context, schedule: Document) -> Document:
    row = context.db.execute(
        'SELECT "order" FROM schedule WHERE merchant_uid = ?', (schedule["merchant_uid"],)
    ).fetchone()
    order = Parameters(json.loads(row["order"]))
    means = customers.means(context.db, schedule["customer_uid"])
    try:
        if means is None:
            raise Refused("등록되지 않은 구매자입니다.")
        payment = charges.charge(context, order, means, user_agent=None, usage="payment.scheduled")
    except Refused as refused:
        payment = _failed(context, order, schedule, refused.answer.message)
    save(
        context.db,
        schedule,
        schedule_status="executed",
        executed_at=context.now,
        imp_uid=payment["imp_uid"],
        payment_status=payment["status"],
        fail_reason=payment["fail_reason"],
    )
    webhooks.post(context, payment)
    return payment


def _failed(context: Context, order: Parameters, schedule: Document, reason: str | None) -> Document:
    payment = payments.begin(
        context,
        order,
        pay_method="card",
        status="failed",
        failed_at=context.now,
        fail_reason=reason,
        customer_uid=schedule["customer_uid"],
        customer_uid_usage="payment.scheduled",
    )
    payments.save(context.db, payment, order.text("notice_url"))
    return payment


def save(db: sqlite3.Connection, schedule: Document, **changes: Any) -> Document:
    """The schedule with these changes, kept."""
    schedule = schedule | changes
    db.execute(
        "UPDATE schedule SET document = ? WHERE merchant_uid = ?",
        (json.dumps(schedule, ensure_ascii=False), schedule["merchant_uid"]),
    )
    return schedule


def _over(call: Call) -> Document:
    schedule = one(call)
    if schedule["schedule_status"] != "revoked" and schedule["payment_status"] != "failed":
        raise Refused("실패하거나 취소된 결제예약이 아닙니다.", status=400)
    return schedule


def _coming(call: Call) -> int:
    at = call.given.needed_whole("schedule_at")
    if at <= call.now:
        raise Refused("예약시각(schedule_at)은 현재 시각 이후여야 합니다.", status=400)
    return at
