"""Another time or another designer for a reservation, chosen among what is free; what is paid stays with it."""

import datetime as dt
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.hours import Availability, Slot
from accounts.models import Designer
from accounts.visitors import visitor
from cody_site.customers.asked import Asked
from cody_site.customers.check import TOLD
from cody_site.customers.reserve import Calendar
from cody_site.customers.team import availability_for, team
from cody_site.customers.visits import Leeway, leeway, own_or_404, place
from cody_site.customers.wish import Wish
from cody_site.errors import Conflict, Refusal
from cody_site.templatetags.people import moment
from payments.models import State
from reservations import services
from reservations.errors import AlreadyReserved, Gone, HourFull, NotAvailable, TooLateToChange
from reservations.models import Reservation


def move_address(row: Reservation, designer: Designer | None, date: dt.date | None, time: dt.time | None = None) -> str:
    """The page with the times of that day; with a time, the one that asks for the last word."""
    asked = {"designer": "" if designer is None else str(designer.pk)}
    asked |= {} if date is None else {"date": date.isoformat()}
    asked |= {} if time is None else {"time": time.isoformat("minutes")}
    return f"{reverse('pages:move', args=[row.pk])}?{urlencode(asked, safe=':')}"


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """`?designer=&date=&time=`: without a time they are listed, with one it is asked about; a POST moves.

    The own seat counts as free. 409: that time cannot be had, and the page offers what is near.
    """
    row = own_or_404(request, pk)
    if row.trashed_at is not None:
        messages.info(request, _("이미 취소된 예약이에요."))
        return redirect("pages:reservation", pk)
    availability = availability_for(request, team())
    availability.give_back(row.designer, row.start)
    may = leeway(visitor(request), row, availability.policy)
    if not may.may_move:
        return render(request, "pages/move_late.html", {"row": row, "leeway": may})
    if "instead" in request.GET:
        other = Asked.by(QueryDict(request.GET["instead"]))
        return redirect(move_address(row, other.of(availability.designers), other.date, other.time))
    asked = Asked.by(request.GET)
    designer = asked.of(availability.designers) if request.GET else _present(row, availability)
    if asked.start is None:
        return _times(request, row, availability, designer, asked.date)
    return _check(request, row, Wish(availability, designer, asked.start), may)


def _present(row: Reservation, availability: Availability) -> Designer | None:
    """Whom the reservation is with, unless they have stopped taking any."""
    return next((one for one in availability.designers if one.pk == row.designer_id), None)


def _times(
    request: HttpRequest, row: Reservation, availability: Availability, designer: Designer | None, asked: dt.date | None
) -> HttpResponse:
    within = asked is not None and availability.today <= asked <= availability.last
    date = asked if asked is not None and within else _first(row, availability, designer)
    shown = Calendar(availability, designer, date, partial(move_address, row)).shown(kept=date)
    here = reverse("pages:move", args=[row.pk])
    out_of_reach = bool(request.GET.get("date")) and not within
    return render(
        request, "pages/move.html", shown | {"row": row, "here": here, "check": here, "out_of_reach": out_of_reach}
    )


def _first(row: Reservation, availability: Availability, designer: Designer | None) -> dt.date:
    """The reservation's own day if anything is free on it, else the first free one."""
    if availability.times(row.date, designer):
        return row.date
    return availability.first_free_day(designer) or availability.today


def _check(request: HttpRequest, row: Reservation, wish: Wish, may: Leeway) -> HttpResponse:
    host = wish.host
    if host is not None and (host.pk, wish.start) == (row.designer_id, row.start):  # also where it was sent twice
        if request.method != "POST":
            messages.info(request, _("지금 예약하신 시간이에요. 다른 시간을 골라 주세요."))
            return redirect(move_address(row, host, row.date))
        return redirect("pages:reservation", row.pk)
    if request.method != "POST":
        return _page(request, row, wish, may, None if wish.is_free else NotAvailable())
    if request.POST.get("seen") != place(row):
        messages.warning(request, _("그 사이에 예약이 옮겨졌어요. 지금의 예약을 확인하고 다시 옮겨 주세요."))
        return redirect(move_address(row, wish.designer, wish.start.date(), wish.start.time()))
    try:
        _move(request, row, host, wish.start)
    except Refusal as refusal:
        return _refused(request, row, wish, may, refusal)
    messages.success(request, _("예약을 옮겼어요. %(moment)s에 만나요!") % {"moment": moment(wish.start)})
    return redirect("pages:reservation", row.pk)


def _move(request: HttpRequest, row: Reservation, host: Designer | None, start: dt.datetime) -> None:
    if host is None:
        raise HourFull
    by = visitor(request)
    rows = Reservation.objects.changeable_by(by).unmoved(row).filter(customer=row.customer_id)
    wanted = services.Change(designer=host, date=start.date(), time=start.time())
    if not services.change(by=by, reservations=rows, data=wanted).matched:
        raise Gone


def _refused(request: HttpRequest, row: Reservation, wish: Wish, may: Leeway, refusal: Refusal) -> HttpResponse:
    if isinstance(refusal, (Gone, TooLateToChange)):
        return redirect("pages:move", row.pk)  # which tells what has become of it
    again = availability_for(request, wish.availability.designers)
    again.give_back(row.designer, row.start)
    return _page(request, row, Wish(again, wish.designer, wish.start), may, refusal)


def _is_where_it_is(row: Reservation, slot: Slot) -> bool:
    return (slot.designer.pk, slot.start) == (row.designer_id, row.start)


def _page(request: HttpRequest, row: Reservation, wish: Wish, may: Leeway, refusal: Refusal | None) -> HttpResponse:
    elsewhere = refusal is not None and not isinstance(refusal, Conflict)
    own, others = wish.instead(then=not isinstance(refusal, AlreadyReserved)) if elsewhere else ([], [])
    policy = wish.availability.policy
    context = {
        "row": row,
        "wish": wish,
        "address": move_address(row, wish.host, wish.start.date(), wish.start.time()),
        "other_times": move_address(row, wish.designer, wish.start.date()),
        "seen": place(row),
        "is_paid": row.payments.live().filter(state=State.PAID).exists(),
        "move_until": wish.until(policy.change_notice),
        "cancel_until": wish.until(policy.cancel_notice),
        "refused": TOLD.get(type(refusal), refusal.told) if refusal else "",
        "elsewhere": elsewhere,
        "own": [slot for slot in own if not _is_where_it_is(row, slot)],
        "others": [slot for slot in others if not _is_where_it_is(row, slot)],
    }
    return render(request, "pages/move_check.html", context, status=409 if refusal else 200)
