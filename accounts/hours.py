"""Open or not, when, and with how many seats left: any number of designers and days in a constant number of queries."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.clock import salon_now, wall_clock
from accounts.models import Designer, Policy, TimeOff, User, WorkingHours
from cody_site.prepared import Asked, PreparedForOne

FARTHEST_DAYS = 366
"""Customers are offered times so far ahead at most, whatever the policy says."""
THE_WEEK = dt.timedelta(days=6)
"""Opening hours are told for today and so many days more, whatever the policy says."""

HOURS = PreparedForOne(
    lambda designers, weekdays: (
        WorkingHours.objects.filter(designer__in=designers, weekday__in=weekdays)
        .order_by("start", "end")
        .values_list("designer", "weekday", "start", "end")
    )
)
TIME_OFF = PreparedForOne(
    lambda designers, since, until: TimeOff.objects.filter(
        Q(designer=None) | Q(designer__in=designers), ends_at__gt=min(since), starts_at__lt=max(until)
    ).values_list("designer", "starts_at", "ends_at", "reason")
)
AskedHours = Asked[tuple[int, int, dt.time, dt.time]]
AskedTimeOff = Asked[tuple[int, dt.datetime, dt.datetime, str]]


class Span(NamedTuple):
    """A naive wall-clock span; `end` is exclusive."""

    start: dt.datetime
    end: dt.datetime


class Off(NamedTuple):
    """Time off on the wall clock, and whose: nobody's is the whole salon's."""

    start: dt.datetime
    end: dt.datetime
    reason: str
    designer: int | None


def questions(designers: Collection[int], first: dt.date, last: dt.date) -> tuple[AskedHours, AskedTimeOff]:
    """What Opening asks about these designers: their hours and their time off on those days."""
    days = [_moment(first)], [_moment(last) + dt.timedelta(days=1)]
    weekdays = {(first + dt.timedelta(days=number)).weekday() for number in range(min((last - first).days, 6) + 1)}
    return HOURS.asked(designers, weekdays), TIME_OFF.asked(designers, *days)


class Opening:
    """The opening times of some designers over some days, and of no others, read with two queries."""

    def __init__(self, designers: Collection[Designer], first: dt.date, last: dt.date) -> None:
        self._hours: dict[tuple[int, int], list[tuple[dt.time, dt.time]]] = defaultdict(list)
        hours, time_off = questions([designer.pk for designer in designers], first, last)
        for designer, weekday, start, end in hours():
            self._hours[designer, weekday].append((start, end))
        self._off: dict[int | None, list[Off]] = defaultdict(list)
        for owner, starts_at, ends_at, reason in time_off():
            self._off[owner].append(Off(wall_clock(starts_at), wall_clock(ends_at), reason, owner))
        self._grids: dict[tuple[int, int], tuple[dt.time, ...]] = {}

    def is_open(self, designer: Designer, start: dt.datetime) -> bool:
        """May a consultation of this designer begin then: on the slot grid, within a span, none of it off?"""
        slot = dt.timedelta(minutes=designer.slot_minutes)
        return start.time() in self._grid(designer, start.weekday()) and self.off(designer, start, start + slot) is None

    def times(self, designer: Designer, date: dt.date) -> list[dt.datetime]:
        """Every time of that day at which a consultation may begin, in order."""
        starts = [dt.datetime.combine(date, time) for time in self._grid(designer, date.weekday())]
        offs = self._offs(designer, dt.datetime.combine(date, dt.time()), dt.datetime.combine(date, dt.time.max))
        slot = dt.timedelta(minutes=designer.slot_minutes)
        return [start for start in starts if not any(off.start < start + slot and start < off.end for off in offs)]

    def spans(self, designer: Designer, date: dt.date) -> list[Span]:
        """The working spans of that day in order, time off not yet taken out."""
        return [
            Span(dt.datetime.combine(date, start), dt.datetime.combine(date, end))
            for start, end in self._hours[designer.pk, date.weekday()]
        ]

    def hours(self, designer: Designer, date: dt.date) -> frozenset[int]:
        """The clock hours of that day in which a consultation may begin; each has `max_per_hour` seats."""
        return frozenset(start.hour for start in self.times(designer, date))

    def off(self, designer: Designer, start: dt.datetime, end: dt.datetime) -> Off | None:
        """The time off that takes something of this span, the salon's before the designer's own."""
        return next(iter(self._offs(designer, start, end)), None)

    def salon_off(self, start: dt.datetime, end: dt.datetime) -> Off | None:
        """The whole salon's time off that takes something of this span."""
        return next((off for off in self._off[None] if off.start < end and start < off.end), None)

    def _offs(self, designer: Designer, start: dt.datetime, end: dt.datetime) -> list[Off]:
        return [off for owner in (None, designer.pk) for off in self._off[owner] if off.start < end and start < off.end]

    def _grid(self, designer: Designer, weekday: int) -> tuple[dt.time, ...]:
        """The times of any such weekday, worked out once."""
        key = designer.pk, weekday
        if key not in self._grids:
            there = designer.active and designer.in_service
            self._grids[key] = _grid(designer.slot_minutes, *self._hours[key]) if there else ()
        return self._grids[key]


