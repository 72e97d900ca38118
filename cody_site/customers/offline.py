"""The site as an app on the home screen, and what it shows without a network: one page, and nothing of anybody's."""

import json
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ICONS = [("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")]


@require_safe
@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker: it tells nothing of who is signed in, and asks for no session."""
    return HttpResponse(_page())


def _page() -> str:
    return render_to_string("pages/offline.html", {"phone": settings.SALON_PHONE})


@require_safe
@login_not_required
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, for a service worker serves what lies below it.

    It is another one, and replaces the last, as soon as what it keeps is.
    """
    kept = [reverse("pages:offline"), static("css/site.css"), static("icon.svg")]
    version = sha256("\n".join([_page(), *kept]).encode()).hexdigest()[:12]
    context = {"kept": json.dumps(kept), "version": version}
    return render(None, "pages/service-worker.js", context, content_type="text/javascript; charset=utf-8")


@require_safe
@login_not_required
def manifest(request: HttpRequest) -> HttpResponse:
    """With it a phone offers to put the site on its home screen."""
    icons = [
        {
            "src": static(f"icons/{purpose}-{size.partition('x')[0]}.png"),
            "sizes": size,
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in ICONS
    ]
    told = {
        "id": "/",
        "name": _("매일 달라지는 코디"),
        "short_name": _("코디"),
        "description": _("디자이너를 고르고 빈 시간을 눌러 바로 예약하세요. 매일 달라지는 코디."),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf8f4",
        "theme_color": "#fbf8f4",
        "icons": icons,
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False}, content_type="application/manifest+json")
