"""Cancelling a payment: wholly, or a part of it at a time."""

import secrets

from payments.imp_sandbox import ledger, payments, webhooks
from payments.imp_sandbox.answers import Refused
from payments.imp_sandbox.calls import Call, Context, Document
from payments.imp_sandbox.codes import standard_bank

DEFAULT_REASON = "취소요청api"


def cancel(call: Call) -> Document:
    payment = _to_be_cancelled(call)
    left = payment["amount"] - payment["cancel_amount"]
    if not left:
        raise Refused("이미 전액취소된 주문입니다.")
    believed = call.given.whole("checksum")
    if believed is not None and believed != left:
        raise Refused("취소 가능 금액이 checksum과 일치하지 않습니다.")
    amount = call.given.whole("amount") or left
    if amount < 0:
        raise Refused("결제취소에 실패하였습니다. [2010]취소 요청금액 0원 이하", code=-1)
    if amount > left:
        raise Refused("결제취소에 실패하였습니다. [2032]취소금액이 취소가능금액보다 큼", code=-1)
    if payment["pay_method"] == "vbank":
        _refuse_without_account(call, payment["pg_provider"])
    cancellation_id = secrets.token_hex(16)
    give_back(call, payment, amount, call.given.text("reason") or DEFAULT_REASON, cancellation_id)
    if call.given.flag("enable_webhook"):
        webhooks.post(call, payment, cancellation_id=cancellation_id)
    return payment


def give_back(context: Context, payment: Document, amount: int, reason: str, cancellation_id: str) -> None:
    """Of what is left, which the caller has looked at."""
    cancellation: Document = {
        "pg_tid": payment["pg_tid"],
        "amount": amount,
        "cancelled_at": context.now,
        "reason": reason,
        "cancellation_id": cancellation_id,
        "receipt_url": payment["receipt_url"],
    }
    payment |= {
        "status": "cancelled",  # after a part of it too
        "cancel_amount": payment["cancel_amount"] + amount,
        "cancelled_at": context.now,
        "cancel_reason": reason,
        "cancel_history": [*payment["cancel_history"], cancellation],
        "cancel_receipt_urls": [*payment["cancel_receipt_urls"], cancellation["receipt_url"]],
    }
    payments.save(context.db, payment)
    ledger.enter(context.db, payment, "refund", amount, context.now)


def _to_be_cancelled(call: Call) -> Document:
    """What `imp_uid` names, or else the order that was paid; money must have come in for it."""
    imp_uid, merchant_uid = call.given.text("imp_uid"), call.given.text("merchant_uid")
    if imp_uid is not None:
        named = payments.by_imp_uid(call.db, imp_uid)
        candidates = [named] if named else []
    elif merchant_uid is not None:
        candidates = payments.by_merchant_uid(call.db, merchant_uid)
    else:
        raise Refused("취소할 imp_uid 또는 merchant_uid를 지정해주셔야합니다.")
    paid = [payment for payment in candidates if payment["paid_at"]]
    if not paid:
        raise Refused("취소할 결제건이 존재하지 않습니다.")
    return paid[-1]


def _refuse_without_account(call: Call, provider: str) -> None:
    """What came in through a virtual account goes back to an account that the caller must name."""
    bank = call.given.text("refund_bank")
    if bank is None or not call.given.text("refund_holder") or not call.given.text("refund_account"):
        raise Refused("결제취소에 실패하였습니다. 환불계좌(refund_holder, refund_bank, refund_account)가 필요합니다.")
    if standard_bank(provider, bank) is None:
        raise Refused("결제취소에 실패하였습니다. 환불계좌의 은행코드가 올바르지 않습니다.", code=-1)
