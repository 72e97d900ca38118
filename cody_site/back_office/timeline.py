"""A day as a table: designers are its columns, the slots of the day its rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import gcd

from django.utils.translation import gettext as _

from accounts.hours import Opening
from accounts.models import Designer
from cody_site.back_office.visit import Visit


@dataclass
class Cell:
    """What one designer does in a row: `closed` says why nobody can come, over `height` rows; else visits and a slot.

    `starts` are the slots in this row that somebody else may take; `taken` of the clock hour's seats stands where the
    hour begins.
    """

    designer: Designer
    closed: str = ""
    off: bool = False
    height: int = 1
    visits: list[Visit] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    taken: int = 0
    counted: bool = False

    @property
    def capacity(self) -> int:
        return self.designer.max_per_hour

    @property
    def full(self) -> bool:
        return self.taken >= self.capacity


@dataclass
class Row:
    """`now` is the line of the present, which stands above this row."""

    start: dt.datetime
    now: bool
    cells: list[Cell]

    @property
    def at(self) -> str:
        return f"{self.start:%H:%M}"


def rows(
    designers: Sequence[Designer], opening: Opening, date: dt.date, visits: Iterable[Visit], now: dt.datetime
) -> list[Row]:
    """The table of one day, from the first that anybody works or is expected to the last."""
    by_cell: dict[tuple[int, dt.datetime], list[Visit]] = defaultdict(list)
    taken: dict[tuple[int, int], int] = defaultdict(int)
    step = _step(designers)
    visits = list(visits)
    for visit in visits:
        by_cell[visit.designer_id, _floor(visit.start, step)].append(visit)
        taken[visit.designer_id, visit.start.hour] += 1
    begins = _begins(designers, opening, date, visits, step)
    columns = [_column(designer, opening, begins, step, now, by_cell, taken) for designer in designers]
    line = next((start for start in begins if start > now), None) if begins and begins[0] <= now else None
    return [Row(start, start == line, [column[start] for column in columns if start in column]) for start in begins]


def _begins(
    designers: Sequence[Designer], opening: Opening, date: dt.date, visits: list[Visit], step: dt.timedelta
) -> list[dt.datetime]:
    spans = [span for designer in designers for span in opening.spans(designer, date)]
    starts = [span.start for span in spans] + [visit.start for visit in visits]
    ends = [span.end for span in spans] + [visit.start + step for visit in visits]
    if not starts:
        return []
    start, end, begins = _floor(min(starts), step), max(ends), []
    while start < end:
        begins.append(start)
        start += step
    return begins


def _column(
    designer: Designer,
    opening: Opening,
    begins: list[dt.datetime],
    step: dt.timedelta,
    now: dt.datetime,
    by_cell: dict[tuple[int, dt.datetime], list[Visit]],
    taken: dict[tuple[int, int], int],
) -> dict[dt.datetime, Cell]:
    """The cells of one designer by the rows in which they begin; what is closed for the same reason is one cell."""
    column: dict[dt.datetime, Cell] = {}
    above: Cell | None = None
    slot = dt.timedelta(minutes=designer.slot_minutes)
    slots = opening.times(designer, begins[0].date()) if begins else []
    for start in begins:
        cell = Cell(designer, visits=by_cell.get((designer.pk, start), []), taken=taken[designer.pk, start.hour])
        cell.counted = start.minute < step.total_seconds() // 60
        if not cell.visits:
            cell.closed, cell.off = _closed(designer, opening, start, start + step)
        if cell.closed and above is not None and above.closed == cell.closed:
            above.height += 1
            continue
        cell.starts = [f"{at:%H:%M}" for at in slots if start <= at < start + step and at + slot > now]
        column[start] = above = cell
    return column


def _closed(designer: Designer, opening: Opening, start: dt.datetime, end: dt.datetime) -> tuple[str, bool]:
    """Why nobody can come then, "" if somebody can; and whether that is time off."""
    spans = opening.spans(designer, start.date())
    if not designer.active or not spans:
        return _("근무 없음"), False
    if off := opening.off(designer, start, end):
        return (_("살롱 휴무: %s") if off.designer is None else _("휴무: %s")) % off.reason, True
    if any(span.start < end and start < span.end for span in spans):
        return "", False
    if end <= spans[0].start:
        return _("출근 전"), False
    return _("퇴근 후") if start >= spans[-1].end else _("휴게"), False


def _step(designers: Sequence[Designer]) -> dt.timedelta:
    """The height of a row: what all slots have in common, if that can still be read."""
    common = gcd(60, *(designer.slot_minutes for designer in designers))
    return dt.timedelta(minutes=common if common >= 15 else 30)


def _floor(at: dt.datetime, step: dt.timedelta) -> dt.datetime:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // step * step
