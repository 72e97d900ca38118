"""Charging a card: typed in, or stored under a customer_uid."""

import secrets
from typing import Any

from payments.imp_sandbox import customers, ledger, payments, webhooks
from payments.imp_sandbox.answers import Refused
from payments.imp_sandbox.calls import Call, Context, Document
from payments.imp_sandbox.cards import Card, Means
from payments.imp_sandbox.codes import CARD_ISSUERS
from payments.imp_sandbox.parameters import Parameters


def onetime(call: Call) -> object:
    order, card = call.given, Card(call.given)
    payments.refuse_if_used(call.db, order.merchant_uid())
    order.amount()
    if trouble := card.refused():
        raise Refused(f"카드정보 인증에 실패하였습니다. {trouble}", code=-1)
    customer_uid = order.text("customer_uid")
    if customer_uid is not None:
        customers.keep(call, customer_uid, card, order)
    payment = charge(call, order, card.means(customer_uid), user_agent=call.user_agent)
    return _answered(call, payment)


def again(call: Call) -> object:
    order = call.given
    means = customers.means(call.db, order.needed("customer_uid"))
    if means is None:
        raise Refused("등록되지 않은 구매자입니다.")
    return _answered(call, charge(call, order, means, user_agent=call.user_agent))


def charge(
    context: Context, order: Parameters, means: Means, *, user_agent: str | None, usage: str = "payment"
) -> Document:
    """The payment, paid or failed, as it is saved; Refused if this order has been paid before."""
    payments.refuse_if_used(context.db, order.merchant_uid())
    payment = begin(context, order, means, user_agent=user_agent, usage=usage)
    if trouble := means.declines(payment["amount"], payment["card_quota"]):
        refuse(context, payment, f"결제승인에 실패하였습니다. {trouble}")
    else:
        approve(context, payment, f"{secrets.randbelow(10**8):08}")
    payments.save(context.db, payment, order.text("notice_url"))
    return payment


def begin(
    context: Context, order: Parameters, means: Means, *, user_agent: str | None, usage: str = "payment", **known: Any
) -> Document:
    """A payment by card that is neither paid nor refused yet; not yet saved."""
    return payments.begin(
        context,
        order,
        pay_method="card",
        card_code=means.card_code,
        card_name=means.card_name,
        card_issuer_code=means.card_code,
        card_issuer_name=CARD_ISSUERS[means.card_code],
        card_publisher_code=means.card_code,
        card_publisher_name=CARD_ISSUERS[means.card_code],
        card_number=means.card_number,
        card_quota=order.whole("card_quota") or 0,
        card_type=0,
        customer_uid=means.customer_uid,
        customer_uid_usage=usage if means.customer_uid else None,
        user_agent=user_agent,
        **known,
    )


def refuse(context: Context, payment: Document, reason: str) -> None:
    payment |= {"status": "failed", "failed_at": context.now, "fail_reason": reason}


def approve(context: Context, payment: Document, apply_num: str) -> None:
    payment |= {
        "status": "paid",
        "paid_at": context.now,
        "apply_num": apply_num,
        "receipt_url": payments.receipt_url(context, payment),
    }
    ledger.enter(context.db, payment, "charge", payment["amount"], context.now)


def _answered(call: Call, payment: Document) -> object:
    """IMP tells the caller of a failure, and sends no webhook then."""
    if payment["status"] == "failed":
        return Refused(payment["fail_reason"], code=-1).answer
    webhooks.post(call, payment)
    return payment
