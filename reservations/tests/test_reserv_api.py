"""/reserv: every code of the manual's list, and of the readings beside it."""

import datetime as dt
import tracemalloc

import pytest
from django.utils import timezone

from accounts.models import Policy, TimeOff
from reservations.models import Act, Move, Reservation, Status
from tests.api import Api, as_app, as_person, in_session
from tests.factories import DesignerFactory, PolicyFactory, ReservationFactory, TimeOffFactory, UserFactory

pytestmark = pytest.mark.django_db

MISSING = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")
DENIED = (403, 403, "ERR: Permission denied.")
DAY = dt.date(2026, 3, 5)  # the day after tomorrow


@pytest.fixture
def customer():
    return UserFactory(userid="hong")


@pytest.fixture
def designer():
    return DesignerFactory(user__userid="kim", max_per_hour=2)


def wish(customer, designer, time="20260305-10:00", **more):
    return {"time": time, "id": customer.userid, "designer_id": designer.user.userid} | more


# ---------------------------------------------------------------- GET


def test_get_tells_the_manuals_fields(customer, designer):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY, note="앞머리", status=1)

    answer = as_app().get("/reserv", {"rule": "all"})

    assert answer.http == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.body == {
        "status": 200,
        "contents": [
            {
                "id": row.pk,
                "userid": "hong",
                "status": 1,
                "designerid": "kim",
                "date": "20260305",
                "time": "10:00",
                "note": "앞머리",
                "photoid": "[]",
            }
        ],
        "errors": None,
    }


@pytest.mark.parametrize("count", [1, 3])
def test_get_takes_two_queries_however_many_rows(count, django_assert_num_queries):
    ReservationFactory.create_batch(count)
    api = as_app()

    with django_assert_num_queries(2):  # the token, the rows
        answer = api.get("/reserv", {"rule": "all"})

    assert len(answer.contents) == count


def test_get_without_a_match_is_an_empty_list(customer):
    assert as_person(customer).get("/reserv", {"rule": {"status": 4}}).contents == []


def test_get_without_a_rule_names_the_key(customer):
    assert as_person(customer).get("/reserv").failure == (400, 400, "Cannot find key 'rule'")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None),
        ("id", "text"),
        ("userid", "HONG"),
        ("status", 1),
        ("status", "1"),
        ("designerid", "Kim"),
        ("date", "20260305"),
        ("time", "10:30"),
    ],
)
def test_each_filter_finds_its_rows_and_no_others(key, value, customer, designer):
    wanted = ReservationFactory(customer=customer, designer=designer, date=DAY, time=dt.time(10, 30), status=1)
    ReservationFactory(date=DAY + dt.timedelta(days=1), time=dt.time(11))
    value = {None: wanted.pk, "text": str(wanted.pk)}.get(value, value)

    answer = as_app().get("/reserv", {"rule": {key: value}})

    assert [row["id"] for row in answer.contents] == [wanted.pk]


def test_filters_hold_together(customer, designer):
    ReservationFactory(customer=customer, designer=designer, date=DAY)

    answer = as_app().get("/reserv", {"rule": {"userid": "hong", "status": 3}})

    assert answer.contents == []


@pytest.mark.parametrize(
    "rule",
    [
        "some",
        '"all"',
        "ALL",
        "",
        "{}",
        "[]",
        "3",
        "null",
        "{",
        '{"nope":1}',
        '{"id":"x"}',
        '{"id":1.0}',
        '{"id":true}',
        '{"status":"１"}',
        '{"userid":5}',
        '{"userid":null}',
        '{"userid":"a b"}',
        '{"date":"2026124"}',
        '{"date":"20261301"}',
        '{"time":"9:00"}',
        '{"time":"24:00"}',
        '{"id":1,"id":1}',
        '{"note":"x"}',
        '{"userid":"a\\u0000"}',
    ],
)
def test_a_wrong_rule_never_matches_everything(rule, customer):
    expected = (400, 400, "Cannot find key 'rule'") if rule == "" else MISTYPED

    assert as_person(customer).get("/reserv", {"rule": rule}).failure == expected


def test_a_rule_in_the_body_of_get_is_read_too(customer):
    row = ReservationFactory(customer=customer)

    answer = as_person(customer).send("GET", "/reserv", {"rule": {"id": row.pk}})

    assert [found["id"] for found in answer.contents] == [row.pk]


