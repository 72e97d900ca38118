"""Stored cards (billing keys), under the customer_uid that the merchant chose."""

import json
import secrets
import sqlite3

from payments.imp_sandbox.answers import Answer, Refused
from payments.imp_sandbox.calls import Call, Context, Document
from payments.imp_sandbox.cards import Card, Means
from payments.imp_sandbox.codes import CARD_ISSUERS
from payments.imp_sandbox.parameters import Parameters

DETAILS = ("customer_name", "customer_tel", "customer_email", "customer_addr", "customer_postcode")


def keep(context: Context, customer_uid: str, card: Card, given: Parameters) -> Document:
    """Issue a billing key for a card that was checked; one that was there before is replaced."""
    return keep_means(context, customer_uid, card.means(customer_uid), given)


def keep_means(context: Context, customer_uid: str, means: Means, given: Parameters) -> Document:
    """The same by what may be known of the card afterwards."""
    before = find(context.db, customer_uid)
    channel = context.channel.named(given.text("pg"))
    issuer = CARD_ISSUERS[means.card_code]
    customer: Document = {
        "customer_uid": customer_uid,
        "pg_provider": channel.provider,
        "pg_id": channel.mid,
        "sandbox": channel.sandbox,
        "customer_id": given.text("customer_id"),
        "card_name": means.card_name,
        "card_code": means.card_code,
        "card_issuer_code": means.card_code,
        "card_issuer_name": issuer,
        "card_publisher_code": means.card_code,
        "card_publisher_name": issuer,
        "card_number": means.card_number,
        "card_type": 0,
        # with a charge, its buyer becomes the card's holder
        **{detail: given.text(detail) or given.text(detail.replace("customer", "buyer")) for detail in DETAILS},
        "inserted": before["inserted"] if before else context.now,
        "updated": context.now,
    }
    context.db.execute(
        "INSERT OR REPLACE INTO customer (customer_uid, billing_key, over_limit, document) VALUES (?, ?, ?, ?)",
        (customer_uid, secrets.token_hex(20), means.over_limit, json.dumps(customer, ensure_ascii=False)),
    )
    return customer


def find(db: sqlite3.Connection, customer_uid: str) -> Document | None:
    row = db.execute("SELECT document FROM customer WHERE customer_uid = ?", (customer_uid,)).fetchone()
    return json.loads(row["document"]) if row else None


def means(db: sqlite3.Connection, customer_uid: str) -> Means | None:
    """How this customer pays; None without a stored card."""
    row = db.execute("SELECT document, over_limit FROM customer WHERE customer_uid = ?", (customer_uid,)).fetchone()
    if row is None:
        return None
    customer = json.loads(row["document"])
    return Means(customer["card_number"], customer["card_code"], bool(row["over_limit"]), customer_uid)


def issue(call: Call) -> Document:
    card = Card(call.given)
    if trouble := card.refused():
        raise Refused(f"카드정보 인증 및 빌키 발급에 실패하였습니다. {trouble}", code=-1)
    return keep(call, call.path["customer_uid"], card, call.given)


def one(call: Call) -> Document:
    customer_uid = call.path["customer_uid"]
    customer = find(call.db, customer_uid)
    if customer is None:
        raise Refused(f"요청하신 customer_uid({customer_uid})로 등록된 정보를 찾을 수 없습니다.")
    return customer


def several(call: Call) -> Answer:
    asked = call.given.texts("customer_uid")
    found = [customer for uid in asked if (customer := find(call.db, uid))]
    if not found:
        raise Refused("요청하신 customer_uid로 등록된 정보를 찾을 수 없습니다.", status=404)
    return Answer(found, status=200 if len(found) == len(asked) else 207)


def remove(call: Call) -> Document:
    """The schedules of the customer stay, and will fail."""
    customer = one(call)
    call.db.execute("DELETE FROM customer WHERE customer_uid = ?", (customer["customer_uid"],))
    return customer
