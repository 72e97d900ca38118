"""The manual's words for products and payments: /product, /payment/… (section 8)."""

import datetime as dt
import re
from typing import Any

from django.db.models import Case, CharField, F, IntegerChoices, TextField, Value
from django.db.models import When as If
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ParseError

from accounts.models import User
from cody_site.api.params import (
    Integer,
    JSONObject,
    OneOf,
    Param,
    Params,
    Rule,
    Schema,
    String,
    Userid,
    UseridKey,
    When,
    decoded,
    stringified,
)
from cody_site.api.parsers import loads
from cody_site.api.text import SalonMinute, SalonMoment
from payments.cards import NUMBER
from payments.models import UNSETTLED, Method, Payment, Refund, RefundState, Schedule, State

MOST_PRODUCTS = 100
MOST_TIMES = 60
MOMENT = "^[1-9][0-9]{3}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])-([01][0-9]|2[0-3]):[0-5][0-9]$"
BANK = "[0-9A-Z]{2,4}"
ACCOUNT = "[0-9](?:-?[0-9]){5,19}"
HOLDER = 16
"""IMP takes no longer name of an account's holder."""

STATUSES = ("ready", "paid", "failed", "cancelled", "pending", "scheduled", "revoked", "expired")
REASON = 256


class Patterned(Param):
    """Text of a full-match pattern; what does not fit is not repeated anywhere."""

    def __init__(self, pattern: str, **kwargs: Any) -> None:
        self.pattern = re.compile(pattern)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and self.pattern.fullmatch(data):
            return str(data)
        raise self.unfit

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{self.pattern.pattern}$"}


class ProductIds(Param):
    """An array of product ids, or its JSON text; an id counts as often as it stands there."""

    def to_internal_value(self, data: Any) -> list[int]:
        if isinstance(data, str):
            try:
                data = loads(data)
            except ParseError:
                raise self.unfit from None
        if not isinstance(data, list) or len(data) > MOST_PRODUCTS:
            raise self.unfit
        one = Integer()
        return [one.to_internal_value(item) for item in data]

    def schema(self) -> Schema:
        return {"type": "array", "items": Integer().in_json(), "maxItems": MOST_PRODUCTS}

    def in_json(self) -> Schema:
        return {"anyOf": [self.schema(), self.in_text()]}

    def in_text(self) -> Schema:
        return stringified(self.schema())


class Status(Param):
    """One of section 8's statuses, as our states."""

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, str) or data not in STATUSES:
            raise self.unfit
        return list(UNSETTLED) if data == "pending" else [data]

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(STATUSES)}


class PayerKey(UseridKey):
    """A userid as the query for its user's pk."""

    def to_internal_value(self, data: Any) -> Any:
        return User.objects.named(super().to_internal_value(data)).values("pk")[:1]


class ProductFilter(Rule):
    id = Integer(source="pk")
    name = String(max_length=40)


class ReadProducts(Params):
    rule = ProductFilter()


class PaymentFilter(Rule):
    payment_UID = String(max_length=40, source="payment_uid")  # noqa: N815 -- the manual's word
    userid = PayerKey(source="payer_id")
    status = Status(source="state__in")


class ReadPayments(Params):
    rule = PaymentFilter()


class PayType(IntegerChoices):
    LUMP_SUM = 1, "일시불"
    INSTALMENTS = 2, "할부"