@lru_cache
def _grid(slot_minutes: int, *spans: tuple[dt.time, dt.time]) -> tuple[dt.time, ...]:
    """The slots that begin and end within one of these spans."""

    def at(minutes: int) -> dt.time:
        return dt.time(*divmod(minutes, 60))

    slots = [(at(start), at(start + slot_minutes)) for start in range(0, 24 * 60 - slot_minutes, slot_minutes)]
    return tuple(begins for begins, ends in slots if any(first <= begins and ends <= last for first, last in spans))


class Slot(NamedTuple):
    """When somebody can come to a designer, and how many seats the clock hour has left; none or fewer is full."""

    designer: Designer
    start: dt.datetime
    left: int


class Seats:
    """What some designers' clock hours have left over some days; three queries."""

    def __init__(self, designers: Collection[Designer], first: dt.date, last: dt.date) -> None:
        self.designers = designers
        self.opening = Opening(designers, first, last)
        self._mine = Designer.objects.filter(pk__in=[designer.pk for designer in designers])
        self._taken = Counter(self._mine.taken_by_hour(first, last))

    def left(self, designer: Designer, start: dt.datetime) -> int:
        """Of that clock hour; none or fewer is full."""
        return designer.max_per_hour - self._taken[designer.pk, start.date(), start.hour]

    def take(self, designer: Designer, start: dt.datetime) -> None:
        """Count one seat more as taken, here and not in the database."""
        self._taken[designer.pk, start.date(), start.hour] += 1

    def give_back(self, designer: Designer, start: dt.datetime) -> None:
        """Count one seat less as taken, before anything is asked: its owner looks for another place."""
        self._taken[designer.pk, start.date(), start.hour] -= 1

    def slots(self, designer: Designer, date: dt.date) -> list[Slot]:
        """Of one of these designers on one of these days, in order; also the full ones and those that are over."""
        return [Slot(designer, start, self.left(designer, start)) for start in self.opening.times(designer, date)]


def slots(designer: Designer, date: dt.date, *, begun: bool = False) -> list[Slot]:
    """The slots of this designer on this day that are still to come, or `begun` and not yet over; three queries."""
    running = dt.timedelta(minutes=designer.slot_minutes if begun else 0)
    now = salon_now()
    return [slot for slot in Seats([designer], date, date).slots(designer, date) if slot.start + running > now]


