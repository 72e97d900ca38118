"""The paths of a day at the desk, with a mouse, a finger or the keyboard."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Session, TimeOff, User
from cody_site.back_office.links import address
from payments.models import Payment
from reservations.models import Move, Reservation, Status
from tests.browser.conftest import NARROW, WIDE
from tests.browser.salon import TODAY

expect = pytest.importorskip("playwright.sync_api", reason="no browser: Playwright is not installed").expect

only_wide = pytest.mark.parametrize("size", [WIDE], ids=["1280px"], indirect=True)


class Hands:
    """Counts what a person does."""

    def __init__(self, page):
        self.page, self.done = page, 0

    def click(self, element):
        self.done += 1
        element.click()

    def type(self, words):
        """Where the cursor stands."""
        self.done += 1
        self.page.keyboard.type(words)

    def press(self, key):
        self.done += 1
        self.page.keyboard.press(key)


def block(page, row):
    return page.locator(f"#r{row.pk}")


def unfold(page, row):
    """Open what the block tells besides."""
    block(page, row).locator("summary").click()
    return block(page, row).locator(".visit-more")


def message(page, words):
    expect(page.locator(".bo-message", has_text=words)).to_be_visible()


def slot(page, designer, time):
    return page.get_by_role("link", name=f"{designer.user.name} {time} 예약하기")


# ---------------------------------------------------------------- booking


def test_who_walks_in_for_the_first_time_is_booked_and_goes_through_all_steps_by_one_click_each(desk, salon):
    desk.get_by_role("link", name="새 예약").first.click()
    desk.get_by_text("처음 오신 고객").click()
    desk.get_by_label("새 고객의 이름").fill("홍길동")
    desk.get_by_label("전화번호", exact=True).fill("010-5555-1234")
    with desk.expect_navigation():
        desk.get_by_label("디자이너").select_option(label=str(salon.soyul))
    desk.locator("label.time", has_text="10:00").click()
    desk.get_by_role("button", name="예약하기").last.click()

    message(desk, "홍길동님을 10:00에 예약했습니다.")
    row = Reservation.objects.get(customer__name="홍길동")
    assert (row.designer, row.date, row.time) == (salon.soyul, TODAY, dt.time(10))
    for label, told in [
        ("도착", "상담준비"), ("시작", "상담중"), ("일시정지", "일시정지"), ("다시 시작", "상담중"), ("완료", "완료"),
    ]:  # fmt: skip
        if label == "일시정지":
            unfold(desk, row).get_by_role("button", name=label).click()
        else:
            desk.get_by_role("button", name=f"홍길동 {label}", exact=True).click()
        expect(block(desk, row).locator(".visit-state")).to_contain_text(told)
    row.refresh_from_db()
    assert row.status == Status.DONE
    steps = Move.objects.filter(reservation=row, act="changed").order_by("pk")
    assert [(move.after["status"], move.by, move.door) for move in steps] == [
        (status, salon.boss, "admin") for status in (1, 2, 3, 2, 4)
    ]


def test_a_known_client_on_the_phone_is_booked_in_three_acts(desk, salon):
    hands = Hands(desk)

    hands.click(slot(desk, salon.soyul, "11:00"))
    expect(desk.get_by_label("이름이나 전화번호 끝 네 자리")).to_be_focused()
    hands.type("5678")
    hands.press("Enter")

    message(desk, "강예린님을 11:00에 예약했습니다.")
    row = Reservation.objects.get(customer=salon.yerin)
    assert (row.designer, row.date, row.time) == (salon.soyul, TODAY, dt.time(11))
    assert hands.done <= 4


def test_a_client_is_found_by_the_end_of_the_phone_number_in_two_acts(desk, salon):
    hands = Hands(desk)

    desk.keyboard.press("/")  # or a click there
    hands.done += 1
    hands.type("5678\n")

    desk.wait_for_url(f"**{reverse('back_office:client', args=[salon.yerin.pk])}")
    assert hands.done <= 2
    expect(desk.locator(".desk-name")).to_contain_text("강예린")


def test_a_full_hour_is_overbooked_with_a_reason(desk, salon):
    slot(desk, salon.hanul, "12:30").click()
    desk.get_by_label("이름이나 전화번호 끝 네 자리").fill("5678")
    desk.get_by_role("button", name="예약하기").last.click()
    expect(desk.get_by_role("alert")).to_have_text("그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요.")

    desk.get_by_label("정원 초과 사유").fill("멀리서 오신 단골")
    desk.get_by_role("button", name="예약하기").last.click()

    message(desk, "강예린님을 12:30에 예약했습니다.")
    row = Reservation.objects.get(customer=salon.yerin)
    assert (row.time, row.overbooked_by, row.overbook_reason) == (dt.time(12, 30), salon.boss, "멀리서 오신 단골")


# ---------------------------------------------------------------- changing


def test_a_reservation_is_cancelled_and_its_money_goes_back(paying, desk, salon):
    payment = Payment.objects.get(reservation=salon.paid)
    payment.imp_uid = paying.charge(payment.payment_uid, 30_000).json()["response"]["imp_uid"]
    payment.save()

    unfold(desk, salon.paid).get_by_role("link", name="취소").click()
    expect(desk.locator(".refund")).to_have_text("카드로 결제된 30,000원을 모두 환불합니다.")
    desk.get_by_label("사유").fill("감기")
    desk.get_by_role("button", name="예약 취소하기").click()

    message(desk, "30,000원을 환불했습니다.")
    expect(block(desk, salon.paid)).to_have_count(0)
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_a_cancelled_reservation_is_restored(desk, salon):
    row = Reservation.objects.get(customer__name="나윤아")
    desk.get_by_text("취소된 예약").click()
    desk.locator("#cancelled").get_by_role("link", name="나윤아").click()
    desk.wait_for_url(f"**{address('admin:reservations_reservation_change', row.pk)}")

    if desk.viewport_size == NARROW:
        desk.get_by_text("more_horiz").click()
    desk.get_by_role("link", name="되살리기").locator("visible=true").click()
    desk.get_by_role("button", name="취소한 예약 되살리기").click()
    expect(desk.get_by_text("1건을 되살렸습니다.")).to_be_visible()

    desk.goto("/admin/")
    expect(block(desk, row)).to_contain_text("나윤아")


def test_a_reservation_is_moved_by_the_form(desk, salon):
    unfold(desk, salon.late).get_by_role("link", name="옮기기").click()
    with desk.expect_navigation():
        desk.get_by_label("디자이너").select_option(label=str(salon.soyul))
    expect(desk.get_by_role("heading", name="박소율")).to_be_visible()
    desk.locator("label.time", has_text="14:30").click()
    desk.get_by_role("button", name="옮기기").click()

    message(desk, "문채원님의 예약을 옮겼습니다: 03-03 14:30")
    salon.late.refresh_from_db()
    assert (salon.late.designer, salon.late.time) == (salon.soyul, dt.time(14, 30))


@only_wide
def test_a_reservation_is_moved_by_dragging(desk, salon):
    there = desk.locator(f'td[data-designer="{salon.soyul.pk}"][data-time="11:30"]')

    block(desk, salon.late).locator(".visit-who").drag_to(there)

    message(desk, "문채원님의 예약을 옮겼습니다: 03-03 11:30")
    salon.late.refresh_from_db()
    assert (salon.late.designer, salon.late.time) == (salon.soyul, dt.time(11, 30))


@only_wide
def test_what_is_dragged_to_a_full_hour_stays_and_the_day_says_why(desk, salon):
    there = desk.locator(f'td[data-designer="{salon.hanul.pk}"][data-time="12:30"]')

    block(desk, salon.late).locator(".visit-who").drag_to(there)

    message(desk, "그 시간에는 빈자리가 없습니다.")
    salon.late.refresh_from_db()
    assert salon.late.time == dt.time(10)


def test_what_was_just_done_is_undone_within_ten_minutes(desk, salon, clock):
    for step, told in (("도착", "상담준비"), ("시작", "상담중")):
        desk.get_by_role("button", name=f"문채원 {step}", exact=True).click()
        message(desk, f"문채원님: {told}")

    desk.get_by_role("button", name="되돌리기").first.click()

    message(desk, "문채원님: 되돌렸습니다")
    salon.late.refresh_from_db()
    assert salon.late.status == Status.PREPARING
    clock.shift(11 * 60)
    desk.reload()
    expect(desk.get_by_role("button", name="되돌리기")).to_have_count(0)


def test_a_designer_falls_ill_and_everybody_touched_is_taken_care_of(desk, salon):
    desk.get_by_role("link", name="갑자기 못 나올 때").click()
    desk.get_by_label("디자이너").select_option(label=str(salon.hanul))
    desk.get_by_label("사유").fill("독감")
    desk.get_by_role("button", name="겹치는 예약 보기").click()
    expect(desk.get_by_role("heading", name="겹치는 예약")).to_have_text("겹치는 예약 2건")
    desk.get_by_label("고민석").select_option(label="박소율에게 옮기기")
    desk.get_by_label("홍라희").select_option(label="그대로 두기")
    desk.get_by_role("button", name="휴무를 적고 하나씩 처리하기").click()

    expect(desk.get_by_role("heading", name="결과")).to_be_visible()
    expect(desk.locator(".results li")).to_have_count(2)
    rows = Reservation.objects.filter(pk__in=[salon.paid.pk, salon.evening.pk]).order_by("time")
    assert [(row.designer, row.time) for row in rows] == [(salon.soyul, dt.time(12)), (salon.hanul, dt.time(17))]
    assert [(off.designer, off.reason) for off in TimeOff.objects.all()] == [(salon.hanul, "독감")]


# ---------------------------------------------------------------- whom it is not for


def test_a_designer_finds_nothing_at_the_addresses_of_strangers(sign_in, salon):
    stranger = salon.paid.customer
    page = sign_in(salon.junho.user)
    for where, told in (
        (reverse("back_office:client", args=[stranger.pk]), 404),
        (reverse("back_office:move", args=[salon.paid.pk]), 404),
        (reverse("back_office:cancel", args=[salon.paid.pk]), 404),
        (reverse("admin:reservations_reservation_change", args=[salon.paid.pk]), 302),  # home, as for no row at all
    ):
        answer = page.request.get(where, max_redirects=0)
        assert (answer.status, answer.headers.get("location")) == (told, "/admin/" if told == 302 else None)
        assert stranger.name not in answer.text()
    page.goto("/admin/")
    expect(page.get_by_text("권나은").first).to_be_visible()
    expect(page.get_by_text(stranger.name)).to_have_count(0)


# ---------------------------------------------------------------- politely


def test_the_day_refreshes_itself_but_never_under_somebody_who_reads(desk, salon):
    page = desk
    page.clock.install()
    page.goto("/admin/")
    User.objects.filter(pk=salon.chaewon.pk).update(name="문채연")
    opened = unfold(page, salon.late)

    page.clock.fast_forward(31_000)
    page.wait_for_timeout(300)
    expect(opened).to_be_visible()
    expect(block(page, salon.late)).to_contain_text("문채원")

    block(page, salon.late).locator("summary").click()
    page.locator("#cancelled summary").click()
    page.clock.fast_forward(31_000)
    page.wait_for_timeout(300)
    expect(page.locator("#cancelled ul")).to_be_visible()
    expect(block(page, salon.late)).to_contain_text("문채원")

    page.locator("#cancelled summary").click()
    page.clock.fast_forward(31_000)
    expect(block(page, salon.late)).to_contain_text("문채연")


def test_when_the_session_has_ended_the_day_leads_to_the_sign_in(desk, salon):
    desk.clock.install()
    desk.goto("/admin/")
    Session.objects.all().delete()

    desk.clock.fast_forward(31_000)

    desk.wait_for_url("**/admin/login/**")
    expect(desk.get_by_label("비밀번호")).to_be_visible()


# ---------------------------------------------------------------- with less


def test_the_day_works_without_javascript(sign_in, salon):
    page = sign_in(salon.boss, java_script_enabled=False)
    page.goto("/admin/")

    page.get_by_role("button", name="문채원 도착").click()
    message(page, "문채원님")
    expect(unfold(page, salon.late)).to_be_visible()
    block(page, salon.late).get_by_role("link", name="옮기기").click()
    page.get_by_label("디자이너").select_option(label=str(salon.soyul))
    page.get_by_role("button", name="시각 보기").click()
    page.locator("label.time", has_text="14:30").click()
    page.get_by_role("button", name="옮기기").click()
    message(page, "문채원님의 예약을 옮겼습니다: 03-03 14:30")


def test_the_keyboard_alone_takes_the_next_step_and_opens_a_block(desk, salon):
    def go_to(element):
        for _ in range(150):
            if element.evaluate("element => element === document.activeElement"):
                return
            desk.keyboard.press("Tab")
        raise AssertionError(f"{element} is not reached")

    go_to(block(desk, salon.late).locator("summary"))
    desk.keyboard.press("Enter")
    expect(block(desk, salon.late).locator(".visit-more")).to_be_visible()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Shift+Tab")
    desk.keyboard.press("Space")

    expect(block(desk, salon.late).locator(".visit-state")).to_contain_text("상담준비")
    expect(desk.get_by_role("button", name="문채원 시작", exact=True)).to_be_focused()
