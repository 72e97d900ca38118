import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

# For `make fuzz` alone: schemathesis is no part of requirements.txt, and takes its time to list what it will try.
collect_ignore = ["test_schemathesis.py"]

REQUESTS = {"sent": 0}


def counted(send):
    """What `send` answers; one more request for the sum at the end."""
    REQUESTS["sent"] += 1
    return send()


@pytest.fixture(autouse=True)
def _in_process(settings):
    """No throttles, and no request that ends the test's own database connection."""
    for name in [name for name in dir(settings) if name.startswith("THROTTLE_")]:
        setattr(settings, name, 0)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def pytest_terminal_summary(terminalreporter):
    if REQUESTS["sent"]:
        terminalreporter.write_line(f"{REQUESTS['sent']} fuzzed requests")