class Months(Integer):
    """Of instalments."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(least=2, most=12, **kwargs)

    def in_json(self) -> Schema:
        texts = [str(months) for months in range(self.least, self.most + 1)]
        return {"anyOf": [self.schema(), {"type": "string", "enum": texts}]}


class Times(Param):
    """`YYYYMMDD-HH:MM`, or an array of them (or its JSON text), each once; as instants."""

    def to_internal_value(self, data: Any) -> list[dt.datetime]:
        if isinstance(data, str) and data.startswith("["):
            try:
                data = loads(data)
            except ParseError:
                raise self.unfit from None
        one = Instant()
        found = [one.to_internal_value(item) for item in (data if isinstance(data, list) else [data])]
        if not 0 < len(found) <= MOST_TIMES or len(set(found)) < len(found):
            raise self.unfit
        return sorted(found)

    def schema(self) -> Schema:
        one = When().schema() | {"pattern": MOMENT}
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_TIMES, "uniqueItems": True}
        return {"anyOf": [one, many]}

    def in_json(self) -> Schema:
        one, many = self.schema()["anyOf"]
        return {"anyOf": [one, many, stringified(many)]}

    def in_text(self) -> Schema:
        one, many = self.schema()["anyOf"]
        return {"anyOf": [one, stringified(many)]}


class Instant(When):
    """`YYYYMMDD-HH:MM` on the salon's wall clock, as an instant."""

    def to_internal_value(self, data: Any) -> dt.datetime:
        return timezone.make_aware(super().to_internal_value(data))


class PayByCard(Params):
    paytype = OneOf(PayType)
    cardnum = Patterned(NUMBER.pattern)
    expiry = Patterned("[0-9]{4}-(?:0[1-9]|1[0-2])")
    pwd = Patterned("[0-9]{2}")
    userid = Userid()
    p_array = ProductIds()
    pay_dur = Months(required=False)
    birth = Patterned("[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", required=False)
    reserv_id = Integer(required=False)

    def _object(self, properties: Schema) -> Schema:
        """Instalments need their months."""
        lump_sum = {"properties": {"paytype": {"enum": [1, "1"]}}}
        instalments = {"properties": {"pay_dur": {"type": ["integer", "string"]}}, "required": ["pay_dur"]}
        return super()._object(properties) | {"anyOf": [lump_sum, instalments]}


class ScheduleCard(PayByCard):
    time = Times()


class PayIntoAccount(Params):
    userid = Userid()
    p_array = ProductIds()
    bank = Patterned(BANK)
    holder = String(max_length=HOLDER, line=True, required=False)
    due = Instant(required=False)
    reserv_id = Integer(required=False)


class ScheduleAccount(PayIntoAccount):
    time = Times()


class RefundTo(JSONObject):
    """Holder, number and bank of an account, all of them; the scan prints `nAcc` for `rAcc`."""

    rHolder = String(max_length=HOLDER, line=True)  # noqa: N815 -- the manual's words
    rAcc = Patterned(ACCOUNT)  # noqa: N815
    rBank = Patterned(BANK)  # noqa: N815
    nAcc = Patterned(ACCOUNT)  # noqa: N815

    def to_internal_value(self, data: Any) -> dict[str, str]:
        given = {key: value for key, value in _object(data).items() if value not in (None, "")}
        if not {"rHolder", "rBank"} <= given.keys() or not {"rAcc", "nAcc"} & given.keys():
            raise serializers.ValidationError("Holder, number and bank are expected.", code="required")
        parsed: dict[str, str] = super().to_internal_value(given)
        if parsed.setdefault("rAcc", parsed.get("nAcc", "")) != parsed.get("nAcc", parsed["rAcc"]):
            raise self.unfit
        return {"holder": parsed["rHolder"], "number": parsed["rAcc"].replace("-", ""), "bank": parsed["rBank"]}

    unfit = Param.unfit

    def in_json(self) -> Schema:
        needed = [{"required": ["rHolder", "rBank", number]} for number in ("rAcc", "nAcc")]
        return super().in_json() | {"anyOf": needed}


def _object(data: Any) -> dict[str, Any]:
    found = decoded(data)
    if not isinstance(found, dict):
        raise Param.unfit
    return found


