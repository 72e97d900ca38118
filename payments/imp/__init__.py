"""IMP (PortOne V1): the only package that talks to it.

A call either has an answer, or raises what is known: Declined (IMP says no), Unreachable (nothing was sent), or
UnknownOutcome (it was sent, and anything may have come of it). What moves money is sent once and never again. Every
call has a connection of its own: one that was kept may have ended unseen, and what is then sent is in doubt.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

from cody_site.logs import SCRUBBED
from payments.cards import Card
from payments.imp.answers import Account, Listed, Payment, Scheduled, won
from payments.imp.errors import (
    AuthenticationFailed,
    Busy,
    Declined,
    ImpError,
    NotConfigured,
    NotFound,
    UnknownOutcome,
    Unreachable,
    UnreadableCredentials,
)
from payments.imp.exchange import call, credentials, sign_in
from payments.imp.lines import line

__all__ = [
    "LONGEST_SEARCH",
    "PAGE",
    "Account",
    "AuthenticationFailed",
    "Busy",
    "Declined",
    "ImpError",
    "Listed",
    "NotConfigured",
    "Order",
    "Payment",
    "Scheduled",
    "UnknownOutcome",
    "Unreachable",
    "UnreadableCredentials",
    "cancel",
    "charge",
    "close_account",
    "credentials",
    "forget_card",
    "line",
    "open_account",
    "page_of_all",
    "payment",
    "payments_of",
    "schedule",
    "schedule_of",
    "sign_in",
    "unschedule",
]

PAGE = 10
"""Payments in one answer: each is about 2 KiB, and ten may be three times as long, by refunds and their reasons, and
are still within what is read of an answer (wire.MOST_BYTES)."""

LONGEST_SEARCH = 90 * 24 * 3600
ORDERED_ALREADY = "동일한 merchant_uid"
"""In IMP's refusal of an order that it has charged before: no refusal at all, but an outcome to ask for."""


@dataclass(frozen=True)
class Order:
    """What is to be paid: `merchant_uid` is the payment's number, `amount` in won, `birth` YYMMDD or empty."""

    merchant_uid: str
    amount: int
    name: str
    buyer: str
    birth: str = ""
    instalment_months: int = 0
    at: dt.datetime | None = None
    """When, if it is scheduled."""

    def told(self) -> dict[str, Any]:
        return {
            "merchant_uid": self.merchant_uid,
            "amount": self.amount,
            "name": self.name[:40],
            "buyer_name": self.buyer[:16],
        }


def charge(order: Order, card: Card) -> Payment:
    """Charge a card. Raises Declined, Unreachable, UnknownOutcome or AuthenticationFailed."""
    given = order.told() | _revealed(card, order.birth)
    given |= {"card_quota": order.instalment_months, "pg": settings.IMP_PG}
    try:
        with _hushed(given):
            return Payment.read(call("POST", "/subscribe/payments/onetime", given))
    except Declined as declined:
        if ORDERED_ALREADY in declined.message:
            raise UnknownOutcome(declined.message, declined.code) from None
        raise


def schedule(customer_uid: str, card: Card, orders: Iterable[Order]) -> list[Scheduled]:
    """Have IMP keep the card under this name, and charge it for each order at its time. Raises as charge() does."""
    listed = list(orders)
    given: dict[str, Any] = {"customer_uid": customer_uid, "pg": settings.IMP_PG} | _revealed(card, listed[0].birth)
    given["schedules"] = [
        order.told() | {"currency": "KRW", "card_quota": order.instalment_months, "schedule_at": _unix(order.at)}
        for order in listed
    ]
    with _hushed(given):
        return _schedules(call("POST", "/subscribe/payments/schedule", given))


def unschedule(customer_uid: str, merchant_uid: str) -> list[Scheduled]:
    """Revoke this one; without its number IMP would revoke all of the customer's. Raises as charge() does."""
    given = {"customer_uid": customer_uid, "merchant_uid": [merchant_uid]}
    return _schedules(call("POST", "/subscribe/payments/unschedule", given))


def schedule_of(merchant_uid: str) -> Scheduled | None:
    """What IMP knows of a scheduled order; raises as payment() does."""
    found = _ask(f"/subscribe/payments/schedule/{merchant_uid}", {})
    return None if found is None else Scheduled.read(found)


