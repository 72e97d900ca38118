"""gunicorn's worker of threads, made to end without losing a request, and to leave to others what it cannot begin."""

import select
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

A_MOMENT = 0.001
"""Seconds in which a process with nothing to do has taken a new connection; those are kept, and so come seldom."""


NEXT_REQUEST = 2
"""Milliseconds in which a kept connection often has its next request: a thread that nobody needs waits for it."""

STAY = 0.05
"""Seconds after which it goes back all the same: who comes anew is taken only when somebody has gone back."""


class DrainingWorker(ThreadWorker):
    """Told to stop, it answers whoever is connected, and takes no more: who comes then is refused, and not cut off.

    gunicorn's own lets the kernel go on connecting people to a socket that nobody serves any more, until it closes it
    and resets them all. By then a proxy has sent its request, and may not send a POST to somebody else. One that is
    refused it may.

    Who has something to do lets the other processes have who comes next, and who has a request for each thread takes
    nobody. gunicorn's own takes what it can get, and then serves all of it on one core while another has nothing to do.

    Nor does a connection go back to the process's loop after every answer, and from there to a thread again, if its
    next request is there already, as it is behind a proxy that has much to send: that way takes two changes of threads.
    """

    def accept(self, listener: socket.socket) -> None:
        if self.busy:
            time.sleep(A_MOMENT)
        super().accept(listener)
        if self.busy >= self.cfg.threads:
            super().set_accept_enabled(False)

    def handle(self, conn: Any) -> Any:
        """Answer a request and those that come right after it on the connection, unless somebody waits for a thread."""
        until = time.monotonic() + STAY
        while (kept := super().handle(conn)) is True and self.alive and self.busy <= self.cfg.threads:
            if time.monotonic() > until or not _has_next(conn):
                break
        return kept

    @property
    def busy(self) -> int:
        """How many connections have a thread, or wait for one."""
        return int(self.nr_conns) - len(self.keepalived_conns) - len(self.pending_conns)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled and self.busy < self.cfg.threads)
        if self.alive:
            return
        while self.sockets:  # none is left where this comes again
            listener = self.sockets.pop()
            while select.select([listener], [], [], 0)[0]:  # connected before we closed
                self.accept(listener)
            listener.close()


def _has_next(conn: Any) -> bool:
    """Does the next request begin now? What was read ahead with the last one, gunicorn's own loop looks for."""
    if conn.parser.unreader.buf.getvalue():
        return False
    poll = select.poll()
    poll.register(conn.sock, select.POLLIN)
    return bool(poll.poll(NEXT_REQUEST))
