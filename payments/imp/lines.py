"""How many calls a process that serves other people may have under way."""

import contextlib
import threading
from collections.abc import Iterator

from django.conf import settings

from payments.imp.errors import Busy

_LINES = threading.BoundedSemaphore(settings.IMP_AT_ONCE)


@contextlib.contextmanager
def line() -> Iterator[None]:
    """One of the few lines to IMP, for who serves other people too: while IMP hangs, the rest of the site does not.

    Raises Busy.
    """
    if not _LINES.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _LINES.release()