def forget_card(customer_uid: str) -> None:
    """Have IMP delete a card that nothing is scheduled with any more; one that it does not know is forgotten.

    Raises Unreachable, UnknownOutcome or AuthenticationFailed.
    """
    try:
        call("DELETE", f"/subscribe/customers/{customer_uid}")
    except Declined as declined:
        if declined.status not in (0, 200):  # 0 is 404, 200 is what IMP really answers for an unknown one
            raise UnknownOutcome(declined.message, declined.code) from None


def open_account(order: Order, *, bank: str, holder: str, due: dt.datetime) -> Payment:
    """Open a virtual account at a bank (by the gateway's own code). Raises as charge() does."""
    given = order.told() | {"vbank_code": bank, "vbank_holder": holder[:16], "vbank_due": _unix(due)}
    return Payment.read(call("POST", "/vbanks", given | {"pg": settings.IMP_PG}))


def close_account(imp_uid: str) -> Payment:
    """Close a virtual account that nobody has paid into; Declined for any other. Raises as charge() does."""
    return Payment.read(call("DELETE", f"/vbanks/{imp_uid}"))


class RefundAccount(Protocol):
    """Where money goes that no card can take: `bank` is the gateway's own code."""

    @property
    def holder(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def bank(self) -> str: ...


def cancel(*, imp_uid: str, amount: int, checksum: int, reason: str, account: RefundAccount | None = None) -> Payment:
    """Give money back, if IMP's balance is the checksum. Raises as charge() does."""
    given: dict[str, Any] = {"imp_uid": imp_uid, "amount": amount, "checksum": checksum, "reason": reason}
    if account:
        given |= {
            "refund_holder": account.holder,
            "refund_account": account.number,
            "refund_bank": account.bank,
        }
    return Payment.read(call("POST", "/payments/cancel", given))


def payment(imp_uid: str) -> Payment | None:
    """What IMP knows under its own number. Raises Unreachable, UnknownOutcome or AuthenticationFailed."""
    found = _ask(f"/payments/{imp_uid}", {"include_sandbox": "true"})
    return None if found is None else Payment.read(found)


def payments_of(merchant_uid: str) -> list[Payment]:
    """All that IMP knows of an order; raises as payment() does."""
    found = _ask(f"/payments/findAll/{merchant_uid}", {"limit": "20"})
    if found is None:
        return []
    if not isinstance(found, dict) or not isinstance(found.get("list"), list):
        raise UnknownOutcome
    return [Payment.read(document) for document in found["list"]]


def page_of_all(since: int, until: int, number: int) -> tuple[list[Listed], int]:
    """A page of all that has come to be what it is between two unix seconds, both included; and how many pages.

    The oldest come first. At most LONGEST_SEARCH seconds at a time; raises as payment() does.
    """
    query = {"from": since, "to": until, "page": number, "limit": PAGE, "sorting": "started"}
    found = _ask("/payments/status/all", {key: str(value) for key, value in query.items()})
    if found is None:
        return [], 0
    if not isinstance(found, dict) or not isinstance(found.get("list"), list):
        raise UnknownOutcome
    try:
        pages = -(-won(found["total"]) // PAGE)
    except (KeyError, TypeError, ValueError):
        raise UnknownOutcome from None
    return [Listed.read(document) for document in found["list"]], pages


def _ask(path: str, query: Mapping[str, str]) -> object:
    """The response, or None if IMP knows nothing there; a refusal to answer tells nothing about the payment."""
    try:
        return call("GET", path, query=query)
    except NotFound:
        return None
    except Declined as declined:
        raise UnknownOutcome(declined.message, declined.code) from None


def _schedules(found: object) -> list[Scheduled]:
    if not isinstance(found, list):
        raise UnknownOutcome
    return [Scheduled.read(document) for document in found]


def _revealed(card: Card, birth: str) -> dict[str, str]:
    shown = card.reveal()
    given = {
        "card_number": "-".join(re.findall(".{1,4}", shown.number)),
        "expiry": shown.expiry,
        "pwd_2digit": shown.password,
        "birth": shown.birth or birth,
    }
    return {key: value for key, value in given.items() if value}


@contextlib.contextmanager
def _hushed(given: Mapping[str, Any]) -> Iterator[None]:
    """Whatever comes of this call, IMP's words tell neither the card's expiry nor its owner's birth date."""
    try:
        yield
    except ImpError as error:
        for secret in (given["expiry"], given.get("birth")):
            error.message = error.message.replace(secret, SCRUBBED) if secret else error.message
        raise


def _unix(at: dt.datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())
