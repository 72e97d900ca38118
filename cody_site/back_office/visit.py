"""A reservation as the desk sees it: who comes, what was said and paid, and what is to be done next."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.clock import salon_now
from accounts.models import STAFF, AccountType, User
from accounts.phone_numbers import spoken
from cody_site.back_office import links
from payments.models import LIVE, Payment, State
from reservations import history
from reservations.models import OPEN, Act, ClientNote, Move, Reservation, ReservationPhoto, Status

TOLD = 3


class Step(NamedTuple):
    """A status that follows, and the word on its button."""

    status: int
    label: object


STEPS: dict[int, list[Step]] = {
    Status.RESERVED: [Step(Status.PREPARING, gettext_lazy("도착")), Step(Status.CONSULTING, gettext_lazy("바로 시작"))],
    Status.PREPARING: [Step(Status.CONSULTING, gettext_lazy("시작"))],
    Status.CONSULTING: [Step(Status.DONE, gettext_lazy("완료")), Step(Status.PAUSED, gettext_lazy("일시정지"))],
    Status.PAUSED: [Step(Status.CONSULTING, gettext_lazy("다시 시작")), Step(Status.DONE, gettext_lazy("완료"))],
    Status.DONE: [],
}
"""The first is the one that usually comes next."""


@dataclass
class Visit:
    """`money` tells what is paid or awaited, in won to whom it concerns; `waiting` are minutes since the arrival."""

    row: Reservation
    now: dt.datetime
    before: int = 0
    no_shows: int = 0
    may_be_first: bool = False
    photoids: list[str] = field(default_factory=list)
    notes: list[ClientNote] = field(default_factory=list)
    history: list[Move] = field(default_factory=list)
    payment: Payment | None = None
    money: str = field(default_factory=lambda: _("미결제"))
    paid: bool = False
    changeable: bool = False
    known: bool = False
    """May this person open the customer's card, and read the telephone number?"""
    waiting: int | None = None

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def at(self) -> str:
        return f"{self.row.time:%H:%M}"

    @property
    def designer_id(self) -> int:
        designer: int = self.row.designer_id
        return designer

    @cached_property
    def start(self) -> dt.datetime:
        return self.row.start

    @cached_property
    def first(self) -> bool:
        """The first visit to the salon; a designer, who sees the own ones only, cannot tell."""
        return self.may_be_first and not self.before and not self.no_shows

    @cached_property
    def missed(self) -> bool:
        return self.row.no_show_at is not None

    @cached_property
    def open(self) -> bool:
        return self.row.status in OPEN

    @property
    def can_miss(self) -> bool:
        return self.open and not self.missed and self.begun

    @property
    def begun(self) -> bool:
        """By the clock."""
        return self.row.start <= self.now

    @cached_property
    def steps(self) -> list[Step]:
        return STEPS[self.row.status] if self.row.date <= self.now.date() else []

    @cached_property
    def next(self) -> Step | None:
        return self.steps[0] if self.steps and not self.missed else None

    @property
    def others(self) -> list[Step]:
        return self.steps if self.missed else self.steps[1:]

    @property
    def stamp(self) -> str:
        """All that the block of this visit is made of: the same stamp, the same block."""
        row = self.row
        return repr((
            row.pk, row.status, row.note, row.overbook_reason, self.start, self.name, self.phone, self.missed,
            self.can_miss, [step.status for step in self.steps], self.first, self.no_shows, self.photoids,
            [(note.pk, note.text) for note in self.notes], [move.pk for move in self.told], self.money, self.paid,
            self.changeable, self.known, self.waiting, row.customer_id,
        ))  # fmt: skip

    @property
    def mark(self) -> str:
        """The colour of the block."""
        return "missed" if self.missed else f"s{self.row.status}"

    @cached_property
    def name(self) -> str:
        return self.row.customer.called

    @cached_property
    def phone(self) -> str:
        return spoken(self.row.customer.pn) if self.known else ""

    @property
    def photos(self) -> list[tuple[str, str]]:
        """The addresses of each photo, small and large."""
        return [(links.photo(photoid, "small"), links.photo(photoid, "large")) for photoid in self.photoids]

    @property
    def told(self) -> list[Move]:
        """The latest of its history, which never changes; the reservation's own page has all."""
        return self.history[-TOLD:]

    @property
    def lines(self) -> list[str]:
        return [history.line(move) for move in self.told]

    def step_href(self) -> str:
        return links.address("back_office:step", self.row.pk)

    def no_show_href(self) -> str:
        return links.address("back_office:no_show", self.row.pk)

    def move_href(self) -> str:
        return links.address("back_office:move", self.row.pk)

    def cancel_href(self) -> str:
        return links.address("back_office:cancel", self.row.pk)

    def href(self) -> str:
        return links.address("admin:reservations_reservation_change", self.row.pk)

    def card_href(self) -> str:
        return links.address("back_office:client", self.row.customer_id)

    @cached_property
    def state(self) -> str:
        return _("노쇼") if self.missed else str(Status(self.row.status).label)


