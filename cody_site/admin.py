from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.acting import ToRead
from accounts.lists import CreatedAt, Whoever
from cody_site.models import AccessLog


class At(CreatedAt):
    parameter_name = "at"
    default = "30-days"


@admin.register(AccessLog)
class AccessLogAdmin(ToRead):
    """Who read or took away personal data."""

    list_display = ["at", "by", "what", "subject", "detail", "reason", "rows", "ip"]
    list_filter = [At, "what", Whoever]
    list_select_related = ["by", "subject"]
    ordering = ["-at", "-pk"]
    search_fields = ["id"]
    search_person = "subject"
    search_help_text = _("누구의 정보인지: 이름, 전화 끝 네 자리, 아이디")
