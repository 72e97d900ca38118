"""The language that is kept of a person, for what is mailed to them."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client as Browser

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "long enough 1446"


def language_of(user):
    return User.objects.get(pk=user.pk).language


def test_who_switches_while_signed_in_is_mailed_in_that_language():
    me, browser = UserFactory(), Browser()
    browser.force_login(me, backend="accounts.backends.RoleBackend")

    answer = browser.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert (answer.status_code, answer["Location"], answer.cookies["__Host-language"].value) == (302, "/", "en")
    assert language_of(me) == "en"


def test_who_comes_again_another_day_still_reads_it():
    browser = Browser()
    kept = browser.post("/i18n/setlang/", {"language": "en", "next": "/"}).cookies["__Host-language"]

    assert int(kept["max-age"]) >= 180 * 24 * 3600
    assert 'lang="en"' in browser.get("/terms/").content.decode()


@pytest.mark.parametrize("given", [{"language": "xx"}, {"language": ""}, {}, {"language": "en\x00"}])
def test_an_unknown_language_is_none(given):
    me, browser = UserFactory(), Browser()
    browser.force_login(me, backend="accounts.backends.RoleBackend")

    assert browser.post("/i18n/setlang/", given | {"next": "//evil.example/"})["Location"] == "/"
    assert browser.get("/i18n/setlang/", {"language": "en"}).status_code == 302
    assert language_of(me) == "ko"


def test_who_signs_in_on_a_page_in_english_is_mailed_in_english():
    me, browser = UserFactory(password=make_password(PASSWORD)), Browser()
    browser.post("/i18n/setlang/", {"language": "en"})

    browser.post("/login/", {"username": me.userid, "password": PASSWORD})

    assert language_of(me) == "en"


def test_who_signs_up_is_mailed_in_the_language_of_the_page():
    given = {"userid": "hong", "pw": PASSWORD, "type": 1, "name": "홍길동", "pn": "010-1234-5678",
             "email": "hong@example.com", "birth": "1990.12.31"}  # fmt: skip

    Browser().post("/user", given, content_type="application/json", headers={"Accept-Language": "en"})

    assert User.objects.get().language == "en"
