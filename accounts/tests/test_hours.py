import datetime as dt

import pytest
from django.utils import timezone

from accounts.hours import Opening, free_times
from tests.factories import DesignerFactory, ReservationFactory, TimeOffFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 5)


def at(day, hour, minute=0):
    return timezone.make_aware(dt.datetime(2026, 3, day, hour, minute))


def times(*texts):
    return [dt.time.fromisoformat(text) for text in texts]


def test_free_times_are_on_the_grid_within_the_hours():
    designer = DesignerFactory(slot_minutes=60)

    assert free_times(designer, DAY) == times(
        "10:00", "11:00", "12:00", "14:00", "15:00", "16:00", "17:00", "18:00", "19:00"
    )


def test_full_hours_and_time_off_are_not_free():
    designer = DesignerFactory(slot_minutes=30, max_per_hour=1)
    ReservationFactory(designer=designer, date=DAY, time=dt.time(10, 30))
    TimeOffFactory(designer=designer, starts_at=at(5, 11, 15), ends_at=at(5, 19))

    assert free_times(designer, DAY) == times("19:00", "19:30")


def test_today_only_what_is_to_come(clock):
    clock.move_to(at(3, 18, 59))

    assert free_times(DesignerFactory(), dt.date(2026, 3, 3)) == times("19:00", "19:30")


def test_a_closed_salon_has_no_free_times():
    TimeOffFactory(starts_at=at(5, 0), ends_at=at(6, 0))

    assert free_times(DesignerFactory(), DAY) == []


def test_an_inactive_designer_has_no_free_times():
    assert free_times(DesignerFactory(active=False), DAY) == []


@pytest.mark.parametrize("reservations", [1, 3])
def test_free_times_take_three_queries(reservations, django_assert_num_queries):
    designer = DesignerFactory()
    for seat in range(reservations):
        ReservationFactory(designer=designer, date=DAY, seat=seat + 1)

    with django_assert_num_queries(3):
        free_times(designer, DAY)


@pytest.mark.parametrize("designers", [1, 3])
def test_any_number_of_designers_and_days_takes_two_queries(designers, django_assert_num_queries):
    team = DesignerFactory.create_batch(designers)

    with django_assert_num_queries(2):
        opening = Opening(team, DAY, DAY + dt.timedelta(days=30))
        assert all(opening.is_open(designer, dt.datetime(2026, 3, 20, 10)) for designer in team)


@pytest.mark.parametrize("date", [dt.date.min, dt.date.max])
def test_the_ends_of_the_calendar_are_days_too(date):
    designer = DesignerFactory()

    assert Opening([designer], date, date).is_open(designer, dt.datetime.combine(date, dt.time(10))) is True
