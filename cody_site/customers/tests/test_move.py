"""Moving a reservation by oneself."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from reservations.models import Reservation
from tests.factories import (
    DesignerFactory,
    PaymentFactory,
    PolicyFactory,
    ReservationFactory,
    TimeOffFactory,
    UserFactory,
    WaitFactory,
)

pytestmark = pytest.mark.django_db


def url(row):
    return reverse("pages:move", args=[row.pk])


def page_of(row):
    return reverse("pages:reservation", args=[row.pk])


def at(designer, start):
    return {"designer": designer.pk, "date": start[:10], "time": start[11:]}


def offered(page):
    return [f"{time.start:%H:%M}" for part in page.context["parts"] for time in part.times]


def nearest(page):
    return [slot.start.isoformat(" ", "minutes") for slot in page.context["own"]]


def send(browser, row, page):
    """The button of the page that asks."""
    return browser.post(page.context["address"], {"seen": page.context["seen"]}, follow=True)


def told(page):
    return [str(message) for message in page.context["messages"]]


def test_a_day_lists_what_is_free_the_own_hour_too(browser, customer):
    designer = DesignerFactory(user__name="김하늘", max_per_hour=1)
    row = ReservationFactory(customer=customer, designer=designer, time=dt.time(10))
    ReservationFactory(designer=designer, time=dt.time(11))

    page = browser.get(url(row))

    assert page.context["date"] == row.date
    assert offered(page)[:4] == ["10:00", "10:30", "12:00", "12:30"]


def test_old_and_new_stand_side_by_side_before_the_click(browser, book):
    row = book()
    other = DesignerFactory(user__name="이준호")
    PaymentFactory(reservation=row, payer=row.customer)

    page = browser.get(url(row), at(other, "2026-03-06 15:00"))
    text = page.content.decode()

    for words in (
        "3월 5일 목요일 오전 10:00", "김하늘", "3월 6일 금요일 오후 3:00", "이준호", "결제는 예약과 함께 옮겨져요",
        "3월 5일 목요일 오후 3:00",  # the deadlines after it
    ):  # fmt: skip
        assert words in text
    assert Reservation.objects.get().start == row.start


def test_it_is_moved_with_its_payment_and_the_page_says_so(browser, book):
    row, other = book(), DesignerFactory(user__name="이준호")
    payment = PaymentFactory(reservation=row, payer=row.customer)

    page = send(browser, row, browser.get(url(row), at(other, "2026-03-06 15:00")))

    row.refresh_from_db()
    assert (row.designer, row.start) == (other, dt.datetime(2026, 3, 6, 15))
    assert page.redirect_chain == [(page_of(row), 302)]
    assert told(page) == ["예약을 옮겼어요. 3월 6일 금요일 오후 3:00에 만나요!"]
    assert "예약을 옮겼어요." in page.content.decode()
    assert (payment.reservation, page.context["money"].stand) == (row, "paid")


def test_anyone_is_somebody_whom_the_page_names_and_who_stays_it(browser, book):
    row, other = book(), DesignerFactory(user__name="이준호", max_per_hour=100)

    page = browser.get(url(row), {"designer": "", "date": "2026-03-06", "time": "15:00"})
    assert "이준호" in page.content.decode()
    DesignerFactory(max_per_hour=100, order=0)
    send(browser, row, page)

    row.refresh_from_db()
    assert row.designer == other


def test_within_the_own_hour_too(browser, customer):
    designer = DesignerFactory(max_per_hour=1)
    row = ReservationFactory(customer=customer, designer=designer, time=dt.time(10))

    send(browser, row, browser.get(url(row), at(designer, "2026-03-05 10:30")))

    row.refresh_from_db()
    assert row.time == dt.time(10, 30)


def test_a_lost_race_says_so_and_offers_what_is_near(browser, customer):
    designer = DesignerFactory(max_per_hour=1)
    row = ReservationFactory(customer=customer, designer=designer, time=dt.time(10))
    page = browser.get(url(row), at(designer, "2026-03-05 15:00"))
    ReservationFactory(designer=designer, time=dt.time(15))

    late = send(browser, row, page)

    assert late.status_code == 409
    assert "방금 다른 분이 이 시간을 예약하셨어요" in late.content.decode()
    assert 'role="alert"' in late.content.decode()
    assert nearest(late) == ["2026-03-05 14:00", "2026-03-05 14:30", "2026-03-05 16:00", "2026-03-05 16:30"]
    row.refresh_from_db()
    assert row.time == dt.time(10)
    instead = browser.get(url(row), {"instead": f"designer={designer.pk}&date=2026-03-05&time=16:00"}, follow=True)
    assert send(browser, row, instead).redirect_chain == [(page_of(row), 302)]


def test_where_one_is_already_expected_is_refused_and_not_offered_again(browser, book):
    row, other = book(), DesignerFactory()
    book(designer=other, hour=15)

    page = send(browser, row, browser.get(url(row), at(row.designer, "2026-03-05 15:00")))

    assert page.status_code == 409
    assert "그 시간에 이미 다른 예약이 있어요" in page.content.decode()
    assert "2026-03-05 15:00" not in nearest(page)


@pytest.mark.parametrize(
    "start",
    ["2026-03-05 13:00", "2026-03-05 15:10", "2026-03-05 03:00", "2026-03-03 09:30", "2020-01-01 10:00",
     "2027-12-31 10:00", "9999-12-31 23:59", "0001-01-01 00:00"],
)  # fmt: skip
def test_a_time_that_nobody_can_have_is_answered_with_others(browser, book, start):
    row = book()

    page = browser.get(url(row), at(row.designer, start))
    assert page.status_code == 409
    assert browser.post(url(row) + "?" + page.context["address"].partition("?")[2], {"seen": page.context["seen"]})

    row.refresh_from_db()
    assert row.time == dt.time(10)


@pytest.mark.parametrize(
    "nonsense",
    [{"designer": "x"}, {"designer": "9" * 30}, {"date": "x"}, {"date": "2026-02-30"}, {"date": "9999-12-31"},
     {"time": "25:00", "date": "2026-03-05"}, {"designer": "\0"}, {"instead": "x"}, {"instead": "date=x&time=%00"}],
)  # fmt: skip
def test_nonsense_in_the_address_lists_times(browser, book, nonsense):
    page = browser.get(url(book()), nonsense, follow=True)

    assert page.status_code == 200
    assert page.context["parts"]


def test_after_the_deadline_it_is_said_before_anything_is_chosen(browser, book):
    PolicyFactory(change_notice_minutes=24 * 60)
    last_moment, late, begun = book(days=1, hour=9), book(days=0, hour=12), book(days=0, hour=9, status=2)

    assert browser.get(url(last_moment)).context["parts"]
    text = browser.get(url(late)).content.decode()
    assert "3월 2일 월요일 오후 12:00에 끝났어요. 옮기시려면 살롱에 전화해 주세요." in text
    assert "<button" not in text.partition("<main")[2].partition("</main>")[0]
    assert "이미 시작했거나 지난 예약은 옮길 수 없어요" in browser.get(url(begun)).content.decode()
    browser.post(url(late) + f"?designer={late.designer_id}&date=2026-03-06&time=15:00", {"seen": "x"})
    late.refresh_from_db()
    assert late.time == dt.time(12)


def test_to_a_near_time_it_warns_that_there_is_no_way_back(browser, book):
    row = book()

    text = browser.get(url(row), at(row.designer, "2026-03-03 15:00")).content.decode()

    assert "옮긴 뒤에는 직접 다시 옮기거나 취소하지 못할 수 있어요" in text


def test_twice_is_once(browser, book):
    row = book()
    page = browser.get(url(row), at(row.designer, "2026-03-06 15:00"))

    send(browser, row, page)
    again = send(browser, row, page)

    assert again.redirect_chain == [(page_of(row), 302)]
    assert row.moves.count() == 1


def test_the_present_time_is_no_other(browser, book):
    row = book()

    page = browser.get(url(row), at(row.designer, "2026-03-05 10:00"), follow=True)

    assert told(page) == ["지금 예약하신 시간이에요. 다른 시간을 골라 주세요."]


def test_what_the_desk_moved_meanwhile_is_shown_before_it_is_moved_again(browser, book):
    row = book()
    page = browser.get(url(row), at(row.designer, "2026-03-06 15:00"))
    Reservation.objects.update(time=dt.time(16))

    again = send(browser, row, page)

    assert told(again) == ["그 사이에 예약이 옮겨졌어요. 지금의 예약을 확인하고 다시 옮겨 주세요."]
    assert "오후 4:00" in again.content.decode()
    assert Reservation.objects.get().time == dt.time(16)


def test_what_was_cancelled_meanwhile_is_told(browser, book):
    row = book()
    page = browser.get(url(row), at(row.designer, "2026-03-06 15:00"))
    Reservation.objects.update(trashed_at=timezone.now())

    again = send(browser, row, page)

    assert told(again) == ["이미 취소된 예약이에요."]


def test_nobody_moves_anybody_elses(browser, book):
    row = book(customer=UserFactory())
    address = url(row) + f"?designer={row.designer_id}&date=2026-03-06&time=15:00"

    assert browser.get(address).status_code == browser.post(address, {"seen": ""}).status_code == 404
    row.refresh_from_db()
    assert row.time == dt.time(10)


def test_a_seat_held_for_another_is_not_free(browser, customer):
    designer = DesignerFactory(max_per_hour=1)
    row = ReservationFactory(customer=customer, designer=designer, time=dt.time(15))
    WaitFactory(date=row.date, designer=designer, held=True)

    page = browser.get(url(row), at(designer, "2026-03-05 10:00"))

    assert page.status_code == 409


def test_a_designer_who_has_stopped_leaves_the_others_to_choose_from(browser, book):
    row, other = book(), DesignerFactory()
    row.designer.active = False
    row.designer.save()

    page = browser.get(url(row))

    assert [one for one, _address in page.context["designers"]] == [other]
    assert page.context["designer"] is None
    send(browser, row, browser.get(url(row), at(other, "2026-03-06 15:00")))
    row.refresh_from_db()
    assert row.designer == other


def test_a_salon_that_is_full_says_so(browser, book):
    row = book()
    TimeOffFactory(starts_at=timezone.now(), ends_at=timezone.now() + dt.timedelta(days=400))

    assert "지금은 옮길 수 있는 시간이 없어요" in browser.get(url(row)).content.decode()


def test_three_designers_take_as_many_queries_as_one(browser, book, django_assert_max_num_queries):
    row = book()
    PaymentFactory(reservation=row, payer=row.customer)
    for _ in range(3):
        for asked in ({}, at(row.designer, "2026-03-06 15:00")):
            with django_assert_max_num_queries(12):
                assert browser.get(url(row), asked).status_code == 200
        DesignerFactory()
