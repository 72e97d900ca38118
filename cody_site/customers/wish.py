"""Whom somebody would come to, and when: what a page asks about before it is a reservation."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from accounts.actors import Actor
from accounts.hours import Availability, Slot
from accounts.models import Designer
from cody_site.customers.asked import Asked, check_address
from cody_site.customers.team import availability_for, team
from reservations.models import Reservation

NEAREST = 4
"""So many times are offered instead, with the same designer and with the others."""


@dataclass(frozen=True)
class Wish:
    """`designer` was asked for, or nobody; `host` is who has a seat then, and nobody if there is none."""

    availability: Availability
    designer: Designer | None
    start: dt.datetime

    @classmethod
    def of(cls, request: HttpRequest) -> "Wish | None":
        """What the address asks for, as things are now; None where that makes no sense."""
        asked, availability = Asked.by(request.GET), availability_for(request, team())
        designer = asked.of(availability.designers)
        if asked.start is None or (asked.designer and designer is None):
            return None
        return cls(availability, designer, asked.start)

    @cached_property
    def host(self) -> Designer | None:
        return self.designer or self.availability.host(self.start)

    @property
    def is_free(self) -> bool:
        host = self.host
        return host is not None and self.start in self.availability.times(self.start.date(), host)

    @property
    def address(self) -> str:
        return check_address(self.host, self.start)

    def kept_by(self, by: Actor) -> Reservation | None:
        """The reservation that this person has there already."""
        if by.user is None:
            return None
        rows = by.user.reservations.live().filter(date=self.start.date(), time=self.start.time())
        return (rows if self.designer is None else rows.filter(designer=self.designer)).first()

    def instead(self, *, then: bool) -> tuple[list[Slot], list[Slot]]:
        """What is near and free, of the designer asked for (or of all) and of the others; also at that time or not."""
        team = self.availability.designers
        own = [one for one in team if self.designer is None or one.pk == self.designer.pk]
        others = [one for one in team if one not in own]
        return self._near(own, then), self._near(others, then)

    def _near(self, whose: list[Designer], then: bool) -> list[Slot]:
        near = self.availability.nearest(self.start, whose, NEAREST + 1)
        chosen = [slot for slot in near if then or slot.start != self.start][:NEAREST]
        return sorted(chosen, key=lambda slot: slot.start)

    def until(self, notice: dt.timedelta) -> dt.datetime | None:
        """The last moment so long before; None if that is over."""
        return self.start - notice if self.start - self.availability.now >= notice else None
