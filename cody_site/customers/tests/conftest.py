"""One customer, a designer, and reservations between them."""

import datetime as dt

import pytest
from django.test import Client as Browser

from tests.clock import NOW
from tests.factories import DesignerFactory, ReservationFactory, UserFactory


@pytest.fixture
def designer():
    return DesignerFactory(user__name="김하늘", max_per_hour=4)


@pytest.fixture
def customer():
    return UserFactory(name="강예린")


@pytest.fixture
def signed_in():
    """A browser in which this person is signed in."""

    def open_for(user):
        opened = Browser()
        opened.force_login(user)
        return opened

    return open_for


@pytest.fixture
def browser(signed_in, customer):
    """The customer's."""
    return signed_in(customer)


@pytest.fixture
def stranger():
    """A browser in which nobody is signed in."""
    return Browser()


@pytest.fixture
def book(customer, designer):
    """So many days from today, at that hour; the customer's with the designer, unless told otherwise."""

    def make(days=2, hour=10, **more):
        given = {"customer": customer, "designer": designer} | more
        return ReservationFactory(date=NOW.date() + dt.timedelta(days=days), time=dt.time(hour), **given)

    return make
