"""From the first look to a reservation that is paid: with a finger, a keyboard, without scripts, in both languages."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from payments.models import Payment, State
from reservations.models import Reservation
from tests.browser.conftest import NARROW, WIDE
from tests.browser.customers.hands import Finger, Keyboard
from tests.browser.salon import TODAY
from tests.factories import ConsultationTermsFactory, ReservationFactory
from tests.imp_sandbox import CARD

expect = pytest.importorskip("playwright.sync_api", reason="no browser: Playwright is not installed").expect

pytestmark = pytest.mark.usefixtures("open_salon")

both_sizes = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280px", "390px"], indirect=True)
PASSWORD = "a password of some length"
NOTE = "앞머리를 내릴지\n고민이에요 <b>&amp;"


def the_reservation_of(user):
    return user.reservations.live().get()


def two_o_clock(page):
    """As it is read out."""
    return page.get_by_role("button", name=re.compile("^3월 5일 목요일 오후 2시 ?, [0-9]자리$"))


def give_card(page):
    page.get_by_label("카드 번호", exact=True).press_sequentially(CARD["card_number"].replace("-", ""))
    page.get_by_label("유효기간").press_sequentially("12/30")
    page.get_by_label("카드 비밀번호 앞 두 자리").fill(CARD["pwd_2digit"])


def give_password(page, user):
    user.set_password(PASSWORD)
    user.save()
    page.get_by_label("아이디", exact=True).fill(user.userid)
    page.get_by_label("비밀번호", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="로그인").click()


# ---------------------------------------------------------------- by finger


@both_sizes
def test_from_landing_to_a_paid_reservation_takes_five_taps_at_most(sign_in, salon, paying):
    ConsultationTermsFactory(prepaid=True)
    page = sign_in(salon.yerin)
    page.goto("/")
    finger = Finger(page)

    finger.follow("예약하기")
    finger.tap(page.get_by_role("link", name="3월 5일 목요일"))
    expect(page.get_by_role("heading", name="3월 5일 목요일")).to_be_focused()
    finger.tap(two_o_clock(page))
    page.get_by_label("디자이너에게 남길 말").fill(NOTE)
    finger.press("예약하고 결제하기")
    assert finger.taps <= 5
    expect(page.get_by_label("카드 번호", exact=True)).to_be_visible()
    row = the_reservation_of(salon.yerin)
    assert (row.date, row.time, row.note) == (dt.date(2026, 3, 5), dt.time(14), NOTE)
    assert page.url.endswith(reverse("payments:pay", args=[row.pk]))

    give_card(page)
    expect(page.get_by_label("카드 번호", exact=True)).to_have_value("5361 4890 1234 1704")
    page.get_by_role("button", name="결제하기").last.click()
    expect(page.get_by_role("status").filter(has_text="결제했어요")).to_be_visible()
    assert Payment.objects.get(reservation=row).state == State.PAID


def test_the_shortest_way_to_a_reservation_is_two_taps(sign_in, salon):
    page = sign_in(salon.yerin)
    page.goto("/")
    finger = Finger(page)

    finger.tap(page.locator("button.time").first)
    finger.press("예약하기")

    expect(page.get_by_role("status").filter(has_text="예약했어요")).to_be_visible()
    assert the_reservation_of(salon.yerin).date == TODAY
    assert finger.taps == 2


def test_a_newcomer_signs_in_last_and_loses_nothing_that_was_typed(sign_in, salon):
    page = sign_in(None)
    page.goto("/reserve/")
    page.locator("button.time").first.click()
    page.get_by_label("디자이너에게 남길 말").fill(NOTE)
    page.get_by_role("button", name="예약하기", exact=True).click()
    give_password(page, salon.yerin)

    expect(page.get_by_label("디자이너에게 남길 말")).to_have_value(NOTE)
    page.get_by_role("button", name="예약하기", exact=True).click()
    page.wait_for_url("**/my/reservations/**")
    assert the_reservation_of(salon.yerin).note == NOTE


def test_a_session_that_ends_while_somebody_types_costs_nothing(sign_in, salon):
    page = sign_in(salon.yerin)
    page.goto("/reserve/")
    page.locator("button.time").first.click()
    page.get_by_label("디자이너에게 남길 말").fill(NOTE)
    salon.yerin.sessions.all().delete()
    page.get_by_role("button", name="예약하기", exact=True).click()
    give_password(page, salon.yerin)

    expect(page.get_by_label("디자이너에게 남길 말")).to_have_value(NOTE)
    page.get_by_role("button", name="예약하기", exact=True).click()
    page.wait_for_url("**/my/reservations/**")
    assert the_reservation_of(salon.yerin).note == NOTE


# ---------------------------------------------------------------- what others do meanwhile


def test_who_loses_the_last_seat_is_offered_what_is_near_and_keeps_the_note(sign_in, salon):
    page = sign_in(salon.yerin, reduced_motion="reduce")
    page.goto(f"/reserve/?designer={salon.hanul.pk}&date=2026-03-05")
    two_o_clock(page).click()
    page.get_by_label("디자이너에게 남길 말").fill(NOTE)
    ReservationFactory(designer=salon.hanul, date=dt.date(2026, 3, 5), time=dt.time(14))
    page.get_by_role("button", name="예약하기", exact=True).click()

    told = page.get_by_role("alert")
    expect(told).to_contain_text("방금 다른 분이 이 시간을 예약하셨어요.")
    expect(told).to_be_focused()
    expect(page.get_by_label("디자이너에게 남길 말")).to_have_value(NOTE)
    assert not salon.yerin.reservations.exists()

    page.get_by_role("button", name="3월 5일 목요일").first.click()
    expect(page.get_by_label("디자이너에게 남길 말")).to_have_value(NOTE)
    page.get_by_role("button", name="예약하기", exact=True).click()
    page.wait_for_url("**/my/reservations/**")
    row = the_reservation_of(salon.yerin)
    assert (row.designer, row.date, row.note) == (salon.hanul, dt.date(2026, 3, 5), NOTE)


def test_two_clicks_and_the_back_button_make_one_reservation(sign_in, salon):
    page = sign_in(salon.yerin)
    page.goto("/reserve/?date=2026-03-05")
    page.locator("button.time").first.click()
    page.get_by_role("button", name="예약하기", exact=True).dblclick()
    page.wait_for_url("**/my/reservations/**")
    page.go_back()
    again = page.get_by_role("button", name="예약하기", exact=True)
    if again.is_visible():
        again.click()

    page.wait_for_url("**/my/reservations/**")
    assert Reservation.objects.filter(customer=salon.yerin).count() == 1


# ---------------------------------------------------------------- without scripts, without a mouse, in English


@both_sizes
def test_all_of_it_works_without_scripts(sign_in, salon, paying):
    ConsultationTermsFactory(prepaid=True)
    page = sign_in(None, java_script_enabled=False)
    page.goto("/")
    page.locator("main").get_by_role("link", name="예약하기").first.click()
    page.get_by_role("link", name="3월 5일 목요일").click()
    two_o_clock(page).click()
    page.get_by_label("디자이너에게 남길 말").fill(NOTE)
    page.get_by_role("button", name="예약하고 결제하기").click()
    give_password(page, salon.yerin)
    page.get_by_role("button", name="예약하고 결제하기").click()
    give_card(page)
    page.get_by_role("button", name="결제하기").last.click()

    expect(page.get_by_role("status").filter(has_text="결제했어요")).to_be_visible()
    row = the_reservation_of(salon.yerin)
    assert row.note == NOTE
    assert Payment.objects.get(reservation=row).state == State.PAID


def test_all_of_it_works_by_keyboard_alone(sign_in, salon, paying):
    ConsultationTermsFactory(prepaid=True)
    page = sign_in(salon.yerin)
    page.goto("/")
    keyboard = Keyboard(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="본문으로 바로가기")).to_be_focused()
    page.keyboard.press("Enter")
    keyboard.enter(page.locator("main").get_by_role("link", name="예약하기").first)
    keyboard.to(page.get_by_role("link", name="3월 5일 목요일"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="3월 5일 목요일")).to_be_focused()
    keyboard.enter(two_o_clock(page))
    keyboard.type(page.get_by_label("디자이너에게 남길 말"), "짧게")
    keyboard.enter(page.get_by_role("button", name="예약하고 결제하기"))
    keyboard.type(page.get_by_label("카드 번호", exact=True), CARD["card_number"].replace("-", ""))
    keyboard.type(page.get_by_label("유효기간"), "1230")
    keyboard.type(page.get_by_label("카드 비밀번호 앞 두 자리"), CARD["pwd_2digit"])
    keyboard.enter(page.get_by_role("button", name="결제하기").last)

    row = the_reservation_of(salon.yerin)
    assert row.note == "짧게"
    assert Payment.objects.get(reservation=row).state == State.PAID


def test_all_of_it_works_in_english_which_the_next_visit_remembers(sign_in, salon):
    page = sign_in(salon.yerin)
    page.goto("/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("button.time").first.click()
    page.locator("main button.button--wide").click()
    page.wait_for_url("**/my/reservations/**")
    expect(page.locator("html")).to_have_attribute("lang", "en")

    assert the_reservation_of(salon.yerin)
    page.goto("/designers/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
