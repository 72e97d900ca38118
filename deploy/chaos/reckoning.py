"""What clients were told, held against what is stored: a line for each thing that is not as it was told."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deploy.chaos.books import Books
from deploy.chaos.journal import ANY, DOWN, OK, REFUSED, UNKNOWN, Charge, Journal, Place, Visit

RESERVATIONS = """
    SELECT r.note, r.id, c.userid, d.userid, r.date, r.time, r.trashed_at IS NULL, r.trashed_by_id IS NULL
    FROM reservations_reservation r
    JOIN accounts_user c ON c.id = r.customer_id JOIN accounts_user d ON d.id = r.designer_id
"""
PAYMENTS = """
    SELECT p.payment_uid, u.userid, p.state, p.paid_amount, p.refunded_amount, p.alarm, p.reservation_id, p.id
    FROM payments_payment p JOIN accounts_user u ON u.id = p.payer_id
"""
KEYS = "SELECT k.key, p.payment_uid FROM payments_idempotencykey k JOIN payments_payment p ON p.id = k.payment_id"
REFUNDS = "SELECT payment_id, state, COUNT(*) FROM payments_refund GROUP BY payment_id, state"
PHOTOS = "SELECT uploader_id, sha256, COUNT(*) FROM media_store_photo WHERE live_at IS NOT NULL AND trashed_at IS NULL"
PHOTOS += " GROUP BY uploader_id, sha256 HAVING COUNT(*) > 1"

UNSETTLED = ("created", "requested", "pending")
IN_FLIGHT = ("requested", "pending")


@dataclass
class Row:
    """A reservation as it is stored."""

    pk: int
    customer: str
    place: Place
    live: bool
    by_nobody: bool


@dataclass
class Money:
    """A payment as it is stored, and what IMP's ledger says of it."""

    uid: str
    payer: str
    state: str
    paid: int
    refunded: int
    alarm: str
    reservation: int | None
    refunds: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)

    @property
    def came(self) -> int:
        return self.times["charge"] + self.times["deposit"]


class Stored:
    """All of it, read once."""

    def __init__(self, books: Books) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        for note, pk, customer, designer, date, time, live, by_nobody in books.query(RESERVATIONS):
            place = (designer, str(date), str(time)[:5])
            self.rows[note].append(Row(pk, customer, place, bool(live), bool(by_nobody)))
        self.money: dict[str, Money] = {}
        by_pk: dict[int, Money] = {}
        for *told, pk in books.query(PAYMENTS):
            by_pk[pk] = self.money[told[0]] = Money(*told)
        for pk, state, count in books.query(REFUNDS):
            by_pk[pk].refunds[state] += count
        self.unknown: Counter[str] = Counter()
        for entry in books.ledger():
            if money := self.money.get(entry["merchant_uid"]):
                money.moved[entry["kind"]] += entry["amount"]
                money.times[entry["kind"]] += 1
            else:
                self.unknown[entry["merchant_uid"]] += 1
        self.keys: dict[str, list[str]] = defaultdict(list)
        for key, uid in books.query(KEYS):
            if uid not in self.keys[key]:
                self.keys[key].append(uid)


def violations(books: Books, journal: Journal, before: set[str]) -> Iterator[str]:
    """`before` is what verify had to say of the salon as it was opened."""
    stored = Stored(books)
    yield from journal.strange
    yield from sorted(books.complaints() - before)
    for visit in journal.visits.values():
        yield from _visit(visit, stored.rows.get(visit.words, []), stored)
    yield from _money(stored)
    for charge in journal.charges.values():
        yield from _charge(charge, stored)
    yield from _photos(books, journal)
    yield from _shown(journal, stored)


def unsettled(books: Books) -> set[str]:
    """What the workers have still to ask IMP about: our payments with money at IMP, and refunds."""
    stored = Stored(books)
    charged = [money.uid for money in stored.money.values() if money.came and money.state in UNSETTLED]
    unpaid = [money.uid for money in stored.money.values() if money.times["deposit"] and not money.paid]
    refunding = [money.uid for money in stored.money.values() if any(money.refunds[state] for state in IN_FLIGHT)]
    return {*charged, *unpaid, *refunding}


def _visit(visit: Visit, found: list[Row], stored: Stored) -> Iterator[str]:
    name = f"{visit.words} ({visit.pk or 'no number'})"
    if len(found) > 1:
        yield f"booked once, stored {len(found)} times: {name}"
    if visit.booked == OK and not found:
        yield f"confirmed and lost: {name}"
    if visit.booked == REFUSED and found:
        yield f"refused and stored: {name}"
    for row in found:
        if row.customer != visit.customer or (visit.pk and row.pk != visit.pk):
            yield f"confirmed to {visit.customer} as {visit.pk}, stored for {row.customer} as {row.pk}"
        if row.live and OK in visit.cancels:
            yield f"cancelled, and still there: {name}"
        if row.live and not any(_same(place, row.place) for place in visit.places()):
            yield f"told to be at {sorted(visit.places())}, stored at {row.place}: {name}"
        yield from _gone(visit, row, stored, name)


