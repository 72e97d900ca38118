"""What the rows of a table are called."""

from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

SHORT_WEEKDAYS = (
    pgettext_lazy("요일", "월"),
    pgettext_lazy("요일", "화"),
    pgettext_lazy("요일", "수"),
    pgettext_lazy("요일", "목"),
    pgettext_lazy("요일", "금"),
    pgettext_lazy("요일", "토"),
    pgettext_lazy("요일", "일"),
)
"""Django has none for Korean."""


def designer(name: str, userid: str) -> str:
    return name or _("탈퇴한 디자이너 (%(userid)s)") % {"userid": userid}


def weekday(iso: int) -> Any:
    """Of 1, Monday, to 7."""
    return WEEKDAYS[iso - 1]


def hour(of_day: int) -> str:
    return f"{of_day:02}:00–{of_day:02}:59"
