import datetime as dt

import pytest
from django.test import Client as Browser

from tests.factories import DesignerFactory, UserFactory

TODAY = dt.date(2026, 3, 3)  # the tests' Tuesday; it is nine in the morning


@pytest.fixture
def browser():
    """A browser in which this person is signed in."""

    def open_for(user):
        opened = Browser()
        opened.force_login(user, backend="accounts.backends.RoleBackend")
        return opened

    return open_for


@pytest.fixture
def boss():
    return UserFactory(staff=True, name="한서연")


@pytest.fixture
def desk(browser, boss):
    return browser(boss)


@pytest.fixture
def designer():
    return DesignerFactory(user__name="김하늘", max_per_hour=1)
