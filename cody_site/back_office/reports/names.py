"""What the rows of a table are called."""

from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _


def designer(name: str, userid: str) -> str:
    return name or _("탈퇴한 디자이너 (%(userid)s)") % {"userid": userid}


def weekday(iso: int) -> Any:
    """Of 1, Monday, to 7."""
    return WEEKDAYS[iso - 1]


def hour(of_day: int) -> str:
    return f"{of_day:02}:00–{of_day:02}:59"
