"""Seats in a designer's clock hour (R14): who gets one, and who is refused.

The designer's row is the queue for that designer's hours: whoever gives out seats holds it (SQLite has one writer
anyway). The unique constraints have the last word; a violation rolls back, and the next attempt sees why.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from accounts.actors import Actor, Door
from accounts.models import Designer, User
from cody_site.prepared import Asked, Prepared, PreparedForOne
from reservations.errors import AlreadyReserved, HourFull
from reservations.models import Reservation, Wait

Slot = tuple[int, dt.date, int]
"""designer, date, clock hour"""
AskedDoubles = Asked[tuple[int, int, dt.date, dt.time]]
AskedSeats = Asked[tuple[int, int, dt.date, int, int]]
AskedOffers = Asked[tuple[dt.datetime | None, int, int, dt.date, int]]


ASKED_OF_ACCOUNTS = "userid", "name", "type", "withdrawn_at"


@dataclass(frozen=True)
class Overbooking:
    """Who takes a seat above the limit knowingly, and why."""

    by: User
    reason: str


def _locked(designers: models.QuerySet[Designer]) -> models.QuerySet[Designer]:
    own = [field.name for field in Designer._meta.concrete_fields]  # noqa: SLF001 -- documented in spite of its name
    needed = designers.select_related("user").only(*own, *(f"user__{field}" for field in ASKED_OF_ACCOUNTS))
    return needed.select_for_update(of=("self",), no_key=True)


LOCKED = PreparedForOne(lambda pks: _locked(Designer.objects.filter(pk__in=pks)).order_by("pk"))
NAMED = Prepared(lambda userid: _locked(Designer.objects.in_service().filter(user__userid__lower=userid)).order_by())


def lock_designer(designer: Designer | str) -> Designer | None:
    """One, given as such or by the userid, in any case; None if no designer is called so."""
    return NAMED.first(designer.lower()) if isinstance(designer, str) else LOCKED.first([designer.pk])


def _on(dates: Collection[dt.date]) -> models.Q:
    """Of several days all from the first to the last; one is told to be one, for PostgreSQL to plan for that."""
    return models.Q(date__in=dates) if len(dates) == 1 else models.Q(date__range=(min(dates), max(dates)))


def _then(
    customers: Collection[int], dates: Collection[dt.date], times: Collection[dt.time]
) -> models.QuerySet[Reservation, tuple[int, int, dt.date, dt.time]]:
    """Where one customer is at these times; for several, where everybody is: SQLite takes only so many parameters."""
    rows = Reservation.objects.live().filter(_on(dates), time__in=times)
    if len(customers) == 1:
        rows = rows.filter(customer__in=customers)
    return rows.order_by().values_list("pk", "customer", "date", "time")


DOUBLES = PreparedForOne(_then)
TAKEN = PreparedForOne(
    lambda designers, dates, hours: (
        Reservation.objects.live()
        .filter(_on(dates), designer__in=designers, hour__in=hours)
        .order_by()
        .values_list("pk", "designer", "date", "hour", "seat")
    )
)
OFFERED = PreparedForOne(
    lambda designers, dates: (
        Wait.objects.live()
        .filter(_on(dates), offered_designer__in=designers)
        .order_by()
        .values_list("offered_until", "customer", "offered_designer", "date", "offered_hour")
    )
)


def lock_designers(pks: Iterable[int]) -> dict[int, Designer]:
    """The designers whose hours may fill, locked in key order; no_key: foreign keys to them need not wait."""
    return {designer.pk: designer for designer in LOCKED(set(pks))}


def questions(rows: Collection[Reservation]) -> tuple[AskedDoubles, AskedSeats, AskedOffers]:
    """What is asked here about these rows."""
    return _doubles(rows), _seated(rows), _offered(rows)


def _doubles(rows: Collection[Reservation]) -> AskedDoubles:
    """Where else are their customers at these times?"""
    return DOUBLES.asked({row.customer_id for row in rows}, _dates(rows), {row.time for row in rows})


def _seated(rows: Collection[Reservation]) -> AskedSeats:
    """Which seats of these hours are taken?"""
    return TAKEN.asked({row.designer_id for row in rows}, _dates(rows), {row.time.hour for row in rows})


def _offered(rows: Collection[Reservation]) -> AskedOffers:
    """Which seats of these days were offered to whom?"""
    return OFFERED.asked({row.designer_id for row in rows}, _dates(rows))


def _dates(rows: Collection[Reservation]) -> set[dt.date]:
    return {row.date for row in rows}


def refuse_doubles(rows: Collection[Reservation]) -> None:
    """One customer, one place at a time: AlreadyReserved if these rows meet another one or each other."""
    ours = {row.pk for row in rows}
    wanted = {(row.customer_id, row.date, row.time) for row in rows}
    others = _doubles(rows)()
    if len(wanted) < len(rows) or any(pk not in ours and (*place,) in wanted for pk, *place in others):
        raise AlreadyReserved


def take_seats(
    rows: Collection[Reservation],
    designers: dict[int, Designer],
    overbooking: Overbooking | None = None,
    *,
    by: Actor,
) -> None:
    """Give each of these rows, new in its hour, the lowest free seat there, or raise HourFull.

    Seats above a limit that was lowered since count as occupied, and so do those that are held for somebody else who
    waits for them, but not at the desk. With `overbooking`, who finds no seat gets one above the limit, marked with
    who and why.
    """
    taken = _taken(rows)
    held = {} if by.door == Door.ADMIN else _held(rows)
    for row in rows:
        limit = designers[row.designer_id].max_per_hour
        seats = taken[slot(row)]
        others = sum(customer != row.customer_id for customer in held.get(slot(row), ()))
        full = len(seats) + others >= limit
        if full and overbooking is None:
            raise HourFull
        row.seat = next(seat for seat in range(1, len(seats) + 2) if seat not in seats)
        row.capacity = limit
        above = overbooking if full else None
        row.overbooked_by = above.by if above else None
        row.overbook_reason = above.reason if above else ""
        seats.add(row.seat)


def slot(row: Reservation) -> Slot:
    return row.designer_id, row.date, row.time.hour


def _taken(rows: Collection[Reservation]) -> dict[Slot, set[int]]:
    """The seats that others have in the hours that these rows come to."""
    ours = {row.pk for row in rows}
    taken: dict[Slot, set[int]] = defaultdict(set)
    for pk, designer, date, hour, seat in _seated(rows)():
        if pk not in ours:
            taken[designer, date, hour].add(seat)
    return taken


def _held(rows: Collection[Reservation]) -> dict[Slot, list[int]]:
    """For whom seats are held still, of those that were offered."""
    held: dict[Slot, list[int]] = defaultdict(list)
    now = timezone.now()
    for until, customer, designer, date, hour in _offered(rows)():
        if until is not None and until > now:
            held[designer, date, hour].append(customer)
    return held
