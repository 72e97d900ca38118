"""People whom the desk knows by name and telephone number, and their way to an account of their own."""

import datetime as dt
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone, translation

from accounts import guests
from accounts.actors import Actor, Door
from accounts.errors import AlreadySignsIn
from accounts.models import AccountType, Mail, User
from cody_site.errors import Conflict, Forbidden
from tests.api import as_person
from tests.factories import DesignerFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a password of some length"
TOLD = {
    "userid": "hong", "password": PASSWORD, "name": "홍길동", "pn": "010-1234-5678", "birth": "1990-05-17",
    "terms": "on", "privacy": "on",
}  # fmt: skip


def at_the_desk(user):
    return Actor(Door.ADMIN, user=user)


@pytest.fixture
def boss():
    return at_the_desk(UserFactory(staff=True))


@pytest.fixture
def guest(boss):
    return guests.welcome(by=boss, name="홍길동", pn="+821012345678")


def invite(boss, guest, email="hong@example.com"):
    guests.invite(by=boss, user=guest, email=email)
    return re.search(r"https?://[^/\s]+(/\S+)", Mail.objects.filter(user=guest).latest("pk").text)[1]


def test_a_guest_has_a_name_and_a_number_and_cannot_sign_in(guest):
    guest.refresh_from_db()

    assert re.fullmatch(r"guest-[2-9a-z]{6}", guest.userid)
    assert (guest.type, guest.name, guest.pn, guest.email, guest.birth, guest.has_usable_password()) == (
        AccountType.CUSTOMER, "홍길동", "+821012345678", "", None, False,
    )  # fmt: skip
    assert not Mail.objects.exists()


@pytest.mark.parametrize("kind", [4, 3, 2])
def test_the_desk_welcomes_guests(kind):
    guests.welcome(by=at_the_desk(UserFactory(type=kind)), name="홍길동", pn="+821012345678")


@pytest.mark.parametrize("kind", [0, 1, 5])
def test_nobody_else_does(kind):
    with pytest.raises(Forbidden):
        guests.welcome(by=at_the_desk(UserFactory(type=kind)), name="홍길동", pn="+821012345678")

    assert not User.objects.filter(name="홍길동").exists()


def test_no_two_guests_get_one_userid(boss, monkeypatch):
    monkeypatch.setattr(guests, "ALPHABET", "a")
    guests.welcome(by=boss, name="홍길동", pn="+821012345678")

    with pytest.raises(Conflict):
        guests.welcome(by=boss, name="김길동", pn="+821012345678")


def test_the_desk_learns_who_has_the_number_already(guest):
    UserFactory(gone=True)
    UserFactory(type=AccountType.DESIGNER, pn="+821012345678")

    assert list(User.objects.reached_at("+821012345678")) == [guest]


def test_the_api_tells_of_a_guest_what_there_is(boss, guest):
    answer = as_person(boss.user).get("/user", {"rule": {"userid": guest.userid}})

    assert answer.contents == [
        {"userid": guest.userid, "type": 1, "name": "홍길동", "pn": "+821012345678", "email": "", "birth": None}
    ]


def test_the_link_lets_the_person_set_a_password_and_complete_the_profile(boss, guest):
    link = invite(boss, guest)
    browser = Browser()

    form = browser.get(link).content.decode()
    page = browser.post(link, TOLD)

    assert all(f'value="{value}"' in form for value in (guest.userid, "홍길동", "010-1234-5678"))
    assert page.status_code == 200
    assert "hong" in page.content.decode()
    guest.refresh_from_db()
    assert (guest.userid, guest.name, guest.pn, guest.email, guest.birth) == (
        "hong", "홍길동", "+821012345678", "hong@example.com", dt.date(1990, 5, 17),
    )  # fmt: skip
    assert guest.check_password(PASSWORD)
    assert guest.email_confirmed_at is not None
    assert {consent.kind for consent in guest.consents.open()} == {"terms", "privacy"}


