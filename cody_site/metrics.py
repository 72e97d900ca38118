"""What each process counts of itself; `/metrics` (cody_site/scrape.py) adds them up.

No label holds what somebody typed: routes are those of the URL conf, everything else is a word of ours.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prometheus_client import Counter, Gauge, Histogram

from cody_site.errors import Refusal

P = ParamSpec("P")
R = TypeVar("R")

METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
TOO_MANY = 429

REQUESTS = Histogram(
    "cdeday_request_seconds",
    "From a request's first line to its answer's, by route, method and class of status.",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
IN_FLIGHT = Gauge("cdeday_requests_in_flight", "Requests that are being answered.", multiprocess_mode="livesum")
THROTTLED = Counter("cdeday_throttled", "Answers 429, by route.", ["route"])
RESERVATIONS = Counter(
    "cdeday_reservations", "What was asked of reservations: `done`, or the name of the refusal.", ["act", "outcome"]
)
SECURITY_EVENTS = Counter("cdeday_security_events", "Lines of cody_site.security, by event.", ["event"])


def note_request(route: str | None, method: str | None, status: int, seconds: float) -> None:
    """One more request is answered; `route` is None where none was found."""
    route = route or "none"
    method = method if method in METHODS else "other"
    REQUESTS.labels(route, method, f"{status // 100}xx").observe(seconds)
    if status == TOO_MANY:
        THROTTLED.labels(route).inc()


def counted(act: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Before a service of reservations: how often it did its work, and why it refused to."""

    def decorated(service: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(service)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                result = service(*args, **kwargs)
            except Refusal as refusal:
                RESERVATIONS.labels(act, type(refusal).__name__).inc()
                raise
            RESERVATIONS.labels(act, "done").inc()
            return result

        return call

    return decorated
