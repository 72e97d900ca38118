"""Reserving, moving, cancelling, restoring: one room for every door (API, pages, admin)."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from accounts import hours
from accounts.actors import Actor
from accounts.clock import salon_now
from accounts.guests import welcome_within
from accounts.hours import Opening
from accounts.models import CUSTOMERS, AccountType, Designer, Policy, User, UserQuerySet
from cody_site.errors import Forbidden, Mistyped, Refusal, UnknownUser
from cody_site.metrics import counted
from cody_site.prepared import Prepared, PreparedInsertOfTwo, read_ahead
from cody_site.transactions import MovedMeanwhile, retried
from media_store.models import Photo
from reservations import notices, seats, waiting
from reservations.errors import (
    AlreadyReserved,
    ForbiddenMove,
    Gone,
    NotAvailable,
    NotInTrash,
    TimePassed,
    TooFarAhead,
    TooLateToCancel,
    TooLateToChange,
    TooLateToReserve,
    TooManyOpen,
)
from reservations.models import NEXT, OPEN, Act, Move, Reservation, ReservationPhoto, ReservationQuerySet
from reservations.notices import Step
from reservations.seats import Overbooking, lock_designer, lock_designers, refuse_doubles, slot, take_seats

FIELDS = ("date", "time", "designer", "customer", "note", "status")
"""What of a reservation can be changed."""
SEAT = ("seat", "capacity", "overbooked_by", "overbook_reason")


@dataclass(frozen=True)
class Outcome:
    """How many rows a call matched, and how many of them are now different."""

    matched: int
    changed: int
    pks: Sequence[int] = ()
    """Of the rows that are now different; of a cancellation only."""


@dataclass(frozen=True)
class Change:
    """What shall be different; None leaves a field alone. `pk` must be the row's own (R15)."""

    date: dt.date | None = None
    time: dt.time | None = None
    designer: Designer | None = None
    customer: User | None = None
    note: str | None = None
    status: int | None = None
    pk: int | None = None

    @property
    def moves(self) -> bool:
        """May it bring somebody to another place, another time or another designer?"""
        return any(value is not None for value in (self.date, self.time, self.designer, self.customer))


@dataclass(frozen=True)
class Newcomer:
    """Somebody at the desk or on the telephone who has no account yet; `pn` is E.164."""

    name: str
    pn: str


@counted("book")
@retried
def book(
    *,
    by: Actor,
    customer: User | Newcomer | str,
    designer: Designer | str,
    date: dt.date,
    time: dt.time,
    note: str = "",
    photoids: Collection[str] = (),
    overbooking: Overbooking | None = None,
    walk_in: bool = False,
) -> Reservation:
    """Reserve a free seat in the designer's hour for the customer.

    `date` and `time` are the salon's wall clock, `photoids` the customer's own photos; a `walk_in` stands at the desk
    and may take the slot that is running. A newcomer gets an account with the reservation, or neither. Who is given by
    userid, in any case, is looked up with the locks. Raises UnknownUser, UnknownPhoto, TimePassed, NotAvailable,
    AlreadyReserved or HourFull; for customers also TooLateToReserve, TooFarAhead and TooManyOpen by the salon's policy.
    """
    return book_within(
        by=by,
        customer=customer,
        designer=designer,
        date=date,
        time=time,
        note=note,
        photoids=photoids,
        overbooking=overbooking,
        walk_in=walk_in,
    )


def book_within(
    *,
    by: Actor,
    customer: User | Newcomer | str,
    designer: Designer | str,
    date: dt.date,
    time: dt.time,
    note: str = "",
    photoids: Collection[str] = (),
    overbooking: Overbooking | None = None,
    walk_in: bool = False,
) -> Reservation:
    """The same in the caller's own transaction, for an act that books and does more."""
    host = lock_designer(designer)
    if isinstance(customer, Newcomer):
        _refuse_sent_twice(customer, host, date, time)
        customer = welcome_within(by=by, name=customer.name, pn=customer.pn)
    guest = _lock_guest(customer)
    if by.account_type == AccountType.DESIGNER and guest.type not in CUSTOMERS and guest.pk != by.user_pk:
        raise UnknownUser(_userid(customer))
    if host is None:
        raise UnknownUser(_userid(designer))
    row = Reservation(customer=guest, designer=host, date=date, time=time, note=note)
    photos = Photo.objects.named(photoids, of=guest)
    asked = *hours.questions([host.pk], date, date), *seats.questions([row]), *waiting.questions([row])
    with read_ahead(*asked):
        _refuse_slots(by, [row], {host.pk: host}, begun=walk_in)
        if by.account_type in CUSTOMERS:
            _refuse_too_many(guest)
        refuse_doubles([row])
        take_seats([row], {host.pk: host}, overbooking, by=by)
        ADDED(row, Move.by_actor(row, Act.BOOKED, by, {}, told(row)))
        ReservationPhoto.objects.bulk_create(
            ReservationPhoto(reservation=row, photo=photo, position=position) for position, photo in enumerate(photos)
        )
        notices.tell(by, [Step(row.pk, before=None, after=told(row))], {guest.pk: guest})
        waiting.fulfil([row], by=by)
    return row


