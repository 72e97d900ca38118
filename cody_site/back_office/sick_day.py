"""A designer cannot come: which reservations that touches, what becomes of each, and how it went."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import actor_of
from accounts.actors import Actor
from accounts.clock import salon_now
from accounts.hours import Seats
from accounts.lists import key
from accounts.models import AccountType, Designer, TimeOff
from accounts.services import note_absence
from cody_site.back_office import slots, to_do
from cody_site.back_office.cancelling import refund_of, refunded, unfinished
from cody_site.back_office.fields import DesignerChoice, offer
from cody_site.back_office.pages import desk_page, render
from cody_site.errors import Refusal
from payments.cancelling import cancel_reservation
from payments.models import LIVE, Payment
from reservations import services
from reservations.errors import Gone, HourFull
from reservations.models import Reservation

LONGEST = dt.timedelta(days=62)
MOST = 200
"""So many reservations at once; a longer absence is told in parts."""

LEAVE, CANCEL, MOVE = "leave", "cancel", "move"


class AbsenceForm(forms.Form):
    """Who is away, from when to when (the salon's clock), and why."""

    designer = DesignerChoice(label=gettext_lazy("디자이너"))
    starts_at = forms.DateTimeField(
        label=gettext_lazy("부터"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("까지"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=gettext_lazy("사유"), max_length=256)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "designer", rows=slots.designers(by))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and given["starts_at"] >= given["ends_at"]:
            self.add_error("ends_at", _("끝나는 때가 시작보다 늦어야 합니다."))
        elif not self.errors and given["ends_at"] - given["starts_at"] > LONGEST:
            self.add_error("ends_at", _("한 번에 두 달까지 정할 수 있습니다."))
        elif not self.errors and given["ends_at"] <= timezone.now():
            self.add_error("ends_at", _("이미 지난 때입니다."))
        return given

    @property
    def absence(self) -> TimeOff:
        """Not saved."""
        return TimeOff(**{name: self.cleaned_data[name] for name in ("designer", "starts_at", "ends_at", "reason")})


@dataclass
class Touched:
    """A reservation that the absence touches; `plan` is what shall become of it, `result` what has."""

    row: Reservation
    refund: str
    others: list[Designer]
    plan: str = LEAVE
    result: str = ""
    failed: bool = False
    suggested: Designer | None = None
    """Who of the others could take it, if everybody else goes where it is suggested; nobody: it is left."""

    @property
    def field(self) -> str:
        return f"plan-{self.row.pk}"


@desk_page("reservations.change_reservation")
def sick_day(request: HttpRequest) -> HttpResponse:
    """First the absence, then (POST) what it touches, then (POST with `execute`) one after the other by itself."""
    by = actor_of(request)
    now = salon_now().replace(second=0, microsecond=0)
    first = slots.designers(by).filter(pk=key(request.GET.get("designer"))).first() or slots.designers(by).first()
    initial = {"designer": first, "starts_at": now, "ends_at": dt.datetime.combine(now.date(), dt.time(23, 59))}
    form = AbsenceForm(request.POST or None, by=by, initial=initial)
    shown: list[Touched] | None = None
    done = False
    if request.method == "POST" and form.is_valid():
        shown = touched(form.absence, by)
        if len(shown) > MOST:
            form.add_error("ends_at", _("겹치는 예약이 너무 많습니다. 기간을 나누어 적어 주세요."))
            shown = None
    if shown is not None:
        done = "execute" in request.POST and _is_noted(by, form)
        shown = touched(form.absence, by) if done else shown
        if done:
            _execute(by, form.absence, shown, request.POST.dict())
    return render(
        request, "admin/back_office/sick_day.html", _("갑자기 못 나올 때"), form=form, touched=shown, done=done
    )


def touched(absence: TimeOff, by: Actor) -> list[Touched]:
    """The upcoming reservations of that designer in that time, each with who else is free then; six queries."""
    rows = list(to_do.touched([absence]).with_people()[: MOST + 1])
    paid = {
        payment.reservation_id: payment
        for payment in Payment.objects.filter(reservation__in=[row.pk for row in rows], state__in=LIVE, late_at=None)
    }
    others = list(Designer.objects.working().exclude(pk=absence.designer_id))
    free = _Free(others, rows)
    amounts = by.account_type != AccountType.DESIGNER
    shown = [
        Touched(row, refund_of(paid.get(row.pk), amounts=amounts), [other for other in others if free.at(other, row)])
        for row in rows
    ]
    for one in shown:
        one.suggested = free.suggest(one)
    return shown


class _Free:
    """Who has a seat left when."""

    def __init__(self, designers: list[Designer], rows: Iterable[Reservation]) -> None:
        dates = {row.date for row in rows} or {salon_now().date()}
        self.seats = Seats(designers, min(dates), max(dates))

    def at(self, designer: Designer, row: Reservation) -> bool:
        return self.seats.left(designer, row.start) > 0 and self.seats.opening.is_open(designer, row.start)

    def suggest(self, one: Touched) -> Designer | None:
        """The first who has a seat left, those suggested before counted in."""
        for designer in one.others:
            if self.at(designer, one.row):
                self.seats.take(designer, one.row.start)
                return designer
        return None


def _is_noted(by: Actor, form: AbsenceForm) -> bool:
    """The absence before anything is listed, so that nobody books into it unseen."""
    try:
        note_absence(by=by, absence=form.absence)
    except Refusal as refusal:
        form.add_error(None, refusal.told)
        return False
    return True


def _execute(by: Actor, absence: TimeOff, shown: list[Touched], asked: dict[str, str]) -> None:
    """Each reservation by the service for it, as long as it is where it was when it was listed."""
    for one in shown:
        one.plan = asked.get(one.field, LEAVE)
        try:
            one.result = _carry_out(by, absence, one)
        except Refusal as refusal:
            one.result, one.failed = str(refusal.told), True


def _carry_out(by: Actor, absence: TimeOff, one: Touched) -> str:
    if one.plan == CANCEL:
        amounts = by.account_type != AccountType.DESIGNER
        cancelled = cancel_reservation(by=by, reservation=one.row, reason=absence.reason)
        if cancelled.needs_person or cancelled.under_way:
            return _("취소했습니다. %s") % unfinished(amounts=amounts)
        if cancelled.refunded:
            return _("취소했습니다. %s") % refunded(cancelled, amounts=amounts)
        return _("취소했습니다.")
    if not one.plan.startswith(f"{MOVE}-"):
        return _("그대로 두었습니다.")
    to = next((designer for designer in one.others if one.plan == f"{MOVE}-{designer.pk}"), None)
    if to is None:
        raise HourFull  # since it was offered
    rows = Reservation.objects.changeable_by(by).unmoved(one.row)
    if not services.change(by=by, reservations=rows, data=services.Change(designer=to)).matched:
        raise Gone
    return _("%s 디자이너에게 옮겼습니다.") % to.user.name
