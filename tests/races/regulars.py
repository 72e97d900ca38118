"""People who use a site all the time, and never want what another wants: each request of theirs is to be answered."""

import contextlib
import itertools
import threading
from collections import Counter

import requests

from tests.races.salon import CREW, CUSTOMERS, day

PLACES = [
    "/reserv?rule=all&limit=5", "/user?rule=all&limit=5", "/post?rule=all&limit=5", "/comment?rule=all&limit=5",
    "/product?rule=all", "/payment?rule=all&limit=5", "/", "/designers/", "/reserve/",
]  # fmt: skip

PAUSE_SECONDS = 0.1  # between two reservations; the sites have to start meanwhile


@contextlib.contextmanager
def using(connect, people=6, *, first=0):
    """How often `connect()`, the app's connection, was told what; {("POST /reserv", 200): 7}. Complete with the end."""
    stop, told = threading.Event(), Counter()
    crowd = [Regular(connect(), number, stop) for number in range(first, first + people)]
    for regular in crowd:
        regular.start()
    try:
        yield told
    finally:
        stop.set()
        for regular in crowd:
            regular.join()
            told.update(regular.told)


def failures(told):
    """What they were told other than yes."""
    return {what: times for what, times in told.items() if what[1] != 200}


class Regular(threading.Thread):
    """Reserves, adds a note, cancels, posts and reads, again and again."""

    def __init__(self, api, number, stop):
        super().__init__()
        self.api, self.customer, self.designer, self.stop = api, CUSTOMERS[number], CREW[number], stop
        self.told = Counter()

    def run(self):
        times = itertools.cycle(f"{day(after)}-{hour}:00" for after in range(14, 21) for hour in range(10, 21))
        for at, place in zip(times, itertools.cycle(PLACES), strict=False):
            if self.stop.wait(PAUSE_SECONDS):
                return
            made = self.ask("POST", "/reserv", {"id": self.customer, "designer_id": self.designer, "time": at})
            if made:
                rule = {"id": made["regInfo"]["id"]}
                self.ask("PATCH", "/reserv", {"base": rule, "data": {"note": "later"}})
                self.ask("DELETE", "/reserv", {"rule": rule})
            self.ask("POST", "/post", {"userid": self.customer, "title": "단발", "cont": "잘랐어요."})
            self.ask("GET", place)

    def ask(self, method, path, body=None):
        """The contents of the answer; None if that was no yes."""
        what = f"{method} {path.partition('?')[0]}"
        try:
            answer = self.api.request(method, path, json=body)
        except requests.RequestException as error:
            self.told[what, type(error).__name__] += 1
            return None
        self.told[what, answer.status_code] += 1
        return answer.json()["contents"] if body and answer.status_code == 200 else None
