"""The salon that the pages are measured in: the demo's; `fill` runs in `manage.py shell` of the site under test."""

import json
import sys
from collections.abc import Iterator

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Designer, User
from accounts.sessions import SessionStore
from bench.names import SESSION_COOKIE
from board.models import Post
from cody_site.demo import salon
from media_store import tasks
from payments.models import Payment, State
from reservations.models import Reservation


def fill() -> None:
    """Build the salon; write to stdout what each page is, its path, whose session it wants, and its queries."""
    salon.build()
    tasks.render_photos()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sessions: dict[User | None, str] = {}
    pages = []
    for name, path, user in _pages():
        if user not in sessions:
            sessions[user] = _signed_in(user)
        session = sessions[user]
        pages.append({"name": name, "path": path, "session": session, "queries": _queries(path, session)})
    sys.stdout.write(json.dumps(pages))


def _pages() -> Iterator[tuple[str, str, User | None]]:
    """What it is, its path, and who looks at it."""
    designer, post = Designer.objects.earliest("order", "pk"), Post.objects.live().earliest("pk")
    visit = Reservation.objects.live().upcoming().filter(photos__isnull=False).earliest("pk")
    paid = Payment.objects.filter(state=State.PAID).earliest("pk")
    customer, payer = visit.customer, paid.payer
    yield "home", reverse("home"), None
    yield "home, signed in", reverse("home"), customer
    yield "designers", reverse("pages:designers"), None
    yield "a designer", reverse("pages:designer", args=[designer.pk]), None
    yield "reserve, anyone free", reverse("pages:reserve"), None
    yield "reserve, with a designer", f"{reverse('pages:reserve')}?designer={designer.pk}", customer
    yield "sign in", reverse("accounts:sign_in"), None
    yield "join", reverse("accounts:join"), None
    yield "board", reverse("board:posts"), None
    yield "a post", reverse("board:post_page", args=[post.postid]), None
    yield "write", reverse("board:write"), customer
    yield "terms", reverse("pages:terms"), None
    yield "my reservations", reverse("pages:my"), customer
    yield "a reservation", reverse("pages:reservation", args=[visit.pk]), customer
    yield "move it", reverse("pages:move", args=[visit.pk]), customer
    yield "cancel it", reverse("pages:cancel", args=[visit.pk]), customer
    yield "its photos", reverse("pages:reservation_photos", args=[visit.pk]), customer
    yield "my photos", reverse("media_store:mine"), customer
    yield "my payments", reverse("payments:mine"), payer
    yield "a payment", reverse("payments:payment_page", args=[paid.payment_uid]), payer
    yield "profile", reverse("accounts:profile"), customer
    yield "sessions", reverse("accounts:sessions"), customer


def _queries(path: str, session: str) -> int:
    """Of the second visit; the first fills what a process keeps."""
    browser = Client(SERVER_NAME="127.0.0.1", HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR="192.0.2.7")
    browser.cookies.load({SESSION_COOKIE: session} if session else {})
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.headers.get('Location', '')}")
    return len(asked)


def _signed_in(user: User | None) -> str:
    if user is None:
        return ""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
