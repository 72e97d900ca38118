"""What everybody who uses the site has in common: they ask, through nginx, and know what an answer means."""

import datetime as dt
import http.cookiejar
import io
import random
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import requests
from PIL import Image

from deploy.chaos.journal import DOWN, OK, REFUSED, UNKNOWN, Journal, Visit

TIMEOUT = 45
"""Patient: the machine may be busy with others."""

TIMES = [f"{hour}:{minute}" for hour in (10, 11, 12, 14, 15, 16, 17, 18, 19) for minute in ("00", "30")]
EXPLAINED = "ERR: Failed Authentication from IMP Server."
"""The manual's one 500: IMP did not let us in, and nothing was sent."""


@dataclass(frozen=True)
class Salon:
    """What everybody knows of it: numbers of people by their userids, and where IMP is for who pays at a bank."""

    url: str
    imp: str
    designers: dict[str, int]
    customers: dict[str, int]


class Client(threading.Thread):
    """Goes on with its acts until it is told to stop; a lost connection is nobody's fault, and nobody's knowledge."""

    acts: ClassVar[dict[str, int]]
    """Methods, and how often of all."""

    def __init__(self, salon: Salon, journal: Journal, seed: int, number: int, stop: threading.Event) -> None:
        super().__init__(name=f"{type(self).__name__.lower()}-{number}", daemon=True)
        self.salon, self.journal, self.number, self.stop = salon, journal, number, stop
        self.random = random.Random(f"{seed} {self.name}")
        self.session = requests.Session()
        self.session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))  # see Person
        self.session.headers["X-Forwarded-For"] = f"198.51.100.{number}"

    def run(self) -> None:
        names, weights = list(self.acts), list(self.acts.values())
        while not self.stop.is_set():
            try:
                if not self.is_ready():
                    self.stop.wait(1)
                    continue
                act: Callable[[], None] = getattr(self, self.random.choices(names, weights)[0])
                act()
            except Exception:  # noqa: BLE001 -- a driver that stands still proves nothing
                self.journal.wonder(f"the driver fell over: {traceback.format_exc()[-600:]}")

    def is_ready(self) -> bool:
        return True

    # ------------------------------------------------------------ asking

    def ask(self, what: str, method: str, path: str, **how: Any) -> tuple[str, requests.Response | None]:
        """What the answer means, and the answer itself if there was one."""
        how.setdefault("allow_redirects", False)
        try:
            answer = self.session.request(method, self.salon.url + path, timeout=TIMEOUT, **how)
        except requests.RequestException:
            self.journal.note(what, UNKNOWN)
            return UNKNOWN, None
        meaning = self.meaning(what, answer)
        self.journal.note(what, meaning)
        if meaning == DOWN:
            self.stop.wait(self.random.uniform(0.5, 1.5))  # it asks us to
        return meaning, answer

    def meaning(self, what: str, answer: requests.Response) -> str:
        status = answer.status_code
        if status >= 400 and not self.is_proper(answer):
            self.journal.wonder(f"{what}: {status} in no form of ours: {answer.text[:160]!r}")
        if status < 400:
            return OK
        if status == 503:
            return DOWN
        if status >= 500 and EXPLAINED not in answer.text:
            self.journal.wonder(f"{what}: {status} {answer.text[:160]!r}")
            return UNKNOWN
        return REFUSED

    def is_proper(self, answer: requests.Response) -> bool:
        """Is an error told in the form that was promised to this kind of client?"""
        return is_enveloped(answer)

    def pry(self, what: str, method: str, path: str, **how: Any) -> None:
        """Ask for what is somebody else's; anything but a refusal, a way elsewhere, or an empty list is a leak."""
        meaning, answer = self.ask(f"another's {what}", method, path, **how)
        if meaning == OK and answer is not None:
            if answer.status_code in (301, 302) or _is_empty(answer):
                with self.journal.lock:  # it is how pages and lists refuse
                    self.journal.answers[f"another's {what}", OK] -= 1
                    self.journal.answers[f"another's {what}", REFUSED] += 1
                return
            self.journal.wonder(f"leaked: {self.name} was given another's {what} by {method} {path}")

    # ------------------------------------------------------------ choosing

    def day(self) -> dt.date:
        """One of those that the salon is open on, and the demo's own reservations leave alone."""
        day = dt.date.today() + dt.timedelta(days=self.random.randrange(9, 13))
        return day + dt.timedelta(days=1) if day.weekday() == 0 else day

    def time(self) -> str:
        return self.random.choice(TIMES)

    def designer(self) -> str:
        return self.random.choice(sorted(self.salon.designers))

    def customer(self) -> str:
        return self.random.choice(sorted(self.salon.customers))

    def somebody_elses(self, userid: str) -> Visit | None:
        others = [visit for visit in self.journal.known_visits() if visit.customer != userid]
        return self.random.choice(others) if others else None

    def picture(self) -> bytes:
        """One that nobody has uploaded before."""
        picture = Image.effect_noise((320, 240), 60).convert("RGB")
        picture.paste(tuple(self.random.randrange(256) for _ in range(3)), (0, 0, 160, 120))
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=80)
        return file.getvalue()


def is_enveloped(answer: requests.Response) -> bool:
    try:
        told = answer.json()
        inside = told["contents"] is None or isinstance(told["contents"], dict | list)
        return inside and isinstance(told["errors"], str) and isinstance(told["status"], int)
    except (ValueError, KeyError, TypeError):
        return False


def _is_empty(answer: requests.Response) -> bool:
    """A list without rows, or a change of none."""
    try:
        told = answer.json()["contents"]
        return bool(told == [] or (told.get("updateInfo") or told["delInfo"])["affected"] == 0)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
