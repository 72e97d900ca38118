"""Open or not, and when: working hours less time off, in a constant number of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.clock import salon_now, wall_clock
from accounts.models import Designer, TimeOff, WorkingHours


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


class Opening:
    """The opening times of some designers over some days, read with two queries."""

    def __init__(self, designers: Collection[Designer], first: dt.date, last: dt.date) -> None:
        self._hours: dict[tuple[int, int], list[tuple[dt.time, dt.time]]] = defaultdict(list)
        for designer, weekday, start, end in WorkingHours.objects.filter(designer__in=designers).values_list(
            "designer", "weekday", "start", "end"
        ):
            self._hours[designer, weekday].append((start, end))
        self._off: dict[int | None, list[Off]] = defaultdict(list)
        for owner, starts_at, ends_at, reason in TimeOff.objects.filter(
            Q(designer=None) | Q(designer__in=designers),
            ends_at__gt=_moment(first),
            starts_at__lt=_moment(last) + dt.timedelta(days=1),
        ).values_list("designer", "starts_at", "ends_at", "reason"):
            self._off[owner].append(Off(wall_clock(starts_at), wall_clock(ends_at), reason, owner))

    def is_open(self, designer: Designer, start: dt.datetime) -> bool:
        """May a consultation of this designer begin then: on the slot grid, within a span, none of it off?"""
        slot = dt.timedelta(minutes=designer.slot_minutes)
        if dt.datetime.max - start < slot:
            return False
        end = start + slot
        return (
            designer.active
            and designer.in_service
            and (start.hour * 60 + start.minute) % designer.slot_minutes == 0
            and start.second == 0
            and any(span.start <= start and end <= span.end for span in self.spans(designer, start.date()))
            and self.off(designer, start, end) is None
        )

    def spans(self, designer: Designer, date: dt.date) -> list[Span]:
        """The working spans of that day, time off not yet taken out."""
        return sorted(
            Span(dt.datetime.combine(date, start), dt.datetime.combine(date, end))
            for start, end in self._hours[designer.pk, date.weekday()]
        )

    def times(self, designer: Designer, date: dt.date) -> Iterator[dt.datetime]:
        """Every time of that day at which a consultation may begin, in order."""
        midnight = dt.datetime.combine(date, dt.time())
        for minutes in range(0, 24 * 60, designer.slot_minutes):
            start = midnight + dt.timedelta(minutes=minutes)
            if self.is_open(designer, start):
                yield start

    def hours(self, designer: Designer, date: dt.date) -> frozenset[int]:
        """The clock hours of that day in which a consultation may begin; each has `max_per_hour` seats."""
        return frozenset(start.hour for start in self.times(designer, date))

    def has_time_off(self, designer: Designer, date: dt.date) -> bool:
        """Is any part of that day off?"""
        midnight = dt.datetime.combine(date, dt.time())
        return self.off(designer, midnight, midnight + dt.timedelta(days=1)) is not None

    def off(self, designer: Designer, start: dt.datetime, end: dt.datetime) -> Off | None:
        """The time off that takes something of this span, the salon's before the designer's own."""
        own = self._off[None] + self._off[designer.pk]
        return next((off for off in own if off.start < end and start < off.end), None)


class Slot(NamedTuple):
    """When somebody can come to a designer, and how many seats the clock hour has left; none or fewer is full."""

    designer: Designer
    start: dt.datetime
    left: int


def slots(designers: Collection[Designer], date: dt.date, *, begun: bool = False) -> list[Slot]:
    """The slots of these designers on this day that are still to come, or `begun` and not yet over; three queries."""
    opening = Opening(designers, date, date)
    taken = Designer.objects.filter(pk__in=[designer.pk for designer in designers]).taken_by_hour(date)
    now = salon_now()
    return [
        Slot(designer, start, designer.max_per_hour - taken.get((designer.pk, start.hour), 0))
        for designer in designers
        for start in opening.times(designer, date)
        if (start + dt.timedelta(minutes=designer.slot_minutes) if begun else start) > now
    ]


def free_times(designer: Designer, date: dt.date) -> list[dt.time]:
    """When a customer can still come to this designer on this day; three queries."""
    return [slot.start.time() for slot in slots([designer], date) if slot.left > 0]


def _moment(date: dt.date) -> dt.datetime:
    """The day's first moment, for comparison with stored ones; within what every time zone can tell."""
    within = min(max(date, dt.date(1900, 1, 1)), dt.date(9999, 1, 1))
    return timezone.make_aware(dt.datetime.combine(within, dt.time()))
