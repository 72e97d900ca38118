"""Who uses the site meanwhile: an app, customers on the pages, and the desk, each by seeded chance, through nginx."""

import datetime as dt
import hashlib
import io
import random
import re
import threading
import uuid
from collections.abc import Callable

import requests
from PIL import Image

from cody_site.demo.sign_ins import CLIENT_SECRET, PASSWORD
from deploy.chaos.journal import DOWN, OK, REFUSED, UNKNOWN, Journal

TIMEOUT = 20
CARD = {"cardnum": "4929-1234-5678-1236", "expiry": "2077-11", "birth": "771103", "pwd": "73", "paytype": 1}
TIMES = [f"{hour}:{minute}" for hour in (10, 11, 12, 14, 15, 16, 17, 18, 19) for minute in ("00", "30")]


class Client(threading.Thread):
    """Goes on with its acts until it is told to stop; a lost connection is nobody's fault, and nobody's knowledge."""

    acts: dict[Callable[["Client"], None], int]

    def __init__(self, url: str, journal: Journal, seed: int, stop: threading.Event) -> None:
        super().__init__(name=f"{type(self).__name__}-{seed}", daemon=True)
        self.url, self.journal, self.stop = url, journal, stop
        self.random = random.Random(seed)
        self.session = requests.Session()
        self.session.headers["X-Forwarded-For"] = f"198.51.100.{seed % 250}"

    def run(self) -> None:
        while not self.stop.is_set():
            if not self.is_ready():
                self.stop.wait(1)
                continue
            act = self.random.choices(list(self.acts), list(self.acts.values()))[0]
            act(self)

    def is_ready(self) -> bool:
        return True

    def ask(self, what: str, method: str, path: str, **how: object) -> tuple[str, requests.Response | None]:
        """What the answer means, and the answer itself if there was one."""
        how.setdefault("allow_redirects", False)
        try:
            answer = self.session.request(method, self.url + path, timeout=TIMEOUT, **how)  # type: ignore[arg-type]
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            self.journal.note(what, UNKNOWN, 0)
            return UNKNOWN, None
        meaning = self.meaning(what, answer)
        self.journal.note(what, meaning, answer.status_code)
        return meaning, answer

    def meaning(self, what: str, answer: requests.Response) -> str:
        if answer.status_code < 400:
            return OK
        if answer.status_code in (500, 502, 504):
            self.journal.wonder(f"{what}: {answer.status_code} {answer.text[:160]}")
            return UNKNOWN
        return DOWN if answer.status_code == 503 else REFUSED

    def one_of(self, values: list[str]) -> str:
        return self.random.choice(values)

    def day(self) -> dt.date:
        """One of those that the salon is open on, and the demo's own reservations leave alone."""
        day = dt.date.today() + dt.timedelta(days=self.random.randrange(8, 14))
        return day + dt.timedelta(days=1) if day.weekday() == 0 else day


class App(Client):
    """An app client by the manual's API: books, moves, cancels, pays, refunds, uploads, reads."""

    def is_ready(self) -> bool:
        """Has a token; errors must be in the envelope, always."""
        if "Authorization" not in self.session.headers:
            body = {"client_id": "demo-server", "client_secret": CLIENT_SECRET}
            _meaning, answer = self.ask("token", "POST", "/payment/OAuth2.0/getToken", json=body)
            if answer is not None and answer.status_code == 200:
                self.session.headers["Authorization"] = f"Bearer {answer.json()['contents']['access_token']}"
        return "Authorization" in self.session.headers

    def meaning(self, what: str, answer: requests.Response) -> str:
        if answer.status_code >= 400:
            try:
                told = answer.json()
                inside = told["contents"] is None or isinstance(told["contents"], dict | list)
                enveloped = inside and isinstance(told["errors"], str) and isinstance(told["status"], int)
            except (ValueError, KeyError, TypeError):
                enveloped = False
            if not enveloped:
                self.journal.wonder(f"{what}: {answer.status_code} outside the envelope: {answer.text[:160]}")
        return super().meaning(what, answer)

    def book(self) -> None:
        words = uuid.uuid4().hex
        body = {
            "id": f"customer{self.random.randrange(1, 21)}", "designer_id": f"designer{self.random.randrange(1, 5)}",
            "time": f"{self.day():%Y%m%d}-{self.one_of(TIMES)}", "note": words,
        }  # fmt: skip
        meaning, answer = self.ask("book", "POST", "/reserv", json=body)
        pk = answer.json()["contents"]["regInfo"]["id"] if answer is not None and meaning == OK else 0
        with self.journal.lock:
            self.journal.bookings[words] = (meaning, pk)

    def known(self) -> int:
        with self.journal.lock:
            known = [pk for _meaning, pk in self.journal.bookings.values() if pk]
        return self.random.choice(known[-60:]) if known else 0

    def move(self) -> None:
        data = {"date": f"{self.day():%Y%m%d}", "time": self.one_of(TIMES)}
        if pk := self.known():
            self.ask("move", "PATCH", "/reserv", json={"base": {"id": pk}, "data": data})

    def cancel(self) -> None:
        if not (pk := self.known()):
            return
        meaning, _answer = self.ask("cancel", "DELETE", "/reserv", json={"rule": {"id": pk}})
        with self.journal.lock:
            if meaning != REFUSED:
                self.journal.cancellations[pk] = meaning

    def read(self) -> None:
        rule = self.one_of(["all", '{"status": 0}', f'{{"date": "{self.day():%Y%m%d}"}}'])
        self.ask("read", "GET", "/reserv", params={"rule": rule, "limit": 200})

    def pay(self) -> None:
        key = uuid.uuid4().hex
        payer = f"customer{self.random.randrange(1, 21)}"
        body = CARD | {"userid": payer, "p_array": [self.random.randrange(1, 7), self.random.randrange(1, 7)]}
        for _attempt in range(2):  # who is not told asks again, under the same key
            meaning, answer = self.ask(
                "pay", "POST", "/payment/card/onetime", json=body, headers={"Idempotency-Key": key}
            )
            if meaning != UNKNOWN:
                break
        contents = (answer.json()["contents"] or {}) if answer is not None else {}
        with self.journal.lock:
            self.journal.charges[key] = (meaning, contents.get("payment_UID", ""))

    def refund(self) -> None:
        with self.journal.lock:
            paid = [uid for meaning, uid in self.journal.charges.values() if meaning == OK and uid]
        if paid:
            uid = self.random.choice(paid[-30:])
            self.ask("refund", "POST", "/payment/cancel", json={
                "paym_id": uid, "userid": self.payer_of(uid), "reason": "chaos", "c_price": 1000,
            })  # fmt: skip

    def payer_of(self, uid: str) -> str:
        _meaning, answer = self.ask("payments", "GET", "/payment", params={"rule": f'{{"payment_UID": "{uid}"}}'})
        rows = answer.json()["contents"] if answer is not None and answer.status_code == 200 else []
        return rows[0]["userid"] if rows else "customer1"

    def upload(self) -> None:
        colour = tuple(self.random.randrange(256) for _ in range(3))
        picture = Image.effect_noise((320, 240), 60).convert("RGB")
        picture.paste(colour, (0, 0, 160, 120))
        data = _jpeg(picture)
        meaning, answer = self.ask(
            "upload", "POST", "/photo_u", files={"file": ("hair.jpg", data, "image/jpeg")},
            data={"userid": f"customer{self.random.randrange(1, 21)}"},
        )  # fmt: skip
        if meaning == OK and answer is not None:
            with self.journal.lock:
                self.journal.uploads[answer.json()["contents"]["photoid"]] = hashlib.sha256(data).hexdigest()

    def download(self) -> None:
        with self.journal.lock:
            photos = list(self.journal.uploads.items())
        if photos:
            photoid, digest = self.random.choice(photos)
            meaning, answer = self.ask("download", "POST", "/photo_d", json={"photoid": photoid})
            if meaning == OK and answer is not None and hashlib.sha256(answer.content).hexdigest() != digest:
                self.journal.wonder(f"download: {photoid} is not what was uploaded")

    acts = {book: 8, move: 3, cancel: 2, read: 4, pay: 3, refund: 1, upload: 2, download: 2}  # type: ignore[dict-item]


