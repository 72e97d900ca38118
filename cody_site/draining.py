"""gunicorn's worker of threads, made to end without losing a request."""

import select

from gunicorn.workers.gthread import ThreadWorker


class DrainingWorker(ThreadWorker):
    """Told to stop, it answers whoever is connected, and takes no more: who comes then is refused, and not cut off.

    gunicorn's own lets the kernel go on connecting people to a socket that nobody serves any more, until it closes it
    and resets them all. By then a proxy has sent its request, and may not send a POST to somebody else. One that is
    refused it may.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        while self.sockets:  # none is left where this comes again
            listener = self.sockets.pop()
            while select.select([listener], [], [], 0)[0]:  # connected before we closed
                self.accept(listener)
            listener.close()
