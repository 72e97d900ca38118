"""The control: things that are stored are made wrong, each in its own way, and the reckoning has to name each.

What it would not notice here, it would not notice after a chaos run either.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from deploy.chaos.books import Books
from deploy.chaos.journal import OK, Charge, Journal, Visit
from deploy.chaos.reckoning import Row, Stored, violations

Tamper = Callable[["Hand"], str]
"""Makes one thing wrong; returns how the violation begins that must name it, or "" where there is nothing to spoil."""


class Hand:
    """What is there to be spoilt: every thing once, by seeded chance."""

    def __init__(self, books: Books, journal: Journal, seed: int) -> None:
        self.books, self.journal, self.stored = books, journal, Stored(books)
        self.random = random.Random(seed)
        rows = [(visit, row) for visit in journal.visits.values() for row in self.stored.rows[visit.words]]
        self.random.shuffle(rows)
        self.kept = [(visit, row) for visit, row in rows if row.live and visit.booked == OK and not visit.cancels]
        self.cancelled = [(visit, row) for visit, row in rows if not row.live and OK in visit.cancels]
        charges = [charge for charge in journal.charges.values() if charge.meaning == OK and charge.uids]
        self.charged = [charge for charge in charges if not charge.account and not charge.refunds]
        self.random.shuffle(self.charged)

    def visit(self) -> tuple[Visit, Row] | None:
        return self.kept.pop() if self.kept else None

    def charge(self) -> Charge | None:
        return self.charged.pop() if self.charged else None

    def change(self, row: Row, what: str) -> None:
        self.books.execute(f"UPDATE reservations_reservation SET {what} WHERE id = {row.pk}")


def lose_a_reservation(hand: Hand) -> str:
    if not (found := hand.visit()):
        return ""
    hand.change(found[1], "note = ''")
    return f"confirmed and lost: {found[0].words}"


def double_a_reservation(hand: Hand) -> str:
    first, second = hand.visit(), hand.visit()
    if not (first and second):
        return ""
    hand.change(second[1], f"note = '{first[0].words}'")
    return f"booked once, stored 2 times: {first[0].words}"


def move_a_reservation(hand: Hand) -> str:
    if not (found := hand.visit()):
        return ""
    hand.change(found[1], "time = '08:10:00'")
    return f"told to be at {sorted(found[0].places())}, stored at {(*found[1].place[:2], '08:10')}"


def cancel_a_reservation(hand: Hand) -> str:
    if not (found := hand.visit()):
        return ""
    hand.change(found[1], "trashed_at = CURRENT_TIMESTAMP, trashed_by_id = customer_id")
    return f"cancelled by nobody: {found[0].words}"


def bring_one_back(hand: Hand) -> str:
    if not hand.cancelled:
        return ""
    visit, row = hand.cancelled.pop()
    hand.change(row, "trashed_at = NULL, trashed_by_id = NULL, cancel_reason = '', time = '08:20:00'")
    return f"cancelled, and still there: {visit.words}"


def overfill_an_hour(hand: Hand) -> str:
    """Of who takes one customer an hour; the database itself has to be told to let it happen."""
    ours = [(visit, row) for visit, row in hand.kept if row.place[0] == "designer1"]
    if len(ours) < 2:
        return ""
    (_, first), (_, second) = ours[:2]
    hand.kept = [(visit, row) for visit, row in hand.kept if row.pk not in (first.pk, second.pk)]
    _, date, time = first.place
    hand.books.execute("DROP INDEX reservation_one_per_seat")
    hand.change(second, f"date = '{date}', time = '{time[:2]}:17:00'")
    return f"over-full hour: designer1 {date} {int(time[:2])}h"


def charge_twice(hand: Hand) -> str:
    if not (charge := hand.charge()):
        return ""
    hand.books.charge_again(charge.uid)
    return f"charged 2 times: {charge.uid}"


def lose_a_payment(hand: Hand) -> str:
    if not (charge := hand.charge()):
        return ""
    hand.books.execute(
        f"UPDATE payments_payment SET payment_uid = 'LOST{charge.uid[4:]}' WHERE payment_uid = '{charge.uid}'"
    )
    return f"money without a row: {charge.uid}"


def give_money_to_another(hand: Hand) -> str:
    if not (charge := hand.charge()):
        return ""
    other = f"(SELECT MIN(id) FROM accounts_user WHERE userid LIKE 'customer%' AND userid <> '{charge.payer}')"
    hand.books.execute(f"UPDATE payments_payment SET payer_id = {other} WHERE payment_uid = '{charge.uid}'")
    return f"asked of {charge.payer}, taken from "


def forget_a_refund(hand: Hand) -> str:
    """As if somebody had been told so, and nothing had gone back."""
    charge = next((charge for charge in hand.charged if not charge.visit), None)
    if charge is None:
        return ""
    hand.charged.remove(charge)
    charge.refunds.append((OK, 1000))
    return f"told that 1000 to 1000 went back, and 0 did: {charge.uid}"


def spoil_a_photo(hand: Hand) -> str:
    if not hand.journal.uploads:
        return ""
    photoid = hand.random.choice(sorted(hand.journal.uploads))
    ((key,),) = hand.books.query(f"SELECT storage_key FROM media_store_photo WHERE photoid = '{photoid}'")
    hand.books.spoil(key)
    return f"uploaded and lost: {photoid}"


def show_another(hand: Hand) -> str:
    """As if somebody's list had held what is another's."""
    if not (found := hand.visit()):
        return ""
    hand.journal.shown.add(("nobody", "reservation", str(found[1].pk)))
    return f"leaked: nobody was shown reservation {found[1].pk}"


TAMPERS: list[Tamper] = [
    overfill_an_hour, lose_a_reservation, double_a_reservation, move_a_reservation, cancel_a_reservation,
    bring_one_back, forget_a_refund, charge_twice, lose_a_payment, give_money_to_another, spoil_a_photo, show_another,
]  # fmt: skip


def control(
    books: Books, journal: Journal, before: set[str], seed: int, tampers: Sequence[Tamper] = TAMPERS
) -> Iterator[tuple[str, bool]]:
    """What was made wrong, and whether the reckoning names it. The books are spoilt afterwards."""
    hand = Hand(books, journal, seed)
    expected = {tamper.__name__.replace("_", " "): tamper(hand) for tamper in tampers}
    found = list(violations(books, journal, before))
    for name, words in expected.items():
        yield name, bool(words) and any(line.startswith(words) for line in found)
