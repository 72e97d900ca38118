"""App clients by the manual's API: a server that acts for all, and phones that act for their owner alone."""

import hashlib
import json
import threading
import uuid
from typing import Any

import requests

from cody_site.demo.sign_ins import CLIENT_SECRET, PASSWORD
from deploy.chaos.clients import Client, Salon
from deploy.chaos.journal import ANY, OK, REFUSED, UNKNOWN, Attempt, Charge, Journal, Upload, Visit

CARD = {"cardnum": "4929-1234-5678-1236", "expiry": "2077-11", "birth": "771103", "pwd": "73", "paytype": 1}
ACCOUNT = {"rHolder": "강예린", "rAcc": "110-123-456789", "rBank": "088"}
BANK = "088"
TRIES = 4


def contents(answer: requests.Response | None) -> Any:
    """Of the envelope; {} where there is nothing."""
    try:
        return (answer.json()["contents"] if answer is not None else None) or {}
    except (ValueError, KeyError, TypeError):
        return {}


class App(Client):
    """Books, moves, cancels, pays, refunds, uploads, reads, for everybody."""

    sign_in: dict[str, str] = {"client_id": "demo-server", "client_secret": CLIENT_SECRET}
    acts = {
        "book": 8, "move": 3, "cancel": 2, "read": 3, "pay": 3, "open_account": 1, "deposit": 2, "refund": 2,
        "upload": 2, "download": 2,
    }  # fmt: skip

    def is_ready(self) -> bool:
        """Has a token."""
        if "Authorization" not in self.session.headers:
            _meaning, answer = self.ask("token", "POST", "/payment/OAuth2.0/getToken", json=self.sign_in)
            if token := contents(answer).get("access_token"):
                self.session.headers["Authorization"] = f"Bearer {token}"
        return "Authorization" in self.session.headers

    def again(self, what: str, method: str, path: str, **how: Any) -> tuple[str, requests.Response | None]:
        """The same until it is answered, as who is not told does; a refusal after a doubt is one no more."""
        doubted = False
        for _try in range(TRIES):
            meaning, answer = self.ask(what, method, path, **how)
            if meaning == OK or (meaning == REFUSED and answer is not None and answer.status_code != 409):
                return (UNKNOWN if doubted and meaning == REFUSED else meaning), answer
            doubted = doubted or meaning != REFUSED
            self.stop.wait(self.random.uniform(0.5, 2))
        return UNKNOWN, answer

    # ------------------------------------------------------------ reservations

    def book(self) -> None:
        """After a doubt once more: whoever has the seat, there is one of it."""
        visit = Visit(words=uuid.uuid4().hex, customer=self.customer())
        date, time, designer = self.day(), self.time(), self.designer()
        body = {
            "id": visit.customer, "designer_id": designer, "time": f"{date:%Y%m%d}-{time}", "note": visit.words,
        }  # fmt: skip
        attempt = Attempt(self.journal, visit, (designer, date.isoformat(), time))
        meaning, answer = self.again("book", "POST", "/reserv", json=body)
        attempt.ends(meaning)
        with self.journal.lock:
            visit.booked, visit.pk = meaning, contents(answer).get("regInfo", {}).get("id", 0)
            self.journal.visits[visit.words] = visit

    def known(self, *, paid: bool = True) -> Visit | None:
        """One to go on with, whoever has booked it; `paid`: also one that money may have been paid for."""
        known = [visit for visit in self.journal.known_visits() if paid or not visit.prepaid]
        return self.random.choice(known) if known else None

    def move(self) -> None:
        if visit := self.known():
            date, time = self.day(), self.time()
            attempt = Attempt(self.journal, visit, (ANY, date.isoformat(), time))
            body = {"base": {"id": visit.pk}, "data": {"date": f"{date:%Y%m%d}", "time": time}}
            meaning, answer = self.ask("move", "PATCH", "/reserv", json=body)
            attempt.ends(REFUSED if meaning == OK and not _affected(answer, "updateInfo") else meaning)

    def cancel(self) -> None:
        """What nobody has paid for: by the manual the route refunds nothing, and names what is still paid."""
        if visit := self.known(paid=False):
            meaning, answer = self.ask("cancel", "DELETE", "/reserv", json={"rule": {"id": visit.pk}})
            if meaning == OK and not _affected(answer, "delInfo"):
                meaning = REFUSED
            with self.journal.lock:
                visit.cancels.append(meaning)

    def read(self) -> None:
        rule = self.random.choice(["all", '{"status": 0}', f'{{"date": "{self.day():%Y%m%d}"}}'])
        self.ask("read", "GET", "/reserv", params={"rule": rule, "limit": 200})

    # ------------------------------------------------------------ money

    def pay(self) -> None:
        self._ask_for_money("pay by card", "/payment/card/onetime", CARD, account=False)

    def open_account(self) -> None:
        self._ask_for_money("open account", "/payment/OAuth2.0/vbank/onetime", {"bank": BANK}, account=True)

    def _ask_for_money(self, what: str, path: str, means: dict[str, Any], *, account: bool) -> None:
        charge = Charge(key=uuid.uuid4().hex, payer=self.customer(), account=account)
        body = means | {"userid": charge.payer, "p_array": [self.random.randrange(1, 7) for _ in range(2)]}
        how: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": charge.key}}
        with self.journal.lock:
            self.journal.charges[charge.key] = charge
        meaning, answer = self.again(what, "POST", path, **how)
        told = contents(answer)
        with self.journal.lock:
            # In doubt is what IMP has not answered: 400 by the manual, and not refused.
            charge.meaning = UNKNOWN if told.get("status") == "pending" else meaning
            charge.uids |= {told["payment_UID"]} if told.get("payment_UID") else set()
            charge.amount, charge.imp_uid = told.get("req_amount", 0), told.get("IMP_UID") or ""
        if self.random.random() < 0.3:
            self._ask_again(charge, what, path, how)

    def _ask_again(self, charge: Charge, what: str, path: str, how: dict[str, Any]) -> None:
        """The same key gives the same result."""
        meaning, answer = self.ask(f"{what}, same key", "POST", path, **how)
        uid = contents(answer).get("payment_UID")
        with self.journal.lock:
            charge.uids |= {uid} if uid else set()
            if charge.meaning == OK and meaning == REFUSED:
                self.journal.wonder(f"{what}: done, and refused under the same key {charge.key}")
            if charge.meaning == UNKNOWN and meaning == OK:
                charge.meaning = OK

    def deposit(self) -> None:
        """At a bank, which knows nothing of the site."""
        with self.journal.lock:
            open_ones = [c for c in self.journal.charges.values() if c.imp_uid and c.account and c.deposited == REFUSED]
            if not open_ones:
                return
            charge = self.random.choice(open_ones)
            charge.deposited = UNKNOWN
        try:
            url = f"{self.salon.imp}/sandbox/vbanks/{charge.imp_uid}/deposit"
            charge.deposited = OK if requests.post(url, timeout=TRIES).status_code == 200 else UNKNOWN
        except requests.RequestException:
            pass
        self.journal.note("deposit", charge.deposited)

    def refund(self) -> None:
        """A part of what was paid; until it is answered, under one key."""
        with self.journal.lock:
            paid = [c for c in self.journal.charges.values() if c.meaning == OK and not c.visit]
            paid = [c for c in paid if not c.account or c.deposited == OK]
        if not paid:
            return
        charge, amount = self.random.choice(paid[-40:]), 1000
        body = {"paym_id": charge.uid, "userid": charge.payer, "reason": "chaos", "c_price": amount}
        body |= {"accInfo": ACCOUNT} if charge.account else {}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        meaning, answer = self.again("refund", "POST", "/payment/cancel", json=body, headers=headers)
        if meaning == REFUSED and contents(answer):
            meaning = UNKNOWN  # it was written down, and may come yet
        with self.journal.lock:
            charge.refunds.append((meaning, amount))

    # ------------------------------------------------------------ photos

    def upload(self) -> None:
        """After a doubt once more; that it is there already is an answer too, and names it."""
        owner, data = self.customer(), self.picture()
        _meaning, answer = self.again(
            "upload", "POST", "/photo_u", files={"file": ("hair.jpg", data, "image/jpeg")}, data={"userid": owner}
        )
        if photoid := contents(answer).get("photoid"):
            with self.journal.lock:
                self.journal.uploads[photoid] = Upload(owner, hashlib.sha256(data).hexdigest())

    def download(self) -> None:
        with self.journal.lock:
            photos = list(self.journal.uploads.items())
        if photos:
            photoid, upload = self.random.choice(photos)
            meaning, answer = self.ask("download", "POST", "/photo_d", json={"photoid": photoid})
            if meaning == OK and answer is not None and hashlib.sha256(answer.content).hexdigest() != upload.digest:
                self.journal.wonder(f"download: {photoid} is not what was uploaded")
            if meaning == REFUSED:
                self.journal.wonder(f"download: {photoid} was uploaded, and is refused")


