"""Status steps, no-show and undo, as the desk does them."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.actors import Actor, Door
from accounts.models import User
from accounts.services import withdraw
from cody_site.back_office.tests.conftest import TODAY
from cody_site.errors import Forbidden
from payments.models import State
from reservations import services
from reservations.errors import HourFull, NothingToUndo, PaidMeanwhile
from reservations.models import Act, Move, Reservation, Status
from reservations.undoing import undo
from tests.factories import DesignerFactory, PaymentFactory, PhotoFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db


def url(name, pk):
    return reverse(f"back_office:{name}", args=[pk])


def told(page):
    return [str(message) for message in page.context["messages"]]


@pytest.fixture
def row(designer):
    return ReservationFactory(designer=designer, date=TODAY, time=dt.time(10), customer__name="강예린")


@pytest.fixture
def at_desk(boss):
    return Actor(Door.ADMIN, user=boss)


def test_a_reservation_goes_its_way_by_one_click_each(desk, boss, row):
    for status in (1, 2, 3, 2, 4):
        page = desk.post(url("step", row.pk), {"status": status}, follow=True)
        row.refresh_from_db()
        assert (row.status, told(page)) == (status, [f"강예린님: {Status(status).label}"])

    moves = Move.objects.filter(reservation=row).values_list("act", "by", "door", "after__status")
    assert list(moves) == [("changed", boss.pk, "admin", status) for status in (1, 2, 3, 2, 4)]
    assert page.redirect_chain == [(f"/admin/?date=2026-03-03#r{row.pk}", 302)]


@pytest.mark.parametrize("status", [4, 3])
def test_a_status_that_does_not_follow_is_refused(desk, row, status):
    page = desk.post(url("step", row.pk), {"status": status}, follow=True)

    row.refresh_from_db()
    assert (row.status, told(page)) == (0, ["지금 상태에서는 그 상태로 바꿀 수 없습니다."])


@pytest.mark.parametrize("status", ["", "5", "x", "\0", None])
def test_a_status_that_is_none_is_not_found(desk, row, status):
    assert desk.post(url("step", row.pk), {} if status is None else {"status": status}).status_code == 404


def test_a_no_show_is_marked_and_unmarked(desk, row, clock):
    clock.shift(2 * 3600)

    assert told(desk.post(url("no_show", row.pk), {"missed": "1"}, follow=True)) == ["강예린님: 노쇼로 표시했습니다."]
    row.refresh_from_db()
    assert row.no_show_at is not None
    assert told(desk.post(url("no_show", row.pk), {"missed": "0"}, follow=True)) == [
        "강예린님: 노쇼 표시를 지웠습니다."
    ]
    row.refresh_from_db()
    assert row.no_show_at is None


@pytest.mark.parametrize("name", ["step", "no_show", "undo"])
def test_acts_are_posts(desk, row, name):
    assert desk.get(url(name, row.pk)).status_code == 405


def test_a_no_show_is_noted_once(desk, row, clock):
    clock.shift(2 * 3600)

    for missed in (1, 1, 0, 0):
        desk.post(url("no_show", row.pk), {"missed": missed})

    assert list(Move.objects.values_list("act", "after__no_show")) == [("no-show", True), ("no-show", False)]


@pytest.mark.parametrize(("name", "asked"), [("step", {"status": 1}), ("no_show", {"missed": 1})])
def test_what_was_cancelled_meanwhile_is_told(desk, row, at_desk, name, asked):
    services.cancel(by=at_desk, reservations=Reservation.objects.all())

    page = desk.post(url(name, row.pk), asked, follow=True)

    assert page.redirect_chain == [(f"/admin/?date=2026-03-03#r{row.pk}", 302)]
    assert told(page) == ["그 사이에 취소되었거나 바꿀 수 없게 된 예약입니다."]


@pytest.mark.parametrize("name", ["step", "no_show", "move", "cancel"])
def test_a_strangers_reservation_does_not_exist_for_a_designer(browser, row, name):
    page = browser(DesignerFactory().user).post(url(name, row.pk), {"status": 1, "missed": 1, "reason": "x"})

    assert page.status_code == 404
    assert Reservation.objects.live().get().status == 0


@pytest.mark.parametrize("kind", [{"finance": True}, {"system": True}])
@pytest.mark.parametrize("name", ["step", "no_show", "move", "cancel"])
def test_who_only_sees_reservations_changes_none(browser, row, name, kind):
    page = browser(UserFactory(**kind)).post(url(name, row.pk), {"status": 1, "missed": 1, "reason": "x"})

    assert page.status_code == 403
    assert Reservation.objects.live().get().status == 0


@pytest.mark.parametrize("kind", [{}, {"tester": True}])
def test_customers_are_shown_the_sign_in(browser, row, kind):
    page = browser(UserFactory(**kind)).post(url("step", row.pk), {"status": 1})

    assert page.status_code == 302
    assert page["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/x", "/admin/../x\r\n", "", "\0"])
def test_the_way_back_leads_nowhere_else(desk, row, where):
    page = desk.post(url("step", row.pk), {"status": 1, "next": where})

    assert page.status_code == 302
    assert page["Location"].startswith(("/admin/?date=2026-03-03#r", "/admin/"))


# ---------------------------------------------------------------- undo


def last(row):
    return Move.objects.filter(reservation=row).latest("pk")


def test_a_step_is_undone(desk, row):
    desk.post(url("step", row.pk), {"status": 1})

    page = desk.post(url("undo", last(row).pk), follow=True)

    row.refresh_from_db()
    assert (row.status, told(page)[-1]) == (0, "강예린님: 되돌렸습니다 (상담준비 → 예약완료).")
    assert last(row).act == Act.UNDONE


def test_a_move_is_undone_and_its_place_is_free_again(row, at_desk, designer):
    other = DesignerFactory(max_per_hour=1)
    data = services.Change(designer=other, date=TODAY, time=dt.time(15))
    services.change(by=at_desk, reservations=Reservation.objects.all(), data=data)

    undo(by=at_desk, move=last(row))

    row.refresh_from_db()
    assert (row.designer_id, row.time, row.seat) == (designer.pk, dt.time(10), 1)


def test_a_move_is_not_undone_into_a_seat_that_is_taken(row, at_desk, designer):
    data = services.Change(time=dt.time(15))
    services.change(by=at_desk, reservations=Reservation.objects.all(), data=data)
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10), seat=1)

    with pytest.raises(HourFull):
        undo(by=at_desk, move=last(row))

    row.refresh_from_db()
    assert row.time == dt.time(15)


def hand_over(row, by):
    services.change(by=by, reservations=Reservation.objects.all(), data=services.Change(customer=UserFactory()))
    row.refresh_from_db()
    return last(row)


def test_a_reservation_handed_over_goes_back_without_the_others_photos(row, at_desk):
    first, move = row.customer, hand_over(row, at_desk)
    row.attachments.create(photo=PhotoFactory(uploader=row.customer), position=0)

    with pytest.raises(Forbidden):  # who may not hand it over may not take that back either
        undo(by=Actor(Door.ADMIN, user=row.designer.user), move=move)
    undo(by=at_desk, move=move)

    row.refresh_from_db()
    assert (row.customer, row.attachments.count()) == (first, 0)


def test_nothing_goes_back_to_who_has_left(row, at_desk):
    first, move = row.customer, hand_over(row, at_desk)
    withdraw(by=at_desk, users=User.objects.filter(pk=first.pk))

    with pytest.raises(NothingToUndo):
        undo(by=at_desk, move=move)


def test_a_cancellation_is_undone(row, at_desk):
    services.cancel(by=at_desk, reservations=Reservation.objects.all(), reason="고객 요청")

    undo(by=at_desk, move=last(row))

    row.refresh_from_db()
    assert (row.trashed_at, row.trashed_by, row.cancel_reason) == (None, None, "")


def test_a_booking_is_undone_unless_it_is_paid(at_desk, designer):
    def book(hour):
        return services.book(by=at_desk, customer=UserFactory(), designer=designer, date=TODAY, time=dt.time(hour))

    free, paid = book(11), book(12)
    PaymentFactory(reservation=paid, payer=paid.customer, state=State.PAID)

    undo(by=at_desk, move=last(free))
    with pytest.raises(PaidMeanwhile):
        undo(by=at_desk, move=last(paid))

    assert list(Reservation.objects.live()) == [paid]


def test_a_no_show_is_undone(row, at_desk, clock):
    clock.shift(2 * 3600)
    services.mark_no_show(by=at_desk, reservation=row)

    undo(by=at_desk, move=last(row))

    row.refresh_from_db()
    assert row.no_show_at is None


@pytest.mark.parametrize(
    ("door", "seconds", "follows"), [(Door.ADMIN, 601, False), (Door.ADMIN, 10, True), (Door.API, 10, False)]
)
def test_what_is_old_or_followed_or_not_the_desks_stays(row, boss, at_desk, clock, door, seconds, follows):
    services.change(by=Actor(door, user=boss), reservations=Reservation.objects.all(), data=services.Change(status=1))
    done = last(row)
    clock.shift(seconds)
    if follows:
        services.change(by=at_desk, reservations=Reservation.objects.all(), data=services.Change(status=2))

    with pytest.raises(NothingToUndo):
        undo(by=at_desk, move=done)


def test_an_undoing_is_not_undone_and_nothing_is_undone_twice(row, at_desk):
    services.change(by=at_desk, reservations=Reservation.objects.all(), data=services.Change(status=1))
    done = last(row)
    undo(by=at_desk, move=done)

    for move in (done, last(row)):
        with pytest.raises(NothingToUndo):
            undo(by=at_desk, move=move)


def test_a_note_that_was_changed_cannot_be_brought_back(row, at_desk):
    services.change(by=at_desk, reservations=Reservation.objects.all(), data=services.Change(note="새 메모"))

    with pytest.raises(NothingToUndo):
        undo(by=at_desk, move=last(row))


def test_strangers_undo_nothing(browser, row, at_desk):
    services.change(by=at_desk, reservations=Reservation.objects.all(), data=services.Change(status=1))
    stranger = DesignerFactory().user

    assert browser(stranger).post(url("undo", last(row).pk)).status_code == 404
    with pytest.raises(Forbidden):
        undo(by=Actor(Door.ADMIN, user=stranger), move=last(row))
    with pytest.raises(Forbidden):
        undo(by=Actor(Door.ADMIN, user=row.customer), move=last(row))
