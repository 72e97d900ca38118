from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.acting import Desk
from cody_site.models import AccessLog


@admin.register(AccessLog)
class AccessLogAdmin(Desk):
    """Who read or took away personal data: to read."""

    list_display = ["at", "by", "what", "subject", "detail", "reason", "rows", "ip"]
    list_filter = ["what", "at"]
    list_select_related = ["by", "subject"]
    search_fields = ["by__userid", "subject__userid"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
