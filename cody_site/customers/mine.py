"""My reservations, and one of them: also what is shown right after it was booked."""

import re
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import drafts
from accounts.actors import Actor
from accounts.clock import salon_today
from accounts.visitors import visitor
from cody_site.customers.money import Money, money, payments
from cody_site.customers.note import KEPT, Note
from cody_site.customers.visits import leeway, own, own_or_404
from cody_site.errors import Refusal
from media_store.models import Photo
from payments.terms import consultation_terms
from reservations import services
from reservations.errors import Gone
from reservations.models import Reservation, ReservationPhoto, ReservationQuerySet
from reservations.story import story

PAGE = 20
TABS = {
    "upcoming": gettext_lazy("다가오는"),
    "past": gettext_lazy("지난"),
    "cancelled": gettext_lazy("취소한"),
}


@dataclass(frozen=True)
class Card:
    """A reservation as a list shows it."""

    row: Reservation
    money: Money
    photos: int

    @property
    def days_left(self) -> int:
        return (self.row.date - salon_today()).days


@require_safe
def my(request: HttpRequest) -> HttpResponse:
    """`?tab=past&after=`: one of three lists, the older ones in pages of 20 behind the reservation of that number."""
    by = visitor(request)
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = "upcoming"
    rows = list(_listed(by, tab, request.GET.get("after", ""))[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return render(
        request,
        "pages/my.html",
        {
            "tab": tab,
            "tabs": _tabs(by),
            "cards": _cards(rows[:PAGE]),
            "first_is_next": tab == "upcoming" and not request.GET.get("after"),
            "older": older,
        },
    )


def _listed(by: Actor, tab: str, after: str) -> ReservationQuerySet:
    rows = own(by).prefetch_related(payments())
    if tab == "cancelled":
        rows = rows.trashed().order_by("-trashed_at", "-pk")
    elif tab == "past":
        rows = rows.live().over().order_by("-date", "-time", "-pk")
    else:
        rows = rows.live().upcoming().order_by("date", "time", "pk")
    last = rows.filter(pk=after).first() if re.fullmatch("[0-9]{1,18}", after) else None
    return rows if last is None else rows.filter(_behind(last, tab))


def _behind(last: Reservation, tab: str) -> Q:
    """In the order of the tab's list."""
    if tab == "cancelled":
        return Q(trashed_at__lt=last.trashed_at) | Q(trashed_at=last.trashed_at, pk__lt=last.pk)
    way = "gt" if tab == "upcoming" else "lt"
    return (
        Q((f"date__{way}", last.date))
        | Q(("date", last.date), (f"time__{way}", last.time))
        | Q(("date", last.date), ("time", last.time), (f"pk__{way}", last.pk))
    )


def _tabs(by: Actor) -> list[dict[str, object]]:
    rows = Reservation.objects.filter(customer=by.user_pk)
    upcoming, live = rows.live().upcoming().count(), rows.live().count()
    counts = {"upcoming": upcoming, "past": live - upcoming, "cancelled": rows.trashed().count()}
    return [{"name": name, "label": label, "count": counts[name]} for name, label in TABS.items()]


def _cards(rows: list[Reservation]) -> list[Card]:
    attached = ReservationPhoto.objects.filter(reservation__in=rows, photo__in=Photo.objects.live())
    photos = dict(attached.values_list("reservation").annotate(count=Count("pk")).order_by())
    terms = consultation_terms()
    return [Card(row, money(row, terms), photos.get(row.pk, 0)) for row in rows]


class NoteForm(forms.Form):
    note = Note(label=gettext_lazy("디자이너에게 남기는 말"), widget=forms.Textarea(attrs={"rows": 4}))


@login_not_required
def reservation(request: HttpRequest, pk: int) -> HttpResponse:
    """All that its customer may know of a reservation; a POST writes the note anew.

    Whose session ended while writing signs in, and finds the words again.
    """
    by, draft = visitor(request), f"note:{pk}"
    if by.user is None:
        if request.method == "POST":
            drafts.keep(request, draft, {"note": request.POST.get("note", "")[:KEPT]})
            messages.info(request, _("로그인하면 쓰시던 글이 그대로 이어집니다."))
        return redirect_to_login(request.path)
    row = own_or_404(request, pk)
    begun = drafts.kept(request, draft) or {"note": row.note}
    form = NoteForm(request.POST if request.method == "POST" else None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            _write_note(by, row, form.cleaned_data["note"])
        except Refusal as refusal:
            form.add_error("note", refusal.told)
        else:
            drafts.forget(request, draft)
            messages.success(request, _("메모를 저장했어요."))
            return redirect("pages:reservation", pk)
    prefetch_related_objects([row], payments())
    attached = row.attachments.filter(photo__in=Photo.objects.visible_to(by))
    return render(
        request,
        "pages/reservation.html",
        {
            "row": row,
            "form": form,
            "leeway": leeway(by, row),
            "money": money(row, consultation_terms()),
            "photos": [attachment.photo for attachment in attached.select_related("photo")],
            "story": story(row),
            "reason": _reason(row),
        },
    )


def _reason(row: Reservation) -> str:
    """Why it was cancelled, by the customer or by itself; what people at the desk write is for the desk."""
    return row.cancel_reason if row.trashed_by_id in (None, row.customer_id) else ""


def _write_note(by: Actor, row: Reservation, note: str) -> None:
    rows = Reservation.objects.changeable_by(by).filter(pk=row.pk, customer=row.customer_id)
    if not services.change(by=by, reservations=rows, data=services.Change(note=note)).matched:
        raise Gone
