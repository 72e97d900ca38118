"""Another time or another designer for a reservation: a form that lists only what is free; dragging posts the same."""

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import actor_of
from accounts.actors import Actor
from accounts.models import Designer
from cody_site.back_office import slots
from cody_site.back_office.acts import CHANGE, back, came_from, changeable, gone, told
from cody_site.back_office.fields import DesignerChoice, offer
from cody_site.back_office.pages import desk_page, render
from cody_site.errors import Refusal
from reservations import services
from reservations.errors import Gone
from reservations.forms import may_overbook
from reservations.models import Reservation
from reservations.seats import Overbooking


class PlaceForm(forms.Form):
    """Where to look for a free time."""

    designer = DesignerChoice(label=gettext_lazy("디자이너"))
    date = forms.DateField(
        label=gettext_lazy("날짜"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: QueryDict | None, *, row: Reservation) -> None:
        super().__init__(data, initial={"designer": row.designer_id, "date": row.date})
        self.row = row
        offer(self, "designer", rows=Designer.objects.working())

    def clean_date(self) -> dt.date:
        return slots.within_reach(self.cleaned_data["date"])

    @property
    def place(self) -> tuple[Designer, dt.date]:
        """What the form says where it makes sense, else where the reservation is."""
        self.is_valid()
        given = self.cleaned_data if self.is_bound else {}
        return given.get("designer") or self.row.designer, given.get("date") or self.row.date


class MoveForm(PlaceForm):
    """The place chosen there."""

    time = forms.TimeField()
    overbook_reason = forms.CharField(required=False, max_length=256)


@desk_page(CHANGE)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """GET `?designer=&date=` lists the times of that day; POST takes one of them."""
    row = changeable(request, pk)
    if row.trashed_at:
        return gone(request, row)
    by = actor_of(request)
    form: PlaceForm
    if request.method == "POST":
        form = wish = MoveForm(request.POST, row=row)
        moved = wish.is_valid() and told(request, lambda: _move(by, row, wish))
        if moved or "HX-Request" in request.headers:  # who dragged stays with the day, which tells what came of it
            return back(request, Reservation.objects.get(pk=pk))
    else:
        form = PlaceForm(request.GET if {"designer", "date"} <= request.GET.keys() else None, row=row)
    designer, date = form.place
    return render(
        request,
        "admin/back_office/move.html",
        _("예약 옮기기"),
        row=row,
        form=form,
        designer=designer,
        date=date,
        times=slots.choices(by, designer, date, moving=row),
        may_overbook=may_overbook(by),
        overbook_reason=request.POST.get("overbook_reason", ""),
        next=came_from(request),
    )


def _move(by: Actor, row: Reservation, form: MoveForm) -> str:
    given = form.cleaned_data
    reason = given["overbook_reason"]
    if reason and not may_overbook(by):
        raise NoOverbooking
    outcome = services.change(
        by=by,
        reservations=Reservation.objects.changeable_by(by).filter(pk=row.pk),
        data=services.Change(designer=given["designer"], date=given["date"], time=given["time"]),
        overbooking=Overbooking(by.user, reason) if reason and by.user else None,
    )
    if not outcome.matched:
        raise Gone
    return _("%(name)s님의 예약을 옮겼습니다: %(date)s %(time)s") % {
        "name": row.customer.called, "date": f"{given['date']:%m-%d}", "time": f"{given['time']:%H:%M}",
    }  # fmt: skip


class NoOverbooking(Refusal):
    status = 403
    told = gettext_lazy("정원을 넘겨 예약할 권한이 없습니다.")
