"""The pages about waiting: from the full day to the line, from the mail to the reservation."""

import datetime as dt

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client as Browser

from reservations import waiting
from reservations.models import Reservation, Wait
from tests.factories import DesignerFactory, ReservationFactory, UserFactory, WaitFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 5)
PASSWORD = "long enough 1446"


@pytest.fixture
def me():
    return UserFactory(name="홍길동", reachable=True, password=make_password(PASSWORD))


@pytest.fixture
def browser(me):
    browser = Browser()
    browser.force_login(me, backend="accounts.backends.RoleBackend")
    return browser


@pytest.fixture
def full():
    designer = DesignerFactory(max_per_hour=1, slot_minutes=60, hours=[(dt.time(10), dt.time(11))], user__name="민지")
    ReservationFactory(designer=designer, date=DAY)
    return designer


def question(designer=None, date="2026-03-05"):
    return f"/my/waits/join/?date={date}" + (f"&designer={designer.pk}" if designer else "")


def words(answer):
    return answer.content.decode()


def test_a_full_day_asks_whether_to_wait_for_it(browser, full):
    page = words(browser.get(f"/reserve/?designer={full.pk}&date=2026-03-05"))

    assert question(full).replace("date=2026-03-05&", "").split("?")[0] in page
    assert "비면 알려 주세요" in page


def test_from_the_question_into_the_line_and_out_of_it(browser, me, full):
    asked = browser.get(question(full))
    assert ("3월 5일 목요일" in words(asked), "민지" in words(asked)) == (True, True)

    joined = browser.post(question(full), follow=True)
    assert joined.redirect_chain == [("/my/waits/", 302)]
    assert "빈자리가 나면 메일로 바로 알려 드릴게요." in words(joined)
    assert "민지 디자이너" in words(joined)
    wait = me.waits.get()
    assert (wait.date, wait.designer) == (DAY, full)

    left = browser.post(f"/my/waits/{wait.pk}/leave/", follow=True)
    assert "기다리는 날이 없어요" in words(left)
    assert not me.waits.live().exists()


def test_who_is_not_signed_in_comes_back_to_the_question(me, full):
    browser = Browser()
    for call in (browser.get, browser.post):
        answer = call(question(full))
        assert answer.status_code == 302
    form = browser.get(answer["Location"])
    assert form.status_code == 200

    back = browser.post(answer["Location"], {"username": me.userid, "password": PASSWORD}, follow=True)

    assert back.redirect_chain[-1][0] == question(full)
    assert "비면 알려 주세요" in words(back)


def test_what_the_service_refuses_is_said(browser, me, full):
    assert browser.post(question(full, "2026-03-06"))["Location"] == f"/reserve/?date=2026-03-06&designer={full.pk}"
    past = browser.post(question(full, "2026-03-02"))
    assert (past.status_code, "이미 지난 시간입니다" in words(past)) == (403, True)
    type(me).objects.update(email_confirmed_at=None)
    unconfirmed = browser.post(question(full))
    assert (unconfirmed.status_code, "/my/profile/" in words(unconfirmed)) == (403, True)
    assert not Wait.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "", "date=x", "date=2026-02-30", "date=%00", "date=2026-03-05&designer=x", "date=2026-03-05&designer=0",
        "date=2026-03-05&designer=99999999999999999999999", "date=2026-03-05&designer=999999999999999999",
        "date=2026-03-05&designer=%00", "date=0000-01-01",
    ],
)  # fmt: skip
def test_what_cannot_be_read_leads_to_the_list(query, browser):
    for call in (browser.get, browser.post):
        answer = call(f"/my/waits/join/?{query}")
        assert (answer.status_code, answer["Location"]) == (302, "/my/waits/")


@pytest.mark.parametrize("date", ["9999-12-31", "0001-01-01"])
def test_days_at_the_end_of_time_are_refused(date, browser):
    assert browser.get(question(date=date)).status_code == 200
    assert browser.post(question(date=date)).status_code == 403


def test_the_mail_leads_to_the_held_time_and_from_there_to_the_reservation(browser, me, full):
    wait = WaitFactory(customer=me, date=DAY)
    Reservation.objects.all().delete()
    waiting.offer_seats()

    page = browser.get(f"/my/waits/{wait.pk}/")
    assert "3월 5일 목요일 오전 10:00" in words(page)
    assert "3월 3일 화요일 오전 9:30까지 맡아 두었어요." in words(page)
    assert "30분 남았습니다." in words(page)
    check = f"/reserve/check/?designer={full.pk}&date=2026-03-05&time=10:00"
    assert check.replace("&", "&amp;") in words(page)
    assert "맡아 두었어요" in words(browser.get("/my/waits/"))

    booked = browser.post(check, {"note": "앞머리"})
    row = Reservation.objects.get()
    assert (booked["Location"], row.customer, row.note) == (f"/my/reservations/{row.pk}/", me, "앞머리")
    assert "이미 예약하셨어요" in words(browser.get(f"/my/waits/{wait.pk}/"))


def test_the_page_says_what_has_become_of_it(browser, me, full, clock):
    waits = {
        "아직 빈자리가 없어요": WaitFactory(customer=me, date=DAY),
        "더 기다리지 않는 날이에요": WaitFactory(customer=me, date=DAY, over=True),
        "차례가 지났어요": WaitFactory(customer=me, date=DAY, held=True, designer=full),
    }
    clock.shift(dt.timedelta(minutes=28))

    for told, wait in waits.items():
        page = words(browser.get(f"/my/waits/{wait.pk}/"))
        assert told in page
        assert "예약하기</a>" not in page.split("<main")[1].split("</main>")[0]


def test_others_waits_are_nobodys_business(browser):
    wait = WaitFactory(held=True)

    assert str(wait.offered_designer) not in words(browser.get("/my/waits/"))
    assert browser.get(f"/my/waits/{wait.pk}/").status_code == 404
    assert browser.post(f"/my/waits/{wait.pk}/leave/").status_code == 404
    assert browser.get("/my/waits/99999999999999999999/").status_code == 404
    assert Wait.objects.live().filter(pk=wait.pk).exists()


def test_only_a_post_changes_anything(browser, me):
    wait = WaitFactory(customer=me)

    assert browser.get(f"/my/waits/{wait.pk}/leave/").status_code == 405
    assert browser.post(f"/my/waits/{wait.pk}/").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_a_constant_number_of_queries(count, browser, me, django_assert_num_queries):
    for n in range(count):
        WaitFactory(customer=me, date=DAY + dt.timedelta(days=n), held=True)

    with django_assert_num_queries(3):  # the session, the person, the waits
        assert browser.get("/my/waits/").status_code == 200