def test_different_rules_in_query_and_body_are_refused(customer):
    assert as_person(customer).send("GET", "/reserv?rule=all", {"rule": {"id": 1}}).failure == MISTYPED
    assert as_person(customer).send("GET", "/reserv?rule=all", {"rule": "all"}).status == 200


def test_a_key_given_twice_is_refused(customer):
    assert as_person(customer).get("/reserv?rule=all&rule=all").failure == MISTYPED


def test_pages_follow_the_cursor(customer):
    rows = [ReservationFactory(customer=customer, date=DAY + dt.timedelta(days=day)) for day in range(5)]
    api = as_person(customer)

    seen, after = [], None
    while True:
        answer = api.get("/reserv", {"rule": "all", "limit": 2} | ({"after": after} if after else {}))
        seen.append([row["id"] for row in answer.contents])
        after = answer.headers.get("X-Next-Cursor")
        if after is None:
            break

    assert seen == [[rows[0].pk, rows[1].pk], [rows[2].pk, rows[3].pk], [rows[4].pk]]


@pytest.mark.parametrize("paging", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"after": "x"}])
def test_a_wrong_page_is_refused(paging, customer):
    assert as_person(customer).get("/reserv", {"rule": "all"} | paging).failure == MISTYPED


# ---------------------------------------------------------------- POST


def test_post_reserves(customer, designer):
    answer = as_person(customer).post("/reserv", wish(customer, designer, note="처음이에요"))

    row = Reservation.objects.get()
    assert answer.contents == {
        "res": True,
        "regInfo": {
            "id": row.pk,
            "user_id": "hong",
            "date": "20260305",
            "time": "10:00",
            "designer_id": "kim",
        },
    }
    assert (row.customer, row.designer, row.date, row.time) == (customer, designer, DAY, dt.time(10))
    assert (row.hour, row.seat, row.capacity, row.note, row.status) == (10, 1, 2, "처음이에요", Status.RESERVED)
    move = Move.objects.get()
    assert (move.reservation, move.act, move.by, move.door) == (row, Act.BOOKED, customer, "api")


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_post_takes_forms(content_type, customer, designer):
    body = (
        "time=20260305-10:00&id=hong&designer_id=kim"
        if "urlencoded" in content_type
        else "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in wish(customer, designer).items()
        )
        + "--b--\r\n"
    )

    answer = as_person(customer).post("/reserv", body, content_type=content_type)

    assert answer.contents["res"] is True


@pytest.mark.parametrize("key", ["time", "id", "designer_id"])
@pytest.mark.parametrize("value", [None, "", ...])
def test_post_without_a_required_parameter_is_refused(key, value, customer, designer):
    body = wish(customer, designer, note=5)  # a missing parameter is told before a wrong one
    if value is ...:
        del body[key]
    else:
        body[key] = value

    assert as_person(customer).post("/reserv", body).failure == MISSING


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": "20260305 10:00"},
        {"time": "20260230-10:00"},
        {"time": "20260305-1000"},
        {"time": "20260305-24:00"},
        {"time": 20260305},
        {"id": 5},
        {"id": "has space"},
        {"id": "x" * 31},
        {"designer_id": ["kim"]},
        {"note": 5},
        {"note": "가" * 1001},
        {"note": "a\0b"},
        {"photo": "x"},
        {"photo": {"a": 1}},
        {"photo": [1]},
        {"photo": ["a"] * 11},
    ],
)
def test_post_of_a_wrong_type_is_refused(wrong, customer, designer):
    assert as_person(customer).post("/reserv", wish(customer, designer) | wrong).failure == MISTYPED


def test_a_note_of_1000_syllables_fits(customer, designer):
    answer = as_person(customer).post("/reserv", wish(customer, designer, note="가" * 1000))

    assert answer.status == 200


def test_post_when_the_hour_is_full(customer, designer):
    for minute in (0, 30):
        ReservationFactory(designer=designer, date=DAY, time=dt.time(10, minute))

    answer = as_person(customer).post("/reserv", wish(customer, designer))

    assert answer.failure == (403, 403, "ERR: designer's max time limitation exceed.")