@counted("change")
@retried
def change(
    *,
    by: Actor,
    reservations: ReservationQuerySet,
    data: Change,
    skipping: bool = False,
    correcting: bool = False,
    overbooking: Overbooking | None = None,
) -> Outcome:
    """Change all these live reservations, or none (R11).

    With `skipping` (the manual's `all`) rows that this caller may not change in this way are not matched; without,
    they refuse the whole. `correcting` lets staff set any status (R13), in the admin only.
    """
    designers = lock_designers(_destinations(reservations, data))
    customers = _lock_customers(_of(reservations) | _just(data.customer)) if data.moves else {}
    policy, now = Policy.current(), salon_now()
    rows = []
    for row in reservations.live().locked():
        refusal = _refusal_to_change(by, row, data, policy, now, correcting=correcting)
        if refusal is None:
            rows.append(row)
        elif not skipping:
            raise refusal

    before = {row.pk: told(row) for row in rows}
    missed = {row.pk for row in rows if row.no_show_at}
    slots = {row.pk: slot(row) for row in rows}
    changed = [row for row in rows if _apply(row, data)]
    if moved := [row for row in changed if _differs(row, before, "designer", "date", "time")]:
        if any(row.designer_id not in designers for row in moved):
            raise MovedMeanwhile
        _refuse_slots(by, moved, designers)
    if placed := [row for row in changed if _differs(row, before, "customer", "designer", "date", "time")]:
        _refuse_withdrawn(placed, customers)
        refuse_doubles(placed)
    if arriving := [row for row in moved if slot(row) != slots[row.pk]]:
        take_seats(arriving, designers, overbooking, by=by)
    if changed:
        _write(changed, arriving, data, missed)
        take_down_foreign_photos([row for row in changed if _differs(row, before, "customer")])
        Move.objects.bulk_create(
            (Move.by_actor(row, Act.CHANGED, by, before[row.pk], told(row)) for row in changed), batch_size=1000
        )
        notices.tell(by, [Step(row.pk, before=before[row.pk], after=told(row)) for row in placed])
        waiting.fulfil(placed, by=by)
        waiting.look_soon([slots[row.pk][1] for row in arriving])
    return Outcome(len(rows), len(changed))


@counted("cancel")
@retried
def cancel(*, by: Actor, reservations: ReservationQuerySet, reason: str = "", skipping: bool = False) -> Outcome:
    """Cancel all these live reservations, or none; they stay in the trash.

    Raises TooLateToCancel: what has begun (administrators may), or for customers what the policy no longer allows.
    With `skipping` (the manual's `all`) such rows are not matched.
    """
    return cancel_within(by=by, reservations=reservations, reason=reason, skipping=skipping)


def cancel_within(*, by: Actor, reservations: ReservationQuerySet, reason: str = "", skipping: bool = False) -> Outcome:
    """The same in the caller's own transaction, for an act that cancels and does more."""
    policy, now = Policy.current(), salon_now()
    rows = []
    for row in reservations.live().locked():
        if _may_cancel(by, row, policy, now):
            rows.append(row)
        elif not skipping:
            raise TooLateToCancel
    Reservation.objects.trash_rows(rows, by=by, reason=reason)
    notices.tell(by, [Step(row.pk, before=told(row), after=None, reason=reason) for row in rows])
    waiting.look_soon([row.date for row in rows])
    return Outcome(len(rows), len(rows), [row.pk for row in rows])


