"""A person's consent to an app, and RFC 6749's token endpoint."""

from typing import Any

from csp.decorators import csp_replace
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic.base import TemplateResponseMixin
from oauth2_provider.views import AuthorizationView, IntrospectTokenView, TokenView
from oauthlib.common import Request as OauthlibRequest

from accounts.authentication import living, scopes_of
from accounts.oauth import GRANT_TYPES
from accounts.throttles import PASSWORDS
from accounts.visitors import seconds_to_wait
from cody_site.api.params import UNSTORABLE
from cody_site.security_events import Event, note

ANYWHERE = {"form-action": None}
"""For the policy of a page whose form's answer may lead to an app, wherever that is."""


def let_lead_to_an_app(page: HttpResponseBase, next_page: str) -> None:
    """On this page somebody signs in, and is sent on to `next_page`.

    Where that is the authorization endpoint it may send them on to the app with no page in between (RFC 6749, 4.1.2.1),
    and Chromium holds all of this for the form's doing.
    """
    if next_page.startswith(reverse("oauth2_provider:authorize")):
        page._csp_replace = ANYWHERE  # type: ignore[attr-defined]  # noqa: SLF001 -- django-csp's per-view hook


class LeadsToApps(RedirectURLMixin, TemplateResponseMixin):
    """A page of a form by which somebody is signed in and sent on."""

    def render_to_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        page = super().render_to_response(*args, **kwargs)
        let_lead_to_an_app(page, self.get_redirect_url())
        return page


@method_decorator(csp_replace(ANYWHERE), name="dispatch")
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
        if wait := seconds_to_wait(request, *PASSWORDS):
            return JsonResponse({"error": "too_many_attempts"}, status=429, headers={"Retry-After": str(int(wait) + 1)})
        if any(UNSTORABLE.search(value) for values in request.POST.lists() for value in values[1]):
            return JsonResponse({"error": "invalid_request"}, status=400)
        if request.POST.get("grant_type") not in GRANT_TYPES:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        if answer.status_code != 200:
            note(Event.TOKEN_REFUSED, detail=f"{answer.status_code}")
        return answer


class Introspect(IntrospectTokenView):
    """RFC 7662, by POST and for apps with the scope `introspection`: a token counts here as at the API's routes."""

    http_method_names = ["post"]

    def authenticate_client(self, request: HttpRequest) -> bool:
        core = self.get_oauthlib_core()
        asking = OauthlibRequest(*core._extract_params(request))  # noqa: SLF001 -- as the library's own method does
        return core.server.request_validator.authenticate_client(asking) and "introspection" in asking.client.scopes

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        token = request.POST.get("token")
        if token is None:
            return JsonResponse({"error": "invalid_request"}, status=400)
        found = living(token)
        if found is None:
            return JsonResponse({"active": False})
        told = {
            "active": True,
            "scope": " ".join(scope for scope in found.scope.split() if scope in scopes_of(found)),
            "exp": int(found.expires.timestamp()),
            "client_id": found.application.client_id,
        }
        if found.user is not None:
            told["username"] = found.user.userid
        if found.resource:
            told["aud"] = found.resource
        return JsonResponse(told)
