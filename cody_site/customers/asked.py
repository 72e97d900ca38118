"""What an address asks for: which designer, which day, what time. What cannot be read is not asked for."""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.lists import key
from accounts.models import Designer

TIME = re.compile("[0-2][0-9]:[0-5][0-9]", re.ASCII)
DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """`designer` is what the address says of one; empty is whoever is free."""

    designer: str
    date: dt.date | None
    time: dt.time | None

    @classmethod
    def by(cls, given: Mapping[str, str]) -> "Asked":
        return cls(given.get("designer", ""), _date(given.get("date", "")), _time(given.get("time", "")))

    @property
    def start(self) -> dt.datetime | None:
        return None if self.date is None or self.time is None else dt.datetime.combine(self.date, self.time)

    def of(self, team: Collection[Designer]) -> Designer | None:
        """Who of them is meant, if any."""
        return next((one for one in team if one.pk == key(self.designer)), None)


def check_address(designer: Designer | None, start: dt.datetime) -> str:
    """The page that asks for the last word about this time."""
    return f"{reverse('pages:check')}?{_query(designer, start.date(), time=f'{start:%H:%M}')}"


def reserve_address(designer: Designer | None, date: dt.date | None = None) -> str:
    """The page with the times of that day, or of the first free one."""
    return f"{reverse('pages:reserve')}?{_query(designer, date)}".rstrip("?")


def _query(designer: Designer | None, date: dt.date | None, **more: str) -> str:
    asked = {} if designer is None else {"designer": str(designer.pk)}
    return urlencode(asked | ({} if date is None else {"date": date.isoformat()}) | more, safe=":")


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None


def _time(text: str) -> dt.time | None:
    try:
        return dt.time.fromisoformat(text) if TIME.fullmatch(text) else None
    except ValueError:
        return None