class Phone(App):
    """An app on a customer's phone: sees its owner's, and is refused what is others'."""

    acts = {"book": 2, "own": 4, "upload": 1, "pry_reservation": 3, "pry_payment": 2, "pry_photo": 2}

    def __init__(self, salon: Salon, journal: Journal, seed: int, number: int, stop: threading.Event) -> None:
        super().__init__(salon, journal, seed, number, stop)
        self.userid = sorted(salon.customers)[number % len(salon.customers)]
        self.sign_in = {
            "grant_type": "password", "client_id": "demo-mobile", "username": self.userid, "password": PASSWORD,
        }  # fmt: skip

    def customer(self) -> str:
        return self.userid

    def own(self) -> None:
        """The reservations and payments that it is shown are held against whose they are."""
        for kind, path, column in (("reservation", "/reserv", "id"), ("payment", "/payment", "payment_UID")):
            meaning, answer = self.ask(f"own {kind}s", "GET", path, params={"rule": "all"})
            if meaning == OK:
                with self.journal.lock:
                    self.journal.shown |= {(self.userid, kind, str(row[column])) for row in contents(answer)}

    def pry_reservation(self) -> None:
        if visit := self.somebody_elses(self.userid):
            self.pry("reservation", "GET", "/reserv", params={"rule": json.dumps({"id": visit.pk})})
            change = {"base": {"id": visit.pk}, "data": {"note": "ours"}}
            self.pry("reservation", "PATCH", "/reserv", json=change)
            self.pry("reservation", "DELETE", "/reserv", json={"rule": {"id": visit.pk}})

    def pry_payment(self) -> None:
        with self.journal.lock:
            others = [c for c in self.journal.charges.values() if c.uids and c.payer != self.userid]
        if others:
            uid = self.random.choice(others).uid
            self.pry("payment", "GET", "/payment", params={"rule": json.dumps({"payment_UID": uid})})
            body = {"paym_id": uid, "userid": self.userid, "reason": "mine"}
            self.pry("refund", "POST", "/payment/cancel", json=body)

    def pry_photo(self) -> None:
        with self.journal.lock:
            others = [photoid for photoid, upload in self.journal.uploads.items() if upload.owner != self.userid]
        if others:
            photoid = self.random.choice(others)
            self.pry("photo", "POST", "/photo_d", json={"photoid": photoid})
            self.pry("photo", "GET", "/photo_w", params={"photoid": photoid}, headers={"Authorization": ""})


def _affected(answer: requests.Response | None, info: str) -> int:
    """How many rows an answer of PATCH or DELETE tells of (R35)."""
    return int(contents(answer).get(info, {}).get("affected", 0))
