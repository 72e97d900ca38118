"""How amounts, telephone numbers, days and times are written for people."""

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.clock import salon_today
from accounts.phone_numbers import spoken
from payments import money

register = template.Library()


@register.filter
def won(amount: int | None) -> str:
    """`30,000원`; nothing for what is no amount."""
    return "" if amount is None else money.won(amount)


@register.filter
def phone(pn: str) -> str:
    """`010-1234-5678`."""
    return spoken(pn)


@register.filter
def day(date: dt.date | None) -> str:
    """`11월 25일 수요일`, of a date or a moment; no abbreviation, for it is read out as well."""
    return "" if date is None else formatted(_on_the_wall(date), _("n월 j일 l"))


@register.filter
def clock(time: dt.time | dt.datetime | None) -> str:
    """`오후 2:00`."""
    return "" if time is None else formatted(_on_the_wall(time), _("A g:i"))


@register.filter
def oclock(time: dt.time | dt.datetime | None) -> str:
    """`2시`, `2시 30분`: what stands on a button under the part of the day, and is read out as it is written."""
    if time is None:
        return ""
    at = _on_the_wall(time)
    return formatted(at, _("g시 i분")).replace(" 0", " ") if at.minute else formatted(at, _("g시"))


@register.filter
def soon(at: dt.datetime | None) -> str:
    """`오늘 오후 2:00`, `내일 오후 2:00`, and then as `moment` has it."""
    if at is None:
        return ""
    days = (_on_the_wall(at).date() - salon_today()).days
    if days not in (0, 1):
        return moment(at)
    return f"{_('내일') if days else _('오늘')} {clock(at)}"


@register.filter
def moment(at: dt.datetime | None) -> str:
    """`11월 25일 수요일 오후 2:00`, of a stored moment or of the salon's naive wall clock."""
    return "" if at is None else f"{day(at)} {clock(at)}"


@register.filter
def ago(at: dt.datetime) -> str:
    """`3분 전`, as people say it within a week, then `11월 25일`, and with the year when that is another."""
    since = timezone.now() - at
    minutes = int(since.total_seconds() // 60)
    if since < dt.timedelta(minutes=1):
        return _("방금")
    if since < dt.timedelta(hours=1):
        return ngettext("%(count)s분 전", "%(count)s분 전", minutes) % {"count": minutes}
    if since < dt.timedelta(days=1):
        return ngettext("%(count)s시간 전", "%(count)s시간 전", minutes // 60) % {"count": minutes // 60}
    if since < dt.timedelta(days=7):
        return ngettext("%(count)s일 전", "%(count)s일 전", since.days) % {"count": since.days}
    then = timezone.localtime(at)
    return formatted(then, _("n월 j일") if then.year == timezone.localdate().year else _("Y년 n월 j일"))


def _on_the_wall(told: Any) -> Any:
    return timezone.localtime(told) if isinstance(told, dt.datetime) and timezone.is_aware(told) else told
