"""My reservations, and one of them."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor, Door
from payments.models import State
from reservations import services
from reservations.models import Reservation
from tests.clock import NOW
from tests.factories import (
    ConsultationTermsFactory,
    DesignerFactory,
    PaymentDueFactory,
    PaymentFactory,
    PhotoFactory,
    PolicyFactory,
    ProductFactory,
    RefundFactory,
    ReservationPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
MY = reverse("pages:my")


def page_of(row):
    return reverse("pages:reservation", args=[row.pk])


def shown(page):
    return [card.row for card in page.context["cards"]]


# ---------------------------------------------------------------- the lists


def test_upcoming_ones_come_first_the_next_at_the_top_with_the_days_to_go(browser, book):
    later, soon = book(days=5), book(days=3, hour=11)
    book(days=-1)
    book(days=1, trashed=True)

    page = browser.get(MY)

    assert shown(page) == [soon, later]
    text = page.content.decode()
    assert "3일 뒤에 만나요" in text
    assert "5일 뒤에 만나요" not in text
    assert "3월 6일 금요일 오전 11:00" in text
    assert [(tab["name"], tab["count"]) for tab in page.context["tabs"]] == [
        ("upcoming", 2), ("past", 1), ("cancelled", 1),
    ]  # fmt: skip


def test_the_past_is_told_backwards_and_what_has_begun_belongs_to_it(browser, book):
    old, older, begun = book(days=-1), book(days=-9), book(days=0, hour=11, status=2)

    assert shown(browser.get(MY, {"tab": "past"})) == [begun, old, older]


def test_what_was_cancelled_last_comes_first(browser, book):
    now = timezone.now()
    first, second = (book(days=days, trashed_at=now - dt.timedelta(hours=days)) for days in (3, 1))

    assert shown(browser.get(MY, {"tab": "cancelled"})) == [second, first]


def test_older_ones_are_on_the_next_page_each_once(browser, book):
    rows = [book(days=-days, hour=hour) for days in range(1, 12) for hour in (10, 11)]

    first = browser.get(MY, {"tab": "past"})
    second = browser.get(MY, {"tab": "past", "after": first.context["older"]})

    assert len(shown(first)) == 20
    assert sorted(row.pk for row in shown(first) + shown(second)) == sorted(row.pk for row in rows)
    assert second.context["older"] is None


@pytest.mark.parametrize(
    "nonsense", [{"tab": "x"}, {"after": "x"}, {"tab": "past", "after": "9" * 30}, {"after": "\0"}]
)
def test_nonsense_in_the_address_shows_a_list(browser, book, nonsense):
    row = book()

    page = browser.get(MY, nonsense)

    assert page.status_code == 200
    assert shown(page) in ([row], [])


def test_nobody_sees_anybody_elses(browser, book):
    other = book(customer=UserFactory())

    assert shown(browser.get(MY)) == []
    assert browser.get(page_of(other)).status_code == 404
    assert browser.get(MY, {"after": other.pk}).status_code == 200
    assert Browser().get(MY)["Location"] == f"/login/?next={MY}"


def test_a_designer_sees_as_mine_what_is_booked_for_them_not_with_them(designer, book):
    own = book(customer=designer.user, designer=DesignerFactory())
    with_them = book()
    browser = Browser()
    browser.force_login(designer.user)

    assert shown(browser.get(MY)) == [own]
    assert browser.get(page_of(with_them)).status_code == 404
    assert "살롱에 전화해 주세요" not in browser.get(page_of(own)).content.decode()
    assert not browser.get(page_of(own)).context["leeway"].may_move


def test_three_take_as_many_queries_as_one(browser, book, customer, django_assert_max_num_queries):
    def fill(days):
        row = book(days=days)
        RefundFactory(payment=PaymentFactory(reservation=row, payer=customer), amount=1_000)
        ReservationPhotoFactory(reservation=row, photo=PhotoFactory(uploader=customer))

    for days in (2, 3, 4):
        fill(days)
        with django_assert_max_num_queries(12):
            page = browser.get(MY)

    assert [card.photos for card in page.context["cards"]] == [1, 1, 1]


def test_an_empty_list_says_so(browser):
    for tab in ("upcoming", "past", "cancelled"):
        assert 'class="empty"' in browser.get(MY, {"tab": tab}).content.decode()


# ---------------------------------------------------------------- how the money stands


def stand(browser, row):
    told = browser.get(page_of(row)).context["money"]
    return told.stand, told.amount, told.until


def test_money_is_told_as_it_stands(browser, book, customer):
    free, paid, waiting, doubtful = (book(hour=hour) for hour in (10, 11, 12, 14))
    back, under_way, owed = (book(hour=hour, trashed=True) for hour in (15, 16, 17))
    PaymentFactory(reservation=paid, payer=customer)
    deposit = PaymentFactory(reservation=waiting, payer=customer, account=True, state=State.READY)
    PaymentFactory(reservation=doubtful, payer=customer, pending=True)
    PaymentFactory(
        reservation=back, payer=customer, state=State.CANCELLED, paid_amount=30_000, refunded_amount=30_000,
        paid_at=timezone.now(),
    )  # fmt: skip
    RefundFactory(payment=PaymentFactory(reservation=under_way, payer=customer), state="requested", amount=30_000)
    PaymentFactory(reservation=owed, payer=customer, account=True)

    assert stand(browser, free) == ("nothing", 0, None)
    assert stand(browser, paid) == ("paid", 30_000, None)
    assert stand(browser, waiting) == ("deposit", 30_000, deposit.vbank_due)
    assert stand(browser, doubtful) == ("checking", 30_000, None)
    assert stand(browser, back) == ("returned", 30_000, None)
    assert stand(browser, under_way) == ("returning", 30_000, None)
    assert stand(browser, owed) == ("owed", 30_000, None)


def test_what_is_to_be_paid_follows_the_terms(browser, book):
    row, ahead = book(), book(hour=11)
    ConsultationTermsFactory(when="later", product=ProductFactory(price=20_000))
    due = PaymentDueFactory(reservation=ahead, amount=15_000)

    assert stand(browser, row) == ("later", 20_000, None)
    assert stand(browser, ahead) == ("to_pay", 15_000, due.pay_by)


def test_a_visit_that_is_over_asks_for_no_money(browser, book):
    ConsultationTermsFactory(when="later", product=ProductFactory(price=20_000))

    assert stand(browser, book(days=-1)) == ("nothing", 0, None)


# ---------------------------------------------------------------- one of them


def test_deadlines_are_told_as_date_and_time(browser, book):
    PolicyFactory(change_notice_minutes=60, cancel_notice_minutes=24 * 60)

    text = browser.get(page_of(book(days=2, hour=10))).content.decode()

    assert "3월 5일 목요일 오전 9:00까지" in text
    assert "3월 4일 수요일 오전 10:00까지" in text


def test_after_the_deadline_it_says_when_it_was_and_to_phone(browser, book):
    page = browser.get(page_of(book(days=0, hour=12)))

    text = page.content.decode()
    assert "3월 2일 월요일 오후 12:00에 끝났어요" in text
    assert "살롱에 전화해 주세요" in text
    assert reverse("pages:cancel", args=[page.context["row"].pk]) not in text


def test_the_note_is_written_anew(browser, book, customer):
    row = book(note="처음")

    page = browser.post(page_of(row), {"note": "앞머리\r\n고민"}, follow=True)

    row.refresh_from_db()
    assert row.note == "앞머리\n고민"
    assert [str(message) for message in page.context["messages"]] == ["메모를 저장했어요."]
    assert row.moves.get().by == customer


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"status": 2}, "변경 마감이 지났습니다"),
        ({"trashed": True}, "그 사이에 취소되었거나"),
        ({"customer": None}, ""),
    ],
)
def test_a_note_that_may_not_be_changed_stays(browser, book, state, told):
    row = book(note="처음", **(state if "customer" not in state else {"customer": UserFactory()}))

    page = browser.post(page_of(row), {"note": "나중"})

    row.refresh_from_db()
    assert row.note == "처음"
    assert page.status_code == (200 if told else 404)
    assert not told or told in str(page.context["form"].errors)


def test_whose_session_ended_while_writing_the_note_loses_nothing(book, customer):
    row, browser = book(note="처음"), Browser()

    sent = browser.post(page_of(row), {"note": "긴 이야기"})
    assert sent.url == f"/login/?next={page_of(row)}"
    browser.force_login(customer, backend="accounts.backends.RoleBackend")
    assert browser.get(page_of(row)).context["form"]["note"].value() == "긴 이야기"
    browser.post(page_of(row), {"note": "긴 이야기"})

    row.refresh_from_db()
    assert row.note == "긴 이야기"
    row.note = "다른 기기에서"
    row.save()
    assert browser.get(page_of(row)).context["form"]["note"].value() == "다른 기기에서"


def test_a_line_break_in_the_note_counts_as_one_character(browser, book):
    row = book()

    browser.post(page_of(row), {"note": "가\r\n" * 499 + "가가"})

    row.refresh_from_db()
    assert row.note == "가\n" * 499 + "가가"


@pytest.mark.parametrize("note", ["x" * 1001, "\0"])
def test_a_note_that_cannot_be_kept_is_shown_again(browser, book, note):
    row = book(note="처음")

    page = browser.post(page_of(row), {"note": note})

    assert page.status_code == 200
    assert page.context["form"].errors
    row.refresh_from_db()
    assert row.note == "처음"


def test_what_others_typed_is_escaped(browser, book):
    text = browser.get(page_of(book(note="<script>alert(1)</script>"))).content.decode()

    assert "<script>alert" not in text


def test_photos_are_shown_while_they_are_live(browser, book, customer):
    row = book()
    live = ReservationPhotoFactory(reservation=row, photo=PhotoFactory(uploader=customer)).photo
    ReservationPhotoFactory(reservation=row, photo=PhotoFactory(uploader=customer, trashed=True), position=1)

    assert browser.get(page_of(row)).context["photos"] == [live]


@pytest.mark.parametrize("pk", [0, 2**31, 2**63, 10**40])
def test_a_number_that_no_reservation_has_is_404(browser, pk):
    for name in ("reservation", "cancel", "calendar_file"):
        assert browser.get(reverse(f"pages:{name}", args=[pk])).status_code == 404


def test_why_it_was_cancelled_is_told_unless_the_desk_wrote_it_for_itself(browser, book, customer):
    def told(reason, by):
        row = book(trashed=True, trashed_by=by, cancel_reason=reason)
        return reason in browser.get(page_of(row)).content.decode()

    assert told("일정이 바뀜", customer)
    assert told("결제 시간 초과", None)
    assert not told("진상", UserFactory(staff=True))


# ---------------------------------------------------------------- what happened


def happened(browser, row):
    return [(line.what, line.by_customer) for line in browser.get(page_of(row)).context["story"]]


def test_the_story_tells_what_concerns_the_customer_and_by_whom(browser, customer, designer):
    me, desk = Actor(Door.PAGES, user=customer), Actor(Door.ADMIN, user=UserFactory(staff=True))
    row = services.book(
        by=me, customer=customer, designer=designer, date=TODAY + dt.timedelta(days=3), time=dt.time(10)
    )
    rows = Reservation.objects.filter(pk=row.pk)
    services.change(by=me, reservations=rows, data=services.Change(note="메모"))
    services.change(by=desk, reservations=rows, data=services.Change(status=1))
    services.change(by=desk, reservations=rows, data=services.Change(time=dt.time(15)))
    services.cancel(by=me, reservations=rows, reason="일정이 바뀜")

    assert happened(browser, row) == [("booked", True), ("moved", False), ("cancelled", True)]
    text = browser.get(page_of(row)).content.decode()
    assert "살롱에서 예약을 옮겼어요." in text
    assert "3월 6일 금요일 오후 3:00, 김하늘 디자이너" in text


def test_what_was_another_customers_is_not_told(browser, customer, designer):
    desk = Actor(Door.ADMIN, user=UserFactory(staff=True))
    row = services.book(
        by=desk, customer=UserFactory(), designer=designer, date=TODAY + dt.timedelta(days=3), time=dt.time(10)
    )
    rows = Reservation.objects.filter(pk=row.pk)
    services.change(by=desk, reservations=rows, data=services.Change(time=dt.time(15)))
    services.change(by=desk, reservations=rows, data=services.Change(customer=customer))

    assert happened(browser, row) == [("booked", None)]


def test_one_without_a_history_was_booked_some_time(browser, book):
    assert happened(browser, book()) == [("booked", None)]


def test_a_page_of_much_takes_as_many_queries_as_of_little(browser, customer, designer, django_assert_max_num_queries):
    me = Actor(Door.PAGES, user=customer)
    row = services.book(
        by=me, customer=customer, designer=designer, date=TODAY + dt.timedelta(days=3), time=dt.time(10)
    )
    for number in range(3):
        services.change(by=me, reservations=Reservation.objects.all(), data=services.Change(time=dt.time(14 + number)))
        ReservationPhotoFactory(reservation=row, photo=PhotoFactory(uploader=customer), position=number)
        with django_assert_max_num_queries(12):
            browser.get(page_of(row))
