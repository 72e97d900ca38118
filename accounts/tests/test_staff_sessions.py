"""A session that nobody does anything in ends, and the page for signing in says so."""

import pytest
from django.test import Client as Browser

from tests.api import in_session
from tests.factories import DesignerFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"
HOUR = 3600


@pytest.fixture(autouse=True)
def _an_hour(settings):
    settings.STAFF_IDLE_MINUTES = 60


@pytest.fixture
def browser():
    user = UserFactory(userid="hong", staff=True)
    user.set_password(PASSWORD)
    user.save()
    browser = Browser()
    browser.post("/login/", {"username": "hong", "password": PASSWORD})
    return browser


def is_signed_in(browser, **headers):
    return browser.get("/security/", headers=headers).status_code == 200


def test_an_hour_without_anything_done_ends_the_session(browser, clock):
    clock.shift(HOUR - 1)
    assert is_signed_in(browser)
    clock.shift(HOUR)
    assert not is_signed_in(browser)


def test_the_page_for_signing_in_says_why_and_leads_back(browser, clock):
    clock.shift(HOUR)

    page = browser.get("/admin/accounts/user/?q=kim", follow=True)

    assert page.redirect_chain == [("/login/?next=/admin/accounts/user/%3Fq%3Dkim", 302)]
    assert "한동안 쓰지 않아 로그아웃했습니다" in page.content.decode()
    form = {"username": "hong", "password": PASSWORD, "next": page.context["next"]}
    assert browser.post("/login/", form)["Location"] == "/admin/accounts/user/?q=kim"
    assert is_signed_in(browser)
    browser.post("/logout/")
    assert "한동안 쓰지 않아" not in browser.get("/login/").content.decode()


@pytest.mark.parametrize("headers", [{"X-Idle": "1"}, {"Sec-Fetch-Dest": "image"}])
def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(headers, browser, clock):
    for _ in range(59):
        clock.shift(60)
        assert is_signed_in(browser, **headers)
    clock.shift(60)
    assert not is_signed_in(browser, **headers)
    assert "한동안 쓰지 않아" in browser.get("/login/").content.decode()  # the refresh did not use the words up


def test_the_session_is_written_once_a_minute_at_most(browser, clock):
    def writes():
        before = browser.session["active_at"]
        browser.get("/security/")
        return browser.session["active_at"] != before

    assert [writes() for shift in (0, 59, 1, 0, 60) if clock.shift(shift) is None] == [False, False, True, False, True]


def test_the_session_ends_for_the_api_too(clock):
    api = in_session(DesignerFactory().user)
    assert api.get("/reserv", {"rule": "all"}).http == 200
    clock.shift(HOUR)

    assert api.get("/reserv", {"rule": "all"}).failure == (401, 401, "ERR: Authentication required.")


def test_customers_stay_signed_in(clock):
    api = in_session(UserFactory())
    api.get("/reserv", {"rule": "all"})
    clock.shift(10 * HOUR)

    assert api.get("/reserv", {"rule": "all"}).http == 200


def test_zero_is_never(browser, clock, settings):
    settings.STAFF_IDLE_MINUTES = 0
    clock.shift(100 * HOUR)

    assert is_signed_in(browser)
