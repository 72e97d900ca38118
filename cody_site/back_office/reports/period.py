"""Which days a report is about, and which came before them."""

import datetime as dt
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import DateField, Q
from django.db.models.functions import TruncDay, TruncMonth
from django.utils import timezone

from accounts.models import Designer

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
LONGEST = 3660
"""In days: ten years."""
DAYS_SHOWN_ONE_BY_ONE = 62


@dataclass(frozen=True)
class Period:
    """Days of the salon's calendar, both ends included; of one designer, or of all."""

    first: dt.date
    last: dt.date
    designer: Designer | None = None

    def __str__(self) -> str:
        days = f"{self.first} – {self.last}"
        return f"{days}, {self.designer}" if self.designer else days

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """To compare with: the month before a whole month, otherwise as many days directly before."""
        last = self.first - dt.timedelta(days=1)
        is_whole_month = self.first.day == 1 and self.last == end_of_month(self.first)
        first = last.replace(day=1) if is_whole_month else self.first - dt.timedelta(days=self.days)
        return replace(self, first=first, last=last)

    @property
    def query(self) -> str:
        """For a link to the same days."""
        given = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return urlencode(given | ({"designer": str(self.designer.pk)} if self.designer else {}))

    def dates(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=number) for number in range(self.days)]

    def on(self, field: str) -> Q:
        """Rows whose date, on the salon's calendar, is one of these days."""
        return Q(**{f"{field}__gte": self.first, f"{field}__lte": self.last})

    def at(self, field: str) -> Q:
        """Rows whose moment is in one of these days: from midnight to midnight in the salon."""
        first, end = _midnight(self.first), _midnight(self.last + dt.timedelta(days=1))
        return Q(**{f"{field}__gte": first, f"{field}__lt": end})

    # ---- long periods are told month by month

    @property
    def is_by_month(self) -> bool:
        return self.days > DAYS_SHOWN_ONE_BY_ONE

    def step(self, field: str) -> TruncDay | TruncMonth:
        """The day of a row, or the first of its month."""
        return (TruncMonth if self.is_by_month else TruncDay)(field, output_field=DateField())

    def steps(self) -> list[dt.date]:
        """Every day, or the first of every month, in order."""
        if not self.is_by_month:
            return self.dates()
        return sorted({date.replace(day=1) for date in self.dates()})


def _midnight(date: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(date, dt.time()))


def end_of_month(date: dt.date) -> dt.date:
    """The last day of its month."""
    return (date.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