def test_a_cancelled_reservation_frees_its_seat(customer, designer):
    ReservationFactory(designer=designer, date=DAY)
    ReservationFactory(designer=designer, date=DAY, seat=2, trashed=True)

    assert as_person(customer).post("/reserv", wish(customer, designer)).status == 200


def test_post_of_a_customer_who_is_elsewhere_at_that_time(customer, designer):
    ReservationFactory(customer=customer, date=DAY)

    answer = as_person(customer).post("/reserv", wish(customer, designer))

    assert answer.failure == (403, 403, "ERR: Already reserved user.")


def test_post_for_unknown_people(designer, customer):
    app = as_app()

    assert app.post("/reserv", wish(customer, designer, id="nobody")).failure == (
        400,
        400,
        "ERR: Cannot find user: nobody",
    )
    assert app.post("/reserv", wish(customer, designer, designer_id="hong")).failure == (
        400,
        400,
        "ERR: Cannot find user: hong",
    )


def test_post_with_an_unknown_photo(customer, designer):
    answer = as_person(customer).post("/reserv", wish(customer, designer, photo=["abc"]))

    assert answer.failure == (400, 400, "ERR: Cannot find photo: abc")


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("20260305-09:30", "before opening"),
        ("20260305-13:00", "lunch"),
        ("20260305-20:00", "after closing"),
        ("20260305-10:10", "off the grid"),
        ("20260306-10:00", "the salon is closed"),
        ("20260307-11:00", "the designer is away"),
    ],
)
def test_post_when_the_designer_is_not_there(time, why, customer, designer):
    TimeOffFactory(starts_at=at(2026, 3, 6, 0), ends_at=at(2026, 3, 7, 0))
    TimeOffFactory(designer=designer, starts_at=at(2026, 3, 7, 11), ends_at=at(2026, 3, 7, 12))

    answer = as_person(customer).post("/reserv", wish(customer, designer, time=time))

    assert answer.failure == (403, 403, "ERR: Designer not available at that time.")


def test_a_consultation_may_end_when_time_off_begins(customer, designer):
    TimeOffFactory(designer=designer, starts_at=at(2026, 3, 5, 11), ends_at=at(2026, 3, 5, 12))
    api = as_person(customer)

    assert api.post("/reserv", wish(customer, designer, time="20260305-10:30")).status == 200
    assert api.post("/reserv", wish(customer, designer, time="20260305-12:00")).status == 200


def test_a_designer_who_takes_no_reservations(customer):
    answer = as_person(customer).post("/reserv", wish(customer, DesignerFactory(active=False)))

    assert answer.errors == "ERR: Designer not available at that time."


@pytest.mark.parametrize("time", ["20260302-10:00", "20260303-09:00", "00010101-10:00"])
def test_post_of_a_time_that_has_passed(time, customer, designer):
    assert as_app().post("/reserv", wish(customer, designer, time=time)).failure == (
        403,
        403,
        "ERR: Reservation time has passed.",
    )


def test_customers_keep_to_the_policy_and_staff_need_not(customer, designer):
    PolicyFactory(reserve_notice_minutes=120, days_ahead=10, open_reservations=1)
    api, app = as_person(customer), as_app()

    assert api.post("/reserv", wish(customer, designer, time="20260303-10:30")).errors == "ERR: Too late to reserve."
    assert api.post("/reserv", wish(customer, designer, time="20260314-10:00")).errors == "ERR: Too far ahead."
    assert api.post("/reserv", wish(customer, designer, time="99991231-10:00")).errors == "ERR: Too far ahead."
    assert api.post("/reserv", wish(customer, designer, time="20260303-11:00")).status == 200
    assert api.post("/reserv", wish(customer, designer)).errors == "ERR: Too many open reservations."
    for time in ("20260303-10:30", "20260314-10:00"):
        assert app.post("/reserv", wish(customer, designer, time=time)).status == 200


def test_customers_reserve_for_themselves_only(customer, designer):
    other = UserFactory()

    for userid in (other.userid, "nobody"):
        assert as_person(customer).post("/reserv", wish(customer, designer, id=userid)).failure == DENIED


def test_designers_reserve_with_themselves_or_for_themselves(customer, designer):
    other = DesignerFactory()
    api = as_person(designer.user)

    assert api.post("/reserv", wish(customer, designer)).status == 200
    assert api.post("/reserv", wish(customer, other, time="20260305-11:00")).failure == DENIED
    assert api.post("/reserv", wish(designer.user, other, time="20260305-12:00")).status == 200


