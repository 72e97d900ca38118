"""When the salon, or one designer, is there: today and in the week that begins with it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from accounts.hours import Opening, Span
from accounts.models import Designer


@dataclass(frozen=True)
class OpenDay:
    """`spans` are those in which anybody works, `off` what the salon's time off takes of them is called."""

    date: dt.date
    spans: list[Span]
    off: str = ""


def week(opening: Opening, designers: Collection[Designer], first: dt.date) -> list[OpenDay]:
    return [_day(opening, designers, first + dt.timedelta(days=number)) for number in range(7)]


def _day(opening: Opening, designers: Collection[Designer], date: dt.date) -> OpenDay:
    spans = _together(sorted(span for one in designers for span in opening.spans(one, date)))
    off = opening.salon_off(spans[0].start, spans[-1].end) if spans else None
    if off is None:
        return OpenDay(date, spans)
    rest = [
        Span(*span)
        for start, end in spans
        for span in ((start, min(end, off.start)), (max(start, off.end), end))
        if span[0] < span[1]
    ]
    return OpenDay(date, rest, off.reason)


def _together(spans: list[Span]) -> list[Span]:
    """What overlaps or touches is one."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
