"""The demo salon's payments as the IMP sandbox knows them, so that they can be compared and refunded there too.

They are written into the sandbox's data, where one that runs finds them at once, and one that starts later does too.
"""

import hashlib
import sqlite3
from dataclasses import replace

from django.conf import settings

from cody_site.demo.payments import CHARGED_ELSEWHERE, ELSEWHERE, OVER_LIMIT
from payments.imp_sandbox import cancellations, charges
from payments.imp_sandbox import payments as at_imp
from payments.imp_sandbox.calls import Context, Document
from payments.imp_sandbox.cards import Means
from payments.imp_sandbox.gateways import Channel
from payments.imp_sandbox.parameters import Parameters
from payments.imp_sandbox.store import Store, forget_everything, forget_order
from payments.models import Payment, State


def tell(*, start_over: bool = False) -> None:
    """Write them down as charged; nothing if the site pays elsewhere. Done twice it is as if done once."""
    if f"http://127.0.0.1:{settings.IMP_SANDBOX_PORT}" != settings.IMP_BASE_URL:
        return
    store = Store(settings.IMP_SANDBOX_DATA)
    try:
        with store.transaction() as db:
            if start_over:
                forget_everything(db)
            for payment in Payment.objects.select_related("payer").prefetch_related("items", "refunds").order_by("pk"):
                _write(db, payment)
    finally:
        store.close()


def _write(db: sqlite3.Connection, payment: Payment) -> None:
    forget_order(db, payment.payment_uid)
    charged = payment.state in (State.PAID, State.CANCELLED) or payment.alarm == ELSEWHERE
    if payment.requested_at is None or not (charged or payment.fail_reason == OVER_LIMIT):
        return
    context = Context(
        db=db,
        now=int(payment.requested_at.timestamp()),
        channel=Channel("nice_v2"),
        address=settings.IMP_BASE_URL,
        webhook="",
    )
    document = _begun(context, payment)
    if charged:
        charges.approve(context, document, _number(payment, "approval", 8))
    else:
        charges.refuse(context, document, payment.fail_reason)
    at_imp.save(db, document)
    for refund in payment.refunds.all():
        then = replace(context, now=int(refund.created_at.timestamp()))
        cancellation_id = _number(payment, f"refund of {refund.checksum}", 32)
        cancellations.give_back(then, document, refund.amount, refund.reason, cancellation_id)


def _begun(context: Context, payment: Payment) -> Document:
    order = {
        "merchant_uid": payment.payment_uid,
        "amount": CHARGED_ELSEWHERE if payment.alarm == ELSEWHERE else payment.amount,
        "name": payment.items.all()[0].name,
        "buyer_name": payment.payer.name,
        "pg": settings.IMP_PG,
    }
    means = Means.of_masked(payment.card_number.replace("-", ""))
    imp_uid = payment.imp_uid or f"imps_{_number(payment, 'imp_uid', 12)}"
    document = charges.begin(context, Parameters(order), means, user_agent="cdeday", imp_uid=imp_uid)
    document["pg_tid"] = document["pg_tid"][:-4] + _number(payment, "pg_tid", 4)
    return document


def _number(payment: Payment, what: str, digits: int) -> str:
    """As good as drawn by lot, and the same every time."""
    drawn = hashlib.sha256(f"{payment.payment_uid} {what}".encode()).hexdigest()
    return f"{int(drawn, 16) % 10**digits:0{digits}}"
