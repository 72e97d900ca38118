"""What every report is: figures to compare, a table, a chart of its columns, and words that say what was counted."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.clock import wall_clock
from cody_site.back_office.reports.names import SHORT_WEEKDAYS
from cody_site.back_office.reports.period import Period

Words = str | Promise
Row = Sequence[Any]


class Kind(Enum):
    """What a value is, which says how it is written on a page and in a file; None is nothing to tell."""

    TEXT = auto()
    DATE = auto()
    MONTH = auto()
    """A date that stands for its month."""
    TIME = auto()
    MOMENT = auto()
    COUNT = auto()
    WON = auto()
    SHARE = auto()
    """Of 1."""
    DAYS = auto()

    @property
    def is_number(self) -> bool:
        return self in (Kind.COUNT, Kind.WON, Kind.SHARE, Kind.DAYS)


@dataclass(frozen=True)
class Column:
    title: Words
    kind: Kind = Kind.COUNT
    charted: bool = False


@dataclass(frozen=True)
class Table:
    """Its first column names the rows; `total` is a last row without a name."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was counted in any row."""
        return not any(value for row in self.rows for value in row[1:])

    def told(self) -> list[list[tuple[str, bool]]]:
        """Each cell's text, and whether it is a number, which stands to the right."""
        return [_told(self.columns, row) for row in self.rows]

    def told_total(self) -> list[tuple[str, bool]]:
        return [] if self.total is None else _told(self.columns[1:], self.total)

    def chart(self) -> str:
        """For Chart.js: the charted columns over the first one."""
        colours = ("var(--color-primary-600)", "var(--color-primary-300)")
        charted = [(number, column) for number, column in enumerate(self.columns) if column.charted]
        datasets = [
            {
                "label": f"{column.title} {_unit(column.kind)}".strip(),
                "data": [_on_axis(column.kind, row[number]) for row in self.rows],
                "backgroundColor": colour,
                "borderColor": colour,
                "maxBarThickness": 28,
                "borderRadius": 3,
                "borderSkipped": "start",
                "displayYAxis": True,
                "maxTicksXLimit": 12,
                "suffixYAxis": _unit(column.kind),
            }
            for (number, column), colour in zip(charted, colours, strict=False)
        ]
        return json.dumps({"labels": [told(self.columns[0].kind, row[0]) for row in self.rows], "datasets": datasets})


@dataclass(frozen=True)
class Figure:
    """One number of a period that is worth comparing with the period before."""

    title: Words
    kind: Kind
    value: float | None


@dataclass(frozen=True)
class Report:
    """`basis` names the date that puts a row into the period; `meaning` says what exactly was counted."""

    slug: str
    title: Words
    basis: Words
    meaning: Words
    table: Callable[[Period], Table]
    figures: Callable[[Period], Iterable[Figure]]
    is_line: bool = False
    """Over time, as against side by side."""


@dataclass(frozen=True)
class Card:
    """A figure beside the same one of the period before."""

    figure: Figure
    before: Figure

    @property
    def value(self) -> str:
        return told(self.figure.kind, self.figure.value)

    @property
    def value_before(self) -> str:
        return told(self.before.kind, self.before.value)

    @property
    def change(self) -> str:
        """`+12 %`; of shares the difference in points, of days in days; empty with nothing to compare with."""
        now, before = self.figure.value, self.before.value
        if now is None or before is None or (before <= 0 and self.figure.kind in (Kind.COUNT, Kind.WON)):
            return ""
        if now == before:
            return "±0"
        if self.figure.kind is Kind.SHARE:
            return f"{(now - before) * 100:+.1f} %p"
        if self.figure.kind is Kind.DAYS:
            return _("%(days)s일") % {"days": f"{now - before:+g}"}
        return f"{(now - before) / before:+,.0%}".replace("%", " %")


def cards(report: Report, period: Period) -> list[Card]:
    return [Card(*pair) for pair in zip(report.figures(period), report.figures(period.before), strict=True)]


def share(part: float, whole: float) -> float | None:
    """None of nothing."""
    return part / whole if whole else None


def told(kind: Kind, value: Any) -> str:
    """As a page writes it."""
    if value is None:
        return "–"
    match kind:
        case Kind.DATE:
            return f"{value.month}. {value.day}. ({SHORT_WEEKDAYS[value.weekday()]})"
        case Kind.MONTH:
            return f"{value.year}. {value.month}."
        case Kind.TIME:
            return f"{value:%H:%M}"
        case Kind.MOMENT:
            return f"{wall_clock(value):%Y-%m-%d %H:%M}"
        case Kind.WON:
            return _("%(won)s원") % {"won": f"{value:,}"}
        case Kind.SHARE:
            return f"{value:.1%}"
        case Kind.DAYS:
            return _("%(days)s일") % {"days": f"{value:g}"}
        case Kind.COUNT:
            return f"{value:,}"
    return str(value)


def _told(columns: Sequence[Column], row: Row) -> list[tuple[str, bool]]:
    return [(told(column.kind, value), column.kind.is_number) for column, value in zip(columns, row, strict=True)]


def _unit(kind: Kind) -> str:
    """An axis has no thousands separators; in ten thousands, as Koreans count, it needs none."""
    return {Kind.SHARE: "%", Kind.WON: _("만원")}.get(kind, "")


def _on_axis(kind: Kind, value: Any) -> float:
    match kind:
        case Kind.SHARE:
            return round((value or 0) * 100, 1)
        case Kind.WON:
            return float(value / 10_000)
    return float(value or 0)
