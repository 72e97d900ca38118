"""Customers, designers, staff and an app reserving, moving and cancelling in any order, against a model of one page.

The salon asks for no notice and everybody comes tomorrow, so that seats, places and statuses alone decide.
FUZZ_EXAMPLES=1000 makes it long.
"""

import datetime as dt
import os
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Designer, User
from cody_site.management.commands.verify import violations
from tests.api import as_app, as_person
from tests.factories import DesignerFactory, PolicyFactory, ReservationFactory, UserFactory

DAY = "20260304"
TIMES = ["10:00", "10:30", "11:00"]
LIMITS = {"one": 1, "two": 2}
CUSTOMERS = ["ann", "bob", "cid"]
MOVES = {(0, 1), (1, 2), (2, 4), (2, 3), (3, 2), (3, 4), (0, 2)}  # R13

FULL, DOUBLE = "ERR: designer's max time limitation exceed.", "ERR: Already reserved user."
DENIED, LATE_TO_CHANGE, LATE = "ERR: Permission denied.", "ERR: Too late to change.", "ERR: Too late to cancel."

anybody = st.sampled_from([*CUSTOMERS, *LIMITS, "staff", "app"])
customers, designers, times = st.sampled_from(CUSTOMERS), st.sampled_from(list(LIMITS)), st.sampled_from(TIMES)
some_row = st.integers(0, 20)


@dataclass(frozen=True)
class Row:
    userid: str
    designerid: str
    time: str
    status: int = 0

    @property
    def hour(self):
        return self.designerid, self.time[:2]

    def is_changeable_by(self, who):
        return who in ("staff", "app", self.designerid, self.userid)


