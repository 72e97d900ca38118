"""Waiting for a seat: who is offered one, and who gets it meanwhile."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor, Door
from accounts.hours import Availability
from accounts.models import Designer
from reservations import services
from reservations.errors import HourFull
from reservations.models import Wait
from tests.factories import DesignerFactory, ReservationFactory, UserFactory, WaitFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 5)
TEN = dt.time(10)


def book(customer, designer, *, by=None, door=Door.PAGES, time=TEN):
    return services.book(by=Actor(door, user=by or customer), customer=customer, designer=designer, date=DAY, time=time)


# ---------------------------------------------------------------- what may be true


@pytest.mark.parametrize(
    "broken",
    [
        {"offered_at": timezone.now()},
        {"offered_time": dt.time(10), "offered_until": timezone.now()},
        {"ended_at": timezone.now()},
        {"ended_as": "left"},
        {"ended_at": timezone.now(), "ended_as": "vanished"},
    ],
)
def test_the_database_refuses(broken):
    wait = WaitFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Wait.objects.filter(pk=wait.pk).update(**broken)


def test_one_live_wait_for_a_day_and_a_designer_or_for_anyone():
    ours, hers = WaitFactory(), WaitFactory(designer=DesignerFactory())

    for wait in (ours, hers):
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitFactory(customer=wait.customer, designer=wait.designer)
        WaitFactory(customer=wait.customer, designer=wait.designer, over=True)


def test_one_offer_at_a_time_for_a_customer_and_a_day_and_of_whom_was_asked_for():
    wait = WaitFactory(held=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        WaitFactory(customer=wait.customer, designer=DesignerFactory(), held=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitFactory(designer=DesignerFactory(), held=True, offered_designer=DesignerFactory())


# ---------------------------------------------------------------- a seat that is held


def test_a_held_seat_is_its_customers_alone_for_as_long_as_the_offer_holds(clock):
    designer = DesignerFactory(max_per_hour=2)
    ReservationFactory(designer=designer, date=DAY)
    wait = WaitFactory(designer=designer, held=True, date=DAY)

    with pytest.raises(HourFull):
        book(UserFactory(), designer, time=dt.time(10, 30))
    mine = book(wait.customer, designer)

    assert (mine.seat, mine.capacity) == (2, 2)


def test_a_held_seat_is_everybodys_once_the_offer_is_over(clock):
    designer = DesignerFactory(max_per_hour=1)
    WaitFactory(designer=designer, held=True, date=DAY)
    clock.shift(dt.timedelta(minutes=30))

    assert book(UserFactory(), designer).seat == 1


def test_nobody_moves_into_a_held_seat_but_the_desk_takes_it_knowingly():
    designer, boss = DesignerFactory(max_per_hour=1), UserFactory(staff=True)
    WaitFactory(designer=designer, held=True, date=DAY)
    row = ReservationFactory(designer=designer, date=DAY, time=dt.time(15))
    change = {"reservations": type(row).objects.filter(pk=row.pk), "data": services.Change(time=TEN)}

    for by in (Actor(Door.PAGES, user=row.customer), Actor(Door.API, user=boss)):
        with pytest.raises(HourFull):
            services.change(by=by, **change)
    assert services.change(by=Actor(Door.ADMIN, user=boss), **change).changed == 1


def test_held_seats_are_counted_by_hour_but_for_ones_own(django_assert_num_queries):
    designer = DesignerFactory()
    wait = WaitFactory(designer=designer, held=True, date=DAY)
    WaitFactory(designer=designer, held=True, date=DAY, offered_time=dt.time(10, 30))
    WaitFactory(designer=designer, held=True, date=DAY, offered_until=timezone.now())
    WaitFactory(designer=designer, held=True, date=DAY, over=True)
    WaitFactory(designer=designer, held=True, date=DAY + dt.timedelta(days=1))

    with django_assert_num_queries(1):
        assert Designer.objects.all().held_by_hour(DAY, DAY) == {(designer.pk, DAY, 10): 2}
    assert Designer.objects.all().held_by_hour(DAY, DAY, but_for=wait.customer) == {(designer.pk, DAY, 10): 1}
    assert Availability([designer]).left(designer, dt.datetime.combine(DAY, TEN)) == 2
    assert Availability([designer], wait.customer).left(designer, dt.datetime.combine(DAY, TEN)) == 3
