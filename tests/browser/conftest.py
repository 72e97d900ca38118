"""The back-office in a real browser, as wide as a desk's screen and as a designer's phone, at a time that stands."""

import re

import pytest
from django.conf import settings
from django.test import Client

from tests.browser import salon as of_tests
from tests.chromium import PATIENCE

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def salon(clock, transactional_db):
    clock.move_to(of_tests.AT)
    return of_tests.build()


@pytest.fixture(params=[WIDE, NARROW], ids=["1280px", "390px"])
def size(request):
    return request.param


@pytest.fixture
def sign_in(chromium, live_server, size):
    """A page of a browser in which this person, if any, is signed in; no page's console may complain, as of the CSP."""
    contexts, complaints = [], []

    def sign_in(user, **options):
        context = chromium.new_context(base_url=live_server.url, locale="ko-KR", viewport=size, **options)
        if user is not None:
            context.add_cookies([_session_of(user, live_server.url)])
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: _is_wrong(line) and complaints.append(line.text))
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def _is_wrong(line):
    """Chromium counts a form that is refused as an error too."""
    return line.type == "error" and not re.search(r"status of (400|409|429) ", line.text)


def _session_of(user, url):
    known = Client()
    known.force_login(user, backend="accounts.backends.RoleBackend")
    value = known.cookies[settings.SESSION_COOKIE_NAME].value
    # Such a cookie is set over HTTPS only, but Chromium sends it to its own machine in any case.
    secure = url.replace("http:", "https:")
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": secure, "secure": True}


@pytest.fixture
def desk(sign_in, salon):
    """The home screen of the administrator."""
    page = sign_in(salon.boss)
    page.goto("/admin/")
    return page