class CancelPayment(Params):
    """`accinfo` is the scan's spelling of `accInfo`; two that differ are a slip."""

    paym_id = String(max_length=40)
    userid = Userid()
    c_price = Integer(required=False)
    reason = String(max_length=REASON)
    accInfo = RefundTo(required=False)  # noqa: N815 -- the manual's word
    accinfo = RefundTo(required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        parsed = super().to_internal_value(data)
        spelt = [parsed.pop(name) for name in ("accInfo", "accinfo") if name in parsed]
        if any(other != spelt[0] for other in spelt):
            raise serializers.ValidationError({"accinfo": ["Two accounts."]})
        return parsed | ({"account": spelt[0]} if spelt else {})


class Notice(Params):
    """What IMP tells: which payment to ask for. It is never believed."""

    imp_uid = String(max_length=100, required=False)
    merchant_uid = String(max_length=100, required=False)


PRODUCT: dict[str, Combinable] = {
    "id": F("pk"),
    "name": F("name"),
    "price": F("price"),
    "description": F("description"),
}


def _null_if_empty(name: str) -> Combinable:
    return NullIf(F(name), Value(""), output_field=TextField())


STATUS = Case(If(state__in=UNSETTLED, then=Value(State.PENDING.value)), default=F("state"), output_field=CharField())
OF_THE_CARD: dict[str, Combinable] = {"cardNum": _null_if_empty("card_number")}
OF_THE_ACCOUNT: dict[str, Combinable] = {
    "vbank_num": _null_if_empty("vbank_num"),
    "vbank_name": _null_if_empty("vbank_name"),
    "vbank_code": _null_if_empty("vbank_code"),
    "vbank_holder": _null_if_empty("vbank_holder"),
    "vbank_date": SalonMinute(F("vbank_due")),
}


def _columns(means: dict[str, Combinable]) -> dict[str, Combinable]:
    return {
        "code": F("code"),
        "userid": F("payer__userid"),
        "username": F("payer__name"),
        "reqtime": SalonMoment(F("created_at")),
        "payment_UID": F("payment_uid"),
        "IMP_UID": _null_if_empty("imp_uid"),
        "status": STATUS,
        "failReason": _null_if_empty("fail_reason"),
        "payCurr": Value(None, output_field=CharField()),
        **means,
        "req_amount": F("amount"),
        "paid_amount": F("paid_amount"),
        "recipt": _null_if_empty("receipt_url"),
        "ip": F("ip"),
    }


BY_CARD = _columns(OF_THE_CARD)
BY_ACCOUNT = _columns(OF_THE_ACCOUNT)
PAYMENT = _columns(OF_THE_CARD | OF_THE_ACCOUNT) | {
    "canceled_Amount": F("refunded_amount"),
    "time": SalonMinute(F("due_at")),
}
"""As GET /payment tells it: of either kind, now or at its time."""

SCHEDULED: dict[str, Combinable] = {"payment_UID": F("payment_uid"), "time": SalonMinute(F("due_at")), "status": STATUS}


def contents(about: Payment | Schedule | None) -> dict[str, object] | None:
    """What became of a request to pay, now or later."""
    if about is None:
        return None
    if isinstance(about, Schedule):
        return _schedule_contents(about)
    columns = BY_CARD if about.method == Method.CARD else BY_ACCOUNT
    row = Payment.objects.filter(pk=about.pk).values_list(*columns.values()).get()
    return dict(zip(columns, row, strict=True))


def _schedule_contents(schedule: Schedule) -> dict[str, object]:
    rows = schedule.payments.order_by("due_at")
    return {
        "code": next((code for code in rows.values_list("code", flat=True) if code), 0),
        "userid": schedule.payer.userid,
        "schedules": [dict(zip(SCHEDULED, row, strict=True)) for row in rows.values_list(*SCHEDULED.values())],
    }


def cancel_contents(about: Refund | Payment | None) -> dict[str, object] | None:
    """What became of a cancellation: of a refund, or of a payment that was ended before any money moved."""
    if about is None:
        return None
    if isinstance(about, Payment):
        asked_at, amount, code, message = about.ending_at or timezone.now(), about.refunded_amount, 0, ""
        payment = about
    else:
        asked_at, code, message, payment = about.created_at, about.code, about.fail_reason, about.payment
        amount = about.amount if about.state == RefundState.DONE else 0
    return {
        "code": code,
        "userid": payment.payer.userid,
        "request_Time": f"{timezone.localtime(asked_at):%Y%m%d-%H:%M:%S}",
        "payment_UID": payment.payment_uid,
        "imp_UID": payment.imp_uid,
        "canceled_Amount": amount,
        "message": message or None,
    }
