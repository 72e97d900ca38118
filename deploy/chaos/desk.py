"""People of the salon in the back-office, signed in with their second factor."""

import re
import threading
import time
import uuid
from base64 import b32decode

from django_otp.oath import TOTP

from deploy.chaos.clients import Salon
from deploy.chaos.journal import OK, REFUSED, Attempt, Journal, Visit
from deploy.chaos.people import ACCOUNT, Person, leads_to

PERIOD = 31
"""No code counts twice: so many seconds until the next."""


class Desk(Person):
    """Looks at days and clients, books, moves and cancels with refunds, whoever's reservation it is."""

    home = "/admin/"
    acts = {"look": 4, "search": 1, "client": 1, "book": 3, "move": 3, "cancel": 3}

    def __init__(self, salon: Salon, journal: Journal, seed: int, number: int, stop: threading.Event) -> None:
        super().__init__(salon, journal, seed, number, stop)
        self.userid = ["staff", "designer3"][number % 2]
        self.key = b""
        """Of the app on the phone."""

    def is_ready(self) -> bool:
        return self.is_in or self.sign_in()

    is_in = False

    def _is_signed_out(self, what: str) -> str:
        self.is_in = False
        return super()._is_signed_out(what)

    def sign_in(self) -> bool:
        if not super().sign_in():
            return False
        _meaning, page = self.fetch("second factor", "/login/device/")
        if shown := re.search('<code class="secret">([A-Z2-7 =]+)</code>', page):
            key = b32decode(shown[1].replace(" ", ""))
            meaning, answer = self.send("second factor", "/login/device/", {"code": _code(key)})
            self.key = key if meaning != REFUSED else self.key
            self.is_in = meaning == OK and answer is not None and 'class="secret"' not in answer.text
        elif self.key:
            meaning, answer = self.send("second factor", "/login/code/", {"code": _code(self.key)})
            self.is_in = meaning == OK and leads_to(answer).startswith(self.home)
        if not self.is_in:
            self.stop.wait(PERIOD)
        return self.is_in

    def look(self) -> None:
        self.fetch("the day", f"/admin/?date={self.day():%Y-%m-%d}")

    def search(self) -> None:
        self.fetch("search", "/admin/search/?q=" + self.random.choice(["강", "김", "1234", "홍라희"]))

    def client(self) -> None:
        self.fetch("client's card", f"/admin/clients/{self.salon.customers[self.customer()]}/")

    def book(self) -> None:
        visit = Visit(words=uuid.uuid4().hex, customer=self.customer())
        designer, date, at = self.designer(), self.day(), self.time()
        form = {
            "customer": str(self.salon.customers[visit.customer]), "designer": str(self.salon.designers[designer]),
            "date": date.isoformat(), "time": at, "note": visit.words,
        }  # fmt: skip
        attempt = Attempt(self.journal, visit, (designer, date.isoformat(), at))
        meaning, found = self.sent("book, desk", "/admin/book/", form, "/admin/.*#r([0-9]+)$")
        attempt.ends(meaning)
        with self.journal.lock:
            visit.booked, visit.pk = meaning, int(found[1]) if found else 0
            self.journal.visits[visit.words] = visit

    def any_visit(self) -> Visit | None:
        known = self.journal.known_visits()
        return self.random.choice(known) if known else None

    def move(self) -> None:
        if visit := self.any_visit():
            designer, date, at = self.designer(), self.day(), self.time()
            form = {"designer": str(self.salon.designers[designer]), "date": date.isoformat(), "time": at}
            attempt = Attempt(self.journal, visit, (designer, date.isoformat(), at))
            meaning, _found = self.sent("move, desk", f"/admin/visits/{visit.pk}/move/", form, "/admin/")
            attempt.ends(meaning)

    def cancel(self) -> None:
        """With what was paid for it; money that came by a virtual account goes to the account that is told."""
        if visit := self.any_visit():
            path = f"/admin/visits/{visit.pk}/cancel/"
            _meaning, page = self.fetch("cancel page, desk", path)
            if 'name="reason"' in page:
                form = {"reason": "고객 요청"} | (ACCOUNT if 'name="holder"' in page else {})
                meaning, _found = self.sent("cancel, desk", path, form, "/admin/")
                with self.journal.lock:
                    visit.cancels.append(meaning)


def _code(key: bytes) -> str:
    totp = TOTP(key)
    totp.time = time.time()
    return f"{totp.token():06}"
