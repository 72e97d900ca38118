"""What the API's document tells of /product and /payment; the code is in api.py."""

from cody_site.api.operations import COUNT, TEXT, TRUE, Operation, listed, nullable, record
from cody_site.api.params import Integer, Schema, Userid
from cody_site.errors import Conflict, UnknownUser
from payments.errors import (
    DeclinedByImp,
    FailedAuthentication,
    KeyReused,
    NotReady,
    PayOne,
    TooMuchToRefund,
    UnappropriateAccess,
    UnknownPayment,
    UnreadableCredentials,
)
from payments.serializers import STATUSES, CancelPayment, Notice, PayByCard, ReadPayments, ReadProducts
from reservations.errors import TooLateToCancel

UID = "7QK2M9XW4TB8ZL3CV"
MOMENT: Schema = {"type": "string", "pattern": "^[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}$"}
PAYMENT = record(
    code=Integer(), userid=Userid(), username=TEXT, reqtime=MOMENT, payment_UID=TEXT, IMP_UID=nullable(TEXT),
    status={"type": "string", "enum": list(STATUSES)}, failReason=nullable(TEXT), payCurr=nullable(TEXT), cardNum=TEXT,
    req_amount=COUNT, paid_amount=COUNT, recipt=nullable(TEXT), ip=nullable(TEXT),
)  # fmt: skip
REFUND = record(
    code=Integer(), userid=Userid(), request_Time=MOMENT, payment_UID=TEXT, imp_UID=TEXT, canceled_Amount=COUNT,
    message=nullable(TEXT),
)  # fmt: skip
BY_TOKEN: list[Schema] = [{"oauth2": ["payment"]}]
KEYED = "The header `Idempotency-Key` makes a request that is sent again the same one: 409 while it is under way, 422 \
with another body, else what became of it."
GATEWAY = [FailedAuthentication(), UnreadableCredentials(), NotReady(), Conflict(), KeyReused()]

PRODUCTS = {
    "list": Operation(
        "Products on sale that meet the rule",
        ReadProducts,
        listed(record(id=Integer(), name=TEXT, price=COUNT, description=TEXT)),
        example={"rule": "all"},
        paged=True,
    )
}
PAYMENTS = {
    "list": Operation(
        "Payments that the caller may see and that meet the rule",
        ReadPayments,
        listed(PAYMENT),
        example={"rule": {"status": "pending"}},
        paged=True,
    )
}


REFUSED = [PayOne(), DeclinedByImp("카드정보 인증에 실패하였습니다. [F113]거래거절 카드번호틀림"), *GATEWAY]


def _onetime(security: list[Schema] | None) -> dict[str, Operation]:
    return {
        "create": Operation(
            "Charge a card once",
            PayByCard,
            PAYMENT,
            [UnappropriateAccess(), UnknownUser("hong"), *REFUSED],
            example={
                "paytype": 1, "cardnum": "4111-1111-1111-1111", "expiry": "2030-12", "pwd": "12", "userid": "hong",
                "p_array": [1, 2],
            },
            description=f"A charge whose outcome is not known is `pending`, never `failed`. {KEYED}",
            failed=PAYMENT,
            security=security,
        )
    }  # fmt: skip


def _cancel(security: list[Schema] | None) -> dict[str, Operation]:
    return {
        "create": Operation(
            "Refund a payment, wholly or partly",
            CancelPayment,
            REFUND,
            [
                UnappropriateAccess(), UnknownUser("hong"), UnknownPayment(UID, "hong"), TooMuchToRefund(),
                TooLateToCancel(), *REFUSED,
            ],
            example={"paym_id": UID, "userid": "hong", "reason": "다른 날로 옮깁니다."},
            description=f"Without `c_price` all that is left. {KEYED}",
            failed=REFUND,
            security=security,
        )
    }  # fmt: skip


ONETIME, ONETIME_BY_TOKEN = _onetime(None), _onetime(BY_TOKEN)
CANCEL, CANCEL_BY_TOKEN = _cancel(None), _cancel(BY_TOKEN)
WEBHOOK = {
    "create": Operation(
        "IMP's hint that a payment has changed",
        Notice,
        TRUE,
        [NotReady(), Conflict()],
        example={"imp_uid": "imp_448280090638", "merchant_uid": UID, "status": "paid"},
        description="IMP is asked, whatever the hint says.",
    )
}
