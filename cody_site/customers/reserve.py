"""Choosing whom and when: a strip of days, the times of one of them, for one designer or whoever is free."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.hours import Availability
from accounts.models import Designer
from cody_site.customers import times
from cody_site.customers.asked import Asked, reserve_address
from cody_site.customers.team import availability_for, team

DAYS = 14
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """`free` counts the times that one can still choose; without any the day is full, over, or nobody works then."""

    date: dt.date
    free: int
    is_full: bool
    works: bool
    address: str


class Calendar:
    """The days around the one that is looked at, for one designer or, with None, for all of them together.

    `address` is where another designer or day is looked at.
    """

    def __init__(
        self,
        availability: Availability,
        designer: Designer | None,
        date: dt.date,
        address: Callable[[Designer | None, dt.date | None], str] = reserve_address,
    ) -> None:
        self.availability, self.designer, self.date, self.address = availability, designer, date, address
        self.first = availability.today + (date - availability.today) // DAY // DAYS * DAYS * DAY

    @cached_property
    def days(self) -> list[Day]:
        last = min(self.first + (DAYS - 1) * DAY, self.availability.last)
        return [self._day(self.first + number * DAY) for number in range((last - self.first).days + 1)]

    def _day(self, date: dt.date) -> Day:
        whose = self.availability.designers if self.designer is None else [self.designer]
        works = any(self.availability.opening.times(one, date) for one in whose)
        free = len(self.availability.times(date, self.designer))
        return Day(date, free, self.availability.is_full(date, self.designer), works, self.at(date))

    def earlier(self) -> str:
        """The address of the days before; empty if there are none."""
        return self._from(self.first - DAYS * DAY) if self.first > self.availability.today else ""

    def later(self) -> str:
        following = self.first + DAYS * DAY
        return self._from(following) if following <= self.availability.last else ""

    def _from(self, first: dt.date) -> str:
        """These days, at the first free one if any is."""
        free = self.availability.first_free_day(self.designer, since=first)
        return self.at(free if free is not None and free < first + DAYS * DAY else first)

    def at(self, date: dt.date) -> str:
        return self.address(self.designer, date)

    def shown(self, kept: dt.date | None) -> dict[str, object]:
        """What _who.html, _days.html and _times.html take; other designers are looked at on the day that is `kept`."""
        availability, designer, date = self.availability, self.designer, self.date
        free = availability.times(date, designer)
        return {
            "calendar": self,
            "designer": designer,
            "designers": [(one, self.address(one, kept)) for one in availability.designers],
            "anyone": self.address(None, kept),
            "date": date,
            "parts": times.parts(free),
            "count": len(free),
            "next_free": availability.next_free(designer, since=date) or availability.next_free(designer),
            "others": 0 if designer is None else len(availability.times(date)),
            "day": next(day for day in self.days if day.date == date),
        }


@login_not_required
@require_safe
def reserve(request: HttpRequest) -> HttpResponse:
    """`?designer=&date=`, both of which may be left out: then whoever is free, on the first day that is not full."""
    availability = availability_for(request, team())
    asked = Asked.by(request.GET)
    designer = asked.of(availability.designers)
    within = asked.date is not None and availability.today <= asked.date <= availability.last
    next_free = availability.next_free(designer)
    first_free = availability.today if next_free is None else next_free.start.date()
    date = asked.date if asked.date is not None and within else first_free
    shown = Calendar(availability, designer, date).shown(kept=asked.date if within else None)
    return render(
        request,
        "pages/reserve.html",
        shown
        | {
            "here": reverse("pages:reserve"),
            "check": reverse("pages:check"),
            "unknown": bool(asked.designer) and designer is None,
            "out_of_reach": bool(request.GET.get("date")) and not within,
        },
    )
