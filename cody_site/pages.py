"""The pages that join several apps."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from accounts.models import Designer


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it where a page names no icon, as in the admin."""
    return redirect(static("icon.svg"), permanent=True)


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"designers": Designer.objects.working()})
