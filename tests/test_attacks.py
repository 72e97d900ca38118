"""Attacks on the site as a whole, each with what comes of it; those on one door alone stand beside its tests."""

import gzip
import json
import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client as Browser

from accounts.models import Mail
from tests.api import Api, as_app, as_person
from tests.factories import ClientFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"


class Counting(MD5PasswordHasher):
    """Knows how often it has hashed."""

    algorithm = "counting"
    count = 0

    def encode(self, password, salt):
        type(self).count += 1
        return super().encode(password, salt)


@pytest.fixture
def hashed(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting", "accounts.hashers.ClientSecret"]
    Counting.count = 0
    return Counting


# ---------------------------------------------------------------- who is registered


@pytest.mark.parametrize("door", ["page", "getToken", "oauth"])
@pytest.mark.parametrize("whose", ["known", "unknown", "withdrawn", "without a password"])
def test_a_wrong_password_is_hashed_once_whosever_it_is(whose, door, hashed):
    password = make_password(None if whose == "without a password" else PASSWORD)
    UserFactory(userid="nobody" if whose == "unknown" else "hong", gone=whose == "withdrawn", password=password)
    ClientFactory(client_id="mobile", public=True, password_grant=True)
    hashed.count = 0

    as_client = {"grant_type": "password", "client_id": "mobile"}
    answer = {
        "page": lambda: Browser().post("/login/", {"username": "hong", "password": "wrong"}),
        "getToken": lambda: Browser().post("/payment/OAuth2.0/getToken", as_client | {"userid": "hong", "pw": "wrong"}),
        "oauth": lambda: Browser().post("/oauth/token", as_client | {"username": "hong", "password": "wrong"}),
    }[door]()

    assert answer.status_code == (200 if door == "page" else 400)
    assert hashed.count == 1


# ---------------------------------------------------------------- where a mailed link leads


@pytest.mark.parametrize(
    "forged",
    [
        {"Host": "localhost:6666"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "6666"},
        {"Referer": "https://evil.example/", "Origin": "https://evil.example"},
    ],
)
def test_a_mailed_link_leads_to_this_site_whatever_the_request_says(forged, settings):
    settings.SITE_URL, settings.TRUSTED_PROXY_COUNT = "https://cdeday.example", 1
    UserFactory(email="hong@example.com", reachable=True)

    Browser().post("/password/", {"email": "hong@example.com"}, headers=forged)

    told = str(Mail.objects.values().get())
    assert "evil" not in told
    assert "6666" not in told
    assert set(re.findall(r"https?://[^/'\"\s]+", told)) == {"https://cdeday.example"}


# ---------------------------------------------------------------- whom a throttle counts


def test_who_makes_up_addresses_is_counted_under_the_one_they_have(settings):
    settings.TRUSTED_PROXY_COUNT, settings.THROTTLE_ANON = 1, 3
    forged = [
        {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.1"} | extra
        for number, extra in enumerate(
            [{}, {"X-Real-IP": "10.9.9.9"}, {"Forwarded": "for=10.9.9.9"}, {"Client-IP": "10.9.9.9"}]
        )
    ]

    statuses = [Browser().get("/user?rule=all", headers=headers).status_code for headers in forged]

    assert statuses == [200, 200, 200, 429]


# ---------------------------------------------------------------- bodies that are more than they seem


def of_width(count):
    return json.dumps({"rule": {f"k{number}": 1 for number in range(count)}})


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (of_width(60_000), "Some of Information Type Not Match"),
        (json.dumps({"rule": [0] * 300_000}), "Some of Information Type Not Match"),
        ('{"rule": {"id": 1e999}}', "Some of Information Type Not Match"),
        ('{"rule": {"id": -1e999}}', "Some of Information Type Not Match"),
        ('{"rule": {"id": 1.0}}', "Some of Information Type Not Match"),
        ('{"rule": {"id": ' + "9" * 4000 + "}}", "Some of Information Type Not Match"),
        ('{"rule": {"id": ' + "9" * 5000 + "}}", "ERR: Malformed request."),
        ('{"rule": {"id": 1' + "0" * 400 + ".5}}", "Some of Information Type Not Match"),
        ('{"rule": Infinity}', "ERR: Malformed request."),
        ('{"rule": "' + "\\u0000" * 1000 + '"}', "Some of Information Type Not Match"),
        ('{"__proto__": 1, "rule": {"__class__": 1}}', "Some of Information Type Not Match"),
        ('{"rule": {"customer__password__startswith": "a"}}', "Some of Information Type Not Match"),
        ('{"rule": {"_connector": "OR 1=1 OR"}}', "Some of Information Type Not Match"),
        ('{"rule": ' + '{"a":' * 200_000, "ERR: Malformed request."),
    ],
)
def test_json_that_is_more_than_it_seems_is_refused(body, errors):
    ReservationFactory()

    answer = as_app().send("DELETE", "/reserv", body)

    assert answer.failure == (400, 400, errors)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_body_is_never_unpacked(coding):
    bomb = gzip.compress(b'{"rule": "' + b"a" * 50_000_000 + b'"}')

    answer = as_app().send("DELETE", "/reserv", bomb, headers={"Content-Encoding": coding})

    assert answer.failure == (400, 400, "ERR: Malformed request.")


