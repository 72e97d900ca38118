"""What the real IMP has not: `/sandbox/…`, for whoever tests or demonstrates. No token; bare JSON, no envelope."""

from typing import Any

from payments.imp_sandbox import ledger, payments, schedules, tokens, vbanks
from payments.imp_sandbox.answers import Refused, unknown_payment
from payments.imp_sandbox.calls import Call, Document
from payments.imp_sandbox.faults import KINDS, Faults

MOST_TIMES = 10_000


def inject_fault(faults: Faults, call: Call) -> Document:
    kind, times = call.given.text("kind"), call.given.whole("times")
    if times is None:
        times = 1
    if kind not in KINDS or not 1 <= times <= MOST_TIMES:
        raise Refused(f"kind is one of {', '.join(KINDS)}; times is from 1 to {MOST_TIMES}", status=400)
    faults.inject(kind, times)
    return {"kind": kind, "times": times}


def clear_faults(faults: Faults, call: Call) -> Document:
    faults.clear()
    return {}


def end_tokens(call: Call) -> Document:
    tokens.end_all(call.db)
    return {}


def deposit(call: Call) -> Document:
    return vbanks.deposit(call)


def run_schedules(call: Call) -> list[Document]:
    until = call.given.whole("until")
    return schedules.run_due(call, call.now if until is None else until)


def read_ledger(call: Call) -> list[dict[str, Any]]:
    return ledger.entries(call.db, call.given.text("merchant_uid"))


def receipt(call: Call) -> Document:
    """Where a payment's receipt_url leads."""
    payment = payments.by_imp_uid(call.db, call.path["imp_uid"])
    if payment is None or not payment["receipt_url"]:
        raise unknown_payment()
    return {name: payment[name] for name in ("imp_uid", "name", "amount", "cancel_amount", "paid_at", "status")}
