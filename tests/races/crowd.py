"""People who do everything at the same time, each by seeded chance: through the API, and through the admin."""

import json
import random
import re
from collections import Counter

from tests.races import databases
from tests.races.desk import REFUSALS
from tests.races.salon import CREW, CUSTOMERS, day

DESIGNERS, GUESTS, DAYS = CREW[:3], CUSTOMERS[:15], [day(12), day(13)]
TIMES = [f"{hour}:{minute}" for hour in (10, 11, 12, 13) for minute in ("00", "30")]
RECENT = 60


def dashed(date):
    return f"{date[:4]}-{date[4:6]}-{date[6:]}"


class Ledger:
    """What the crowd has come to know together."""

    def __init__(self, site):
        self.database_url, self.booked, self.cancelled = site.database_url, [], []
        self.pks = dict(databases.read(site.database_url, "SELECT userid, id FROM accounts_user"))
        with site.back_office() as desk:
            self.pages = [self._page(desk, designer) for designer in DESIGNERS]
        with site.api() as api:
            first = {"id": GUESTS[0], "designer_id": DESIGNERS[0], "time": f"{DAYS[0]}-{TIMES[0]}"}
            self.booked.append(api.post("/reserv", json=first).json()["contents"]["regInfo"]["id"])

    @staticmethod
    def _page(desk, designer):
        found = desk.get("/admin/accounts/designer/", params={"q": designer}).text
        return re.search(r"/admin/accounts/designer/\d+/change/", found)[0]


class Somebody:
    def __init__(self, site, ledger, seed):
        self.random, self.ledger = random.Random(seed), ledger
        self.api, self.desk = site.api(), site.back_office()
        self.answers, self.done = Counter(), Counter()

    def act(self):
        """Do one thing; count what was answered, and whether anything came of it."""
        act = self.random.choices(list(ACTS), ACTS.values())[0]
        answer, done = act(self)
        self.answers[act.__name__, answer.status_code] += 1
        self.done[act.__name__] += done

    def close(self):
        self.api.close()
        self.desk.close()

    # ------------------------------------------------------------ the API

    def book(self):
        wish = {"id": self.one_of(GUESTS), "designer_id": self.one_of(DESIGNERS)}
        answer = self.api.post("/reserv", json=wish | {"time": f"{self.one_of(DAYS)}-{self.one_of(TIMES)}"})
        if answer.ok:
            self.ledger.booked.append(answer.json()["contents"]["regInfo"]["id"])
        return answer, answer.ok

    def move_in_time(self):
        return self.patch({"id": self.known(self.ledger.booked)}, self.when())

    def move_to_a_designer(self):
        return self.patch({"id": self.known(self.ledger.booked)}, {"designerid": self.one_of(DESIGNERS)})

    def move_many(self):
        rule = self.one_of(
            [
                {"designerid": self.one_of(DESIGNERS), "date": self.one_of(DAYS), "time": self.one_of(TIMES)},
                {"userid": self.one_of(GUESTS), "date": self.one_of(DAYS)},
                {"date": self.one_of(DAYS), "time": self.one_of(TIMES)},
            ]
        )
        data = {"designerid": self.one_of(DESIGNERS)} if self.random.random() < 0.4 else self.when()
        return self.patch(rule, data)

    def annotate_all(self):
        return self.patch("all", {"note": f"{self.random.random()}"})

    def cancel(self):
        pk = self.known(self.ledger.booked)
        answer = self.api.delete("/reserv", json={"rule": {"id": pk}})
        done = answer.ok and answer.json()["contents"]["delInfo"]["affected"] > 0
        if done:
            self.ledger.cancelled.append(pk)
        return answer, done

    # ------------------------------------------------------------ the admin

    def restore(self):
        pk = self.known(self.ledger.cancelled)
        answer = self.submit("/admin/reservations/reservation/", {"action": "restore", "_selected_action": pk})
        live = self.api.get("/reserv", params={"rule": json.dumps({"id": pk})})
        return answer, answer.status_code == 302 and bool(live.json()["contents"])

    def resize(self):
        form = {"max_per_hour": self.random.randint(1, 3), "slot_minutes": 30, "order": 0, "active": "on"}
        hours = {"hours-TOTAL_FORMS": 0, "hours-INITIAL_FORMS": 0}
        answer = self.submit(self.one_of(self.ledger.pages), form | hours)
        return answer, answer.status_code == 302

    def book_at_the_desk(self):
        """For somebody known, or somebody new."""
        number = self.random.randint(1000, 9999)
        new = {"customer": "new", "name": f"새손님{number}", "pn": f"010-{number}-{number}"}
        known = {"customer": self.ledger.pks[self.one_of(GUESTS)]}
        return self.press("/admin/book/", self.one_of([new, known]) | self.place())

    def move_at_the_desk(self):
        return self.press(f"/admin/visits/{self.at_hand()}/move/", self.place())

    def step_at_the_desk(self):
        return self.press(f"/admin/visits/{self.at_hand()}/step/", {"status": 1})

    def cancel_at_the_desk(self):
        return self.press(f"/admin/visits/{self.at_hand()}/cancel/", {"reason": "고객 요청"})

    def undo(self):
        """Of what was done last, by whatever door."""
        last = "SELECT id FROM reservations_move ORDER BY id DESC LIMIT 10"
        move = self.one_of(databases.read(self.ledger.database_url, last))[0]
        return self.press(f"/admin/moves/{move}/undo/", {})

    # ------------------------------------------------------------ how

    def patch(self, base, data):
        answer = self.api.patch("/reserv", json={"base": base, "data": data})
        return answer, answer.ok and not answer.json()["contents"]["updateInfo"]["message"].endswith("Changed: 0")

    def submit(self, page, form):
        token = {"csrfmiddlewaretoken": self.desk.cookies["csrftoken"]}
        return self.desk.post(page, data=form | token, allow_redirects=False)

    def press(self, page, form):
        """What comes of it is told by the next page, whichever."""
        answer = self.submit(page, form)
        if answer.status_code != 302:
            return answer, False
        told = self.desk.get("/admin/sick-day/")
        return told, not any(str(refusal.told) in told.text for refusal in REFUSALS)

    def place(self):
        designer = self.one_of(self.ledger.pages).split("/")[-3]
        return {"designer": designer, "date": dashed(self.one_of(DAYS)), "time": self.one_of(TIMES)}

    def at_hand(self):
        """A reservation of a stale page."""
        return self.one_of(self.ledger.booked[-RECENT:])

    def when(self):
        return self.one_of([{"time": self.one_of(TIMES)}, {"date": self.one_of(DAYS)}])

    def known(self, pks):
        """One that was heard of lately; before there is any, one that does not exist."""
        return self.one_of(pks[-RECENT:] or [0])

    def one_of(self, choices):
        return self.random.choice(choices)


ACTS = {
    Somebody.book: 8,
    Somebody.move_in_time: 4,
    Somebody.move_to_a_designer: 3,
    Somebody.move_many: 3,
    Somebody.annotate_all: 1,
    Somebody.cancel: 5,
    Somebody.restore: 3,
    Somebody.resize: 2,
    Somebody.book_at_the_desk: 3,
    Somebody.move_at_the_desk: 3,
    Somebody.step_at_the_desk: 2,
    Somebody.cancel_at_the_desk: 2,
    Somebody.undo: 3,
}
