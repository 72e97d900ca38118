"""Where a person is signed in: browsers with a session, and apps with tokens."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import app_consents
from accounts.visitors import person, visitor

SHOWN_AT_MOST = 50


def sessions(request: HttpRequest) -> HttpResponse:
    mine = person(request).sessions.live().order_by("-seen_at", "pk")
    if request.method == "POST":
        others = mine.exclude(pk=request.session.session_key)
        if request.POST.get("session") != "others":
            handle = request.POST.get("session")
            others = others.filter(pk__in=[session.pk for session in others if session.handle == handle])
        ended, _by_model = others.delete()
        messages.success(request, _("로그아웃했어요.") if ended else _("이미 로그아웃된 기기예요."))
        return redirect("accounts:sessions")
    rows = list(mine[:SHOWN_AT_MOST])
    context = {"sessions": rows, "current": request.session.session_key, "others": len(rows) > 1}
    return render(request, "accounts/sessions.html", context)


def apps(request: HttpRequest) -> HttpResponse:
    connected = app_consents.connected_to(person(request))
    if request.method == "POST":
        app = next((app for app in connected if str(app.pk) == request.POST.get("app")), None)
        if app is not None:
            app_consents.disconnect(by=visitor(request), app=app.pk)
            messages.success(request, _("%(name)s의 연결을 끊었어요.") % {"name": app.name})
        return redirect("accounts:apps")
    return render(request, "accounts/apps.html", {"apps": connected})
