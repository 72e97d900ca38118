"""What the API's document tells of /product and /payment; the code is in api.py."""

from cody_site.api.operations import COUNT, TEXT, TRUE, Operation, listed, nullable, record
from cody_site.api.params import Integer, Params, Schema, Userid, When
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
from payments.serializers import (
    STATUSES,
    CancelPayment,
    Notice,
    PayByCard,
    PayIntoAccount,
    ReadPayments,
    ReadProducts,
    ScheduleAccount,
    ScheduleCard,
)
from reservations.errors import TooLateToCancel

UID = "7QK2M9XW4TB8ZL3CV"
MOMENT: Schema = {"type": "string", "pattern": "^[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}$"}
MINUTE: Schema = When().schema()
STATUS: Schema = {"type": "string", "enum": list(STATUSES)}
CARD = {"cardNum": TEXT}
ACCOUNT = {
    "vbank_num": nullable(TEXT), "vbank_name": nullable(TEXT), "vbank_code": nullable(TEXT),
    "vbank_holder": nullable(TEXT), "vbank_date": nullable(MINUTE),
}  # fmt: skip


def _payment(**means: Schema) -> Schema:
    return record(
        code=Integer(), userid=Userid(), username=TEXT, reqtime=MOMENT, payment_UID=TEXT, IMP_UID=nullable(TEXT),
        status=STATUS, failReason=nullable(TEXT), payCurr=nullable(TEXT), req_amount=COUNT, paid_amount=COUNT,
        recipt=nullable(TEXT), ip=nullable(TEXT), **means,
    )  # fmt: skip


BY_CARD, BY_ACCOUNT = _payment(**CARD), _payment(**ACCOUNT)
PAYMENT = _payment(cardNum=nullable(TEXT), canceled_Amount=COUNT, time=nullable(MINUTE), **ACCOUNT)
SCHEDULED = record(
    code=Integer(), userid=Userid(), schedules=listed(record(payment_UID=TEXT, time=MINUTE, status=STATUS))
)
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


def _pay(
    summary: str,
    params: type[Params],
    contents: Schema,
    *,
    example: Schema,
    description: str,
    security: list[Schema] | None = None,
) -> dict[str, Operation]:
    return {
        "create": Operation(
            summary,
            params,
            contents,
            [UnappropriateAccess(), UnknownUser("hong"), *REFUSED],
            example=example,
            description=f"{description} {KEYED}",
            failed=contents,
            security=security,
        )
    }


WITH_CARD = {
    "paytype": 1, "cardnum": "4111-1111-1111-1111", "expiry": "2030-12", "pwd": "12", "userid": "hong",
    "p_array": [1, 2],
}  # fmt: skip
INTO_ACCOUNT = {"userid": "hong", "p_array": [1], "bank": "004"}
AT = {"time": ["20300109-10:30", "20300209-10:30"]}


def _onetime(security: list[Schema] | None) -> dict[str, Operation]:
    return _pay(
        "Charge a card once",
        PayByCard,
        BY_CARD,
        example=WITH_CARD,
        description="A charge whose outcome is not known is `pending`, never `failed`.",
        security=security,
    )


SCHEDULE_CARD = _pay(
    "Charge a card at a later time, or at several",
    ScheduleCard,
    SCHEDULED,
    example=WITH_CARD | AT,
    description="IMP keeps the card until the last of them is over. Each is a payment of its own; `/payment/cancel` "
    "revokes one.",
    security=BY_TOKEN,
)
OPEN_ACCOUNT = _pay(
    "Open a virtual bank account for one payment",
    PayIntoAccount,
    BY_ACCOUNT,
    example=INTO_ACCOUNT,
    description="`ready` until the money comes, the account is closed (`/payment/cancel`), or its time is over "
    "(`due`, in three days if nothing is said): `paid`, `cancelled` or `expired`.",
    security=BY_TOKEN,
)
SCHEDULE_ACCOUNT = _pay(
    "Open virtual bank accounts at a later time, or at several",
    ScheduleAccount,
    SCHEDULED,
    example=INTO_ACCOUNT | AT,
    description="Each is a payment of its own; `/payment/cancel` revokes one.",
    security=BY_TOKEN,
)


def _cancel(security: list[Schema] | None) -> dict[str, Operation]:
    return {
        "create": Operation(
            "Refund a payment, wholly or partly; close or revoke one that nothing was paid for yet",
            CancelPayment,
            REFUND,
            [
                UnappropriateAccess(), UnknownUser("hong"), UnknownPayment(UID, "hong"), TooMuchToRefund(),
                TooLateToCancel(), *REFUSED,
            ],
            example={"paym_id": UID, "userid": "hong", "reason": "다른 날로 옮깁니다."},
            description="Without `c_price` all that is left. What was paid into a virtual account goes back to "
            f"`accInfo`: holder, number and bank. {KEYED}",
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
