"""Signing up: what is asked, what is agreed to, and what becomes of who does."""

import datetime as dt

import pytest
from django.db import IntegrityError
from django.test import Client as Browser

from accounts import consents, services
from accounts.actors import Actor, Door
from accounts.errors import ConsentRequired
from accounts.models import Consent, ConsentKind, Mail, User
from tests.api import Api
from tests.factories import ConsentFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"
TOLD = {
    "userid": "hong", "password": PASSWORD, "name": "홍길동", "pn": "010-1234-5678", "email": "hong@example.com",
    "birth": "19950517", "terms": "on", "privacy": "on",
}  # fmt: skip
EVIL = [
    "https://evil.example/", "//evil.example", "///evil.example", "https:evil.example", "/\\evil.example",
    "\\\\evil.example", "http:///evil.example", "javascript:alert(1)", " //evil.example", "\t//evil.example",
    "/\t/evil.example", "https://testserver@evil.example/", "//testserver.evil.example", "\x00/login/", "x" * 3000,
]  # fmt: skip


def join(browser=None, **more):
    return (browser or Browser()).post("/join/", TOLD | more)


def test_who_joins_is_signed_in_at_once_and_goes_on_with_what_they_came_for():
    browser = Browser()

    answer = join(browser, next="/docs/", follow=True)

    user = User.objects.get()
    assert answer["Location"] == "/docs/"
    assert browser.get("/").wsgi_request.user == user
    assert (user.userid, user.type, user.name, user.pn, user.email, user.birth) == (
        "hong", 1, "홍길동", "+821012345678", "hong@example.com", dt.date(1995, 5, 17),
    )  # fmt: skip
    assert user.check_password(PASSWORD)
    assert Mail.objects.get().template == "confirm_address"


def test_the_session_is_a_new_one_and_keeps_what_was_begun():
    browser = Browser()
    session = browser.session
    session["draft"] = "내일 두 시"
    session.save()
    before = session.session_key
    browser.cookies["__Host-sessionid"] = before

    join(browser)

    assert browser.session.session_key != before
    assert browser.session["draft"] == "내일 두 시"


@pytest.mark.parametrize("given", [{}, {"marketing": "on"}, {"everything": "on", "terms": "", "privacy": ""}])
def test_what_was_agreed_to_is_noted_with_the_version_of_the_text(given):
    join(**given)

    kinds = set(ConsentKind) if given else {ConsentKind.TERMS, ConsentKind.PRIVACY}
    assert {(row.kind, row.version, row.withdrawn_at) for row in Consent.objects.all()} == {
        (kind, consents.VERSIONS[kind], None) for kind in kinds
    }


@pytest.mark.parametrize("box", ["terms", "privacy"])
def test_nobody_joins_without_the_necessary_consents(box):
    answer = join(**{box: ""})

    assert answer.status_code == 200
    assert "동의해 주세요" in answer.content.decode()
    assert not User.objects.exists()


def test_nor_round_the_page():
    given = {name: TOLD[name] for name in ("userid", "password", "name", "email")}

    with pytest.raises(ConsentRequired):
        services.register(
            by=Actor(Door.PAGES), type=1, pn="+821012345678", birth=dt.date(1990, 1, 1), **given,
            consents={ConsentKind.TERMS},
        )  # fmt: skip


