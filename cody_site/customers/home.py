"""The first page: when one can come, and to whom."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from board.models import Post
from cody_site.customers import opening_hours, times
from cody_site.customers.team import availability_for, faces, team

TIMES, POSTS = 9, 3


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Today's free times lead straight to the last word; if there are none, those of the first day that has some."""
    availability = availability_for(request, team())
    date = availability.first_free_day() or availability.today
    free = availability.times(date)
    week = opening_hours.week(availability.opening, availability.designers, availability.today)
    return render(
        request,
        "pages/home.html",
        {
            "faces": faces(availability),
            "date": date,
            "is_today": date == availability.today,
            "times": times.first(free, TIMES),
            "more": max(len(free) - TIMES, 0),
            "posts": Post.objects.live().order_by("-pk").only("postid", "title", "created_at")[:POSTS],
            "today": week[0],
            "week": week,
        },
    )