def at(*when):
    return timezone.make_aware(dt.datetime(*when))


# ---------------------------------------------------------------- PATCH


def test_patch_moves(customer, designer):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)
    new = DesignerFactory(user__userid="lee")
    data = {"date": "20260310", "time": "14:30", "designerid": "LEE", "note": "옮겨요"}

    answer = as_person(customer).patch("/reserv", {"base": {"id": row.pk}, "data": data})

    assert answer.contents == {
        "res": True,
        "updateInfo": {
            "baseChange": f'{{"id":{row.pk}}}',
            "affected": 1,
            "message": "Rows matched: 1  Changed: 1",
        },
    }
    row.refresh_from_db()
    assert (row.date, row.time, row.hour, row.designer, row.note) == (
        dt.date(2026, 3, 10),
        dt.time(14, 30),
        14,
        new,
        "옮겨요",
    )
    assert (row.seat, row.capacity) == (1, 4)
    move = row.moves.get()
    assert (move.act, move.before["date"], move.after["date"]) == (Act.CHANGED, "2026-03-05", "2026-03-10")


def test_patch_tells_the_base_as_it_was_given(customer):
    ReservationFactory(customer=customer)
    api = as_person(customer)
    form = 'base={ "status" : "0" }&data={"note":""}'

    answer = api.patch("/reserv", form, content_type="application/x-www-form-urlencoded")

    assert answer.contents["updateInfo"] == {
        "baseChange": '{ "status" : "0" }',
        "affected": 1,
        "message": "Rows matched: 1  Changed: 0",
    }


def test_patch_that_matches_nothing(customer):
    answer = as_person(customer).patch("/reserv", {"base": {"id": 1}, "data": {"note": "x"}})

    assert answer.contents["res"] is True
    assert answer.contents["updateInfo"]["message"] == "Rows matched: 0  Changed: 0"


@pytest.mark.parametrize("key", ["base", "data"])
def test_patch_without_a_parameter(key, customer):
    body = {"base": "all", "data": {"note": "x"}}
    del body[key]

    assert as_person(customer).patch("/reserv", body).failure == MISSING


@pytest.mark.parametrize(
    "body",
    [
        {"data": {}},
        {"data": {"nope": 1}},
        {"data": "all"},
        {"data": [1]},
        {"data": {"status": 5}},
        {"data": {"status": -1}},
        {"data": {"note": None}},
        {"data": {"date": "2026"}},
        {"data": {"userid": ""}},
        {"base": {"photo": "x"}},
        {"base": {}},
        {"base": '{"note":"x"}'},
    ],
)
def test_patch_of_a_wrong_type(body, customer):
    row = ReservationFactory(customer=customer)

    answer = as_person(customer).patch("/reserv", {"base": "all", "data": {"note": "x"}} | body)

    assert answer.failure == MISTYPED
    row.refresh_from_db()
    assert row.note == ""


def test_patch_into_a_full_hour_changes_nothing(customer):
    designer = DesignerFactory(max_per_hour=1)
    ReservationFactory(designer=designer, date=DAY)
    row = ReservationFactory(customer=customer, designer=designer, date=DAY, time=dt.time(12), seat=1)

    answer = as_person(customer).patch("/reserv", {"base": {"id": row.pk}, "data": {"time": "10:30", "note": "x"}})

    assert answer.errors == "ERR: designer's max time limitation exceed."
    row.refresh_from_db()
    assert (row.time, row.note) == (dt.time(12), "")


def test_patch_within_a_full_hour_keeps_the_seat(customer):
    designer = DesignerFactory(max_per_hour=1)
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)

    assert as_person(customer).patch("/reserv", {"base": "all", "data": {"time": "10:30"}}).status == 200
    row.refresh_from_db()
    assert (row.time, row.seat) == (dt.time(10, 30), 1)


def test_patch_of_a_note_needs_no_seat(customer):
    designer = DesignerFactory(max_per_hour=2)
    rows = [ReservationFactory(designer=designer, date=DAY) for _ in range(2)]
    designer.max_per_hour = 1
    designer.save()

    answer = as_app().patch("/reserv", {"base": "all", "data": {"note": "x"}})

    assert answer.contents["updateInfo"]["affected"] == len(rows)


