"""What the back-office shows of several apps at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import actor_of
from accounts.models import AccountType
from cody_site.back_office.showcase import shows
from payments.models import Payment

ORDER = ("reservations", "payments", "board", "media_store", "accounts")
"""By how often the desk needs them; what is not named comes last."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side of every page: the day and what is to be done first, then all that this person may see."""
    groups = [
        {
            "title": app["name"],
            "separator": True,
            "items": [{"title": model["name"], "link": model["admin_url"]} for model in app["models"]],
        }
        for app in sorted(admin.site.get_app_list(request), key=_place)
    ]
    return [_day(request), *_to_do(request), *groups]


def _day(request: HttpRequest) -> dict[str, Any]:
    items = [("back_office:day", "reservations.view_reservation", "calendar_today", _("오늘"))]
    items += [("back_office:book", "reservations.add_reservation", "add", _("새 예약"))]
    shown = [
        (reverse(name), icon, title) for name, permission, icon, title in items if request.user.has_perm(permission)
    ]
    by = actor_of(request)
    if by.account_type == AccountType.DESIGNER:
        shown.append((reverse("back_office:showcase", args=[by.user_pk]), "photo_library", _("내 소개 사진")))
    elif shows(by):
        shown.append((reverse("back_office:showcases"), "photo_library", _("디자이너 사진")))
    return {
        "items": [
            {"title": title, "icon": icon, "link": link, "active": request.path == link} for link, icon, title in shown
        ]
    }


def _place(app: dict[str, Any]) -> int:
    return ORDER.index(app["app_label"]) if app["app_label"] in ORDER else len(ORDER)


def _to_do(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.user.has_perm("payments.view_payment"):
        return []
    count = Payment.objects.needing_person().count()
    item = {
        "title": _("확인이 필요한 돈"),
        "icon": "warning",
        "link": reverse("admin:payments_payment_changelist") + "?needs=person",
        "active": request.GET.get("needs") == "person",
    }
    reports = {"title": _("리포트"), "icon": "bar_chart", "link": reverse("back_office:reports")}
    return [{"title": _("할 일"), "items": [item | ({"badge": str(count)} if count else {}), reports]}]
