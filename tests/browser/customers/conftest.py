"""Customers hold a phone, where nothing else is said."""

import pytest

from tests.browser.conftest import NARROW
from tests.browser.customers import salon as salon_of_everything
from tests.clock import NOW


@pytest.fixture(params=[NARROW], ids=["390px"])
def size(request):
    return request.param


@pytest.fixture
def open_salon(salon, settings):
    """The salon of the browser's tests; nobody is throttled."""
    for name in [name for name in dir(settings) if name.startswith("THROTTLE_")]:
        setattr(settings, name, 0)
    return salon


@pytest.fixture
def full_salon(clock, transactional_db):
    """The demo salon, at nine o'clock."""
    clock.move_to(NOW)
    return salon_of_everything.build()