def _same(told: Place, stored: Place) -> bool:
    return told[0] in (ANY, stored[0]) and told[1:] == stored[1:]


def _gone(visit: Visit, row: Row, stored: Stored, name: str) -> Iterator[str]:
    """What is cancelled was cancelled by somebody, or given up unpaid; its money is back, on its way, or in hands."""
    if row.live:
        return
    paid = [money for money in stored.money.values() if money.reservation == row.pk]
    if not {OK, UNKNOWN, DOWN} & set(visit.cancels):
        given_up = visit.prepaid and row.by_nobody and not any(money.paid for money in paid)
        if not given_up:
            yield f"cancelled by nobody: {name}"
    for money in paid:
        on_its_way = any(money.refunds[state] for state in IN_FLIGHT) or money.alarm
        if money.paid > money.refunded and not on_its_way:
            yield f"cancelled, and its money kept: {money.uid} of {name}"


def _money(stored: Stored) -> Iterator[str]:
    """IMP's ledger beside our rows."""
    for uid in stored.unknown:
        yield f"money without a row: {uid}"
    paying: Counter[int] = Counter()
    for money in stored.money.values():
        if money.came > 1:
            yield f"charged {money.came} times: {money.uid}"
        if money.came and money.state in UNSETTLED and not money.alarm:
            yield f"charged, and {money.state} still: {money.uid}"
        if money.moved["refund"] > money.moved["charge"] + money.moved["deposit"]:
            yield f"more went back than came: {money.uid}"
        if money.reservation and money.paid > money.refunded:
            paying[money.reservation] += 1
    for pk, times in paying.items():
        if times > 1:
            yield f"paid {times} times: reservation {pk}"


def _charge(charge: Charge, stored: Stored) -> Iterator[str]:
    uids = stored.keys.get(charge.key, [])
    if len(uids) > 1:
        yield f"one key, {len(uids)} payments: {charge.key}"
    if len(charge.uids) > 1:
        yield f"one key, told of {len(charge.uids)} payments: {sorted(charge.uids)}"
    money = stored.money.get(uids[0]) if uids else None
    if charge.meaning == OK and (money is None or (charge.uids and money.uid not in charge.uids)):
        yield f"told done, and no such payment: {charge.uid or charge.key}"
    if money is None:
        return
    if money.payer != charge.payer:
        yield f"asked of {charge.payer}, taken from {money.payer}: {money.uid}"
    due = charge.meaning == OK and not charge.account
    if due and (money.times["charge"], money.moved["charge"]) != (1, charge.amount):
        yield f"told paid, and not charged {charge.amount} once: {money.uid}"
    if charge.meaning == REFUSED and money.moved["charge"] > money.moved["refund"]:
        yield f"told refused, and paid: {money.uid}"
    if charge.deposited == OK and not (money.times["deposit"] == 1 and money.paid == charge.amount):
        yield f"paid into its account, and {money.state}: {money.uid}"
    yield from _refunds(charge, money)


def _refunds(charge: Charge, money: Money) -> Iterator[str]:
    if charge.meaning != OK or charge.visit:
        return  # what goes back by itself, or with a reservation
    done = sum(amount for meaning, amount in charge.refunds if meaning == OK)
    most = done + sum(amount for meaning, amount in charge.refunds if meaning in (UNKNOWN, DOWN))
    if not done <= money.moved["refund"] <= most:
        yield f"told that {done} to {most} went back, and {money.moved['refund']} did: {money.uid}"


def _photos(books: Books, journal: Journal) -> Iterator[str]:
    for photoid, upload in journal.uploads.items():
        data = books.photo(photoid)
        if hashlib.sha256(data).hexdigest() != upload.digest:
            yield f"uploaded and lost: {photoid} ({data[:80]!r})"
    for uploader, digest, times in books.query(PHOTOS):
        yield f"uploaded once, stored {times} times: {digest} of {uploader}"


def _shown(journal: Journal, stored: Stored) -> Iterator[str]:
    owners: dict[tuple[str, str], Any] = {
        ("reservation", str(row.pk)): row.customer for rows in stored.rows.values() for row in rows
    }
    owners |= {("payment", uid): money.payer for uid, money in stored.money.items()}
    for userid, kind, number in sorted(journal.shown):
        if owners.get((kind, number)) != userid:
            yield f"leaked: {userid} was shown {kind} {number} of {owners.get((kind, number), 'nobody')}"
