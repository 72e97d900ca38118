"""A walk-in or somebody on the phone gets a time: one form, one client found or made."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import actor_of
from accounts.actors import Actor
from accounts.clock import salon_now, salon_today
from accounts.forms import phone_number
from accounts.lists import key
from accounts.models import User
from cody_site.back_office import slots
from cody_site.back_office.acts import in_its_day
from cody_site.back_office.fields import DesignerChoice, offer
from cody_site.back_office.pages import desk_page, render
from cody_site.errors import Refusal
from reservations import services
from reservations.errors import HourFull
from reservations.forms import may_overbook
from reservations.models import Reservation
from reservations.seats import Overbooking

SHOWN = 8
"""So many people of one name are offered; who has more types more."""


class BookingForm(forms.Form):
    """Who comes to whom and when. `client` is what the desk knows of a person, `customer` the one that was picked."""

    client = forms.CharField(
        label=gettext_lazy("고객"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "enterkeyhint": "go"}),
    )
    customer = forms.CharField(required=False, max_length=20)
    name = forms.CharField(label=gettext_lazy("새 고객의 이름"), required=False, max_length=30)
    pn = forms.CharField(
        label=gettext_lazy("전화번호"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    designer = DesignerChoice(label=gettext_lazy("디자이너"))
    date = forms.DateField(
        label=gettext_lazy("날짜"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(label=gettext_lazy("시각"), error_messages={"required": gettext_lazy("시각을 골라 주세요.")})
    note = forms.CharField(
        label=gettext_lazy("메모 (고객에게도 보입니다)"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    overbook_reason = forms.CharField(label=gettext_lazy("정원 초과 사유"), required=False, max_length=256)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.matches: list[User] = []
        self.person: User | None = None
        offer(self, "designer", rows=slots.designers(by))

    def clean_pn(self) -> str:
        given: str = self.cleaned_data["pn"]
        return phone_number(given) if given else ""

    def clean_date(self) -> dt.date:
        return slots.within_reach(self.cleaned_data["date"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("overbook_reason") and not may_overbook(self.by):
            self.add_error("overbook_reason", _("정원을 넘겨 예약할 권한이 없습니다."))
        if not self.errors:
            self._find(given)
        return given

    def _find(self, given: dict[str, Any]) -> None:
        """The one person meant, or the people who may be; nobody is who is new."""
        known = User.objects.visible_to(self.by).customers()
        picked = given["customer"]
        typed_new = given["name"] or given["pn"]
        if picked == "new" or (
            typed_new and not picked and (all(given[name] for name in ("name", "pn")) or not given["client"])
        ):
            self._refuse_half(given)
            if picked != "new":
                self.matches = list(known.reached_at(given["pn"]).order_by("pk")[:SHOWN])
            if self.matches:
                self.add_error("client", _("같은 전화번호의 고객이 있습니다. 그분이 아니면 ‘새 고객’을 고르세요."))
            return
        if picked:
            self.person = known.filter(pk=key(picked)).first()
            if self.person is None:
                self.add_error("client", _("그 고객을 찾을 수 없습니다. 다시 찾아 주세요."))
            return
        self._look_for(given["client"], list(known.matching(given["client"]).order_by("name", "pk")[: SHOWN + 1]))

    def _look_for(self, words: str, found: list[User]) -> None:
        if len(found) == 1:
            self.person = found[0]
            return
        self.matches = found
        if not words.strip():
            self.add_error("client", _("이름이나 전화번호 끝 네 자리를 적어 주세요."))
        elif not found:
            self.add_error("client", _("찾는 고객이 없습니다. 처음 오셨다면 이름과 전화번호를 적어 주세요."))
        elif len(found) > SHOWN:
            self.add_error("client", _("고객이 너무 많습니다. 이름과 전화번호 끝 네 자리를 함께 적어 보세요."))
        else:
            self.add_error("client", _("어느 고객인지 골라 주세요."))

    def _refuse_half(self, given: dict[str, Any]) -> None:
        for name in ("name", "pn"):
            if not given[name]:
                self.add_error(name, _("새 고객은 이름과 전화번호가 필요합니다."))

    @property
    def nobody_found(self) -> bool:
        """Then the form opens what it asks of somebody new."""
        return self.is_bound and not self.matches and self.person is None and "client" in self.errors


@desk_page("reservations.add_reservation")
def book(request: HttpRequest) -> HttpResponse:
    """`?designer=&date=&time=&customer=` fill the form; `refresh` in a POST only shows the times anew."""
    by = actor_of(request)
    posted = request.method == "POST"
    refreshing = posted and "refresh" in request.POST
    form = BookingForm(request.POST if posted and not refreshing else None, by=by, initial=_asked(request, by))
    if form.is_bound and form.is_valid():
        try:
            row = _book(by, form)
        except Refusal as refusal:
            form.add_error(
                "overbook_reason" if isinstance(refusal, HourFull) and may_overbook(by) else None, refusal.told
            )
        else:
            messages.success(request, _("%(name)s님을 %(time)s에 예약했습니다.") % {
                "name": row.customer.called, "time": f"{row.time:%H:%M}"})  # fmt: skip
            return HttpResponseRedirect(in_its_day(row))
    picked = "" if request.POST.get("refresh") == "other" else form["customer"].value() or ""
    return render(
        request,
        "admin/back_office/book.html",
        _("새 예약"),
        form=form,
        picked=form.person or _person(by, str(picked)),
        times=_times(by, form),
        time=_time(form),
        may_overbook=may_overbook(by),
    )


def _book(by: Actor, form: BookingForm) -> Reservation:
    given = form.cleaned_data
    reason = given["overbook_reason"]
    return services.book(
        by=by,
        customer=form.person or services.Newcomer(given["name"], given["pn"]),
        designer=given["designer"],
        date=given["date"],
        time=given["time"],
        note=given["note"],
        overbooking=Overbooking(by.user, reason) if reason and by.user else None,
        walk_in=dt.datetime.combine(given["date"], given["time"]) <= salon_now(),
    )


def _asked(request: HttpRequest, by: Actor) -> dict[str, Any]:
    """What the form begins with: what the link or the refreshed form says, else today and the first designer."""
    asked = (request.POST if request.method == "POST" else request.GET).dict()
    known = {name: asked[name] for name in BookingForm.base_fields if asked.get(name)}
    first = slots.designers(by).first()
    return {"date": salon_today().isoformat(), "designer": first.pk if first else None} | known


def _person(by: Actor, picked: str) -> User | None:
    return User.objects.visible_to(by).customers().filter(pk=key(picked)).first()


def _times(by: Actor, form: BookingForm) -> list[slots.Choice]:
    """Of the designer and the day that the form stands at; none where it makes no sense."""
    designer = slots.designers(by).filter(pk=key(form["designer"].value())).first()
    try:
        date = dt.date.fromisoformat(str(form["date"].value()))
    except ValueError:
        return []
    return [] if designer is None else slots.choices(by, designer, date)


def _time(form: BookingForm) -> str:
    return str(form["time"].value() or "")[:5]