def test_patch_is_all_or_nothing(designer):
    first = ReservationFactory(designer=designer, date=DAY, time=dt.time(10))
    second = ReservationFactory(designer=designer, date=DAY, time=dt.time(11), seat=1)
    third = ReservationFactory(designer=designer, date=DAY, time=dt.time(12), seat=1)

    answer = as_app().patch("/reserv", {"base": {"date": "20260305"}, "data": {"time": "15:00"}})

    assert answer.errors == "ERR: designer's max time limitation exceed."  # three into two seats
    assert list(Reservation.objects.order_by("pk").values_list("time", flat=True)) == [
        first.time,
        second.time,
        third.time,
    ]


def test_bulk_patch_seats_everybody_who_fits(designer):
    ReservationFactory(designer=designer, date=DAY, time=dt.time(15))
    moved = ReservationFactory(designer=designer, date=DAY, time=dt.time(11), seat=1)

    assert as_app().patch("/reserv", {"base": {"time": "11:00"}, "data": {"time": "15:30"}}).status == 200
    moved.refresh_from_db()
    assert (moved.hour, moved.seat) == (15, 2)


def test_patch_of_two_of_one_customer_to_one_time(customer):
    for hour in (10, 11):
        ReservationFactory(customer=customer, date=DAY, time=dt.time(hour))

    answer = as_app().patch("/reserv", {"base": {"userid": "hong"}, "data": {"time": "15:00"}})

    assert answer.errors == "ERR: Already reserved user."


def test_patch_onto_another_reservation_of_the_customer(customer, designer):
    ReservationFactory(customer=customer, date=DAY, time=dt.time(11))
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)

    answer = as_person(customer).patch("/reserv", {"base": {"id": row.pk}, "data": {"time": "11:00"}})

    assert answer.errors == "ERR: Already reserved user."


@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("after", Status.values)
def test_status_moves(before, after, designer):
    row = ReservationFactory(designer=designer, status=before)
    allowed = before == after or (before, after) in {(0, 1), (1, 2), (2, 4), (2, 3), (3, 2), (3, 4), (0, 2)}

    answer = as_person(designer.user).patch("/reserv", {"base": {"id": row.pk}, "data": {"status": after}})

    if allowed:
        assert answer.status == 200
    else:
        assert answer.failure == (403, 403, f"ERR: Status cannot change from {before} to {after}.")
    row.refresh_from_db()
    assert row.status == (after if allowed else before)


def test_who_comes_after_all_is_no_no_show(designer):
    row = ReservationFactory(designer=designer, no_show_at=timezone.now())

    as_person(designer.user).patch("/reserv", {"base": {"id": row.pk}, "data": {"status": 2}})

    row.refresh_from_db()
    assert (row.status, row.no_show_at) == (2, None)


def test_customers_change_no_status(customer):
    ReservationFactory(customer=customer)

    assert as_person(customer).patch("/reserv", {"base": "all", "data": {"status": 0}}).failure == DENIED


def test_customers_change_what_has_not_begun(customer):
    row = ReservationFactory(customer=customer, status=Status.CONSULTING)

    answer = as_person(customer).patch("/reserv", {"base": {"id": row.pk}, "data": {"note": "x"}})

    assert answer.errors == "ERR: Too late to change."


def test_all_matches_only_what_may_be_changed(customer):
    ReservationFactory(customer=customer, status=Status.DONE, date=dt.date(2026, 2, 1))
    open_row = ReservationFactory(customer=customer)

    answer = as_person(customer).patch("/reserv", {"base": "all", "data": {"note": "x"}})

    assert answer.contents["updateInfo"]["affected"] == 1
    open_row.refresh_from_db()
    assert open_row.note == "x"


def test_customers_move_until_a_day_before_and_note_until_the_end(customer):
    row = ReservationFactory(customer=customer, date=dt.date(2026, 3, 4), time=dt.time(8))
    api = as_person(customer)

    assert (
        api.patch("/reserv", {"base": {"id": row.pk}, "data": {"time": "10:00"}}).errors == "ERR: Too late to change."
    )
    assert api.patch("/reserv", {"base": {"id": row.pk}, "data": {"note": "늦어요"}}).status == 200


