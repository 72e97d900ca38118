import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client as Browser

from tests.api import Api
from tests.factories import ClientFactory, UserFactory, bearer

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"


@pytest.fixture
def person():
    def make(**traits):
        user = UserFactory(userid="hong", **traits)
        user.set_password(PASSWORD)
        user.save()
        return user

    return make


def sign_in(browser, path="/login/", **more):
    return browser.post(path, {"username": "HONG", "password": PASSWORD} | more)


def test_a_customer_signs_in_and_out(person):
    user, browser = person(), Browser()

    assert sign_in(browser)["Location"] == "/"
    assert browser.get("/").wsgi_request.user == user
    assert browser.post("/logout/")["Location"] == "/"
    assert browser.get("/").wsgi_request.user.is_anonymous


@pytest.mark.parametrize(
    ("next_page", "goes_to"),
    [("/user", "/user"), ("docs", "docs"), ("https://evil.example/", "/"), ("//evil.example", "/")],
)
def test_signing_in_leads_where_one_wanted_but_never_off_the_site(next_page, goes_to, person):
    person()

    assert sign_in(Browser(), next=next_page)["Location"] == goes_to


def test_a_session_that_was_planted_signs_nobody_in(person):
    person()
    browser = Browser()
    planted = browser.session
    planted["draft"] = "내일 두 시"
    planted.save()
    browser.cookies["__Host-sessionid"] = planted.session_key
    sign_in(browser)

    thief = Browser()
    thief.cookies["__Host-sessionid"] = planted.session_key

    assert thief.get("/").wsgi_request.user.is_anonymous
    assert browser.session["draft"] == "내일 두 시"


def test_who_is_reserving_reads_that_nothing_is_lost_and_may_join_for_it():
    page = Browser().get("/login/?next=/reserve/check/%3Ftime%3D10").content.decode()

    assert "그대로 있어요" in page
    assert 'href="/join/?next=%2Freserve%2Fcheck%2F%3Ftime%3D10"' in page
    assert "그대로 있어요" not in Browser().get("/login/?next=//evil.example/reserve/").content.decode()


def test_staff_arrive_in_the_admin_by_either_door(person):
    person(staff=True)

    assert sign_in(Browser())["Location"] == "/admin/"
    assert sign_in(Browser(), "/admin/login/")["Location"] == "/admin/"


def test_a_customer_is_told_that_the_admin_is_not_for_this_account(person):
    person()
    browser = Browser()
    sign_in(browser)

    page = browser.get("/admin/", follow=True)

    assert page.redirect_chain[-1][0] == "/admin/login/?next=/admin/"
    assert "hong 계정으로는 이 페이지를 열 수 없습니다" in page.content.decode()


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"username": "nobody"}, {"username": "x" * 31}])
def test_every_failure_reads_the_same_and_keeps_the_name(wrong, person):
    person()

    page = sign_in(Browser(), **wrong)

    assert page.status_code == 200
    assert "아이디" in page.content.decode()
    assert not page.wsgi_request.user.is_authenticated


def test_ten_failures_close_the_door_for_a_while(person, settings):
    settings.THROTTLE_PASSWORD = 0
    person()
    browser = Browser()

    pages = [sign_in(browser, password="wrong") for _ in range(10)]

    assert pages[-1].status_code == 429
    assert pages[-1]["Retry-After"] == "901"
    assert "약 15분 뒤에" in pages[-1].content.decode()
    assert sign_in(browser).status_code == 429


def test_eleven_tries_a_minute_are_too_many(person):
    person()
    browser = Browser()

    answers = [sign_in(browser).status_code for _ in range(11)]

    assert answers == [302] * 10 + [429]


def test_a_form_without_its_token_is_refused_in_words(person):
    page = Browser(enforce_csrf_checks=True).post("/login/", {"username": "x"}, headers={"Accept": "text/html"})

    assert page.status_code == 403
    assert "한 번만 다시 보내 주세요" in page.content.decode()


def test_anybody_may_read_the_pages_in_english_and_the_choice_stays():
    browser = Browser()

    answer = browser.post("/i18n/setlang/", {"language": "en", "next": "/login/"}, follow=True)

    assert answer.redirect_chain == [("/login/", 302)]
    assert "<h1>Sign in</h1>" in answer.content.decode()
    assert "Designers" in browser.get("/").content.decode()


def test_home_without_designers_says_so():
    assert "아직 예약을 받는 디자이너가 없습니다" in Browser().get("/").content.decode()


def test_a_changed_password_ends_what_the_old_one_opened(person):
    user, browser = person(staff=True), Browser()
    sign_in(browser)
    token = Api(token=bearer(user))
    form = {"old_password": PASSWORD, "new_password1": "quite another one", "new_password2": "quite another one"}

    answer = browser.post("/admin/password_change/", form)

    user.refresh_from_db()
    assert (answer.status_code, user.check_password("quite another one")) == (302, True)
    assert token.get("/user", {"rule": "all"}).status == 401
    assert browser.get("/admin/").status_code == 200


def test_changing_a_password_is_one_more_door_with_the_same_counter(person, settings):
    person(staff=True)
    browser = Browser()
    sign_in(browser)
    form = {"old_password": "wrong", "new_password1": "quite another one", "new_password2": "quite another one"}

    answers = [browser.post("/admin/password_change/", form).status_code for _ in range(10)]

    assert (answers[0], answers[-1]) == (200, 429)


def test_consent_is_always_asked_for(person):
    user, browser = person(), Browser()
    sign_in(browser)
    client = ClientFactory(client_id="mobile", public=True)
    bearer(user, client=client)
    query = {
        "client_id": "mobile", "response_type": "code", "scope": "users:read", "approval_prompt": "auto",
        "code_challenge": "a" * 43, "code_challenge_method": "S256",
    }  # fmt: skip

    assert browser.get("/oauth/authorize", query).status_code == 200


def test_a_new_secret_key_signs_out_nobody_as_long_as_the_old_one_is_named(person, settings):
    old, new = settings.SECRET_KEY, "a-new-one-" + "y" * 50
    hong, browser = person(), Browser()
    sign_in(browser)
    link = default_token_generator.make_token(hong)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [old]
    assert browser.get("/my/").status_code == 200
    assert default_token_generator.check_token(hong, link)

    browser = Browser()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = old, []
    sign_in(browser)
    settings.SECRET_KEY = new
    assert browser.get("/my/").status_code == 302
    assert not default_token_generator.check_token(hong, link)
