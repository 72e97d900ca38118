import datetime as dt
import random

import pytest
from django.utils import timezone

from accounts.hours import Availability, Opening, Seats, slots
from accounts.models import Designer, Policy, TimeOff, WorkingHours
from reservations.models import Reservation
from tests.clock import NOW
from tests.factories import DesignerFactory, PolicyFactory, ReservationFactory, TimeOffFactory, WorkingHoursFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 3)
DAY = dt.date(2026, 3, 5)


def at(day, hour, minute=0):
    return timezone.make_aware(dt.datetime(2026, 3, day, hour, minute))


def times(*texts):
    return [dt.time.fromisoformat(text) for text in texts]


def free_times(designer, date):
    return [slot.start.time() for slot in slots(designer, date) if slot.left > 0]


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

    assert free_times(DesignerFactory(), TODAY) == times("19:00", "19:30")


def test_who_stands_at_the_desk_may_take_the_slot_that_is_running(clock):
    clock.move_to(at(3, 19, 29))

    assert [slot.start.time() for slot in slots(DesignerFactory(), TODAY, begun=True)] == times("19:00", "19:30")


def test_a_closed_salon_has_no_free_times():
    TimeOffFactory(starts_at=at(5, 0), ends_at=at(6, 0))

    assert free_times(DesignerFactory(), DAY) == []


def test_an_inactive_designer_has_no_free_times():
    assert free_times(DesignerFactory(active=False), DAY) == []


def test_the_last_slot_ends_with_its_span():
    designer = DesignerFactory(slot_minutes=240, hours=[(dt.time(8), dt.time(23, 59))])

    assert free_times(designer, DAY) == times("08:00", "12:00", "16:00")


@pytest.mark.parametrize("designers", [1, 3])
def test_any_number_of_designers_and_days_takes_two_queries(designers, django_assert_num_queries):
    team = DesignerFactory.create_batch(designers)

    with django_assert_num_queries(2):
        opening = Opening(team, DAY, DAY + dt.timedelta(days=30))
        assert all(opening.is_open(designer, dt.datetime(2026, 3, 20, 10)) for designer in team)


@pytest.mark.parametrize("date", [dt.date.min, dt.date.max])
def test_the_ends_of_the_calendar_are_days_too(date):
    designer = DesignerFactory()

    opening = Opening([designer], date, date)
    assert opening.is_open(designer, dt.datetime.combine(date, dt.time(10))) is True
    assert opening.is_open(designer, dt.datetime.combine(date, dt.time(23, 59))) is False
    assert len(slots(designer, date)) == (18 if date == dt.date.max else 0)


@pytest.mark.parametrize("reservations", [1, 3])
def test_seats_take_three_queries_and_availability_five(reservations, django_assert_num_queries):
    team = DesignerFactory.create_batch(reservations)
    for designer in team:
        ReservationFactory(designer=designer, date=DAY)

    with django_assert_num_queries(3):
        assert Seats(team, DAY, DAY).left(team[0], dt.datetime.combine(DAY, dt.time(10))) == 3
    with django_assert_num_queries(5):
        availability = Availability(team)
        assert [len(availability.times(DAY, one)) for one in team] == [18] * reservations
        assert availability.next_free().start == dt.datetime.combine(TODAY, dt.time(10))


def test_customers_reserve_no_sooner_and_no_later_than_the_policy_says():
    PolicyFactory(reserve_notice_minutes=9 * 60 + 10, days_ahead=2)
    availability = Availability([DesignerFactory()])

    assert [start.time() for start in availability.times(TODAY)] == times("18:30", "19:00", "19:30")
    assert len(availability.times(DAY)) == 18
    assert availability.times(DAY + dt.timedelta(days=1)) == {}
    assert availability.times(TODAY - dt.timedelta(days=1)) == {}


def test_a_notice_longer_than_all_days_ahead_leaves_nothing():
    PolicyFactory(reserve_notice_minutes=2**31 - 1, days_ahead=2**31 - 1)
    availability = Availability([DesignerFactory()])

    assert availability.next_free() is None
    assert availability.nearest(dt.datetime.combine(DAY, dt.time(10)), availability.designers, 3) == []


def test_the_first_free_day_is_after_those_that_are_closed_or_full():
    TimeOffFactory(starts_at=at(3, 0), ends_at=at(5, 0))
    one, other = (
        DesignerFactory(max_per_hour=1, slot_minutes=60, hours=[(dt.time(10), dt.time(11))]) for _ in range(2)
    )
    ReservationFactory(designer=one, date=DAY)
    availability = Availability([one, other])

    assert availability.first_free_day() == DAY
    assert availability.first_free_day(one) == DAY + dt.timedelta(days=1)
    assert availability.next_free(one) == (one, dt.datetime(2026, 3, 6, 10), 1)
    assert availability.first_free_day(one, since=dt.date(2026, 3, 10)) == dt.date(2026, 3, 10)
    assert availability.first_free_day(since=dt.date.max) is None


