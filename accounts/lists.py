"""What the lists of the back-office share: a count that ends, and filters that count nothing."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.clock import salon_today
from accounts.models import STAFF, AccountType, User

MOST = 1000


class Bounded(Paginator):
    """Pages of a list, counted up to MOST rows: to count a million takes longer than to show any of them."""

    template_name = "admin/pages.html"

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def has_more(self) -> bool:
        """Are there rows behind the last page?"""
        return self._counted > MOST

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: MOST + 1].count())


def is_key(text: object) -> bool:
    """Could it be a primary key, though no row may have it?"""
    given = str(text)
    return given.isascii() and given.isdecimal() and len(given) < 19


def key(text: object) -> int:
    """What a query or a form says of a primary key; 0, which no row has, for anything else."""
    return int(str(text)) if is_key(text) else 0


def by_default(request: HttpRequest) -> bool:
    """Does a filter narrow the list that nobody has chosen? Who searches, or acts on picked rows, means all."""
    return request.method != "POST" and not request.GET.get(SEARCH_VAR)


class Trash(SimpleListFilter):
    """What is not in the trash, unless one asks for it."""

    title = _("휴지통")
    parameter_name = "trash"
    words: ClassVar[tuple[Any, Any]] = (_("휴지통에 없는 것"), _("휴지통에 있는 것"))

    def __init__(self, request: HttpRequest, *rest: Any) -> None:
        self.default = "out" if by_default(request) else "all"
        super().__init__(request, *rest)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("out", self.words[0]), ("in", self.words[1]), ("all", _("모두"))]

    def value(self) -> str:
        chosen = super().value()
        return chosen if chosen in ("out", "in", "all") else self.default

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return queryset if chosen == "all" else queryset.filter(trashed_at__isnull=chosen == "out")


Span = tuple[dt.date | None, dt.date | None]
"""From the first day to the last; None where it has no end."""

DAY = dt.timedelta(days=1)


def _week(weeks: int) -> Callable[[dt.date], Span]:
    def span(today: dt.date) -> Span:
        monday = today + (7 * weeks - today.weekday()) * DAY
        return monday, monday + 6 * DAY

    return span


SPANS: dict[str, tuple[Any, Callable[[dt.date], Span]]] = {
    "today": (_("오늘"), lambda today: (today, today)),
    "tomorrow": (_("내일"), lambda today: (today + DAY, today + DAY)),
    "week": (_("이번 주"), _week(0)),
    "last-week": (_("지난주"), _week(-1)),
    "next-week": (_("다음 주"), _week(1)),
    "7-days": (_("최근 7일"), lambda today: (today - 6 * DAY, today)),
    "30-days": (_("최근 30일"), lambda today: (today - 29 * DAY, today)),
    "all": (_("전체 기간"), lambda today: (None, None)),
}


class Days(SimpleListFilter):
    """By spans that people name, by one day (`?date=2026-03-05`), or from one to another (`date_from`, `date_to`).

    It stands above the list, with a step to the days before and after; `parameter_name` is the field.
    """

    template = "admin/days.html"
    in_sight = True
    spans: ClassVar[list[str]]
    default: ClassVar[str] = "all"

    def __init__(self, request: HttpRequest, params: Any, *rest: Any) -> None:
        super().__init__(request, params, *rest)
        for name in self.expected_parameters()[1:]:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        lookup = any(key.startswith(f"{self.parameter_name}__") for key in request.GET)
        unasked = self.default if by_default(request) and not lookup else "all"
        self.chosen = next((text for text in self.used_parameters.values() if text), unasked)
        self.first, self.last, self.mistaken = self._read()
        self.hidden: list[tuple[str, str]] = []
        self.earlier = self.later = ""

    @classmethod
    def parameters(cls) -> list[str]:
        return [str(cls.parameter_name), f"{cls.parameter_name}_from", f"{cls.parameter_name}_to"]

    def expected_parameters(self) -> list[Any]:
        return self.parameters()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, SPANS[name][0]) for name in self.spans]

    def _read(self) -> tuple[dt.date | None, dt.date | None, bool]:
        """The days, and whether any of them was none."""
        if self.chosen in SPANS:
            return *SPANS[self.chosen][1](salon_today()), False
        one, first, last = (self.used_parameters.get(name, "") for name in self.expected_parameters())
        given = [_day(one), _day(one)] if one else [_day(first), _day(last)]
        mistaken = any(text and _day(text) is None for text in (one, first, last))
        return given[0], given[1], mistaken

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        days = self.expected_parameters()
        self.hidden = [
            (name, value)
            for name, values in changelist.filter_params.items()
            for value in values
            if name not in (*days, "p")
        ]
        if changelist.query:
            self.hidden.append((SEARCH_VAR, changelist.query))
        if self.first and self.last:
            length = self.last - self.first + DAY
            self.earlier, self.later = (
                changelist.get_query_string(self._parameters(self.first + step, self.last + step), days)
                for step in (-length, length)
            )
        for name, told in self.lookup_choices:
            yield {
                "selected": name == self.chosen,
                "query_string": changelist.get_query_string({days[0]: name}, days),
                "display": told,
            }

    def _parameters(self, first: dt.date, last: dt.date) -> dict[str, Any]:
        one, start, end = self.expected_parameters()
        if first == last:
            return {one: first.isoformat()}
        return {start: first.isoformat(), end: last.isoformat()}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": self.bound(self.first)})
        if self.last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": self.bound(self.last + DAY)})
        return queryset

    def bound(self, day: dt.date) -> dt.date:
        """Where the day begins, as the field has it."""
        return day


class Moments(Days):
    """The same of a field with date and time."""

    def bound(self, day: dt.date) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


class CreatedAt(Moments):
    title = _("때")
    parameter_name = "created_at"
    spans = ["today", "7-days", "30-days", "all"]


class Whoever(SimpleListFilter):
    """By whom of the salon's people it was done."""

    title = _("누가")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        crew = User.objects.active().filter(type__in=[*STAFF, AccountType.DESIGNER]).order_by("name", "pk")
        return [(str(user.pk), str(user)) for user in crew[:200]]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(by=key(self.value())) if self.value() else queryset


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year < 3000 else None
