"""What is no app's: the icon, and the API's description for programs and for people."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from cody_site.api.schema import document


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it where a page names no icon, as in the admin."""
    return redirect(static("icon.svg"), permanent=False)


ROBOTS = """\
User-agent: *
Allow: /reserve/
Disallow: /admin/
Disallow: /my/
Disallow: /login/
Disallow: /password/
Disallow: /oauth/
Disallow: /i18n/
Disallow: /calendar/
Disallow: /board/write/
Disallow: /comment
Disallow: /payment
Disallow: /photo_
Disallow: /post
Disallow: /product
Disallow: /reserv
Disallow: /user
"""


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing is found by searching that is for somebody, or for programs."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@login_not_required
def schema(request: HttpRequest) -> HttpResponse:
    """The API's description for programs: OpenAPI, as a plain document."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@login_not_required
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people, who may try it from there."""
    return render(request, "docs.html", {"csrf_cookie": settings.CSRF_COOKIE_NAME})
