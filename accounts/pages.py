"""Signing in and out, and a person's consent to an app."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    LoginView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from oauth2_provider.views import AuthorizationView, TokenView
from rest_framework.throttling import BaseThrottle

from accounts import guests, second_factor, services, staff_sessions
from accounts.errors import LinkExpired
from accounts.forms import ChangePasswordForm, ForgottenPasswordForm, InvitationForm, SignInForm
from accounts.lockout import too_many
from accounts.oauth import GRANT_TYPES
from accounts.phone_numbers import spoken
from accounts.throttles import PasswordsPerAddress, PasswordsPerUserid
from accounts.visitors import seconds_to_wait
from cody_site.api.params import UNSTORABLE
from cody_site.errors import Refusal

THROTTLES: list[type[BaseThrottle]] = [PasswordsPerUserid, PasswordsPerAddress]


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The one page that takes passwords: for customers, designers and staff, and for the admin.

    Of whom a second factor is asked, a right password signs in only half (accounts/security.py has the other half).
    """

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := seconds_to_wait(request, *THROTTLES):
            return too_many(request, wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if second_factor.is_asked_of(user):
            next_page = self.get_redirect_url() or resolve_url("admin:index")
            staff_sessions.begin(self.request, user, next_page=next_page)
            return redirect("accounts:second_step")
        staff_sessions.enter(self.request, user)
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"ended": staff_sessions.why_ended(self.request)}

    def get_default_redirect_url(self) -> str:
        if self.request.user.is_authenticated and self.request.user.is_staff:
            return resolve_url("admin:index")
        return super().get_default_redirect_url()


@login_not_required
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail; the button behind it confirms, for mail scanners open links too."""
    if request.method != "POST":
        return render(request, "accounts/confirm_address.html")
    try:
        confirmed = services.confirm_address(token)
    except Refusal as refusal:
        return render(request, "accounts/confirm_address.html", {"refusal": refusal}, status=400)
    return render(request, "accounts/confirm_address.html", {"confirmed": confirmed})


@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail leads here: who came to the desk makes the account their own, once."""
    try:
        invited = guests.invited(token)
    except LinkExpired:
        return render(request, "accounts/invitation.html", status=400)
    known = {"userid": invited.userid, "name": invited.name, "pn": spoken(invited.pn)}
    form = InvitationForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            return render(
                request, "accounts/invitation.html", {"invited": guests.accept(token=token, **form.cleaned_data)}
            )
        except Refusal as refusal:
            form.add_error(None, refusal.told)
    return render(request, "accounts/invitation.html", {"invited": invited, "form": form})


@login_not_required
def password_forgotten(request: HttpRequest) -> HttpResponse:
    form = ForgottenPasswordForm(request.POST or None)
    if request.method == "POST":
        if wait := seconds_to_wait(request, *THROTTLES):
            return too_many(request, wait)
        if form.is_valid():
            services.send_reset_links(form.cleaned_data["email"])
            return render(request, "accounts/password_forgotten.html", {"sent": True})
    return render(request, "accounts/password_forgotten.html", {"form": form})


class NewPassword(PasswordResetConfirmView):
    """The link of the mail leads here, once."""

    template_name = "accounts/new_password.html"
    success_url = reverse_lazy("accounts:sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        services.reset_password(user=form.user, password=form.cleaned_data["new_password1"])
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        return redirect(self.get_success_url())


class PasswordChange(PasswordChangeView):
    """Also the admin's: the old password is one more try at the one counter, and what the old one opened is closed."""

    template_name = "accounts/new_password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("home")
    extra_context = {"validlink": True}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        services.reset_password(user=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        return redirect(self.get_success_url())


class Authorize(AuthorizationView):
    """RFC 6749's authorization endpoint: the person reads what the app asks for, and consents or not."""

    template_name = "accounts/authorize.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (
            "approval_prompt" in request.GET
        ):  # `auto` would consent without asking; any app may answer cdeday:// (RFC 8252)
            asked = request.GET.copy()
            del asked["approval_prompt"]
            request.GET = asked  # type: ignore[assignment]
        page: HttpResponseBase = super().get(request, *args, **kwargs)
        return page


class Token(TokenView):
    """RFC 6749's token endpoint, under the same password limits as getToken."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if wait := seconds_to_wait(request, *THROTTLES):
            return JsonResponse({"error": "too_many_attempts"}, status=429, headers={"Retry-After": str(int(wait) + 1)})
        if any(UNSTORABLE.search(value) for values in request.POST.lists() for value in values[1]):
            return JsonResponse({"error": "invalid_request"}, status=400)
        if request.POST.get("grant_type") not in GRANT_TYPES:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer
