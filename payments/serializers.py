"""The manual's words for products and payments: /product, /payment/… (section 8)."""

import re
from typing import Any

from django.db.models import Case, CharField, F, IntegerChoices, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf
from django.utils import timezone
from rest_framework.exceptions import ParseError

from accounts.models import User
from cody_site.api.params import Integer, OneOf, Param, Params, Rule, Schema, String, Userid, UseridKey, stringified
from cody_site.api.parsers import loads
from cody_site.api.text import SalonMoment
from payments.cards import NUMBER
from payments.models import UNSETTLED, Payment, Refund, RefundState, State

MOST_PRODUCTS = 100
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


class CancelPayment(Params):
    paym_id = String(max_length=40)
    userid = Userid()
    c_price = Integer(required=False)
    reason = String(max_length=REASON)


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


PAYMENT: dict[str, Combinable] = {
    "code": F("code"),
    "userid": F("payer__userid"),
    "username": F("payer__name"),
    "reqtime": SalonMoment(F("created_at")),
    "payment_UID": F("payment_uid"),
    "IMP_UID": _null_if_empty("imp_uid"),
    "status": Case(
        When(state__in=UNSETTLED, then=Value(State.PENDING.value)), default=F("state"), output_field=CharField()
    ),
    "failReason": _null_if_empty("fail_reason"),
    "payCurr": Value(None, output_field=CharField()),
    "cardNum": F("card_number"),
    "req_amount": F("amount"),
    "paid_amount": F("paid_amount"),
    "recipt": _null_if_empty("receipt_url"),
    "ip": F("ip"),
}


def payment_contents(payment: Payment) -> dict[str, object]:
    """One payment as GET /payment tells it."""
    row = Payment.objects.filter(pk=payment.pk).values_list(*PAYMENT.values()).get()
    return dict(zip(PAYMENT, row, strict=True))


def refund_contents(refund: Refund) -> dict[str, object]:
    payment = refund.payment
    return {
        "code": refund.code,
        "userid": payment.payer.userid,
        "request_Time": f"{timezone.localtime(refund.created_at):%Y%m%d-%H:%M:%S}",
        "payment_UID": payment.payment_uid,
        "imp_UID": payment.imp_uid,
        "canceled_Amount": refund.amount if refund.state == RefundState.DONE else 0,
        "message": refund.fail_reason or None,
    }
