"""What clients were told, kept by themselves, to be held against what is stored."""

import threading
from collections import Counter
from dataclasses import dataclass, field

OK, REFUSED, DOWN, UNKNOWN = "ok", "refused", "down", "unknown"
"""What an answer means to who asked: done; not done; not done, come again; nobody knows."""


@dataclass
class Journal:
    """Of all clients together."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(what was asked for, what the answer means)."""
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    """500s, and errors of the API that were not in the envelope."""
    bookings: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Each by its own words in the note: how it was answered, and the reservation's id or 0."""
    cancellations: dict[int, str] = field(default_factory=dict)
    charges: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Each by its idempotency key: how it was answered, and the payment's number or nothing."""
    uploads: dict[str, str] = field(default_factory=dict)
    """photoid → SHA-256, of what was confirmed."""
    faults: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, meaning: str, status: int) -> None:
        with self.lock:
            self.answers[what, meaning] += 1
            self.statuses[what, status] += 1

    def wonder(self, what: str) -> None:
        with self.lock:
            self.strange.append(what)
