"""Lists by id along an index (R10): the same rows as a plain filter's, page by page."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reservations.models import Reservation, Status
from tests.api import as_app
from tests.factories import DesignerFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

RULES = [
    {"userid": "Hong"},
    {"designerid": "KIM"},
    {"status": 4},
    {"date": "20260310"},
    {"time": "11:30"},
    {"userid": "hong", "designerid": "kim", "status": 4, "time": "11:30"},
]


@pytest.fixture
def reservations():
    """Two customers, two designers, two times on each of six days; every third not done yet."""
    customers = [UserFactory(userid=userid) for userid in ("hong", "Park")]
    designers = [DesignerFactory(user__userid=userid, max_per_hour=9) for userid in ("kim", "choi")]
    return [
        ReservationFactory(
            customer=customers[n % 2],
            designer=designers[(n // 2 + n // 4) % 2],
            date=dt.date(2026, 3, 10 + n // 4),
            time=dt.time(11, 30 * (n // 2 % 2)),
            status=Status.DONE if n % 3 else Status.RESERVED,
            seat=1 + n,
            capacity=40,
        )
        for n in range(24)
    ]


def matches(row, rule):
    told = {
        "userid": row.customer.userid.lower(),
        "designerid": row.designer.user.userid.lower(),
        "status": row.status,
        "date": f"{row.date:%Y%m%d}",
        "time": f"{row.time:%H:%M}",
    }
    return all(told[key] == (value.lower() if isinstance(value, str) else value) for key, value in rule.items())


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_together_are_what_the_rule_names(rule, limit, reservations):
    api, seen, after = as_app(), [], {}
    while after is not None:
        answer = api.get("/reserv", {"rule": rule, "limit": limit} | after)
        seen += [row["id"] for row in answer.contents]
        cursor = answer.headers.get("X-Next-Cursor")
        after = {"after": cursor} if cursor else None

    assert seen == [row.pk for row in reservations if matches(row, rule)]
    assert seen
    assert [row["id"] for row in api.get("/reserv", {"rule": rule}).contents] == seen


@pytest.mark.parametrize("rule", [{"designerid": "nobody"}, {"userid": "kim"}, {"designerid": "hong"}])
def test_a_userid_of_nobody_or_of_the_other_kind_names_no_rows(rule, reservations):
    assert as_app().get("/reserv", {"rule": rule}).contents == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rest_that_is_streamed_goes_on_where_the_first_rows_end(rule, reservations, monkeypatch):
    monkeypatch.setattr("cody_site.api.envelope.ROWS_A_CHUNK", 2)

    assert [row["id"] for row in as_app().get("/reserv", {"rule": rule}).contents] == [
        row.pk for row in reservations if matches(row, rule)
    ]


@pytest.mark.parametrize(
    ("rule", "index"),
    [
        ({"userid": "hong"}, "reservation_customer"),
        ({"designerid": "kim"}, "reservation_designer"),
        ({"status": 0}, "reservation_status"),
        ({"date": "20260310"}, "reservation_date"),
        ({"time": "11:30"}, "reservation_time"),
    ],
)
@pytest.mark.parametrize("after", [{}, {"after": 1}])
def test_the_first_rows_come_out_of_their_index_in_order(rule, index, after, reservations):
    with CaptureQueriesContext(connection) as captured:
        as_app().get("/reserv", {"rule": rule, "limit": 100} | after)

    plan = explain(captured.captured_queries[-1]["sql"])
    assert index in plan
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()


def explain(sql):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return "\n".join(row[-1] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are not worth an index
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        unsorted, _, select = sql.rpartition("; ")
        cursor.execute(unsorted)
        cursor.execute(f"EXPLAIN {select}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_walk_changes_no_rows_of_the_shared_list(reservations):
    as_app().get("/reserv", {"rule": {"status": 4}})
    Reservation.objects.filter(pk=reservations[0].pk).update(status=Status.DONE)

    assert len(as_app().get("/reserv", {"rule": {"status": 4}}).contents) == 17
