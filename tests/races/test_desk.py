"""The back-office as one of the doors: what is true of the API is true of both together."""

from collections import Counter

import pytest

from reservations.errors import AlreadyReserved, Gone, NothingToUndo
from tests.races.desk import DONE, FULL, Desk, at_once
from tests.races.salon import CREW, CUSTOMERS, SEATS, day

pytestmark = pytest.mark.races

TRIO, OTHERS, SICK = "trio", CREW[3:8], CREW[8:]
UNDONE_BEFORE, TWICE = NothingToUndo.__name__, AlreadyReserved.__name__


def times(after, hours):
    return [f"{day(after)}-{hour:02}:00" for hour in hours]


@pytest.fixture
def desk(site):
    return Desk(site)


@pytest.fixture
def careless(unprotected_site):
    return Desk(unprotected_site)


def twenty(desk, at, number):
    """So many who want to be with one designer in one hour, by every door there is; nobody is there yet."""
    who = iter(CUSTOMERS)
    back = [desk.reserved(next(who), TRIO, at)]
    requests = []
    for _ in range(2):
        pk = desk.reserved(next(who), OTHERS[0], at)
        desk.done(desk.move(pk, TRIO, at))
        desk.done(desk.move(pk, OTHERS[1], at))
        requests.append(desk.undo(pk))
    for act in (desk.undo, desk.restore):
        for _ in range(2):
            pk = desk.reserved(next(who), TRIO, at)
            desk.done(desk.cancel(pk))
            requests.append(act(pk))
    desk.cancelled(back[0])
    requests += [desk.restore(back[0])]
    requests += [desk.move(desk.reserved(next(who), other, at), TRIO, at) for other in OTHERS[2:5]]
    ill = SICK[number]
    pk = desk.reserved(next(who), ill, at)
    requests += [desk.sick_day(ill, at, {pk: f"move-{desk.pks[TRIO]}"})]
    requests += [desk.welcome(10 * number + person, TRIO, at) for person in range(3)]
    requests += [desk.book(next(who), TRIO, at) for _ in range(3)]
    requests += [desk.reserve(next(who), TRIO, at) for _ in range(20 - len(requests))]
    assert desk.live(TRIO, at) == 0
    return requests


def test_an_hour_takes_as_many_as_it_has_seats_whatever_door_they_come_through(desk):
    seats = SEATS[TRIO]
    for number, at in enumerate(times(20, (10, 12, 14, 16))):
        assert Counter(at_once(twenty(desk, at, number))) == {DONE: seats, FULL: 20 - seats}, at
        assert desk.live(TRIO, at) == seats
    assert desk.site.verify() == ""
    assert desk.site.complaints() == []


def test_whatever_door_they_come_through_it_overflows_unprotected(careless):
    """The control."""
    assert any(
        (at_once(twenty(careless, at, number)), careless.live(TRIO, at))[1] > SEATS[TRIO]
        for number, at in enumerate(times(20, range(9, 21)))
    )
    assert f"over-full hour: {TRIO}" in careless.site.verify()


# ---------------------------------------------------------------- taking back


def moved_away(desk, at):
    """The undoing of a move out of the only seat, and bookings into it."""
    pk = desk.reserved(CUSTOMERS[0], "solo", at)
    desk.done(desk.move(pk, OTHERS[0], at))
    bookings = [desk.book(customer, "solo", at) for customer in CUSTOMERS[1:3]]
    return [*[desk.reserve(customer, "solo", at) for customer in CUSTOMERS[3:6]], desk.undo(pk), *bookings]


def test_a_move_is_undone_or_its_old_place_is_taken(desk):
    for at in times(21, (10, 11, 12, 13, 14)):
        assert Counter(at_once(moved_away(desk, at))) == {DONE: 1, FULL: 5}, at
    assert desk.site.verify() == ""


def test_both_happen_unprotected(careless):
    """The control."""
    assert any((at_once(moved_away(careless, at)), careless.live("solo", at))[1] > 1 for at in times(21, range(9, 21)))


def undone_at_once(desk, at):
    """What five are told who take back the same cancellation, and how often the history has it."""
    pk = desk.reserved(CUSTOMERS[0], TRIO, at)
    desk.done(desk.cancel(pk))
    answers = at_once([desk.undo(pk) for _ in range(5)])
    ((undone,),) = desk.read(f"SELECT COUNT(*) FROM reservations_move WHERE reservation_id = {pk} AND act = 'undone'")
    return Counter(answers), undone


def test_what_several_undo_at_once_is_undone_once(desk):
    for at in times(22, (10, 11, 12, 13, 14)):
        assert undone_at_once(desk, at) == ({DONE: 1, UNDONE_BEFORE: 4}, 1), at
    assert desk.site.verify() == ""


def test_it_is_undone_several_times_unprotected(careless):
    """The control."""
    assert any(undone_at_once(careless, at)[1] > 1 for at in times(22, range(9, 21)))


# ---------------------------------------------------------------- cancelling


def cancelled_at_once(desk, at):
    """What five are told who cancel the same reservation, and what the history has; for money: test_money.py."""
    pk = desk.reserved(CUSTOMERS[0], TRIO, at)
    return Counter(at_once([desk.cancel(pk) for _ in range(5)])), desk.acts(pk)


def test_what_several_cancel_at_once_is_cancelled_once(desk):
    for at in times(25, (10, 11, 12)):
        assert cancelled_at_once(desk, at) == ({DONE: 1, Gone.__name__: 4}, ["cancelled"]), at


def test_it_is_cancelled_several_times_unprotected(careless):
    """The control."""
    assert any(len(cancelled_at_once(careless, at)[1]) > 1 for at in times(25, range(9, 21)))


# ---------------------------------------------------------------- people who are new


def newcomers(desk):
    ((found,),) = desk.read("SELECT COUNT(*) FROM accounts_user WHERE userid LIKE 'guest-%'")
    return found


def test_who_finds_no_seat_leaves_no_account_behind(desk):
    before, seats = newcomers(desk), SEATS["trio"]
    for number, at in enumerate(times(23, (10, 11, 12))):
        answers = at_once([desk.welcome(100 + 10 * number + person, TRIO, at) for person in range(8)])
        assert Counter(answers) == {DONE: seats, FULL: 8 - seats}, at
    assert newcomers(desk) == before + 3 * seats


def test_a_form_that_is_pressed_five_times_welcomes_one_person(desk):
    before = newcomers(desk)
    for number, at in enumerate(times(24, (10, 11, 12))):
        answers = at_once([desk.welcome(200 + number, TRIO, at) for _ in range(5)])
        assert Counter(answers) == {DONE: 1, TWICE: 4}, at
        assert desk.live(TRIO, at) == 1
    assert newcomers(desk) == before + 3


def test_accounts_and_doubles_are_left_behind_unprotected(careless):
    """The control."""
    (at,) = times(23, (10,))
    for customer in CUSTOMERS[:3]:
        careless.done(careless.book(customer, TRIO, at))
    before = newcomers(careless)
    assert at_once([careless.welcome(300, TRIO, at)]) == [FULL]
    assert newcomers(careless) == before + 1

    assert any(
        (at_once([careless.welcome(310 + number, TRIO, at) for _ in range(5)]), careless.live(TRIO, at))[1] > 1
        for number, at in enumerate(times(24, range(9, 21)))
    )
