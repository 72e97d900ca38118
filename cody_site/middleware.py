import logging
import random
import re
import time
from collections.abc import Callable
from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.authentication import presented
from accounts.visitors import seconds_to_wait, visitor
from cody_site import health, metrics, scrape
from cody_site.api.throttles import PerCaller
from cody_site.api.views import Route
from cody_site.logs import request_id
from cody_site.transactions import is_transient
from cody_site.views import conflict, too_many
from media_store import pages as photos

logger = logging.getLogger("cody_site.requests")

UNCOUNTED = (health.healthz, health.readyz, scrape.metrics, photos.photo)
"""A page of a gallery is one page, however many thumbnails the browser then asks for."""

INBOUND_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestId:
    """Give every request an id, answer it as X-Request-ID (R3); when it is done, log one line and count it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        inbound = request.META.get("HTTP_X_REQUEST_ID", "")
        token = request_id.set(inbound if INBOUND_ID.fullmatch(inbound) else f"{random.getrandbits(128):032x}")
        metrics.IN_FLIGHT.inc()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            self._log(request, response, started)
            return response
        finally:
            metrics.IN_FLIGHT.dec()
            request_id.reset(token)

    def _log(self, request: HttpRequest, response: HttpResponseBase, started: float) -> None:
        match, seconds = request.resolver_match, time.perf_counter() - started
        # The route, not the path: a path may carry what somebody typed.
        route = match.route if match else None
        metrics.note_request(route, request.method, response.status_code, seconds)
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "caller": getattr(request, "caller_key", None),
            },
        )


class BrowserRules:
    """What browsers and caches may do with any answer, a static file's too; what a view says of its own stands.

    Nothing is kept by a cache between us and the browser. The browser itself keeps a page for its way back and asks
    again otherwise: with `no-store` a form that somebody went back to would be empty. What no way back may show, views
    say themselves (`never_cache`), and every answer of the API's routes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Cache-Control", "private, no-cache")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class TokenDoor:
    """From here a request with a Bearer goes straight to its route of the API: all that comes after is for browsers.

    Its answer has nothing to do with a session, its CSRF token or its messages, and the route tells its failures by
    itself (cody_site/api/errors.py). What is no route of the API goes the long way, with a Bearer or without. Of what
    comes after, a route needs but the right host, the language and the length of its answer; they are seen to here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = None if presented(request) is None else _route(request.path_info)
        if match is None:
            return self.get_response(request)
        translation.activate(translation.get_language_from_request(request))
        request.get_host()  # raises what is 400: it is none of ours
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response = response.render()
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ["Accept-Language"])
        return response


@lru_cache(maxsize=1000)  # as many as are asked for: a photo has its own
def _route(path: str) -> ResolverMatch | None:
    """The API's route of this path; None if it has none."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match if issubclass(getattr(match.func, "cls", object), Route) else None


class CompressedPages(GZipMiddleware):
    """Pages are sent as gzip: a fifth of their size. Photos, lists of the API and downloads go out as they are.

    What a page keeps secret and an attacker could guess by lengths (BREACH) is the token against forgeries, which is
    masked anew in every answer; besides Django makes every length random by up to 100 bytes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


class ConflictPage:
    """A lock that a page or the admin waited for in vain is a conflict, and no fault of ours (section 1: 409)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return conflict(request) if is_transient(exception) else None


class PageThrottle:
    """Pages count in the same counters as the API's routes, which count themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponse | None:
        if issubclass(getattr(view, "cls", object), Route) or view in UNCOUNTED:
            return None
        request.auth = visitor(request)  # type: ignore[attr-defined]  # what the throttle asks of the API's requests
        wait = seconds_to_wait(request, PerCaller)
        return too_many(request, wait) if wait else None


class ContentSecurityPolicy(CSPMiddleware):
    """One policy for all answers, its text made once; django-csp makes it anew for those that differ.

    In the admin django-unfold's Alpine evaluates expressions and sets styles; nothing outside /admin/ may.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.everywhere = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]  # noqa: SLF001 -- django-csp's per-view hook
                "script-src": ["'self'", "'unsafe-eval'"],
                "style-src": ["'self'", "'unsafe-inline'"],
            }
        if settings.DEBUG or any(name.startswith("_csp") for name in vars(response)):
            answer: HttpResponseBase = super().process_response(request, response)
            return answer
        response.headers.setdefault(HEADER, self.everywhere)
        return response