class Availability(Seats):
    """What customers may reserve by the salon's policy, from now until `last`; five queries.

    Where a designer may be left out, all of these designers are meant. Days outside have no free times. A seat that is
    held for somebody who waits for it is free to that customer alone.
    """

    def __init__(self, designers: Collection[Designer], customer: User | None = None) -> None:
        self.policy, self.now = Policy.current(), salon_now()
        self.today = self.now.date()
        self.last = self.today + dt.timedelta(days=min(self.policy.days_ahead, FARTHEST_DAYS))
        self.earliest = self.now + self.policy.reserve_notice
        super().__init__(designers, self.today, max(self.last, self.today + THE_WEEK))
        self._taken.update(self._mine.held_by_hour(self.today, self.last, but_for=customer))
        self._free: dict[tuple[int, dt.date], list[Slot]] = {}

    def free(self, date: dt.date, designer: Designer | None = None) -> list[Slot]:
        """When a customer can come on that day, in order of time and then of the designers."""
        if designer is None:
            found = [slot for one in self.designers for slot in self.free(date, one)]
            return sorted(found, key=lambda slot: slot.start)
        key = designer.pk, date
        if key not in self._free:
            self._free[key] = [slot for slot in self._offered(designer, date) if slot.left > 0]
        return self._free[key]

    def is_full(self, date: dt.date, designer: Designer | None = None) -> bool:
        """Could customers come on that day if others had not been quicker?"""
        whose = self.designers if designer is None else [designer]
        return not any(self.free(date, one) for one in whose) and any(self._offered(one, date) for one in whose)

    def _offered(self, designer: Designer, date: dt.date) -> list[Slot]:
        """What the policy lets customers reserve, taken or not."""
        if not self.earliest.date() <= date <= self.last:
            return []
        slots = self.slots(designer, date)
        return [slot for slot in slots if slot.start >= self.earliest and slot.start > self.now]

    def times(self, date: dt.date, designer: Designer | None = None) -> dict[dt.datetime, int]:
        """The same as times with the seats left there, of all designers together."""
        times: dict[dt.datetime, int] = {}
        for slot in self.free(date, designer):
            times[slot.start] = times.get(slot.start, 0) + slot.left
        return times

    def next_free(self, designer: Designer | None = None, since: dt.date | None = None) -> Slot | None:
        """The first time on that day (today) or later."""
        return next(self._ahead(designer, since or self.today), None)

    def first_free_day(self, designer: Designer | None = None, since: dt.date | None = None) -> dt.date | None:
        slot = self.next_free(designer, since)
        return slot.start.date() if slot else None

    def host(self, start: dt.datetime) -> Designer | None:
        """Who takes somebody who comes to anyone then: of those who are free, who has most seats left on that day."""
        free = [slot.designer for slot in self.free(start.date()) if slot.start == start]
        return max(free, key=lambda designer: self._left_on(designer, start.date()), default=None)

    def nearest(self, start: dt.datetime, whose: Collection[Designer], most: int) -> list[Slot]:
        """What these designers have instead of that time: on that day first, then on the days around it."""
        days = (self.today + dt.timedelta(days=number) for number in range((self.last - self.today).days + 1))
        found: dict[dt.datetime, Slot] = {}
        for day in sorted(days, key=lambda day: abs(day - start.date())):
            free = [slot for designer in whose for slot in self.free(day, designer)]
            for slot in sorted(free, key=lambda slot: abs(slot.start - start)):
                found.setdefault(slot.start, slot)
            if len(found) >= most:
                break
        return list(found.values())[:most]

    def _ahead(self, designer: Designer | None, since: dt.date) -> Iterator[Slot]:
        for days in range((self.last - since).days + 1):
            yield from self.free(since + dt.timedelta(days=days), designer)

    def _left_on(self, designer: Designer, date: dt.date) -> int:
        return sum({slot.start.hour: slot.left for slot in self.free(date, designer)}.values())


@lru_cache(maxsize=1000)
def _moment(date: dt.date) -> dt.datetime:
    """The day's first moment, for comparison with stored ones; within what every time zone can tell."""
    within = min(max(date, dt.date(1900, 1, 1)), dt.date(9999, 1, 1))
    return timezone.make_aware(dt.datetime.combine(within, dt.time()))