def test_a_move_meets_the_same_rules_as_a_new_reservation(customer, designer):
    ReservationFactory(customer=customer, designer=designer, date=DAY)
    api = as_person(customer)

    for data, errors in {
        ("date", "20260302"): "ERR: Reservation time has passed.",
        ("date", "20270101"): "ERR: Too far ahead.",
        ("time", "13:00"): "ERR: Designer not available at that time.",
        ("designerid", "nobody"): "ERR: Cannot find user: nobody",
    }.items():
        assert api.patch("/reserv", {"base": "all", "data": dict([data])}).errors == errors


def test_id_and_userid_change_nothing(customer):
    row = ReservationFactory(customer=customer)
    api = as_person(customer)
    base = {"id": row.pk}

    assert api.patch("/reserv", {"base": base, "data": {"id": row.pk, "userid": "HONG"}}).status == 200
    assert api.patch("/reserv", {"base": base, "data": {"id": row.pk + 1}}).failure == MISTYPED
    assert api.patch("/reserv", {"base": base, "data": {"userid": "nobody"}}).failure == DENIED


def test_who_has_withdrawn_is_never_expected_again():
    gone = UserFactory(name="", pn="", email="", birth=None, withdrawn_at=timezone.now())
    row = ReservationFactory(customer=gone, date=dt.date(2026, 3, 1))
    app = as_app()

    move = app.patch("/reserv", {"base": {"id": row.pk}, "data": {"date": "20260310"}})
    note = app.patch("/reserv", {"base": {"id": row.pk}, "data": {"note": "x"}})

    assert move.failure == (400, 400, f"ERR: Cannot find user: {gone.userid}")
    assert note.status == 200


def test_only_staff_hand_a_reservation_over(customer, designer):
    row = ReservationFactory(customer=customer, designer=designer)
    body = {"base": {"id": row.pk}, "data": {"userid": UserFactory(userid="park").userid}}

    assert as_app().patch("/reserv", body).failure == DENIED
    assert as_person(designer.user).patch("/reserv", body).failure == DENIED
    assert as_person(UserFactory(staff=True)).patch("/reserv", body).status == 200
    row.refresh_from_db()
    assert row.customer.userid == "park"


def test_designers_do_not_hand_over_to_a_colleague(designer):
    row = ReservationFactory(designer=designer)
    body = {"base": {"id": row.pk}, "data": {"designerid": DesignerFactory().user.userid}}

    assert as_person(designer.user).patch("/reserv", body).failure == DENIED


# ---------------------------------------------------------------- DELETE


def test_delete_cancels(customer):
    row = ReservationFactory(customer=customer)

    answer = as_person(customer).delete("/reserv", {"rule": {"id": row.pk}})

    assert answer.contents == {
        "res": True,
        "delInfo": {
            "baseChange": f'{{"id":{row.pk}}}',
            "affected": 1,
            "message": "Rows matched: 1  Changed: 1",
            "payments": [],
        },
    }
    row.refresh_from_db()
    assert (row.trashed_at, row.trashed_by) == (timezone.now(), customer)
    assert row.moves.get().act == Act.CANCELLED
    assert as_person(customer).get("/reserv", {"rule": "all"}).contents == []


def test_delete_takes_its_rule_from_the_query_string(customer):
    ReservationFactory(customer=customer)

    answer = as_person(customer).send("DELETE", "/reserv?rule=all")

    assert answer.contents["delInfo"]["baseChange"] == "all"
    assert answer.contents["delInfo"]["affected"] == 1


def test_delete_without_a_rule(customer):
    assert as_person(customer).delete("/reserv").failure == (400, 400, "Cannot find key 'rule'")


@pytest.mark.parametrize("status", [Status.CONSULTING, Status.PAUSED, Status.DONE])
def test_what_has_begun_is_cancelled_by_staff_only(status, designer, customer):
    row = ReservationFactory(designer=designer, customer=customer, status=status)
    body = {"rule": {"id": row.pk}}

    for api in (as_person(customer), as_person(designer.user), as_app()):
        assert api.delete("/reserv", body).failure == (403, 403, "ERR: Too late to cancel.")
    assert as_person(UserFactory(staff=True)).delete("/reserv", body).contents["delInfo"]["affected"] == 1


