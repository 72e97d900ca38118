"""What the next calls that move money are to suffer. Not kept: a restart forgets it."""

import threading
from collections import deque
from typing import Final

from payments.imp_sandbox.parameters import Parameters

KINDS: Final = (
    "timeout-before", "timeout-after", "reset-before", "reset-after", "500-before", "500-after", "malformed-after",
    "slow-after", "huge-after", "wrong-amount", "unauthorized",
)  # fmt: skip
MISHEARD = 100  # won


class Faults:
    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._lock = threading.Lock()

    def inject(self, kind: str, times: int) -> None:
        with self._lock:
            self._waiting.extend([kind] * times)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self) -> str | None:
        """The next fault, for one call."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None


def misheard(given: Parameters) -> Parameters:
    """The call with other amounts than were asked; a cancellation of the whole becomes one of a part."""
    if "schedules" in given:
        return given.with_rows("schedules", [row.with_amount(_other(row.amount())) for row in given.each("schedules")])
    return given.with_amount(_other(given.whole("amount") or 0))


def _other(amount: int) -> int:
    return amount - MISHEARD if amount > MISHEARD else amount + MISHEARD
