"""Sessions know whose they are; their owner sees them, and the apps, and ends what is not wanted any more."""

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import get_access_token_model, get_grant_model, get_refresh_token_model

from accounts import services, tasks
from accounts.devices import device_of
from accounts.models import Session
from accounts.sessions import TOUCH
from tests.api import Api
from tests.factories import ClientFactory, DesignerFactory, SessionFactory, UserFactory, bearer

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def me():
    user = UserFactory(userid="hong")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def browser(me):
    browser = Browser(headers={"User-Agent": PHONE})
    browser.post("/login/", {"username": "hong", "password": PASSWORD})
    return browser


def token_of(user, client, *, refresh=True, expires_in=3600):
    raw = bearer(user, ["users:read"], client=client, expires_in=expires_in)
    access = get_access_token_model().objects.latest("pk")
    if refresh:
        get_refresh_token_model().objects.create(user=user, application=client, access_token=access, token=raw[::-1])
    get_grant_model().objects.create(
        user=user, application=client, code=raw[:20], expires=access.expires, redirect_uri="cdeday://callback"
    )
    return raw


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (PHONE, "iPhone · Safari"),
        (("Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
         "Chrome/121.0.0.0 Mobile Safari/537.36"), "Android · Samsung Internet"),
        (("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 "
         "Safari/537.36 Edg/125.0"), "Windows · Edge"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Whale/3.26 Safari/537.36",
         "Windows · Whale"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 KAKAOTALK 10.7", "iPhone · KakaoTalk"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0", "Linux · Firefox"),
        ("curl/8.0", ""),
        ("", ""),
        ("<script>alert(1)</script>", ""),
        ("x" * 10_000, ""),
    ],
)  # fmt: skip
def test_a_device_is_called_what_its_owner_calls_it(user_agent, device):
    assert device_of(user_agent) == device


def test_a_session_knows_whose_it_is_and_where(me, browser):
    session = Session.objects.get()

    assert (session.user, session.device, session.ip) == (me, "iPhone · Safari", "127.0.0.1")
    assert session.get_decoded()[SESSION_KEY] == str(me.pk)


def test_a_session_of_nobody_is_nobodys():
    session = Browser().session
    session["draft"] = "x"
    session.save()

    assert Session.objects.get().user is None


@pytest.mark.parametrize("key", [r"abcdefgh\000", "x" * 5000, "ABCDEFGH" * 4])
def test_a_cookie_that_no_session_ever_had_is_nobodys(key):
    answer = Browser().get("/my/profile/", headers={"Cookie": f'{settings.SESSION_COOKIE_NAME}="{key}"'})

    assert answer.status_code == 302


def test_it_is_noted_every_ten_minutes_at_most_that_a_session_is_used(me, browser, clock, django_assert_num_queries):
    began = Session.objects.get().seen_at
    clock.shift(TOUCH - dt.timedelta(seconds=1))
    with CaptureQueriesContext(connection) as early:
        browser.get("/my/profile/")
    assert Session.objects.get().seen_at == began

    clock.shift(dt.timedelta(seconds=1))
    with django_assert_num_queries(len(early) + 1):
        browser.get("/my/profile/")
    assert Session.objects.get().seen_at == began + TOUCH


def test_that_it_is_used_is_written_over_nothing(me, browser, clock):
    """A slow request notes its visit after another one has put something into the session."""
    clock.shift(TOUCH)
    slow = browser.session
    slow.get("anything")
    other = browser.session
    other["draft"] = "내일 두 시"
    other.save()

    slow.touch()

    assert browser.session["draft"] == "내일 두 시"


@pytest.mark.parametrize("others", [0, 2])
def test_my_sessions_are_listed_in_a_constant_number_of_queries(others, me, browser, django_assert_num_queries):
    SessionFactory.create_batch(others, user=me, device="Windows · Chrome")
    SessionFactory(device="Mac · Strange")
    SessionFactory(user=me, device="Linux · Expired", expire_date=Session.objects.first().seen_at)

    with django_assert_num_queries(3):
        page = browser.get("/my/sessions/").content.decode()

    assert page.count("지금 이 기기") == 1
    assert page.count('name="session"') == (others + 1 if others else 0)
    assert "Strange" not in page
    assert "Expired" not in page
    assert not any(session.pk in page for session in Session.objects.all())


def test_one_session_is_ended(me, browser):
    lost, kept = SessionFactory(user=me), SessionFactory(user=me)

    answer = browser.post("/my/sessions/", {"session": lost.handle}, follow=True)

    assert "로그아웃했어요" in answer.content.decode()
    assert set(me.sessions.values_list("pk", flat=True)) == {kept.pk, browser.session.session_key}


def test_all_others_are_ended_and_this_one_goes_on(me, browser):
    elsewhere = Browser()
    elsewhere.post("/login/", {"username": "hong", "password": PASSWORD})
    stranger = SessionFactory()

    browser.post("/my/sessions/", {"session": "others"})

    assert browser.get("/my/profile/").status_code == 200
    assert elsewhere.get("/my/profile/").status_code == 302
    assert Session.objects.filter(pk=stranger.pk).exists()