@pytest.mark.parametrize("length", ["-1", "9" * 400])
def test_a_length_that_is_none_is_nobodys_fault(length):
    answer = Api().client.generic("POST", "/user", b"{}", content_type="application/json", CONTENT_LENGTH=length)

    assert answer.status_code in (400, 413)


# ---------------------------------------------------------------- what may be set


@pytest.mark.parametrize(
    "extra",
    [
        {"is_superuser": True}, {"is_staff": True}, {"password": "x"}, {"pw": "x"}, {"userid": "kim"},
        {"id": 1}, {"withdrawn_at": None}, {"email_confirmed_at": "2020-01-01"}, {"birth": "2000.01.01"},
        {"user_permissions": [1]},
    ],
)  # fmt: skip
def test_nothing_is_written_that_the_manual_does_not_name(extra):
    me = UserFactory(name="홍길동")

    answer = as_person(me).patch("/user", {"base": "all", "data": {"name": "김철수"} | extra})

    assert answer.failure == (400, 400, "Some of Information Type Not Match")
    me.refresh_from_db()
    assert me.name == "홍길동"


@pytest.mark.parametrize("extra", [{"is_superuser": "on"}, {"type": "4"}, {"userid": "root"}, {"is_staff": "1"}])
def test_nor_by_a_form(extra):
    me, browser = UserFactory(name="홍길동", pn="+821012345678"), Browser()
    browser.force_login(me, backend="accounts.backends.RoleBackend")
    userid, kind = me.userid, me.type

    browser.post("/my/profile/", {"name": "김철수", "pn": "010-1234-5678"} | extra)

    me.refresh_from_db()
    assert (me.name, me.userid, me.type, me.is_superuser) == ("김철수", userid, kind, False)


# ---------------------------------------------------------------- what a browser is made to send


@pytest.mark.parametrize("path", ["/login/", "/join/", "/password/", "/logout/", "/i18n/setlang/", "/oauth/authorize"])
def test_no_other_site_sends_a_form_in_somebodys_name(path):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(UserFactory(), backend="accounts.backends.RoleBackend")

    bare = browser.post(path, {"username": "x", "password": "x"})
    foreign = browser.post(
        path, {"csrfmiddlewaretoken": "x" * 64}, headers={"Origin": "https://evil.example"}, secure=True
    )

    assert (bare.status_code, foreign.status_code) == (403, 403)


def test_a_page_of_the_api_is_no_way_around_the_form_token():
    """Forms of other sites can send text/plain and multipart without asking first."""
    me, browser = UserFactory(), Browser(enforce_csrf_checks=True)
    browser.force_login(me, backend="accounts.backends.RoleBackend")

    body, kinds = f'{{"userid": "{me.userid}", "title": "x", "cont": "x"}}', (
        "text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
    )  # fmt: skip
    answers = [browser.generic("POST", "/post", body, content_type=kind) for kind in kinds]

    assert [answer.status_code for answer in answers] == [415, 403, 403, 403]
