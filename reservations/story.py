"""What happened to a reservation, as its customer is told it: booked, moved, cancelled, and by whom."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Designer
from reservations.models import Act, Move, Reservation

PLACE = ("date", "time", "designer")


class What(StrEnum):
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    RESTORED = "restored"


@dataclass(frozen=True)
class Place:
    """When, on the salon's wall clock, and with whom."""

    start: dt.datetime
    designer: str


@dataclass(frozen=True)
class Happening:
    """`by_customer` is None where nobody knows: an app client did it, or it is from before there was a history."""

    at: dt.datetime
    what: What
    by_customer: bool | None = None
    before: Place | None = None
    after: Place | None = None


def story(row: Reservation, names: Mapping[int, str] | None = None) -> list[Happening]:
    """In order, and only since the reservation is this customer's.

    Two queries; none where the moves were read before, and the designers' `names` by their keys are given.
    """
    moves = _since_handed_over(list(row.moves.all()), row)
    names = _names(moves) if names is None else names
    told = [happening for move in moves if (happening := _told(move, row, names))]
    if not told or told[0].what != What.BOOKED:
        told.insert(0, Happening(row.created_at, What.BOOKED))
    return told


def _since_handed_over(moves: list[Move], row: Reservation) -> list[Move]:
    """What was before is another customer's."""
    for number in range(len(moves) - 1, -1, -1):
        before = moves[number].before.get("customer")
        if before is not None and before != row.customer_id:
            return moves[number + 1 :]
    return moves


def _told(move: Move, row: Reservation, names: Mapping[int, str]) -> Happening | None:
    what = _what(move)
    if what is None:
        return None
    by_customer = None if move.by_id is None else move.by_id == row.customer_id
    return Happening(move.at, what, by_customer, _place(move.before, names), _place(move.after, names))


def _what(move: Move) -> What | None:
    was_somewhere, is_somewhere = "date" in move.before, "date" in move.after
    if move.act in (Act.CHANGED, Act.UNDONE) and was_somewhere and is_somewhere:
        moved = any(move.before.get(key) != move.after.get(key) for key in PLACE)
        return What.MOVED if moved else None
    if move.act == Act.UNDONE:
        if was_somewhere:
            return What.CANCELLED
        return None if "no_show" in move.before else What.RESTORED
    return {Act.BOOKED: What.BOOKED, Act.CANCELLED: What.CANCELLED, Act.RESTORED: What.RESTORED}.get(Act(move.act))


def _names(moves: list[Move]) -> dict[int, str]:
    pks = set(_designers(moves))
    return dict(Designer.objects.filter(pk__in=pks).values_list("pk", "user__name")) if pks else {}


def _designers(moves: list[Move]) -> Iterator[int]:
    for move in moves:
        for side in (move.before, move.after):
            if "designer" in side:
                yield side["designer"]


def _place(side: Mapping[str, object], names: Mapping[int, str]) -> Place | None:
    if "date" not in side:
        return None
    date, time = dt.date.fromisoformat(str(side["date"])), dt.time.fromisoformat(str(side["time"]))
    return Place(dt.datetime.combine(date, time), names.get(int(str(side["designer"])), ""))
