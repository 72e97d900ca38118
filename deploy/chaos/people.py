"""People with browsers: customers on the pages. A session, forms and their tokens, and what a page says."""

import hashlib
import re
import threading
import uuid
from typing import Any, ClassVar

import requests

from cody_site.demo.sign_ins import PASSWORD
from deploy.chaos.clients import Client, Salon
from deploy.chaos.journal import DOWN, OK, REFUSED, UNKNOWN, Attempt, Charge, Journal, Upload, Visit

ACCOUNT = {"holder": "강예린", "bank": "088", "number": "110-123-456789"}
CARD = {"card_number": "4929-1234-5678-1236", "expiry": "11/30", "pwd": "73", "birth": "771103"}
BANK = "088"
PAID = "결제했어요. 고맙습니다."


class Person(Client):
    """Somebody with a browser, who signs in once, and again when the session is over."""

    userid: str
    home: ClassVar[str]

    def __init__(self, salon: Salon, journal: Journal, seed: int, number: int, stop: threading.Event) -> None:
        super().__init__(salon, journal, seed, number, stop)
        self.cookies: dict[str, str] = {}
        """Our own: the site's are for HTTPS alone, and here we are the proxy that ends it."""

        self.session.headers["Accept"] = "text/html"
        self.session.headers["Referer"] = salon.url.replace("http:", "https:") + "/"

    def is_ready(self) -> bool:
        return "__Host-sessionid" in self.cookies or self.sign_in()

    def sign_in(self) -> bool:
        self.fetch("sign in", "/login/")
        form = {"username": self.userid, "password": PASSWORD, "next": self.home}
        meaning, answer = self.send("sign in", "/login/", form)
        return meaning == OK and leads_to(answer) != ""

    def fetch(self, what: str, path: str) -> tuple[str, str]:
        """Its meaning, and the page."""
        meaning, answer = self._browse(what, "GET", path)
        if meaning == OK and leads_to(answer).startswith("/login/"):
            meaning = self._is_signed_out(what)
        return meaning, "" if answer is None else answer.text

    def send(self, what: str, path: str, form: dict[str, str], **how: Any) -> tuple[str, requests.Response | None]:
        """A form, with its token."""
        form = form | {"csrfmiddlewaretoken": self.cookies.get("__Host-csrftoken", "")}
        meaning, answer = self._browse(what, "POST", path, data=form, **how)
        if meaning == OK and leads_to(answer).startswith("/login/?"):
            meaning = self._is_signed_out(what)
        return meaning, answer

    def sent(
        self, what: str, path: str, form: dict[str, str], done: str, **how: Any
    ) -> tuple[str, re.Match[str] | None]:
        """A form that is sent again while nobody says what became of it; done is what leads to an address like this."""
        doubted = False
        for _try in range(3):
            meaning, answer = self.send(what, path, form, **how)
            if found := re.match(done, leads_to(answer)):
                return OK, found
            if meaning not in (DOWN, UNKNOWN):
                return (UNKNOWN if doubted else REFUSED), None  # a page that asks again, or says why not
            doubted = True
            self.stop.wait(self.random.uniform(0.5, 2))
        return UNKNOWN, None

    def _browse(self, what: str, method: str, path: str, **how: Any) -> tuple[str, requests.Response | None]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        meaning, answer = self.ask(what, method, path, headers={"Cookie": cookie} | how.pop("headers", {}), **how)
        for header in answer.raw.headers.getlist("Set-Cookie") if answer is not None else ():
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
            if value in ("", '""'):
                del self.cookies[name]
        return meaning, answer

    def _is_signed_out(self, what: str) -> str:
        self.cookies.clear()
        self.journal.note(f"{what}: signed out", REFUSED)
        return REFUSED

    def is_proper(self, answer: requests.Response) -> bool:
        """A page of ours, nginx's among them; but the script that uploads takes what programs take."""
        if "json" in answer.request.headers.get("Accept", ""):
            return super().is_proper(answer)
        return answer.headers.get("Content-Type", "").startswith("text/html") and '<html lang="ko' in answer.text