class Person(Client):
    """Somebody with a browser: a session, forms and their tokens."""

    userid: str
    home: str

    def is_ready(self) -> bool:
        if "sessionid" in " ".join(self.session.cookies.keys()):
            return True
        self.session.headers["Referer"] = self.url.replace("http:", "https:") + "/"
        self.fetch("sign in", "/login/")
        form = {"username": self.userid, "password": PASSWORD, "next": self.home}
        return self.send("sign in", "/login/", form)[0] == OK

    def fetch(self, what: str, path: str) -> tuple[str, str]:
        meaning, answer = self.ask(what, "GET", path, headers=self.cookies())
        self.keep(answer)
        return meaning, "" if answer is None else answer.text

    def send(self, what: str, path: str, form: dict[str, str]) -> tuple[str, requests.Response | None]:
        token = next((value for name, value in self.session.cookies.items() if "csrf" in name), "")
        meaning, answer = self.ask(
            what, "POST", path, data=form | {"csrfmiddlewaretoken": token}, headers=self.cookies()
        )
        self.keep(answer)
        if answer is not None and "/login/" in answer.headers.get("Location", ""):
            self.session.cookies.clear()  # the session is over
            return REFUSED, answer
        return meaning, answer

    def cookies(self) -> dict[str, str]:
        """Such cookies are set over HTTPS only, and we are our own proxy."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())}

    def keep(self, answer: requests.Response | None) -> None:
        for header in answer.raw.headers.getlist("Set-Cookie") if answer is not None else ():
            name, _, value = header.split(";")[0].partition("=")
            self.session.cookies.set(name, value)


class Customer(Person):
    home = "/my/"

    def __init__(self, url: str, journal: Journal, seed: int, stop: threading.Event) -> None:
        super().__init__(url, journal, seed, stop)
        self.userid = f"customer{seed % 20 + 1}"

    def look(self) -> None:
        self.fetch("home", "/")
        self.fetch("reserve page", f"/reserve/?date={self.day():%Y-%m-%d}")
        self.fetch("my reservations", "/my/")

    def reserve(self) -> None:
        date = self.day()
        _meaning, page = self.fetch("reserve page", f"/reserve/?date={date:%Y-%m-%d}")
        times = re.findall(r'name="time"\s+value="([0-9:]+)"', page)
        if not times:
            return
        words = uuid.uuid4().hex
        path = f"/reserve/check/?date={date:%Y-%m-%d}&time={self.random.choice(times)}"
        meaning, answer = self.send("reserve", path, {"note": words})
        if meaning == OK and answer is not None and "/my/reservations/" not in answer.headers.get("Location", ""):
            meaning = REFUSED  # a page that asks again, or the way to sign in
        with self.journal.lock:
            self.journal.bookings[words] = (meaning, 0)

    acts = {look: 3, reserve: 2}  # type: ignore[dict-item]


class Desk(Person):
    userid, home = "staff", "/admin/"

    def look(self) -> None:
        self.fetch("the day", f"/admin/?date={self.day():%Y-%m-%d}")

    def search(self) -> None:
        self.fetch("search", "/admin/search/?q=" + self.one_of(["강", "김", "1234", "홍라희"]))

    acts = {look: 3, search: 1}  # type: ignore[dict-item]


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()
