"""Walk-ins and telephone calls: one small form."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AccountType, User
from cody_site.back_office.tests.conftest import TODAY
from reservations.models import Move, Reservation
from tests.factories import DesignerFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

BOOK = reverse("back_office:book")


def given(designer, **more):
    return {"designer": designer.pk, "date": "2026-03-03", "time": "10:00", "client": "", "note": ""} | more


def errors(page):
    return page.context["form"].errors


@pytest.fixture
def guest():
    return UserFactory(name="강예린", pn="+821012345678")


@pytest.mark.parametrize("words", ["5678", "예린", "010-1234-5678", "강 5678"])
def test_a_known_client_is_booked_with_a_click_a_word_and_a_key(desk, boss, designer, guest, words):
    form = desk.get(BOOK, {"date": "2026-03-03", "designer": designer.pk, "time": "10:00"})
    page = desk.post(BOOK, given(designer, client=words, note="앞머리"), follow=True)

    row = Reservation.objects.get()
    assert (form.context["time"], form.context["form"]["designer"].value()) == ("10:00", str(designer.pk))
    assert (row.customer, row.designer, row.start, row.note) == (
        guest, designer, dt.datetime(2026, 3, 3, 10), "앞머리",
    )  # fmt: skip
    assert [str(message) for message in page.context["messages"]] == ["강예린님을 10:00에 예약했습니다."]
    assert page.redirect_chain == [(f"/admin/?date=2026-03-03#r{row.pk}", 302)]
    move = Move.objects.get()
    assert (move.act, move.by, move.door) == ("booked", boss, "admin")


def test_of_several_the_right_one_is_picked(desk, designer, guest):
    UserFactory(name="김예린", pn="+821099995678")

    page = desk.post(BOOK, given(designer, client="5678"))

    assert errors(page) == {"client": ["어느 고객인지 골라 주세요."]}
    assert [person.name for person in page.context["form"].matches] == ["강예린", "김예린"]
    desk.post(BOOK, given(designer, client="5678", customer=guest.pk))
    assert Reservation.objects.get().customer == guest


def test_who_comes_for_the_first_time_needs_a_name_and_a_number(desk, designer):
    page = desk.post(BOOK, given(designer, client="홍길동"))
    assert errors(page) == {"client": ["찾는 고객이 없습니다. 처음 오셨다면 이름과 전화번호를 적어 주세요."]}

    half = desk.post(BOOK, given(designer, client="홍길동", name="홍길동", customer="new"))
    assert errors(half) == {"pn": ["새 고객은 이름과 전화번호가 필요합니다."]}

    desk.post(BOOK, given(designer, client="홍길동", name="홍길동", pn="010-1234-5678"))
    new = Reservation.objects.get().customer
    assert (new.name, new.pn, new.type, new.email, new.birth, new.has_usable_password()) == (
        "홍길동", "+821012345678", AccountType.CUSTOMER, "", None, False,
    )  # fmt: skip


def test_a_number_that_somebody_has_is_asked_about(desk, designer, guest):
    new = {"name": "강예린 어머니", "pn": "010-1234-5678"}

    page = desk.post(BOOK, given(designer, **new))

    assert errors(page) == {"client": ["같은 전화번호의 고객이 있습니다. 그분이 아니면 ‘새 고객’을 고르세요."]}
    assert not Reservation.objects.exists()
    desk.post(BOOK, given(designer, customer="new", **new))
    assert Reservation.objects.get().customer.name == "강예린 어머니"


def test_a_full_hour_is_overbooked_knowingly_only(desk, boss, designer, guest):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))

    page = desk.post(BOOK, given(designer, client="5678"))
    assert errors(page) == {"overbook_reason": ["그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요."]}

    desk.post(BOOK, given(designer, client="5678", overbook_reason="단골"))
    row = Reservation.objects.get(customer=guest)
    assert (row.seat, row.overbooked_by, row.overbook_reason) == (2, boss, "단골")


def test_nobody_is_left_over_of_a_booking_that_found_no_seat(browser, designer):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))
    before = User.objects.count()

    page = browser(designer.user).post(BOOK, given(designer, name="홍길동", pn="010-1234-5678"))

    assert errors(page) == {"__all__": ["그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요."]}
    assert User.objects.count() == before
    assert page.context["form"]["name"].value() == "홍길동"


@pytest.mark.parametrize("picked", ["", "new"])
def test_a_newcomers_form_that_is_sent_twice_makes_one_person(desk, designer, picked):
    designer.max_per_hour = 2
    designer.save()
    form = given(designer, name="홍길동", pn="010-1234-5678", customer=picked)

    desk.post(BOOK, form)
    desk.post(BOOK, form)

    assert (Reservation.objects.count(), User.objects.filter(name="홍길동").count()) == (1, 1)


def test_designers_do_not_overbook(browser, designer):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))

    form = given(designer, name="홍길동", pn="010-1234-5678", overbook_reason="급해서")
    page = browser(designer.user).post(BOOK, form)

    assert errors(page) == {"overbook_reason": ["정원을 넘겨 예약할 권한이 없습니다."]}


def test_a_walk_in_takes_the_slot_that_runs(desk, designer, guest, clock):
    clock.shift(3600 + 20 * 60)  # twenty past ten

    page = desk.get(BOOK, {"designer": designer.pk, "date": "2026-03-03"})
    assert [choice.value for choice in page.context["times"]][:2] == ["10:00", "10:30"]

    desk.post(BOOK, given(designer, client="5678"))
    assert Reservation.objects.get().time == dt.time(10)


def test_what_has_passed_cannot_be_booked(desk, designer, guest, clock):
    clock.shift(3600 + 31 * 60)

    page = desk.post(BOOK, given(designer, client="5678"))

    assert errors(page) == {"__all__": ["이미 지난 시간입니다."]}


def test_a_designer_books_into_the_own_day_for_own_clients(browser, designer, guest):
    known = ReservationFactory(designer=designer, date=TODAY, time=dt.time(11)).customer
    own = browser(designer.user)

    assert list(own.get(BOOK).context["form"].fields["designer"].queryset) == [designer]
    assert "client" in errors(own.post(BOOK, given(designer, client="5678")))
    assert "client" in errors(own.post(BOOK, given(designer, customer=guest.pk)))
    assert "designer" in errors(own.post(BOOK, given(DesignerFactory(), customer=known.pk)))
    assert own.post(BOOK, given(designer, customer=known.pk)).status_code == 302


def test_other_times_are_shown_without_losing_what_was_typed(desk, designer, guest):
    other = DesignerFactory(max_per_hour=3)

    page = desk.post(BOOK, given(other, client="강", note="메모", refresh="times"))

    form = page.context["form"]
    assert (form["client"].value(), form["note"].value(), form.errors) == ("강", "메모", {})
    assert {choice.left for choice in page.context["times"]} == {3}
    assert not Reservation.objects.exists()


def test_a_picked_client_stands_in_the_form_and_can_be_let_go(desk, designer, guest):
    assert desk.get(BOOK, {"customer": guest.pk}).context["picked"] == guest
    let_go = desk.post(BOOK, given(designer, customer=guest.pk, refresh="other"))
    assert let_go.context["picked"] is None


@pytest.mark.parametrize(
    "nonsense",
    [
        {"date": "morgen"}, {"date": "0000-00-00"}, {"date": ""}, {"time": "25:00"}, {"time": ""}, {"designer": "x"},
        {"designer": "9" * 30},
        {"customer": "x"}, {"customer": "9" * 30}, {"client": "x" * 61}, {"client": "\0"}, {"note": "x" * 1001},
        {"pn": "12", "name": "홍"}, {"name": "\0", "pn": "010-1234-5678"}, {"date": "9999-12-31"},
    ],
)  # fmt: skip
def test_nonsense_is_told_and_keeps_the_form(desk, designer, guest, nonsense):
    page = desk.post(BOOK, given(designer, client="5678") | nonsense)

    assert page.status_code == 200
    assert errors(page)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("asked", [{"date": "x"}, {"designer": "x"}, {"customer": "9" * 40}, {"time": "\0"}])
def test_a_link_with_nonsense_opens_an_empty_form(desk, designer, asked):
    assert desk.get(BOOK, asked).status_code == 200


@pytest.mark.parametrize("kind", [{"finance": True}, {"system": True}])
def test_who_writes_no_reservations_books_nobody(browser, designer, kind):
    assert browser(UserFactory(**kind)).get(BOOK).status_code == 403
