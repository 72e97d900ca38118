"""The times that a form offers: a designer's day, slot by slot, with the seats that each hour has left."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.clock import salon_today
from accounts.hours import slots
from accounts.models import AccountType, Designer
from reservations.forms import may_overbook
from reservations.models import Reservation

FARTHEST = dt.timedelta(days=2 * 366)


def within_reach(date: dt.date) -> dt.date:
    """Staff may reserve as far ahead as they like, but a year mistyped is no wish: a ValidationError says so."""
    if date > salon_today() + FARTHEST:
        raise forms.ValidationError(_("2년 안의 날짜를 골라 주세요."))
    return date


@dataclass(frozen=True)
class Choice:
    """`value` is what the form sends; a full one can be taken by who may overbook, with a reason."""

    time: dt.time
    left: int
    open: bool

    @property
    def value(self) -> str:
        return self.time.isoformat("minutes")

    @property
    def full(self) -> bool:
        return self.left < 1


def choices(by: Actor, designer: Designer, date: dt.date, *, moving: Reservation | None = None) -> list[Choice]:
    """The slots to come and the running one; the seat of a reservation that is `moving` counts as free."""
    offered = []
    for slot in slots(designer, date, begun=moving is None):
        own = moving is not None and (moving.designer_id, moving.date, moving.time.hour) == (
            designer.pk,
            date,
            slot.start.hour,
        )
        left = slot.left + own
        offered.append(Choice(slot.start.time(), left, open=left > 0 or may_overbook(by)))
    return offered


def designers(by: Actor) -> "QuerySet[Designer]":
    """Into whose day this person may put somebody: all, or oneself."""
    working = Designer.objects.working()
    return working.filter(pk=by.user_pk) if by.account_type == AccountType.DESIGNER else working