def test_boxes_are_empty_at_first_and_each_text_stands_beside_its_box():
    page = Browser().get("/join/").content.decode()

    assert "checked" not in page
    assert all(words in page for words in ("보유 기간", "목적", "항목", "거부할 권리", "탈퇴할 때까지"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"userid": "TAKEN"}, "이미 쓰고 있는 아이디입니다"),
        ({"userid": "홍길동"}, "영문, 숫자"),
        ({"userid": ""}, "필수"),
        ({"password": "short"}, "너무 짧습니다"),
        ({"password": "12345678901"}, "숫자"),
        ({"password": "hong@example.com"}, "유사"),
        ({"birth": "20130304"}, "만 14세가 되면"),
        ({"birth": "19900231"}, "생년월일 여덟 자리"),
        ({"birth": "99991231"}, "생년월일 여덟 자리"),
        ({"birth": "1" * 30}, "생년월일"),
        ({"pn": "12"}, "전화번호를 다시 확인해 주세요"),
        ({"email": "nobody"}, "이메일"),
        ({"name": "홍\x00"}, "errorlist"),
        ({"name": "홍\x07길동"}, "글자만"),
        ({"name": "x" * 31}, "30"),
    ],
)
def test_what_is_wrong_is_told_and_all_but_the_password_stays(wrong, told):
    UserFactory(userid="taken")

    answer = join(marketing="on", **wrong)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert told in page
    assert f'value="{TOLD["email"]}"' in page or "email" in wrong
    assert page.count("checked") == 3
    assert PASSWORD not in page
    assert User.objects.count() == 1


@pytest.mark.parametrize("typed", ["19950517", "1995-05-17", "1995. 5. 17.", "1995년 5월 17일", "１９９５０５１７"])
def test_a_birthday_is_read_as_people_write_it(typed):
    join(birth=typed)

    assert User.objects.get().birth == dt.date(1995, 5, 17)


def test_who_is_fourteen_today_may_join():
    join(birth="20120303")

    assert User.objects.exists()


def test_a_taken_userid_leads_to_the_sign_in_and_to_a_new_password():
    UserFactory(userid="hong")

    page = join(next="/docs/").content.decode()

    assert 'href="/login/?next=%2Fdocs%2F"' in page
    assert 'href="/password/"' in page


def test_sign_ups_are_counted_with_those_of_the_api(settings):
    settings.THROTTLE_SIGNUP = 2
    join(userid="first")
    Api().post("/user", {})

    answer = join(userid="third")

    assert answer.status_code == 429
    assert answer["Retry-After"]
    assert not User.objects.named("third").exists()


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_led_off_the_site(evil):
    user = UserFactory(userid="lee")
    user.set_password(PASSWORD)
    user.save()
    browser = Browser()

    joined = join(next=evil)["Location"]
    signed_in = browser.post("/login/", {"username": "lee", "password": PASSWORD, "next": evil})["Location"]
    spoke = browser.post("/i18n/setlang/", {"language": "en", "next": evil})["Location"]
    signed_out = browser.post("/logout/", {"next": evil})["Location"]

    assert [joined, signed_in, spoke, signed_out] == ["/"] * 4


def test_who_is_signed_in_has_joined_already():
    browser = Browser()
    browser.force_login(UserFactory(), backend="accounts.backends.RoleBackend")

    assert browser.get("/join/?next=/docs/")["Location"] == "/docs/"
    assert browser.get("/join/?next=docs")["Location"] == "docs"  # no name of a page
    assert join(browser)["Location"] == "/"
    assert User.objects.count() == 1


def test_joining_needs_the_token_of_the_form():
    assert Browser(enforce_csrf_checks=True).post("/join/", TOLD).status_code == 403


def test_a_newer_text_is_another_consent_and_closes_the_older():
    user = UserFactory()
    older = ConsentFactory(user=user, version=dt.date(2026, 1, 1))

    consents.give(user, [ConsentKind.TERMS])
    consents.give(user, [ConsentKind.TERMS])

    older.refresh_from_db()
    assert older.withdrawn_at is not None
    assert [row.version for row in user.consents.open()] == [consents.VERSIONS[ConsentKind.TERMS]]


def test_no_consent_is_open_twice():
    row = ConsentFactory()

    with pytest.raises(IntegrityError):
        ConsentFactory(user=row.user)


@pytest.mark.parametrize("wrong", [{"kind": "all"}, {"withdrawn_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}])
def test_the_database_knows_no_other_consents(wrong):
    row = ConsentFactory()

    with pytest.raises(IntegrityError):
        Consent.objects.filter(pk=row.pk).update(**wrong)


def test_consents_go_with_the_account():
    user = ConsentFactory().user

    services.withdraw(by=Actor(Door.PAGES, user=user), users=User.objects.filter(pk=user.pk))

    assert not Consent.objects.exists()
