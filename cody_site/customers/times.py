"""The free times of a day as they are shown: by the parts of the day, with the seats left."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Time:
    start: dt.datetime
    left: int


@dataclass(frozen=True)
class Part:
    """Of the day, with its name."""

    name: str
    times: list[Time]


def parts(free: Mapping[dt.datetime, int]) -> list[Part]:
    """Morning, afternoon and evening, as far as there is anything free."""
    return [
        Part(name, [Time(start, free[start]) for start in starts]) for name, starts in groupby(sorted(free), key=_part)
    ]


def first(free: Mapping[dt.datetime, int], most: int) -> list[Time]:
    return [Time(start, left) for start, left in list(free.items())[:most]]


def _part(start: dt.datetime) -> str:
    if start.hour < 12:
        return _("오전")
    return _("오후") if start.hour < 18 else _("저녁")