@retried
def restore(*, by: Actor, reservation: Reservation, overbooking: Overbooking | None = None) -> Reservation:
    """Take a reservation out of the trash, if its hour still has a seat and its customer is free then.

    Raises NotInTrash, AlreadyReserved or HourFull.
    """
    rows = Reservation.objects.trashed().filter(pk=reservation.pk)
    designers = lock_designers(rows.values_list("designer", flat=True))
    customers = _lock_customers(User.objects.filter(pk__in=rows.values("customer")))
    row = rows.locked().first()
    if row is None:
        raise NotInTrash
    if row.designer_id not in designers:
        raise MovedMeanwhile
    _refuse_withdrawn([row], customers)
    if not designers[row.designer_id].in_service:
        raise NotAvailable
    refuse_doubles([row])
    take_seats([row], designers, overbooking, by=by)
    row.trashed_at = row.trashed_by = None
    row.cancel_reason = ""
    row.save()
    Move.objects.record([row], Act.RESTORED, by=by, after=told(row))
    notices.tell(by, [Step(row.pk, before=None, after=told(row), returns=True)])
    waiting.fulfil([row], by=by)
    return row


@retried
def mark_no_show(*, by: Actor, reservation: Reservation, missed: bool = True) -> None:
    """Note that the customer did not come, or take the note back; the status stays as it is (R13).

    Raises Gone (cancelled, or no longer this person's) or Forbidden (it is not yet time, or the customer has come).
    """
    row = Reservation.objects.live().changeable_by(by).locked().filter(pk=reservation.pk).first()
    if row is None:
        raise Gone
    if missed and (row.status not in OPEN or row.start > salon_now()):
        raise Forbidden
    if missed == (row.no_show_at is not None):
        return
    row.no_show_at = timezone.now() if missed else None
    row.save(update_fields=["no_show_at"])
    Move.objects.record([row], Act.NO_SHOW, by=by, after={"no_show": missed})


def _destinations(reservations: ReservationQuerySet, data: Change) -> set[int]:
    """The designers whose hours rows may come to, read before any lock."""
    if data.designer:
        return {data.designer.pk}
    if data.date or data.time:
        return set(reservations.live().order_by().values_list("designer", flat=True).distinct())
    return set()


def _of(reservations: ReservationQuerySet) -> UserQuerySet:
    return User.objects.filter(pk__in=reservations.live().order_by().values("customer"))


def _just(customer: User | None) -> UserQuerySet:
    return User.objects.filter(pk=0 if customer is None else customer.pk)


def _locked(customers: UserQuerySet) -> UserQuerySet:
    """Locked in key order after the designers: each row is the queue for that customer's places."""
    return customers.select_for_update(of=("self",), no_key=True).order_by("pk")


ADDED = PreparedInsertOfTwo(Reservation, Move, "reservation")
GUEST = Prepared(lambda pk: _locked(User.objects.active().filter(pk=pk)).order_by())
GUEST_NAMED = Prepared(lambda userid: _locked(User.objects.active().filter(userid__lower=userid)).order_by())


def _lock_guest(customer: User | str) -> User:
    """Nobody is expected who has left."""
    guest = GUEST_NAMED.first(customer.lower()) if isinstance(customer, str) else GUEST.first(customer.pk)
    if guest is None:
        raise UnknownUser(_userid(customer))
    return guest


def _userid(given: User | Designer | str) -> str:
    """As it was typed."""
    if isinstance(given, str):
        return given
    return given.userid if isinstance(given, User) else given.user.userid


def _lock_customers(customers: UserQuerySet) -> dict[int, User]:
    return {customer.pk: customer for customer in _locked(customers)}


def _refuse_withdrawn(rows: Collection[Reservation], customers: dict[int, User]) -> None:
    """Nobody is expected who has left; raises MovedMeanwhile if a row came to a customer that is not locked."""
    for row in rows:
        customer = customers.get(row.customer_id)
        if customer is None:
            raise MovedMeanwhile
        if not customer.is_active:
            raise UnknownUser(customer.userid)


def _refuse_sent_twice(newcomer: Newcomer, designer: Designer | None, date: dt.date, time: dt.time) -> None:
    """One form pressed twice is one person: the designer's lock lets the second press see the first."""
    same = Reservation.objects.live().filter(designer=designer, date=date, time=time)
    if same.filter(customer__name=newcomer.name, customer__pn=newcomer.pn).exists():
        raise AlreadyReserved


def _refuse_too_many(customer: User) -> None:
    if customer.reservations.live().upcoming().count() >= Policy.current().open_reservations:
        raise TooManyOpen


