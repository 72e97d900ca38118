"""What clients were told, kept by themselves, to be held against what is stored."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from math import inf

OK, REFUSED, DOWN, UNKNOWN = "ok", "refused", "down", "unknown"
"""What an answer means to who asked: done; not done; come again (503); nobody knows.

Of what was to be written nobody knows after a 503 either: who dies after the commit has done it.
"""

ANY = ""
"""In a Place: whoever it was with before."""

Place = tuple[str, str, str]
"""A designer's userid, YYYY-MM-DD, HH:MM."""


@dataclass
class Act:
    """Somebody wanted a reservation to be there; `ended` is when that was over, inf if nobody knows."""

    place: Place
    meaning: str
    begun: float
    ended: float


@dataclass
class Visit:
    """A reservation, known by its own words in the note."""

    words: str
    customer: str
    booked: str = UNKNOWN
    pk: int = 0
    """0: nobody was told."""

    prepaid: bool = False
    """It is given up when it is not paid in time."""

    acts: list[Act] = field(default_factory=list)
    cancels: list[str] = field(default_factory=list)

    def places(self) -> set[Place]:
        """Where it may be: nothing that ended before something else began, and was done, has the last word."""
        done = [act for act in self.acts if act.meaning == OK]
        return {
            act.place
            for act in self.acts
            if act.meaning in (OK, UNKNOWN) and not any(later.begun > act.ended for later in done)
        }


@dataclass
class Charge:
    """Money that was asked for under one idempotency key."""

    key: str
    payer: str
    account: bool = False
    """Into a virtual account, not from a card."""

    meaning: str = UNKNOWN
    uids: set[str] = field(default_factory=set)
    """What it was told to be; one, if all is well."""

    amount: int = 0
    imp_uid: str = ""
    deposited: str = REFUSED
    refunds: list[tuple[str, int]] = field(default_factory=list)
    visit: str = ""
    """The words of the reservation that is paid."""

    @property
    def uid(self) -> str:
        return next(iter(self.uids), "")


@dataclass
class Upload:
    owner: str
    digest: str
    """SHA-256 of what was sent."""


@dataclass
class Journal:
    """Of all clients together."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(what was asked for, what the answer means)."""

    strange: list[str] = field(default_factory=list)
    """What needs no books to be wrong: 500s, errors outside the envelope, leaks, a driver that fell over."""

    visits: dict[str, Visit] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    """By photoid; what was confirmed."""

    shown: set[tuple[str, str, str]] = field(default_factory=set)
    """(userid, "reservation" or "payment", its number): what somebody's own lists have shown to whom."""

    faults: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, meaning: str) -> None:
        with self.lock:
            self.answers[what, meaning] += 1

    def wonder(self, what: str) -> None:
        with self.lock:
            self.strange.append(what)

    def known_visits(self) -> list[Visit]:
        """The latest that have a number."""
        with self.lock:
            return [visit for visit in self.visits.values() if visit.pk][-80:]


class Attempt:
    """`with` this an act on a reservation is timed, and written down when its meaning is set."""

    def __init__(self, journal: Journal, visit: Visit, place: Place) -> None:
        self.journal, self.visit, self.place = journal, visit, place
        self.begun = time.monotonic()

    def ends(self, meaning: str) -> None:
        meaning = UNKNOWN if meaning == DOWN else meaning
        ended = inf if meaning == UNKNOWN else time.monotonic()
        with self.journal.lock:
            self.visit.acts.append(Act(self.place, meaning, self.begun, ended))