def test_a_day_is_full_if_others_were_quicker_and_not_if_nobody_could_come(clock):
    one, other = (DesignerFactory(max_per_hour=1, hours=[(dt.time(10), dt.time(11))]) for _ in range(2))
    ReservationFactory(designer=one, date=DAY)
    TimeOffFactory(designer=one, starts_at=at(6, 0), ends_at=at(7, 0))
    clock.move_to(at(3, 12))
    availability = Availability([one, other])

    assert [availability.is_full(dt.date(2026, 3, day), one) for day in (3, 4, 5, 6)] == [False, False, True, False]
    assert availability.is_full(DAY) is False
    assert availability.is_full(dt.date.max) is False


def test_anyone_is_who_is_free_then_and_has_most_seats_left_that_day():
    busy, away, small = (
        DesignerFactory(max_per_hour=2),
        DesignerFactory(max_per_hour=9),
        DesignerFactory(max_per_hour=1),
    )
    TimeOffFactory(designer=away, starts_at=at(5, 10), ends_at=at(5, 11))
    availability = Availability([busy, away, small])
    ten = dt.datetime.combine(DAY, dt.time(10))

    assert availability.times(DAY)[ten] == 3
    assert availability.host(ten) == busy
    assert availability.host(ten + dt.timedelta(hours=1)) == away
    assert availability.host(ten + dt.timedelta(minutes=1)) is None


def test_the_nearest_times_are_those_of_the_day_and_then_of_the_days_around_it():
    designer = DesignerFactory(max_per_hour=1, slot_minutes=60, hours=[(dt.time(10), dt.time(12))])
    ReservationFactory(designer=designer, date=DAY, time=dt.time(10))
    availability = Availability([designer])

    nearest = availability.nearest(dt.datetime.combine(DAY, dt.time(10)), [designer], 4)

    assert [(slot.start.day, slot.start.hour) for slot in nearest] == [(5, 11), (4, 11), (4, 10), (6, 10)]
    assert availability.nearest(dt.datetime.max, [designer], 1)[0].start.date() == availability.last


@pytest.mark.parametrize("seed", range(10))
def test_availability_is_what_one_finds_by_asking_for_every_minute(seed, clock):
    """A salon at random, at a moment at random; the naive answer reads the rows one by one."""
    chance = random.Random(seed)
    clock.move_to(NOW + dt.timedelta(minutes=chance.randrange(24 * 60)))
    team = [_designer_at_random(chance) for _ in range(3)]
    PolicyFactory(reserve_notice_minutes=chance.choice([0, 60, 3000]), days_ahead=chance.choice([0, 3, 6]))
    for _ in range(4):
        starts_at = at(3, 0) + dt.timedelta(minutes=5 * chance.randrange(7 * 288))
        ends_at = starts_at + dt.timedelta(minutes=chance.choice([10, 90, 1440]))
        TimeOffFactory(designer=chance.choice([None, *team]), starts_at=starts_at, ends_at=ends_at)
    for _ in range(30):
        time = dt.time(chance.randrange(8, 20), chance.choice([0, 20, 30]))
        date = TODAY + dt.timedelta(days=chance.randrange(5))
        designer, trashed = chance.choice(team), chance.random() < 0.2
        ReservationFactory(designer=designer, date=date, time=time, trashed=trashed, capacity=50)

    availability = Availability(list(Designer.objects.working()))

    for designer in team:
        for date in (TODAY + dt.timedelta(days=number) for number in range(-1, 8)):
            assert availability.times(date, designer) == _naive(designer, date)


def _designer_at_random(chance):
    designer = DesignerFactory(
        slot_minutes=chance.choice([5, 20, 30, 45, 240]),
        max_per_hour=chance.choice([1, 2, 4]),
        active=chance.random() < 0.9,
        hours=[],
    )
    for weekday in range(7):
        for start in chance.sample([dt.time(8), dt.time(9, 10), dt.time(13, 30)], k=chance.randrange(3)):
            end = dt.time(chance.randrange(start.hour + 1, 24), chance.choice([0, 15, 59]))
            WorkingHoursFactory(designer=designer, weekday=weekday, start=start, end=end)
    return designer


def _naive(designer, date):
    policy, now = Policy.current(), timezone.localtime()
    taken = [row.time.hour for row in Reservation.objects.filter(designer=designer, date=date, trashed_at=None)]
    spans = list(WorkingHours.objects.filter(designer=designer, weekday=date.weekday()))
    absences = [off for off in TimeOff.objects.all() if off.designer_id in (None, designer.pk)]
    free = {}
    for minutes in range(0, 24 * 60, designer.slot_minutes):
        start = dt.datetime.combine(date, dt.time()) + dt.timedelta(minutes=minutes)
        end = start + dt.timedelta(minutes=designer.slot_minutes)
        begins, ends = timezone.make_aware(start), timezone.make_aware(end)
        works = any(
            dt.datetime.combine(date, hours.start) <= start and end <= dt.datetime.combine(date, hours.end)
            for hours in spans
        )
        away = any(off.starts_at < ends and begins < off.ends_at for off in absences)
        allowed = begins >= now + policy.reserve_notice and (date - now.date()).days <= policy.days_ahead
        left = designer.max_per_hour - taken.count(start.hour)
        if designer.active and works and not away and allowed and begins > now and left > 0:
            free[start] = left
    return free