def test_a_link_works_once(boss, guest):
    link = invite(boss, guest)
    Browser().post(link, TOLD)

    again = [Browser().get(link), Browser().post(link, TOLD | {"userid": "other"})]

    assert [answer.status_code for answer in again] == [400, 400]
    assert "쓸 수 없는 링크입니다" in again[0].content.decode()
    assert not User.objects.named("other").exists()


def test_a_newer_invitation_ends_the_older(boss, guest):
    older, newer = invite(boss, guest), invite(boss, guest)

    assert [Browser().get(link).status_code for link in (older, newer)] == [400, 200]


def test_a_corrected_address_ends_the_link_to_the_wrong_one(boss, guest):
    link = invite(boss, guest, "wrong@example.com")
    User.objects.filter(pk=guest.pk).update(email="right@example.com")

    assert Browser().get(link).status_code == 400


def test_a_link_is_good_for_seven_days(boss, guest, clock):
    clock.move_to("2026-03-01T12:00:00+09:00")
    link = invite(boss, guest)

    clock.move_to("2026-03-08T11:59:00+09:00")
    in_time = Browser().get(link).status_code
    clock.move_to("2026-03-08T12:01:00+09:00")

    assert (in_time, Browser().get(link).status_code) == (200, 400)


def test_what_was_made_up_is_no_link():
    assert Browser().get(reverse("accounts:invitation", args=["1:2:3"])).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"userid": "TAKEN"}, "이미 쓰고 있는 아이디입니다"),
        ({"userid": "홍길동"}, "영문, 숫자"),
        ({"userid": "x" * 31}, "30"),
        ({"password": "short"}, "너무 짧습니다"),
        ({"birth": f"{timezone.now().year - 10}-01-01"}, "만 14세가 되면"),
        ({"birth": "1990-02-31"}, "생년월일 여덟 자리"),
        ({"pn": "12"}, "전화번호를 다시 확인해 주세요"),
        ({"name": ""}, "필수"),
        ({"terms": ""}, "이용약관에 동의해 주세요"),
        ({"privacy": ""}, "개인정보 수집·이용에 동의해 주세요"),
        ({"name": "홍\x00"}, "errorlist"),
    ],
)
def test_what_the_rules_refuse_is_told_and_the_link_stays_good(wrong, told, boss, guest):
    UserFactory(userid="taken")
    link = invite(boss, guest)

    page = Browser().post(link, TOLD | wrong).content.decode()

    assert told in page
    guest.refresh_from_db()
    assert not guest.has_usable_password()
    assert Browser().post(link, TOLD).status_code == 200


def test_who_has_a_password_is_not_invited(boss):
    member = UserFactory()
    member.set_password(PASSWORD)
    member.save()

    with pytest.raises(AlreadySignsIn):
        guests.invite(by=boss, user=member, email="x@example.com")

    assert not Mail.objects.exists()


def test_a_designer_invites_present_clients_only(guest):
    designer = DesignerFactory()
    by = at_the_desk(designer.user)
    with pytest.raises(Forbidden):
        guests.invite(by=by, user=guest, email="hong@example.com")

    ReservationFactory(designer=designer, customer=guest)
    guests.invite(by=by, user=guest, email="hong@example.com")

    assert Mail.objects.get().to == "hong@example.com"


@pytest.mark.parametrize("person", [{"gone": True}, {"type": 2}, {"staff": True}])
def test_who_has_left_or_works_here_is_not_invited(person, boss):
    with pytest.raises(Forbidden):
        guests.invite(by=boss, user=UserFactory(**person), email="x@example.com")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_invitation_says_the_same_in_text_and_to_the_eye(language, boss, guest):
    with translation.override(language):
        link = invite(boss, guest)

    sent = Mail.objects.get()
    assert sent.subject
    assert "홍길동" in sent.text
    assert link in sent.text
    assert link in sent.html
