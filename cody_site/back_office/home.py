"""The first screen of the admin: the salon's day."""

import datetime as dt
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.acting import actor_of
from accounts.clock import salon_today
from accounts.lists import key
from accounts.models import AccountType, Designer
from cody_site.back_office.consultation import in_consultation
from cody_site.back_office.day import Day
from cody_site.back_office.pages import desk_page, render

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2999, 12, 1)
WEEK = dt.timedelta(days=7)


@require_safe
@never_cache
@desk_page("reservations.view_reservation")
def day(request: HttpRequest) -> HttpResponse:
    """`?date=2026-03-03&designer=7`; today and everybody (a designer: oneself) without. Nonsense is today, too."""
    date = asked_date(request) or salon_today()
    by = actor_of(request)
    shown = Day(by, date, _only(request), private=not in_consultation(request))
    return render(
        request,
        "admin/back_office/day.html",
        _("오늘") if shown.is_today else _("하루"),
        day=shown,
        cards=shown.cards(),
        strip=shown.strip(),
        undoable=shown.undoable(),
        book=reverse("back_office:book"),
        iso=date.isoformat(),
        here=quote(request.get_full_path()),
        yesterday=shown.at(date - dt.timedelta(days=1)),
        tomorrow=shown.at(date + dt.timedelta(days=1)),
        last_week=shown.at(date - WEEK),
        next_week=shown.at(date + WEEK),
        today=shown.at(salon_today()),
    )


def asked_date(request: HttpRequest) -> dt.date | None:
    """The `date` of the query, within what a salon lives to see."""
    try:
        date = dt.date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        return None
    return min(max(date, FIRST), LAST)


def _only(request: HttpRequest) -> Designer | None:
    by = actor_of(request)
    if by.account_type == AccountType.DESIGNER:
        return Designer.objects.select_related("user").filter(pk=by.user_pk).first()
    return Designer.objects.select_related("user").filter(pk=key(request.GET.get("designer"))).first()
