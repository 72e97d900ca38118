"""Signing in and out, and a person's consent to an app."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from oauth2_provider.views import AuthorizationView, TokenView
from rest_framework.throttling import BaseThrottle

from accounts.forms import SignInForm
from accounts.lockout import too_many
from accounts.throttles import PasswordsPerAddress, PasswordsPerUserid

THROTTLES: list[type[BaseThrottle]] = [PasswordsPerUserid, PasswordsPerAddress]


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The one page that takes passwords: for customers, designers and staff, and for the admin."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := _wait(request):
            return too_many(request, wait)
        return super().post(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        if self.request.user.is_authenticated and self.request.user.is_staff:
            return resolve_url("admin:index")
        return super().get_default_redirect_url()


class Authorize(AuthorizationView):
    """RFC 6749's authorization endpoint: the person reads what the app asks for, and consents or not."""

    template_name = "accounts/authorize.html"


class Token(TokenView):
    """RFC 6749's token endpoint, under the same password limits as getToken."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if wait := _wait(request):
            return JsonResponse({"error": "too_many_attempts"}, status=429, headers={"Retry-After": str(int(wait) + 1)})
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer


def _wait(request: HttpRequest) -> float:
    """Seconds until this address may try a password again; 0 = at once."""
    throttles = [kind() for kind in THROTTLES]
    refused = [throttle for throttle in throttles if not throttle.allow_request(request, None)]  # type: ignore[arg-type]
    return max((throttle.wait() or 60 for throttle in refused), default=0)
