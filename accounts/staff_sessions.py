"""The sessions of staff and designers: opened in two steps, and over once nobody does anything in them."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as remember_device
from django_otp.models import Device

from accounts import second_factor
from accounts.drafts import DRAFTS
from accounts.languages import remember_from_cookie
from accounts.models import User

HALF, ENDED, ACTIVE_AT = "half_signed_in", "ended", "active_at"
SECOND_STEP_SECONDS = 10 * 60
TOUCH_SECONDS = 60
"""The session is written at most so often, and idle time is exact to that."""

IDLE, UNPROVED = "idle", "unproved"


class StaffSessions:
    """Whose session does not count any more is nobody: for pages, the admin, the API and OAuth's consent alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.is_staff and (why := _over(request, user)):
            request.session.flush()
            request.session[ENDED] = why
            request.user = AnonymousUser()
        return self.get_response(request)


def _over(request: HttpRequest, user: User) -> str:
    """Why this session does not count any more; empty while it does."""
    session, now = request.session, int(time.time())
    if not second_factor.still_holds(user, session.get(DEVICE_ID_SESSION_KEY)):
        return UNPROVED
    if not settings.STAFF_IDLE_MINUTES:
        return ""
    last = session.get(ACTIVE_AT)
    if last is not None and now - last >= settings.STAFF_IDLE_MINUTES * 60:
        return IDLE
    if last is None or (now - last >= TOUCH_SECONDS and _done_by_the_person(request)):
        session[ACTIVE_AT] = now
    return ""


def _done_by_the_person(request: HttpRequest) -> bool:
    """And not by a page that refreshes itself, or by the photos in what it fetched."""
    if request.method == "POST":
        return True
    return request.headers.get("X-Idle") != "1" and request.headers.get("Sec-Fetch-Dest") != "image"


@dataclass(frozen=True)
class HalfSignedIn:
    """Whose password was right, and whose code is still to come; no login yet."""

    pk: int
    backend: str
    password_hash: str
    """The session's hash of it: a password that changes meanwhile opens nothing any more."""

    next: str
    """Where to go then: checked, and never off the site."""

    since: float


def begin(request: HttpRequest, user: User, *, next_page: str) -> None:
    """The first step is done; whoever was signed in here before is not any more."""
    half = HalfSignedIn(user.pk, user.backend, user.get_session_auth_hash(), next_page, time.time())
    typed = None if request.user.is_authenticated else request.session.get(DRAFTS)
    request.session.flush()
    request.session[HALF] = asdict(half)
    if typed:
        request.session[DRAFTS] = typed


def half_signed_in(request: HttpRequest) -> tuple[User, HalfSignedIn] | None:
    kept = request.session.get(HALF)
    if kept is None:
        return None
    half = HalfSignedIn(**kept)
    user = User.objects.active().filter(pk=half.pk).first()
    if (
        user is None
        or time.time() - half.since > SECOND_STEP_SECONDS
        or not constant_time_compare(half.password_hash, user.get_session_auth_hash())
    ):
        request.session.flush()
        return None
    return user, half


def enter(request: HttpRequest, user: User, *, backend: str | None = None, device: Device | None = None) -> None:
    """Sign in, with the device whose code was right if one was asked for."""
    for name in (HALF, ENDED, DEVICE_ID_SESSION_KEY):
        request.session.pop(name, None)
    login(request, user, backend=backend)
    remember_from_cookie(request, user)
    if user.is_staff and settings.STAFF_IDLE_MINUTES:
        request.session[ACTIVE_AT] = int(time.time())
    if device is not None:
        remember_device(request, device)


def why_ended(request: HttpRequest) -> str:
    """What the page for signing in says first: why the last session here is over; empty if nobody ended it."""
    return str(request.session.get(ENDED, ""))
