"""Who visits a page, and how often somebody may send its form."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.throttling import BaseThrottle

from accounts.actors import Actor, Door
from accounts.lockout import too_many
from accounts.models import User

Page = Callable[..., HttpResponseBase]


def visitor(request: HttpRequest) -> Actor:
    """The customer, designer or member of staff who is signed in, or nobody yet."""
    return Actor(Door.PAGES, user=request.user if request.user.is_authenticated else None)


def person(request: HttpRequest) -> User:
    """Who is signed in, on a page that nobody else comes to."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def throttled(*throttles: type[BaseThrottle]) -> Callable[[Page], Page]:
    """Before a page: what it is sent counts as the API's requests do, and too many are answered 429."""

    def guarded(page: Page) -> Page:
        @wraps(page)
        def counted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method == "POST" and (wait := seconds_to_wait(request, *throttles)):
                return too_many(request, wait)
            return page(request, *args, **kwargs)

        return counted

    return guarded


def seconds_to_wait(request: HttpRequest, *throttles: type[BaseThrottle]) -> float:
    """Until this visitor may try again by all of these counters, each of which counts this try; 0 = at once."""
    asked = [kind() for kind in throttles]
    refused = [throttle for throttle in asked if not throttle.allow_request(request, None)]  # type: ignore[arg-type]
    return max((throttle.wait() or 60 for throttle in refused), default=0)
