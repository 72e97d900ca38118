"""The salon's day: all that the home screen shows, read at once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.clock import salon_now
from accounts.hours import Opening
from accounts.models import AccountType, Designer
from cody_site.back_office import timeline, to_do
from cody_site.back_office.visit import Visit, visits
from payments.models import State
from payments.money import won
from reservations import history
from reservations.models import UNDER_WAY, Move, Reservation, Status
from reservations.undoing import undoable

MOST = 50
"""So many cancelled ones are told of; the list has all."""
LATE = dt.timedelta(minutes=30)
"""Who is expected and so late is still shown as next, and not the one after."""


@dataclass(frozen=True)
class Card:
    label: str
    value: str
    href: str
    tone: str = ""


@dataclass(frozen=True)
class Next:
    """Whom a designer sees now and whom next."""

    designer: Designer
    present: Visit | None
    waiting: list[Visit]
    coming: Visit | None
    minutes: int

    @property
    def late(self) -> int:
        return -self.minutes


@dataclass(frozen=True)
class Undo:
    move: Move
    told: str


class Day:
    """One day of the salon as this person may see it; `only` one designer, if any, and private notes if `private`."""

    def __init__(self, by: Actor, date: dt.date, only: Designer | None = None, *, private: bool = True) -> None:
        self.by, self.date, self.only = by, date, only
        self.now = salon_now()
        self.team = [] if by.account_type == AccountType.DESIGNER else list(Designer.objects.working())
        rows = list(self._rows().live().with_people().order_by("time", "pk"))
        self.designers = self._columns(rows)
        self.visits = visits(rows, by, date=date, private=private)
        opening = Opening(self.designers, date, date)
        self.rows = timeline.rows(self.designers, opening, date, self.visits, self.now)
        self.cancelled = list(self._rows().trashed().with_people().order_by("time", "pk")[: MOST + 1])
        self.to_do = to_do.to_do(by)

    def _rows(self) -> Any:
        rows = Reservation.objects.filter(date=self.date).visible_to(self.by)
        return rows if self.only is None else rows.filter(designer=self.only)

    def undoable(self) -> list[Undo]:
        """What was just done at the desk to this day's reservations, the latest first."""
        if not self.may_book:
            return []
        mine = Reservation.objects.changeable_by(self.by).filter(date=self.date)
        just_done = undoable(Move.objects.filter(reservation__in=mine)).select_related("reservation__customer", "by")
        return [
            Undo(move, f"{timezone.localtime(move.at):%H:%M} {move.reservation.customer.called} · {history.what(move)}")
            for move in just_done.order_by("-pk")[:5]
        ]

    def _columns(self, rows: list[Reservation]) -> list[Designer]:
        """Who works in the salon, and who does not any more but is expected to."""
        if self.only is not None:
            return [self.only]
        working = self.team
        known = {designer.pk for designer in working}
        gone = {row.designer.pk: row.designer for row in rows if row.designer_id not in known}
        return [*working, *gone.values()]

    @property
    def is_today(self) -> bool:
        return self.date == self.now.date()

    @property
    def may_book(self) -> bool:
        return self.by.account_type in (AccountType.ADMINISTRATOR, AccountType.DESIGNER)

    def at(self, date: dt.date) -> str:
        """The address of another day, seen in the same way."""
        asked = {"date": date.isoformat()} | ({} if self.only is None else {"designer": str(self.only.pk)})
        return f"{reverse('back_office:day')}?{urlencode(asked)}"

    def cards(self) -> list[Card]:
        """The numbers of the day, each a link to the list of what it counts."""
        counted: list[tuple[str, dict[str, str], Callable[[Visit], bool], str]] = [
            (_("전체"), {}, lambda visit: True, ""),
            (_("올 예약"), {"stage": "open"}, lambda visit: visit.open and not visit.missed, ""),
            (_("상담중"), {"stage": "under-way"}, lambda visit: visit.row.status in UNDER_WAY, ""),
            (_("완료"), {"status__exact": str(Status.DONE.value)}, lambda visit: visit.row.status == Status.DONE, ""),
            (_("노쇼"), {"no_show": "1"}, lambda visit: visit.missed, "bad"),
        ]
        cards = [
            Card(label, str(sum(map(test, self.visits))), self._listed(asked), tone)
            for label, asked, test, tone in counted
        ]
        cancelled = f"{MOST}+" if len(self.cancelled) > MOST else str(len(self.cancelled))
        cards.append(Card(_("취소"), cancelled, self._listed({"trash": "in"})))
        return cards if self.by.account_type == AccountType.DESIGNER else [*cards, *self._money()]

    def _listed(self, asked: dict[str, str]) -> str:
        whose = {} if self.only is None else {"designer": str(self.only.pk)}
        asked = {"date": self.date.isoformat()} | whose | asked
        return f"{reverse('admin:reservations_reservation_changelist')}?{urlencode(asked)}"

    def _money(self) -> list[Card]:
        """In won: what is paid for the day's visits and still here, and what they will have paid."""
        payments = [visit.payment for visit in self.visits if visit.payment is not None]
        paid = sum(payment.left for payment in payments if payment.state == State.PAID)
        expected = paid + sum(payment.amount for payment in payments if payment.state != State.PAID)
        href = f"{reverse('admin:payments_payment_changelist')}?{urlencode({'visit': self.date.isoformat()})}"
        return [Card(_("예상 금액"), won(expected), href), Card(_("결제된 금액"), won(paid), href)]

    def strip(self) -> list[Next]:
        """Today only: who is with each designer, who waits, and who is next."""
        return [self._next(designer) for designer in self.designers] if self.is_today else []

    def _next(self, designer: Designer) -> Next:
        own = [visit for visit in self.visits if visit.designer_id == designer.pk and not visit.missed]
        coming = next(
            (visit for visit in own if visit.row.status == Status.RESERVED and visit.start > self.now - LATE), None
        )
        minutes = 0 if coming is None else round((coming.start - self.now).total_seconds() / 60)
        return Next(
            designer,
            next((visit for visit in own if visit.row.status in UNDER_WAY), None),
            [visit for visit in own if visit.row.status == Status.PREPARING],
            coming,
            minutes,
        )
