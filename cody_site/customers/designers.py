"""Who works here: all of them, and each with their work and their times."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.lists import key
from accounts.models import Designer
from cody_site.customers import opening_hours, times
from cody_site.customers.team import availability_for, faces, team
from media_store.showing import portfolio, portrait

TIMES = 6


@login_not_required
@require_safe
def designers(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/designers.html", {"faces": faces(availability_for(request, team()))})


@login_not_required
@require_safe
def designer(request: HttpRequest, pk: int) -> HttpResponse:
    """404 for who takes no reservations."""
    shown = get_object_or_404(Designer.objects.working().prefetch_related(portrait(), portfolio()), pk=key(pk))
    availability = availability_for(request, [shown])
    date = availability.first_free_day()
    free = {} if date is None else availability.times(date)
    return render(
        request,
        "pages/designer.html",
        {
            "designer": shown,
            "date": date,
            "times": times.first(free, TIMES),
            "more": max(len(free) - TIMES, 0),
            "week": opening_hours.week(availability.opening, [shown], availability.today),
        },
    )