class Customer(Person):
    """Looks, reserves, pays, moves, cancels, uploads; and tries what is others'."""

    home = "/my/"
    acts = {
        "look": 4, "reserve": 6, "pay": 5, "move": 2, "cancel": 2, "upload": 2, "pry_reservation": 2, "pry_payment": 1,
        "pry_photo": 1,
    }  # fmt: skip

    def __init__(self, salon: Salon, journal: Journal, seed: int, number: int, stop: threading.Event) -> None:
        super().__init__(salon, journal, seed, number, stop)
        self.userid = sorted(salon.customers)[number % len(salon.customers)]

    def look(self) -> None:
        """The own lists are held against whose the things in them are."""
        self.fetch("home", "/")
        for kind, path, link in (
            ("reservation", self.random.choice(["/my/", "/my/?tab=cancelled"]), "/my/reservations/([0-9]+)/"),
            ("payment", "/my/payments/", "/my/payments/([A-Z0-9]{17})/"),
        ):
            meaning, page = self.fetch(f"my {kind}s", path)
            if meaning == OK:
                with self.journal.lock:
                    self.journal.shown |= {(self.userid, kind, number) for number in re.findall(link, page)}

    # ------------------------------------------------------------ reservations

    def reserve(self) -> None:
        visit = Visit(words=uuid.uuid4().hex, customer=self.userid, prepaid=True)
        designer, date = self.designer(), self.day()
        asked = f"designer={self.salon.designers[designer]}&date={date:%Y-%m-%d}"
        _meaning, page = self.fetch("times", f"/reserve/?{asked}")
        times = re.findall(r'name="time"\s+value="([0-9:]+)"', page)
        if not times:
            return
        time = self.random.choice(times)
        attempt = Attempt(self.journal, visit, (designer, date.isoformat(), time))
        done = "/my/reservations/([0-9]+)/"
        meaning, found = self.sent("reserve", f"/reserve/check/?{asked}&time={time}", {"note": visit.words}, done)
        if found:  # it may be one that was there before: the page says which
            meaning, page = self.fetch("my reservation", found[0])
            meaning = (OK if visit.words in page else REFUSED) if meaning == OK else UNKNOWN
        attempt.ends(meaning)
        with self.journal.lock:
            visit.booked, visit.pk = meaning, int(found[1]) if found and meaning == OK else 0
            self.journal.visits[visit.words] = visit

    def own(self) -> Visit | None:
        mine = [visit for visit in self.journal.known_visits() if visit.customer == self.userid and visit.prepaid]
        return self.random.choice(mine) if mine else None

    def move(self) -> None:
        if visit := self.own():
            designer, date, time = self.designer(), self.day(), self.time()
            path = f"/my/reservations/{visit.pk}/move/"
            path += f"?designer={self.salon.designers[designer]}&date={date:%Y-%m-%d}&time={time}"
            _meaning, page = self.fetch("move page", path)
            if seen := _hidden(page, "seen"):
                attempt = Attempt(self.journal, visit, (designer, date.isoformat(), time))
                done = f"/my/reservations/{visit.pk}/$"
                attempt.ends(self.sent("move, page", path, {"seen": seen}, done)[0])

    def cancel(self) -> None:
        """With what was paid for it."""
        if visit := self.own():
            path = f"/my/reservations/{visit.pk}/cancel/"
            _meaning, page = self.fetch("cancel page", path)
            if seen := _hidden(page, "seen"):
                form = {"seen": seen, "reason": "일정이 바뀜"} | (ACCOUNT if 'name="holder"' in page else {})
                meaning, _found = self.sent("cancel, page", path, form, f"/my/reservations/{visit.pk}/$")
                with self.journal.lock:
                    visit.cancels.append(meaning)

    # ------------------------------------------------------------ money

    def pay(self) -> None:
        """By card, or into an account that is opened for it; again with the same form after a doubt."""
        visit = self.own()
        way = self.random.choice(["card", "card", "account"])
        path = f"/my/reservations/{visit.pk}/pay/?by={way}" if visit else ""
        _meaning, page = self.fetch("pay page", path) if visit else ("", "")
        key, amount = _hidden(page, "key"), _hidden(page, "amount")
        if not visit or not key:
            return
        charge = Charge(key, self.userid, account=way == "account", amount=int(amount), visit=visit.words)
        with self.journal.lock:
            self.journal.charges[key] = charge
        form = {"key": key, "amount": amount} | ({"bank": BANK} if charge.account else CARD)
        meaning, found = self.sent(
            f"pay by {way}, page", path, form, r"/my/(payments/([A-Z0-9]{17})|reservations/[0-9]+)/"
        )
        if found:
            _meaning, page = self.fetch("after paying", found[0])
            told = 'id="account-number"' in page if charge.account else PAID in page
            meaning = OK if told else UNKNOWN
        with self.journal.lock:
            charge.meaning = meaning
            charge.uids |= {found[2]} if found and found[2] and meaning == OK else set()

    # ------------------------------------------------------------ photos

    def upload(self) -> None:
        """As the script on the page does."""
        data = self.picture()
        for _try in range(3):
            meaning, answer = self.send(
                "upload, page", "/my/photos/upload/", {}, files={"photos": ("hair.jpg", data, "image/jpeg")},
                headers={"Accept": "application/json"},
            )  # fmt: skip
            if meaning == OK and answer is not None and answer.status_code == 200:
                for kept in answer.json()["photos"]:
                    with self.journal.lock:
                        digest = hashlib.sha256(data).hexdigest()
                        self.journal.uploads[kept["photoid"]] = Upload(self.userid, digest)
            if meaning not in (DOWN, UNKNOWN):
                return

    # ------------------------------------------------------------ what is others'

    def pry_reservation(self) -> None:
        if visit := self.somebody_elses(self.userid):
            page = self.random.choice(["", "move/", "cancel/", "pay/", "photos/", "calendar.ics"])
            self.pry_at("reservation", f"/my/reservations/{visit.pk}/{page}")

    def pry_payment(self) -> None:
        with self.journal.lock:
            others = [c for c in self.journal.charges.values() if c.uids and c.payer != self.userid]
        if others:
            page = self.random.choice(["", "refund/", "end/"])
            self.pry_at("payment", f"/my/payments/{self.random.choice(others).uid}/{page}")

    def pry_photo(self) -> None:
        with self.journal.lock:
            others = [photoid for photoid, upload in self.journal.uploads.items() if upload.owner != self.userid]
        if others:
            self.pry_at("photo", f"/photos/{self.random.choice(others)}/large")

    def pry_at(self, what: str, path: str) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.pry(what, "GET", path, headers={"Cookie": cookie})


def leads_to(answer: requests.Response | None) -> str:
    """The path of a redirect, and "" of any other answer."""
    return "" if answer is None or answer.status_code != 302 else answer.headers["Location"]


def _hidden(page: str, name: str) -> str:
    """What a form has in its hidden field of that name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    return found[1] if found else ""
