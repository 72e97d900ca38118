import os

import pytest
import time_machine
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from tests.clock import NOW
from tests.servers import missing

pytest_plugins = ["tests.imp_sandbox", "tests.paying", "tests.chromium"]

settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("repeatable")


def pytest_configure():
    """CI_COMPLETE=1 makes it an error that something would have to be left out."""
    if os.environ.get("CI_COMPLETE") and missing():
        raise pytest.UsageError(f"Not installed: {', '.join(missing())}")


@pytest.fixture(autouse=True)
def clock(request):
    """Tests know what time it is; those that run other processes live in the present."""
    if request.node.get_closest_marker("races"):
        yield None
        return
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _fresh_throttles():
    cache.clear()
