"""What of a leaving worker no race can be made to show; the rest is in tests/races/test_upgrade.py."""

import os
import selectors
import socket

import pytest
from gunicorn.config import Config

from cody_site.draining import DrainingWorker


@pytest.mark.parametrize("full", [False, True])
def test_a_worker_that_is_told_to_stop_between_two_turns_closes_its_door_once(full):
    """Just then it has as many connections as it may, or no more so: gunicorn sees to that before the signal."""
    door = socket.create_server(("127.0.0.1", 0))
    worker = DrainingWorker(0, os.getppid(), [door], None, 30, Config(), None)
    worker.poller = selectors.DefaultSelector()
    worker.set_accept_enabled(full)

    worker.alive = False
    worker.set_accept_enabled(not full)
    worker.set_accept_enabled(False)

    worker.poller.close()
    worker.tmp.close()
    assert door.fileno() == -1
