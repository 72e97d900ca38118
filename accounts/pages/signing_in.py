"""Signing in and out."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts import second_factor, staff_sessions
from accounts.forms import SignInForm
from accounts.lockout import too_many
from accounts.pages.oauth import LeadsToApps
from accounts.throttles import PASSWORDS
from accounts.visitors import seconds_to_wait


@method_decorator(login_not_required, name="dispatch")
class SignIn(LeadsToApps, LoginView):
    """The one page that takes passwords: for customers, designers and staff, and for the admin.

    Of whom a second factor is asked, a right password signs in only half (accounts/security.py has the other half).
    """

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := seconds_to_wait(request, *PASSWORDS):
            return too_many(request, wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if second_factor.is_asked_of(user):
            next_page = self.get_redirect_url() or resolve_url("admin:index")
            staff_sessions.begin(self.request, user, next_page=next_page)
            return redirect("accounts:second_step")
        staff_sessions.enter(self.request, user)
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "ended": staff_sessions.why_ended(self.request),
            "reserving": self.get_redirect_url().startswith(reverse("pages:reserve")),
        }

    def get_default_redirect_url(self) -> str:
        if self.request.user.is_authenticated and self.request.user.is_staff:
            return resolve_url("admin:index")
        return super().get_default_redirect_url()


FORGET = '"cache"'
"""As `Clear-Site-Data`: the browser forgets the pages that it keeps for the way back; who is next must not see them."""


class SignOut(LogoutView):
    """Also the admin's."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = FORGET
        return response
