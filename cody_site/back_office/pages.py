"""What every page of the back-office is: one of the admin's, for those who may open the admin."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse_lazy

View = Callable[..., HttpResponseBase]


def desk_page(*permissions: str) -> Callable[[View], View]:
    """The admin's own door before a view, and besides one of these permissions, if any are named."""

    def guarded(view: View) -> View:
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permissions and not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        page: View = admin.site.admin_view(checked)
        page.login_url = reverse_lazy("admin:login")  # type: ignore[attr-defined]  # LoginRequiredMiddleware's hook
        return page

    return guarded


def render(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """A template that extends admin/base_site.html, with the admin's own context around it."""
    return TemplateResponse(request, template, admin.site.each_context(request) | {"title": title} | context)