def visits(rows: Sequence[Reservation], by: Actor, *, date: dt.date, private: bool) -> list[Visit]:
    """These reservations of one day with all that the desk is shown of them, in six queries."""
    now = salon_now()
    shown = {row.pk: Visit(row, now) for row in rows}
    changeable = Reservation.objects.changeable_by(by).filter(pk__in=shown).values_list("pk", flat=True)
    for pk in changeable:
        shown[pk].changeable = True
    _who_they_are(shown, by, date)
    for pk, photoid in (
        ReservationPhoto.objects.filter(reservation__in=shown, photo__live_at__isnull=False, photo__trashed_at=None)
        .exclude(photo__content_type="")
        .order_by("position")
        .values_list("reservation", "photo__photoid")
    ):
        shown[pk].photoids.append(photoid)
    if private:
        _what_was_written(shown, by)
    _what_was_done(shown)
    _what_is_paid(shown, by)
    return list(shown.values())


def _who_they_are(shown: dict[int, Visit], by: Actor, date: dt.date) -> None:
    past = (
        Reservation.objects.live()
        .visible_to(by)
        .filter(customer__in={visit.row.customer_id for visit in shown.values()}, date__lte=date)
        .order_by()
        .values_list("customer")
        .annotate(
            came=Count("pk", filter=Q(no_show_at=None, date__lt=date)),
            missed=Count("pk", filter=Q(no_show_at__isnull=False)),
        )
    )
    known = {customer: (came, missed) for customer, came, missed in past}
    clients = set() if by.account_type in STAFF else _clients(shown, by)
    for visit in shown.values():
        visit.before, visit.no_shows = known.get(visit.row.customer_id, (0, 0))
        visit.may_be_first = by.account_type in STAFF
        visit.known = by.account_type in STAFF or visit.row.customer_id in clients


def _clients(shown: dict[int, Visit], by: Actor) -> set[int]:
    """Whom of them a designer may still know (section 9)."""
    return set(
        User.objects.clients_of(by)
        .filter(pk__in={visit.row.customer_id for visit in shown.values()})
        .values_list("pk", flat=True)
    )


def _what_was_written(shown: dict[int, Visit], by: Actor) -> None:
    """Notes about the client first, then those about this visit."""
    notes: dict[int, list[ClientNote]] = defaultdict(list)
    customers = {visit.row.customer_id for visit in shown.values()}
    about = Q(reservation__in=shown) | Q(reservation=None, customer__in=customers)
    for note in ClientNote.objects.live().visible_to(by).filter(about).order_by("pk"):
        notes[note.reservation_id or -note.customer_id].append(note)
    for visit in shown.values():
        visit.notes = notes[-visit.row.customer_id] + notes[visit.row.pk]


def _what_was_done(shown: dict[int, Visit]) -> None:
    moves = Move.objects.filter(reservation__in=shown).select_related("by").order_by("pk")
    for move in moves:
        shown[move.reservation_id].history.append(move)
    for visit in shown.values():
        if visit.row.status == Status.PREPARING and not visit.missed:
            visit.waiting = _minutes_since(_arrival(visit.history))


def _arrival(history: list[Move]) -> dt.datetime | None:
    return next(
        (
            move.at
            for move in reversed(history)
            if move.act == Act.CHANGED
            and move.after.get("status") == Status.PREPARING
            and move.before.get("status") != Status.PREPARING
        ),
        None,
    )


def _minutes_since(at: dt.datetime | None) -> int | None:
    return None if at is None else int((timezone.now() - at).total_seconds() // 60)


def _what_is_paid(shown: dict[int, Visit], by: Actor) -> None:
    """Designers are told whether it is paid, and no amounts (section 7)."""
    for payment in Payment.objects.filter(reservation__in=shown, state__in=LIVE, late_at=None):
        visit = shown[payment.reservation_id or 0]
        visit.payment = payment
        visit.paid = payment.state == State.PAID
        visit.money = told(payment, amounts=by.account_type != AccountType.DESIGNER)


def told(payment: Payment, *, amounts: bool) -> str:
    """What the desk reads of a payment that lives: `결제됨 30,000원`."""
    if not amounts:
        return _("결제됨") if payment.state == State.PAID else _("미결제")
    if payment.state == State.PAID:
        back = _(" (환불 %s원)") % f"{payment.refunded_amount:,}" if payment.refunded_amount else ""
        return _("결제됨 %s원") % f"{payment.paid_amount:,}" + back
    waiting = {
        State.READY: _("입금 대기 %s원"), State.SCHEDULED: _("결제 예정 %s원"),
    }.get(State(payment.state), _("결제 확인 중 %s원"))  # fmt: skip
    due = payment.vbank_due if payment.state == State.READY else payment.due_at
    until = f" ({date_format(timezone.localtime(due), 'n/j H:i')})" if due else ""
    return waiting % f"{payment.amount:,}" + until
