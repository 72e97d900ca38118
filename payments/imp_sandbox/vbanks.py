"""Virtual accounts: opened, changed and closed by the merchant, paid into by the customer."""

import secrets

from payments.imp_sandbox import ledger, payments, webhooks
from payments.imp_sandbox.answers import Refused, unknown_payment
from payments.imp_sandbox.calls import Call, Context, Document
from payments.imp_sandbox.codes import BANKS, standard_bank

CHANGEABLE_AT = ("settle",)  # no other gateway lets an open account be changed


def open_account(call: Call) -> Document:
    order = call.given
    payments.refuse_if_used(call.db, order.merchant_uid())
    code, due = order.needed("vbank_code"), order.needed_whole("vbank_due")
    bank = standard_bank(call.channel.named(order.text("pg")).provider, code)
    if bank is None:
        raise Refused("가상계좌 발급에 실패하였습니다. [4104]가상계좌 정보 오류", code=-1)
    if due <= call.now:
        raise Refused("가상계좌 발급에 실패하였습니다. [4102]가상계좌 입금예정일 오류", code=-1)
    payment = payments.begin(
        call,
        order,
        pay_method="vbank",
        status="ready",
        vbank_code=bank,
        vbank_name=BANKS[bank],
        vbank_num=f"{secrets.randbelow(10**14):014}",
        vbank_holder=order.text("vbank_holder") or "매일 달라지는 코디",
        vbank_date=due,
        vbank_issued_at=call.now,
        user_agent=call.user_agent,
    )
    payments.save(call.db, payment, next(iter(order.texts("notice_url")), None))
    webhooks.post(call, payment)
    return payment


def change(call: Call) -> Document:
    account = _waiting(call)
    if account["pg_provider"] not in CHANGEABLE_AT:
        raise Refused("가상계좌 정보 수정이 지원되지 않는 PG사입니다.", status=400)
    if call.given.text("amount") is not None:
        account["amount"] = call.given.amount()
    account["vbank_date"] = call.given.whole("vbank_due") or account["vbank_date"]
    payments.save(call.db, account)
    return account


def close(call: Call) -> Document:
    account = _waiting(call)
    account |= {"status": "cancelled", "cancelled_at": call.now}
    payments.save(call.db, account)
    return account


def holder(call: Call) -> Document:
    bank, number = call.given.text("bank_code"), call.given.text("bank_num")
    if bank is None or number is None:
        raise Refused("bank_code, bank_num 파라메터가 누락되었습니다.", status=400)
    if bank not in BANKS:
        raise Refused("예금주를 찾을 수 없습니다.", code=-1, status=404)
    return {"bank_holder": "홍길동"}


def deposit(call: Call) -> Document:
    """The customer pays into the account, which a bank allows until its time is over."""
    account = _waiting(call)
    if account["vbank_date"] < call.now:
        raise Refused("입금기한이 지난 가상계좌입니다.", status=400)
    pay(call, account)
    webhooks.post(call, account)
    return account


def pay(context: Context, account: Document) -> None:
    account |= {"status": "paid", "paid_at": context.now, "receipt_url": payments.receipt_url(context, account)}
    payments.save(context.db, account)
    ledger.enter(context.db, account, "deposit", account["amount"], context.now)


def _waiting(call: Call) -> Document:
    payment = payments.by_imp_uid(call.db, call.path["imp_uid"])
    if payment is None:
        raise unknown_payment()
    if payment["pay_method"] != "vbank" or payment["status"] != "ready":
        raise Refused("입금대기 상태의 가상계좌가 아닙니다.", status=400)
    return payment
