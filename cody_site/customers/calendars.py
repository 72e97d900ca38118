"""A reservation as a calendar file, and a person's calendar by its secret address."""

import datetime as dt
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from accounts import calendar_feeds
from accounts.clock import salon_today
from accounts.lockout import too_many
from accounts.models import AccountType, CalendarFeed, User
from accounts.throttles import WrongCalendars
from accounts.visitors import person
from cody_site.customers import ics
from cody_site.customers.visits import own_or_404
from reservations.models import Reservation

PAST = dt.timedelta(days=90)


@require_safe
@cache_control(private=True, no_cache=True)
def calendar_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One reservation, for the calendar program that opens it; loaded again, it updates the same entry."""
    row = own_or_404(request, pk)
    response = HttpResponse(ics.calendar([(row, ics.for_customer(row))]), content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="cdeday-{row.pk}.ics"'
    return response


def calendar(request: HttpRequest) -> HttpResponse:
    """The secret address: what it is for, made, copied, renewed and revoked."""
    user = person(request)
    if request.method == "POST":
        if request.POST.get("act") == "revoke":
            calendar_feeds.revoke(user=user)
            messages.success(request, _("캘린더 주소를 없앴어요. 이제 아무것도 보이지 않아요."))
        else:
            calendar_feeds.renew(user=user)
            messages.success(request, _("새 캘린더 주소를 만들었어요."))
        return redirect("pages:calendar")
    feed = CalendarFeed.objects.filter(user=user).first()
    address = urljoin(settings.SITE_URL, reverse("pages:feed", args=[feed.token])) if feed else ""
    return render(
        request,
        "pages/calendar.html",
        {
            "feed": feed,
            "address": address,
            "webcal": urlsplit(address)._replace(scheme="webcal").geturl() if feed else "",
            "is_designer": user.type == AccountType.DESIGNER,
        },
    )


@require_safe
@login_not_required
@cache_control(private=True, no_cache=True)
@conditional_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """A calendar program asks, and has nothing but the address; a wrong one leads nowhere, and too many are told to
    wait, the right ones among them, so that nobody finds one by trying."""
    wrong = WrongCalendars()
    if not wrong.allow_request(request, None):  # type: ignore[arg-type]
        return too_many(request, wrong.wait() or 60)
    user = calendar_feeds.owner(token)
    if user is None:
        wrong.count()
        raise Http404
    with translation.override(user.language):
        made = _of_designer(user) if user.type == AccountType.DESIGNER else _of_customer(user)
    return HttpResponse(made, content_type=ics.CONTENT_TYPE)


def _of_customer(user: User) -> bytes:
    """Own reservations, those of the last 90 days and all to come."""
    rows = user.reservations.live().filter(date__gte=salon_today() - PAST).with_people().order_by("date", "time", "pk")
    return ics.calendar([(row, ics.for_customer(row)) for row in rows], name=_("매일 달라지는 코디"))


def _of_designer(user: User) -> bytes:
    """Whom this designer expects, and those whose names designers may still know (section 9)."""
    mine = Reservation.objects.filter(designer=user.pk).of_present_customers()
    rows = mine.with_people().order_by("date", "time", "pk")
    return ics.calendar([(row, ics.for_designer(row)) for row in rows], name=_("내 상담 일정"))
