"""What IMP knows of payments and schedules, read strictly where money depends on it and leniently elsewhere."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from payments.imp.errors import MOST_TOLD, UnknownOutcome, told

UID = re.compile(r"[A-Za-z0-9_-]{1,40}")

END_OF_CENTURY = 4_102_444_800
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """A virtual account that IMP has opened; `due` is until when it takes the money."""

    code: str
    name: str
    number: str
    holder: str
    due: dt.datetime | None


@dataclass(frozen=True)
class Payment:
    """What IMP knows of a payment."""

    imp_uid: str
    merchant_uid: str
    status: str
    amount: int
    refunded: int
    currency: str
    was_paid: bool
    fail_reason: str
    receipt_url: str
    account: Account | None

    @classmethod
    def read(cls, document: object) -> "Payment":
        """Raises UnknownOutcome for what is no payment."""
        try:
            return cls._read(document)  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            raise UnknownOutcome from None

    @classmethod
    def _read(cls, document: Document) -> "Payment":
        imp_uid, status = document["imp_uid"], document["status"]
        if not isinstance(imp_uid, str) or not UID.fullmatch(imp_uid) or not isinstance(status, str):
            raise ValueError
        return cls(
            imp_uid=imp_uid,
            merchant_uid=str(document["merchant_uid"]),
            status=status,
            amount=won(document["amount"]),
            refunded=won(document.get("cancel_amount") or 0),
            currency=str(document["currency"]),
            was_paid=status == "paid" or (status == "cancelled" and bool(document.get("paid_at"))),
            fail_reason=told(document.get("fail_reason")),
            receipt_url=_text(document.get("receipt_url"), MOST_TOLD),
            account=_account(document),
        )


@dataclass(frozen=True)
class Listed:
    """A payment in the list of all, with what tells people whose it is; `at` is when it was made, in unix seconds."""

    payment: Payment
    buyer: str
    name: str
    card_number: str
    at: int

    @classmethod
    def read(cls, document: Any) -> "Listed":
        """Raises UnknownOutcome for what is no payment."""
        payment = Payment.read(document)
        known: Document = document
        at = known.get("paid_at") or known.get("started_at")
        return cls(
            payment=payment,
            buyer=told(known.get("buyer_name")),
            name=told(known.get("name")),
            card_number=told(known.get("card_number")),
            at=at if isinstance(at, int) else 0,
        )


@dataclass(frozen=True)
class Scheduled:
    """What IMP knows of a charge at a later time; `status` is scheduled, executed or revoked."""

    merchant_uid: str
    status: str
    amount: int

    @classmethod
    def read(cls, document: object) -> "Scheduled":
        """Raises UnknownOutcome for what is no schedule."""
        try:
            return cls._read(document)  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            raise UnknownOutcome from None

    @classmethod
    def _read(cls, document: Document) -> "Scheduled":
        return cls(
            merchant_uid=str(document["merchant_uid"]),
            status=str(document["schedule_status"]),
            amount=won(document["amount"]),
        )


def _account(document: Document) -> Account | None:
    number = _text(document.get("vbank_num"), 32)
    if document.get("pay_method") != "vbank" or not number:
        return None
    return Account(
        code=_text(document.get("vbank_code"), 10),
        name=_text(document.get("vbank_name"), 40),
        number=number,
        holder=_text(document.get("vbank_holder"), 40),
        due=_moment(document.get("vbank_date")),
    )


def _moment(seconds: object) -> dt.datetime | None:
    """Unix seconds of this century; anything else tells nothing."""
    if not isinstance(seconds, int) or not 0 < seconds < END_OF_CENTURY:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _text(value: object, length: int) -> str:
    return str(value or "").replace("\x00", "")[:length]


def won(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError
    return int(value)
