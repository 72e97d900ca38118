"""The demo salon's payments as the IMP sandbox knows them, so that they can be compared and refunded there too.

They are written into the sandbox's data, where one that runs finds them at once, and one that starts later does too.
"""

import hashlib
import sqlite3
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from cody_site.demo.payments import CHARGED_ELSEWHERE, ELSEWHERE, OVER_LIMIT
from payments.imp_sandbox import cancellations, charges, customers, schedules, vbanks
from payments.imp_sandbox import payments as at_imp
from payments.imp_sandbox.calls import Context, Document
from payments.imp_sandbox.cards import Means
from payments.imp_sandbox.gateways import Channel
from payments.imp_sandbox.parameters import Parameters
from payments.imp_sandbox.store import Store, forget_everything, forget_order
from payments.models import Method, Payment, Schedule, State


def tell(*, start_over: bool = False) -> None:
    """Write them down as charged; nothing if the site pays elsewhere. Done twice it is as if done once."""
    if f"http://127.0.0.1:{settings.IMP_SANDBOX_PORT}" != settings.IMP_BASE_URL:
        return
    store = Store(settings.IMP_SANDBOX_DATA)
    try:
        with store.transaction() as db:
            if start_over:
                forget_everything(db)
            for payment in (
                Payment.objects.select_related("payer", "schedule").prefetch_related("items", "refunds").order_by("pk")
            ):
                _write(db, payment)
    finally:
        store.close()


def _write(db: sqlite3.Connection, payment: Payment) -> None:
    forget_order(db, payment.payment_uid)
    if payment.requested_at is None:
        return
    context = Context(
        db=db,
        now=int(payment.requested_at.timestamp()),
        channel=Channel("nice_v2"),
        address=settings.IMP_BASE_URL,
        webhook="",
    )
    if payment.method == Method.VIRTUAL_ACCOUNT:
        _open(context, payment)
        return
    charged_at = payment.paid_at if payment.schedule else payment.requested_at
    if payment.schedule is not None:
        _schedule(context, payment, payment.schedule)
    if charged_at is not None:
        _charge(replace(context, now=int(charged_at.timestamp())), payment)


def _charge(context: Context, payment: Payment) -> None:
    charged = payment.paid_at is not None or payment.alarm == ELSEWHERE
    if not (charged or payment.fail_reason == OVER_LIMIT):
        return
    document = _begun(context, payment)
    if charged:
        charges.approve(context, document, _number(payment, "approval", 8))
    else:
        charges.refuse(context, document, payment.fail_reason)
    at_imp.save(context.db, document)
    for refund in payment.refunds.all():
        then = replace(context, now=int(refund.created_at.timestamp()))
        cancellation_id = _number(payment, f"refund of {refund.checksum}", 32)
        cancellations.give_back(then, document, refund.amount, refund.reason, cancellation_id)


def _begun(context: Context, payment: Payment) -> Document:
    means = _means(payment)
    imp_uid = payment.imp_uid or f"imps_{_number(payment, 'imp_uid', 12)}"
    document = charges.begin(context, _order(payment), means, user_agent="cdeday", imp_uid=imp_uid)
    document["pg_tid"] = document["pg_tid"][:-4] + _number(payment, "pg_tid", 4)
    return document


def _open(context: Context, payment: Payment) -> None:
    due = payment.vbank_due or timezone.now()
    account = at_imp.begin(
        context,
        _order(payment),
        imp_uid=payment.imp_uid,
        pay_method="vbank",
        status="cancelled" if payment.state in (State.CANCELLED, State.EXPIRED) else "ready",
        vbank_code=payment.vbank_code,
        vbank_name=payment.vbank_name,
        vbank_num=payment.vbank_num,
        vbank_holder=payment.vbank_holder,
        vbank_date=int(due.timestamp()),
        vbank_issued_at=context.now,
    )
    account["pg_tid"] = account["pg_tid"][:-4] + _number(payment, "pg_tid", 4)
    at_imp.save(context.db, account)
    if payment.paid_at:
        vbanks.pay(replace(context, now=int(payment.paid_at.timestamp())), account)


def _schedule(context: Context, payment: Payment, schedule: Schedule) -> None:
    order = _order(payment, schedule_at=int(payment.due_at.timestamp()) if payment.due_at else 0)
    customer = customers.keep_means(context, schedule.customer_uid, _means(payment), order)
    registered = schedules.add(context, order, customer)
    if payment.state == State.REVOKED:
        schedules.save(context.db, registered, schedule_status="revoked", revoked_at=context.now)
    elif payment.paid_at is not None:
        schedules.save(
            context.db,
            registered,
            schedule_status="executed",
            executed_at=int(payment.paid_at.timestamp()),
            imp_uid=payment.imp_uid,
            payment_status="paid",
        )


def _means(payment: Payment) -> Means:
    customer_uid = payment.schedule.customer_uid if payment.schedule else None
    return Means.of_masked(payment.card_number.replace("-", ""), customer_uid=customer_uid)


def _order(payment: Payment, **more: object) -> Parameters:
    order = {
        "merchant_uid": payment.payment_uid,
        "amount": CHARGED_ELSEWHERE if payment.alarm == ELSEWHERE else payment.amount,
        "name": payment.items.all()[0].name,
        "buyer_name": payment.payer.name,
        "pg": settings.IMP_PG,
    }
    return Parameters(order | more)


def _number(payment: Payment, what: str, digits: int) -> str:
    """As good as drawn by lot, and the same every time."""
    drawn = hashlib.sha256(f"{payment.payment_uid} {what}".encode()).hexdigest()
    return f"{int(drawn, 16) % 10**digits:0{digits}}"