def _refuse_slots(
    by: Actor, rows: Collection[Reservation], designers: dict[int, Designer], *, begun: bool = False
) -> None:
    """Are these times to come (or `begun` and not yet over), within the policy, and is the designer there?"""
    policy, now = Policy.current() if by.account_type in CUSTOMERS else None, salon_now()
    dates = [row.date for row in rows]
    opening = Opening(list(designers.values()), min(dates), max(dates))
    for row in rows:
        running = dt.timedelta(minutes=designers[row.designer_id].slot_minutes if begun else 0)
        if row.start <= now - running:
            raise TimePassed
        if policy:
            if row.start < now + policy.reserve_notice:
                raise TooLateToReserve
            if (row.date - now.date()).days > policy.days_ahead:
                raise TooFarAhead
        if not opening.is_open(designers[row.designer_id], row.start):
            raise NotAvailable


def _refusal_to_change(
    by: Actor, row: Reservation, data: Change, policy: Policy, now: dt.datetime, *, correcting: bool
) -> Refusal | None:
    if data.pk not in (None, row.pk):
        return Mistyped("id")
    if (
        data.customer is not None
        and data.customer.pk != row.customer_id
        and by.account_type != AccountType.ADMINISTRATOR
    ):
        return Forbidden()
    if data.status not in (None, row.status) and not correcting and data.status not in NEXT[row.status]:
        return ForbiddenMove(row.status, data.status or 0)
    if by.account_type in CUSTOMERS:
        moves = (
            data.date not in (None, row.date)
            or data.time not in (None, row.time)
            or (data.designer is not None and data.designer.pk != row.designer_id)
        )
        if row.status not in OPEN or (moves and row.start < now + policy.change_notice):
            return TooLateToChange()
    return None


def _apply(row: Reservation, data: Change) -> bool:
    """Set what shall be set; True if anything is now different."""
    before, was_at = (*told(row).values(), row.note), (row.date, row.time)
    row.date = data.date or row.date
    row.time = row.time if data.time is None else data.time
    row.designer_id = data.designer.pk if data.designer else row.designer_id
    row.customer_id = data.customer.pk if data.customer else row.customer_id
    row.note = row.note if data.note is None else data.note
    row.status = row.status if data.status is None else data.status
    if row.status not in OPEN or (row.date, row.time) != was_at:
        row.no_show_at = None  # who is in consultation has come, and who is expected later has not missed it
    return before != (*told(row).values(), row.note)


def _write(changed: list[Reservation], arriving: list[Reservation], data: Change, missed: set[int]) -> None:
    """What is the same for all in one UPDATE for many; who takes another seat, with it."""
    values = {name: getattr(data, name) for name in FIELDS if getattr(data, name) is not None}
    if data.status is not None and data.status not in OPEN:
        values["no_show_at"] = None
    seated = {row.pk for row in arriving}
    pks = [row.pk for row in changed if row.pk not in seated]
    for start in range(0, len(pks), 500):  # SQLite takes only so many parameters
        Reservation.objects.filter(pk__in=pks[start : start + 500]).update(**values)
    Reservation.objects.bulk_update(arriving, [*values, *SEAT], batch_size=100)
    if data.moves:
        for row in changed:
            if row.pk in missed and row.no_show_at is None:
                row.save(update_fields=["no_show_at"])


def take_down_foreign_photos(handed_over: list[Reservation]) -> None:
    """A reservation shows its own customer's photos only (R36)."""
    for start in range(0, len(handed_over), 500):
        pks = [row.pk for row in handed_over[start : start + 500]]
        shown = ReservationPhoto.objects.filter(reservation__in=pks)
        shown.exclude(photo__uploader=models.F("reservation__customer")).delete()


def _differs(row: Reservation, before: dict[int, dict[str, object]], *keys: str) -> bool:
    now = told(row)
    return any(now[key] != before[row.pk][key] for key in keys)


def _may_cancel(by: Actor, row: Reservation, policy: Policy, now: dt.datetime) -> bool:
    if by.account_type == AccountType.ADMINISTRATOR:
        return True
    if row.status not in OPEN:
        return False
    return by.account_type not in CUSTOMERS or row.start >= now + policy.cancel_notice


def told(row: Reservation) -> dict[str, object]:
    """What the history tells of a reservation; a note's words stay out of it."""
    return {
        "customer": row.customer_id,
        "designer": row.designer_id,
        "date": row.date.isoformat(),
        "time": row.time.isoformat("minutes"),
        "status": int(row.status),
    }
