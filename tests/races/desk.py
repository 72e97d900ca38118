"""The back-office over real HTTP: what people at the desk send, and what they are told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
import requests

from cody_site.errors import Conflict
from reservations.errors import AlreadyReserved, Gone, HourFull, NotAvailable, NothingToUndo, NotInTrash
from tests.races import databases
from tests.races.site import Connection

REFUSALS = (HourFull, AlreadyReserved, NotAvailable, NothingToUndo, NotInTrash, Gone, Conflict)
DONE = "done"
FULL = HourFull.__name__


class Request(NamedTuple):
    """One that is ready to be sent, over a connection of its own."""

    connection: Connection
    path: str
    given: dict


class Desk:
    """An administrator with as many windows as there are requests, and the app client beside."""

    def __init__(self, site):
        self.site = site
        with site.back_office() as browser:
            self.cookies = browser.cookies.copy()
        self.pks = dict(self.read("SELECT userid, id FROM accounts_user"))

    def read(self, sql):
        return databases.read(self.site.database_url, sql)

    # ------------------------------------------------------------ what can be sent

    def window(self, path, **form):
        connection = self.site.connection()
        connection.cookies.update(self.cookies)
        return Request(connection, path, {"data": form | {"csrfmiddlewaretoken": self.cookies["csrftoken"]}})

    def reserve(self, customer, designer, at):
        """By the API; `at` is its time, 20260303-10:00."""
        wish = {"id": customer, "designer_id": designer, "time": at}
        return Request(self.site.api(), "/reserv", {"json": wish})

    def book(self, customer, designer, at):
        return self.window("/admin/book/", customer=self.pks[customer], **self.place(designer, at))

    def welcome(self, number, designer, at):
        """For somebody new, whoever else has that number."""
        person = {"customer": "new", "name": f"새손님{number}", "pn": f"010-{number:04}-{number:04}"}
        return self.window("/admin/book/", **person, **self.place(designer, at))

    def move(self, pk, designer, at):
        return self.window(f"/admin/visits/{pk}/move/", **self.place(designer, at))

    def cancel(self, pk):
        return self.window(f"/admin/visits/{pk}/cancel/", reason="고객 요청")

    def undo(self, pk):
        """The latest act on this reservation."""
        ((move,),) = self.read(f"SELECT MAX(id) FROM reservations_move WHERE reservation_id = {pk}")
        return self.window(f"/admin/moves/{move}/undo/")

    def restore(self, pk):
        return self.window("/admin/reservations/reservation/?trash=in", action="restore", _selected_action=pk)

    def sick_day(self, designer, at, plans, hours=1):
        """From that time on; `plans` of reservations by their numbers."""
        date, time = self.place(designer, at)["date"], at[9:]
        absence = {"starts_at": f"{date}T{time}", "ends_at": f"{date}T{int(time[:2]) + hours - 1:02}:59"}
        chosen = {f"plan-{pk}": plan for pk, plan in plans.items()}
        return self.window(
            "/admin/sick-day/", designer=self.pks[designer], reason="몸살", execute="1", **absence, **chosen
        )

    def place(self, designer, at):
        date, time = at.split("-")
        return {"designer": self.pks[designer], "date": f"{date[:4]}-{date[4:6]}-{date[6:]}", "time": time}

    # ------------------------------------------------------------ sending

    def dies_of(self, request, step):
        """The process that it is sent to is killed at this step (tests/races/mortal.py)."""
        with request.connection as connection, pytest.raises(requests.ConnectionError):
            connection.post(request.path, headers={"X-Dies": step}, **request.given)

    def reserved(self, customer, designer, at):
        """The number of a reservation that the API has made."""
        with self.site.api() as api:
            answer = api.post("/reserv", json={"id": customer, "designer_id": designer, "time": at})
            assert answer.ok, answer.text
            return answer.json()["contents"]["regInfo"]["id"]

    def cancelled(self, pk):
        """By the API."""
        with self.site.api() as api:
            assert api.delete("/reserv", json={"rule": {"id": pk}}).ok

    def done(self, request):
        assert at_once([request]) == [DONE]

    def acts(self, pk):
        """What the history says of a reservation after its booking."""
        rows = self.read(f"SELECT act FROM reservations_move WHERE reservation_id = {pk} ORDER BY id")
        return [act for (act,) in rows[1:]]

    def live(self, designer, at):
        """How many are expected in that hour."""
        place, hour = self.place(designer, at), int(at[9:11])
        ((found,),) = self.read(
            f"SELECT COUNT(*) FROM reservations_reservation WHERE designer_id = {place['designer']}"
            f" AND date = '{place['date']}' AND hour = {hour} AND trashed_at IS NULL"
        )
        return found


def at_once(wishes):
    """Send all of these in the same moment; what each was told."""
    start = threading.Barrier(len(wishes))

    def send(request):
        with request.connection as connection:
            connection.get("/healthz")  # so that connecting is no part of the race
            start.wait(timeout=60)
            return told(connection.post(request.path, **request.given))

    with ThreadPoolExecutor(len(wishes)) as pool:
        return list(pool.map(send, wishes))


def told(answer):
    """The refusal that the page or the API's answer names; that it was done if it names none."""
    found = [
        refusal.__name__ for refusal in REFUSALS if str(refusal.told) in answer.text or refusal.message in answer.text
    ]
    api = answer.request.path_url.startswith("/reserv")
    if len(found) > 1 or answer.status_code not in ((200, 403) if api else (200,)):
        return f"{answer.request.method} {answer.request.path_url}: {answer.status_code} {found}"
    return found[0] if found else DONE