@pytest.mark.parametrize("handle", ["stranger", "", "x" * 1000, "\x00", "own"])
def test_nothing_else_ends_a_session(handle, me, browser):
    stranger, mine = SessionFactory(), Session.objects.get(user=me)
    handles = {"stranger": stranger.handle, "own": mine.handle}

    browser.post("/my/sessions/", {"session": handles.get(handle, handle)})

    assert Session.objects.count() == 2


def test_a_new_password_ends_the_other_sessions_and_this_one_is_a_new_one(me, browser):
    SessionFactory(user=me)
    before = browser.session.session_key
    form = {"old_password": PASSWORD, "new_password1": "quite another one", "new_password2": "quite another one"}

    answer = browser.post("/password/change/", form)

    assert answer["Location"] == "/my/profile/"
    assert browser.get("/my/profile/").status_code == 200
    assert [session.pk for session in me.sessions.all()] == [browser.session.session_key] != [before]


def test_a_reset_password_ends_all_sessions(me, browser):
    services.reset_password(user=me, password="quite another one")

    assert not me.sessions.exists()
    assert browser.get("/my/profile/").status_code == 302


def test_who_changes_their_own_password_in_the_admin_stays_signed_in():
    boss, browser = UserFactory(staff=True), Browser()
    browser.force_login(boss, backend="accounts.backends.RoleBackend")
    SessionFactory(user=boss)
    form = {"name": boss.name, "type": boss.type, "pn": boss.pn, "email": boss.email, "password": "quite another one"}

    browser.post(f"/admin/accounts/user/{boss.pk}/change/", form)

    assert browser.get("/admin/").status_code == 200
    assert boss.sessions.count() == 1


def test_expired_sessions_and_old_addresses_are_cleared_away(me, settings, clock):
    settings.IP_DAYS = 5
    SessionFactory(user=me, expire_date=Session().seen_at)
    old = SessionFactory(user=me)
    clock.shift(dt.timedelta(days=6))
    new = SessionFactory(user=me)

    tasks.keep_house()

    assert set(Session.objects.values_list("pk", "ip")) == {(old.pk, None), (new.pk, "192.0.2.1")}


def test_designers_and_staff_have_these_pages_too():
    for user in (DesignerFactory().user, UserFactory(staff=True)):
        browser = Browser()
        browser.force_login(user, backend="accounts.backends.RoleBackend")
        pages = ("/my/sessions/", "/my/apps/", "/my/profile/", "/my/profile/address/", "/my/withdrawal/")
        assert [browser.get(page).status_code for page in pages] == [200] * 5


@pytest.mark.parametrize("apps", [1, 3])
def test_my_apps_are_listed_in_a_constant_number_of_queries(apps, me, browser, django_assert_num_queries):
    for number in range(apps):
        client = ClientFactory(name=f"앱<{number}>")
        token_of(me, client)
        token_of(me, client)
    token_of(UserFactory(), ClientFactory(name="남의 앱"))
    token_of(me, ClientFactory(name="지난 앱"), refresh=False, expires_in=-1)

    with django_assert_num_queries(4):
        page = browser.get("/my/apps/").content.decode()

    assert page.count("연결 끊기") == apps
    assert page.count("회원 정보 보기") == apps
    assert "앱&lt;0&gt;" in page
    assert "남의 앱" not in page
    assert "지난 앱" not in page


def test_an_app_that_may_still_refresh_is_connected(me, browser):
    token_of(me, ClientFactory(name="잠든 앱"), expires_in=-1)

    assert "잠든 앱" in browser.get("/my/apps/").content.decode()


def test_a_disconnected_app_has_nothing_left_and_everything_else_stays(me, browser):
    client, other = ClientFactory(), UserFactory()
    tokens = [token_of(me, client), token_of(other, client), token_of(me, ClientFactory())]

    browser.post("/my/apps/", {"app": client.pk})

    answers = [Api(token=token).get("/user", {"rule": "all"}).status for token in tokens]
    assert answers == [401, 200, 200]
    for model in (get_access_token_model(), get_refresh_token_model(), get_grant_model()):
        assert not model.objects.filter(user=me, application=client).exists()
        assert model.objects.count() == 2


@pytest.mark.parametrize("app", ["", "x", "\x00", "9" * 40, "-1", "unknown"])
def test_what_is_no_app_of_mine_ends_nothing(app, me, browser):
    client = ClientFactory()
    token_of(UserFactory(), client)

    answer = browser.post("/my/apps/", {"app": client.pk if app == "unknown" else app})

    assert answer.status_code == 302
    assert get_access_token_model().objects.count() == 1


@pytest.mark.parametrize(
    "path",
    ["/my/sessions/", "/my/apps/", "/my/profile/", "/my/profile/address/", "/my/profile/confirm/",
     "/my/profile/marketing/", "/my/withdrawal/"],
)  # fmt: skip
def test_every_form_needs_its_token_and_a_sign_in(path, me):
    signed_in = Browser(enforce_csrf_checks=True)
    signed_in.force_login(me, backend="accounts.backends.RoleBackend")

    assert signed_in.post(path, {"session": "others", "wanted": "1"}).status_code == 403
    assert Browser().post(path).status_code == 302
