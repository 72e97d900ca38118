"""Money: what is sold, who pays for it, what IMP says of it, and what goes back."""

from payments.models.events import PaymentEvent
from payments.models.keys import IdempotencyKey
from payments.models.payment import (
    ALPHABET,
    PAYMENT_UID_LENGTH,
    Account,
    Payment,
    PaymentItem,
    PaymentQuerySet,
    new_payment_uid,
)
from payments.models.products import Product, total
from payments.models.refunds import Refund, RefundQuerySet
from payments.models.schedules import Schedule, new_customer_uid
from payments.models.states import (
    CASHIERS,
    IN_FLIGHT,
    LIVE,
    UNSETTLED,
    WAITING,
    Method,
    RefundState,
    State,
    What,
)
from payments.models.terms import ConsultationTerms, PaymentDue, PaymentDueQuerySet, When

__all__ = [
    "ALPHABET",
    "CASHIERS",
    "IN_FLIGHT",
    "LIVE",
    "PAYMENT_UID_LENGTH",
    "UNSETTLED",
    "WAITING",
    "Account",
    "ConsultationTerms",
    "IdempotencyKey",
    "Method",
    "Payment",
    "PaymentDue",
    "PaymentDueQuerySet",
    "PaymentEvent",
    "PaymentItem",
    "PaymentQuerySet",
    "Product",
    "Refund",
    "RefundQuerySet",
    "RefundState",
    "Schedule",
    "State",
    "What",
    "When",
    "new_customer_uid",
    "new_payment_uid",
    "total",
]