class Salon(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.rows = {}
        self.transaction = transaction.atomic()
        self.transaction._from_testcase = True  # as Django's own TestCase says it: services may open theirs inside
        self.transaction.__enter__()
        PolicyFactory(reserve_notice_minutes=0, change_notice_minutes=0, cancel_notice_minutes=0)
        people = [UserFactory(userid=userid) for userid in CUSTOMERS]
        people += [DesignerFactory(user__userid=userid, max_per_hour=most).user for userid, most in LIMITS.items()]
        people += [UserFactory(userid="staff", staff=True)]
        self.api = {person.userid: as_person(person) for person in people} | {"app": as_app()}

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(rows=st.lists(st.builds(Row, customers, designers, times, st.integers(0, 4)), max_size=6))
    def begin(self, rows):
        for row in rows:
            if self.refusal({**self.rows, None: row}, changed=[None]) is None:
                seat = 1 + sum(other.hour == row.hour for other in self.rows.values())
                made = ReservationFactory(
                    customer=User.objects.get(userid=row.userid),
                    designer=Designer.objects.get(user__userid=row.designerid),
                    date=dt.datetime.strptime(DAY, "%Y%m%d"),
                    time=dt.time.fromisoformat(row.time),
                    status=row.status,
                    seat=seat,
                )
                self.rows[made.pk] = row

    @rule(who=anybody, customer=customers, designer=designers, time=times)
    def reserve(self, who, customer, designer, time):
        answer = self.api[who].post("/reserv", {"time": f"{DAY}-{time}", "id": customer, "designer_id": designer})

        row = Row(customer, designer, time)
        refusal = self.refusal({**self.rows, None: row}, changed=[None]) if row.is_changeable_by(who) else DENIED
        assert answer.errors == refusal
        if refusal is None:
            self.rows[answer.contents["regInfo"]["id"]] = row

    @precondition(lambda self: self.rows)
    @rule(
        who=anybody,
        row=some_row,
        data=st.fixed_dictionaries({}, optional={"userid": customers, "designerid": designers, "time": times}).filter(
            bool
        ),
    )
    def move(self, who, row, data):
        pk = self.pk(row)
        self.change(who, {"id": pk}, [pk], data)

    @rule(who=st.sampled_from(["staff", "app"]), designer=designers, time=times, to=designers | times)
    def move_all_of_a_time(self, who, designer, time, to):
        pks = [pk for pk, row in self.rows.items() if (row.designerid, row.time) == (designer, time)]
        data = {"time": to} if to in TIMES else {"designerid": to}
        self.change(who, {"designerid": designer, "time": time}, pks, data)

    @precondition(lambda self: self.rows)
    @rule(who=anybody, row=some_row, status=st.integers(0, 4))
    def set_status(self, who, row, status):
        pk = self.pk(row)
        self.change(who, {"id": pk}, [pk], {"status": status})

    @precondition(lambda self: self.rows)
    @rule(who=anybody, row=some_row)
    def cancel(self, who, row):
        pk = self.pk(row)
        answer = self.api[who].delete("/reserv", {"rule": {"id": pk}})

        row = self.rows[pk]
        if not row.is_changeable_by(who):
            assert answer.contents["delInfo"]["affected"] == 0
        elif row.status > 1 and who != "staff":
            assert answer.errors == LATE
        else:
            assert answer.contents["delInfo"]["affected"] == 1
            del self.rows[pk]

    def change(self, who, base, pks, data):
        answer = self.api[who].patch("/reserv", {"base": base, "data": data})

        rows = {pk: self.rows[pk] for pk in pks if self.rows[pk].is_changeable_by(who)}
        changed = {pk: replace(row, **data) for pk, row in rows.items()}
        refusal = self.may_not(who, data) or next(
            filter(None, (self.refuses(who, row, data) for row in rows.values())), None
        )
        refusal = refusal or self.refusal({**self.rows, **changed}, [pk for pk in rows if rows[pk] != changed[pk]])
        assert answer.errors == refusal
        if refusal is None:
            info = answer.contents["updateInfo"]
            differing = sum(rows[pk] != changed[pk] for pk in rows)
            assert info["message"] == f"Rows matched: {len(rows)}  Changed: {differing}"
            self.rows |= changed

    def may_not(self, who, data):
        """Section 9, by the fields alone: whose rows, the base says."""
        if who in CUSTOMERS and ("status" in data or data.get("userid", who) != who):
            return DENIED
        if who in LIMITS and data.get("designerid", who) != who:
            return DENIED
        return None

    def refuses(self, who, row, data):
        status = data.get("status", row.status)
        if who != "staff" and data.get("userid", row.userid) != row.userid:
            return DENIED
        if status != row.status and (row.status, status) not in MOVES:
            return f"ERR: Status cannot change from {row.status} to {status}."
        if who in CUSTOMERS and row.status > 1:
            return LATE_TO_CHANGE
        return None

    def refusal(self, rows, changed):
        """May these rows be as they now are: nobody in two places, no hour over its limit?"""
        places = Counter((row.userid, row.time) for row in rows.values())
        if any(places[rows[pk].userid, rows[pk].time] > 1 for pk in changed):
            return DOUBLE
        hours = Counter(row.hour for row in rows.values())
        return FULL if any(hours[rows[pk].hour] > LIMITS[rows[pk].designerid] for pk in changed) else None

    def pk(self, number):
        return sorted(self.rows)[number % len(self.rows)]

    @invariant()
    def the_salon_agrees(self):
        told = {
            row["id"]: Row(row["userid"], row["designerid"], row["time"], row["status"])
            for row in self.api["app"].get("/reserv", {"rule": "all"}).contents
        }
        assert told == self.rows
        assert list(violations()) == []


@pytest.mark.django_db
def test_any_sequence_of_calls_agrees_with_the_model(settings):
    settings.THROTTLE_USER = 0
    examples = int(os.environ.get("FUZZ_EXAMPLES", "20"))
    run_state_machine_as_test(Salon, settings=profile(examples))


def profile(examples):
    return settings(max_examples=examples, stateful_step_count=25)