def test_customers_cancel_until_a_day_before(customer, designer):
    row = ReservationFactory(customer=customer, designer=designer, date=dt.date(2026, 3, 4), time=dt.time(8, 59))
    body = {"rule": {"id": row.pk}}

    assert as_person(customer).delete("/reserv", body).errors == "ERR: Too late to cancel."
    assert as_person(designer.user).delete("/reserv", body).status == 200


def test_all_cancels_only_what_may_be_cancelled(customer):
    late = ReservationFactory(customer=customer, date=dt.date(2026, 3, 3), time=dt.time(20))
    row = ReservationFactory(customer=customer)

    answer = as_person(customer).delete("/reserv", {"rule": "all"})

    assert answer.contents["delInfo"]["affected"] == 1
    assert list(Reservation.objects.live()) == [late]
    row.refresh_from_db()
    assert row.trashed_at is not None


def test_delete_by_rule_is_all_or_nothing(customer):
    ReservationFactory(customer=customer, date=dt.date(2026, 3, 3), time=dt.time(20))
    ReservationFactory(customer=customer, date=DAY)

    answer = as_person(customer).delete("/reserv", {"rule": {"userid": "hong"}})

    assert answer.errors == "ERR: Too late to cancel."
    assert Reservation.objects.live().count() == 2


# ---------------------------------------------------------------- doors


def test_a_session_needs_the_csrf_token(customer, designer):
    api = in_session(customer)

    assert api.post("/reserv", wish(customer, designer)).status == 200
    del api.headers["X-CSRFToken"]
    assert api.post("/reserv", wish(customer, designer, time="20260305-11:00")).failure == DENIED


def test_nobody_may_call(customer, designer):
    unauthenticated = (401, 401, "ERR: Authentication required.")

    for answer in (
        Api().get("/reserv", {"rule": "all"}),
        Api().post("/reserv", wish(customer, designer)),
        Api().patch("/reserv", {"base": "all", "data": {"note": "x"}}),
        Api().delete("/reserv", {"rule": "all"}),
    ):
        assert answer.failure == unauthenticated
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cdeday"'


def test_policy_is_read_from_its_row(customer, designer):
    Policy.objects.all().delete()
    TimeOff.objects.all().delete()

    assert as_person(customer).post("/reserv", wish(customer, designer)).status == 200


def test_a_hundred_thousand_rows_stream_in_constant_memory(django_assert_num_queries):
    designers = [DesignerFactory(max_per_hour=100) for _ in range(2)]
    customers = UserFactory.create_batch(100)
    first = dt.date(2010, 1, 1)
    Reservation.objects.bulk_create(
        (
            Reservation(
                customer=customers[n % 100],
                designer=designers[n // 100 % 2],
                date=first + dt.timedelta(days=n // 2000),
                time=dt.time(n // 200 % 10, 30 * (n // 100 % 2)),
                seat=1 + n % 100,
                capacity=100,
            )
            for n in range(100_000)
        ),
        batch_size=5000,
    )
    api = as_app()
    tracemalloc.start()
    received = rows = 0

    with django_assert_num_queries(3):  # the token, the first rows (most lists have no others), all others
        response = api.client.get("/reserv?rule=all", headers=api.headers)
        for chunk in response.streaming_content:
            received += len(chunk)
            rows += chunk.count(b'"id":')

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 100_000
    assert received > 10_000_000
    assert peak < 5_000_000


def test_the_end_of_the_calendar_is_no_fault_of_ours(customer, designer):
    answer = as_app().post("/reserv", wish(customer, designer, time="99991231-23:30"))

    assert answer.errors == "ERR: Designer not available at that time."


def test_designers_reserve_for_customers_not_for_staff(designer):
    boss = UserFactory(staff=True, userid="boss")

    answer = as_person(designer.user).post("/reserv", wish(boss, designer))

    assert answer.failure == (400, 400, "ERR: Cannot find user: boss")


def test_who_is_expected_later_has_not_missed_it(designer):
    row = ReservationFactory(designer=designer, date=dt.date(2026, 3, 2), no_show_at=timezone.now())

    as_person(designer.user).patch("/reserv", {"base": {"id": row.pk}, "data": {"date": "20260310"}})

    row.refresh_from_db()
    assert (row.date, row.no_show_at) == (dt.date(2026, 3, 10), None)
