"""What of a worker no race can be made to show; the rest is in tests/races/test_upgrade.py."""

import os
import selectors
import socket
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

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


def test_a_worker_whose_threads_are_all_busy_leaves_who_comes_next_to_others():
    door, config = socket.create_server(("127.0.0.1", 0)), Config()
    config.set("threads", 2)
    worker = DrainingWorker(0, os.getppid(), [door], None, 30, config, None)
    begun = []
    worker.poller, worker.enqueue_req = selectors.DefaultSelector(), begun.append
    worker.set_accept_enabled(True)
    people = [socket.create_connection(door.getsockname()) for _ in range(3)]

    def taken():
        while worker.poller.get_map() and (events := worker.poller.select(0)):
            events[0][0].data(door)
        return worker.nr_conns

    assert taken() == 2
    worker.set_accept_enabled(True)  # as gunicorn does at each turn
    assert taken() == 2
    worker.keepalived_conns.append("one of them, answered")
    worker.set_accept_enabled(True)
    assert taken() == 3

    worker.poller.close()
    worker.tmp.close()
    for connection in (door, *people, *begun):
        connection.close()


def connection(sock, read_ahead=b""):
    return SimpleNamespace(
        sock=sock, parser=SimpleNamespace(unreader=SimpleNamespace(buf=SimpleNamespace(getvalue=lambda: read_ahead)))
    )


@pytest.mark.parametrize(
    ("others", "read_ahead", "answered"), [(0, b"", 3), (1, b"", 3), (2, b"", 1), (0, b"GET /", 1)]
)
def test_who_asks_again_at_once_keeps_the_thread_unless_somebody_waits_for_it(
    monkeypatch, others, read_ahead, answered
):
    monkeypatch.setattr(ThreadWorker, "handle", lambda worker, conn: bool(conn.sock.recv(1)))
    worker = worker_of_two()
    worker.nr_conns = 1 + others
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"123")

        assert worker.handle(connection(ours, read_ahead)) is True

        left = ours.recv(3, socket.MSG_DONTWAIT) if answered < 3 else b""
        assert len(left) == 3 - answered
    worker.tmp.close()


def test_who_never_stops_asking_goes_back_in_time(monkeypatch):
    """Else nobody new would be taken by a process all of whose threads have somebody like that."""
    asked = []
    monkeypatch.setattr(ThreadWorker, "handle", lambda worker, conn: not asked.append(conn))
    worker = worker_of_two()
    worker.nr_conns = 2
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"always something to read")

        assert worker.handle(connection(ours)) is True
    assert len(asked) > 1
    worker.tmp.close()


def worker_of_two():
    config = Config()
    config.set("threads", 2)
    return DrainingWorker(0, os.getppid(), [], None, 30, config, None)
