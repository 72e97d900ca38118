"""/user: every code of the manual's list, and of the readings beside it."""

import datetime as dt

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from accounts.models import AccountType, Designer, User
from reservations.models import Reservation
from tests.api import Api, as_app, as_person, in_session
from tests.factories import DesignerFactory, ReservationFactory, UserFactory, bearer

pytestmark = pytest.mark.django_db

MISSING = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")
DENIED = (403, 403, "ERR: Permission denied.")
HONG = {
    "userid": "hong.gildong",
    "pw": "long enough 1446",
    "type": 1,
    "name": "홍길동",
    "pn": "010-1234-5678",
    "email": "hong@example.com",
    "birth": "1990.12.31",
}


def whole(user):
    return {
        "userid": user.userid,
        "type": user.type,
        "name": user.name,
        "pn": user.pn,
        "email": user.email,
        "birth": "1990.05.17",
    }


def only(user, *keys):
    return {key: value if key in keys else None for key, value in whole(user).items()}


# ---------------------------------------------------------------- GET


def test_nobody_sees_designers_by_name():
    designer = DesignerFactory().user
    UserFactory()

    answer = Api().get("/user", {"rule": "all"})

    assert answer.contents == [only(designer, "userid", "name", "type")]


def test_customers_see_designers_and_themselves():
    me, designer, _other = UserFactory(), DesignerFactory().user, UserFactory()

    answer = as_person(me).get("/user", {"rule": "all"})

    assert answer.contents == [whole(me), only(designer, "userid", "name", "type")]


def test_designers_see_customers_of_theirs_for_30_days():
    designer = DesignerFactory()
    mine, past, cancelled = UserFactory.create_batch(3)
    today = timezone.localdate()
    ReservationFactory(customer=mine, designer=designer, date=today - dt.timedelta(days=30), seat=1)
    ReservationFactory(customer=past, designer=designer, date=today - dt.timedelta(days=31), seat=1)
    ReservationFactory(customer=cancelled, designer=designer, trashed=True)
    ReservationFactory(customer=past)

    answer = as_person(designer.user).get("/user", {"rule": {"userid": mine.userid}})
    everybody = as_person(designer.user).get("/user", {"rule": "all"})

    assert answer.contents == [only(mine, "userid", "name", "pn")]
    assert {row["userid"] for row in everybody.contents} == {
        designer.user.userid,
        mine.userid,
        *Designer.objects.values_list("user__userid", flat=True),
    }


def test_staff_and_app_clients_see_everybody_whole():
    user, manager = UserFactory(), UserFactory(finance=True)

    for api in (as_person(manager), as_app()):
        assert api.get("/user", {"rule": "all"}).contents == [whole(user), whole(manager)]


def test_a_filter_on_an_unseen_field_matches_nothing():
    designer = DesignerFactory().user
    UserFactory(name=designer.name)

    assert Api().get("/user", {"rule": {"name": designer.name}}).contents[0]["userid"] == designer.userid
    assert len(Api().get("/user", {"rule": {"name": designer.name}}).contents) == 1
    for key, value in {"pn": designer.pn, "email": designer.email}.items():
        assert Api().get("/user", {"rule": {key: value}}).contents == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("userid", "KIM"),
        ("name", "김하늘"),
        ("type", 5),
        ("pn", "010-9999-0000"),
        ("pn", "+821099990000"),
        ("email", "k@example.com"),
    ],
)
def test_each_filter_finds_its_rows_and_no_others(key, value):
    UserFactory(userid="kim", name="김하늘", type=5, pn="+821099990000", email="k@example.com")
    UserFactory()

    assert [row["userid"] for row in as_app().get("/user", {"rule": {key: value}}).contents] == ["kim"]


@pytest.mark.parametrize(
    "rule", ["x", "{}", '{"type":"a"}', '{"pn":"12"}', '{"birth":"1990.01.01"}', '{"pw":"x"}', '{"name":1}']
)
def test_a_wrong_rule(rule):
    assert as_app().get("/user", {"rule": rule}).failure == MISTYPED


def test_get_without_a_rule():
    assert Api().get("/user").failure == (400, 400, "Cannot find key 'rule'")


def test_a_withdrawn_user_does_not_exist():
    UserFactory(name="", pn="", email="", birth=None, withdrawn_at=timezone.now())

    assert as_app().get("/user", {"rule": "all"}).contents == []


@pytest.mark.parametrize("count", [1, 3])
def test_get_takes_two_queries_however_many_rows(count, django_assert_num_queries):
    UserFactory.create_batch(count)
    api = as_app()

    with django_assert_num_queries(2):
        assert len(api.get("/user", {"rule": "all"}).contents) == count


# ---------------------------------------------------------------- POST


def test_post_registers():
    answer = Api().post("/user", HONG)

    user = User.objects.get()
    assert answer.body == {"status": 200, "contents": True, "errors": None}
    assert (user.userid, user.type, user.name, user.pn, user.email, user.birth) == (
        "hong.gildong",
        AccountType.CUSTOMER,
        "홍길동",
        "+821012345678",
        "hong@example.com",
        dt.date(1990, 12, 31),
    )
    assert check_password("long enough 1446", user.password)
    assert user.email_confirmed_at is None


@pytest.mark.parametrize("key", list(HONG))
@pytest.mark.parametrize("value", [None, "", ...])
def test_post_without_a_required_parameter(key, value):
    body = HONG | {"birth" if key != "birth" else "pn": "wrong"}  # a missing parameter is told before a wrong one
    if value is ...:
        del body[key]
    else:
        body[key] = value

    assert Api().post("/user", body).failure == MISSING


@pytest.mark.parametrize(
    "wrong",
    [
        {"userid": "홍길동"},
        {"userid": "a b"},
        {"userid": "a" * 31},
        {"userid": 5},
        {"userid": "a\n"},
        {"pw": 12345678},
        {"type": "x"},
        {"type": 6},
        {"type": True},
        {"type": 1.0},
        {"name": "가" * 31},
        {"name": "  "},
        {"name": "a\r\nb"},
        {"pn": "12345"},
        {"pn": "０１０１２３４５６７８"},
        {"pn": "tel:010-1234-5678"},
        {"pn": 1012345678},
        {"email": "hong"},
        {"email": "a@b.c\nd"},
        {"email": "x" * 50 + "@example.com"},
        {"birth": "19901231"},
        {"birth": "1990.13.01"},
        {"birth": 5},
    ],
)
def test_post_of_a_wrong_type(wrong):
    assert Api().post("/user", HONG | wrong).failure == MISTYPED


def test_userids_are_taken_whatever_their_case():
    UserFactory(userid="Hong.Gildong")

    assert Api().post("/user", HONG).failure == (409, 409, "ERR: Duplicate userid")


def test_a_withdrawn_userid_stays_taken():
    UserFactory(userid="hong.gildong", name="", pn="", email="", birth=None, withdrawn_at=timezone.now())

    assert Api().post("/user", HONG).failure == (409, 409, "ERR: Duplicate userid")


@pytest.mark.parametrize("pw", ["short", "password123", "20261122", "hong.gildong"])
def test_post_with_a_weak_password(pw):
    assert Api().post("/user", HONG | {"pw": pw}).failure == (400, 400, "ERR: Password too weak.")
    assert not User.objects.exists()


def test_nobody_under_14_registers():
    young, old_enough = "2012.03.04", "2012.03.03"  # today is 2026-03-03

    assert Api().post("/user", HONG | {"birth": young}).failure == (400, 400, "ERR: Guardian consent required.")
    assert Api().post("/user", HONG | {"birth": old_enough}).status == 200


@pytest.mark.parametrize("account_type", [0, 2, 3, 4, 5])
def test_only_account_managers_register_others_than_customers(account_type):
    body = HONG | {"type": account_type}
    for api in (Api(), as_person(UserFactory()), as_person(DesignerFactory().user), as_app()):
        assert api.post("/user", body).failure == DENIED
    assert as_person(UserFactory(finance=True)).post("/user", HONG).failure == DENIED

    assert as_person(UserFactory(system=True)).post("/user", body).status == 200

    assert User.objects.named("hong.gildong").get().type == account_type


def test_a_registered_designer_has_a_profile():
    as_person(UserFactory(staff=True)).post("/user", HONG | {"type": 2})

    assert Designer.objects.get().user.userid == "hong.gildong"


# ---------------------------------------------------------------- PATCH


def test_patch_changes_oneself():
    me = UserFactory(email_confirmed_at=timezone.now())
    data = {"name": "새이름", "pn": "02-123-4567", "email": "new@example.com"}

    answer = as_person(me).patch("/user", {"base": {"userid": me.userid.upper()}, "data": data})

    assert answer.contents == {
        "res": True,
        "updateInfo": {
            "baseChange": f'{{"userid":"{me.userid.upper()}"}}',
            "affected": 1,
            "message": "Rows matched: 1  Changed: 1",
        },
    }
    me.refresh_from_db()
    assert (me.name, me.pn, me.email, me.email_confirmed_at) == ("새이름", "+8221234567", "new@example.com", None)


def test_patch_all_means_oneself():
    me, other = UserFactory(), UserFactory()

    answer = as_person(me).patch("/user", {"base": "all", "data": {"name": "나"}})

    assert answer.contents["updateInfo"]["affected"] == 1
    other.refresh_from_db()
    assert other.name != "나"


def test_patch_that_changes_nothing_still_matches():
    me = UserFactory()

    answer = as_person(me).patch("/user", {"base": "all", "data": {"name": me.name}})

    assert answer.contents["updateInfo"]["message"] == "Rows matched: 1  Changed: 0"


def test_patch_of_a_userid_out_of_scope_cannot_be_confirmed():
    me, other = UserFactory(), UserFactory()

    for userid in (other.userid, "Nobody"):
        answer = as_person(me).patch("/user", {"base": {"userid": userid}, "data": {"name": "x"}})
        assert answer.failure == (404, 500, f"ERR: Cannot find user: {userid}")


def test_every_other_miss_is_no_row():
    me = UserFactory()
    api = as_person(me)

    for base in ({"name": "nobody"}, {"userid": me.userid, "name": "nobody"}):
        answer = api.patch("/user", {"base": base, "data": {"name": "x"}})
        assert answer.contents["updateInfo"]["affected"] == 0


def test_staff_change_anybody():
    user = UserFactory()

    answer = as_person(UserFactory(system=True)).patch("/user", {"base": {"userid": user.userid}, "data": {"type": 2}})

    user.refresh_from_db()
    assert (answer.contents["updateInfo"]["affected"], user.type, user.designer.active) == (1, 2, True)


def test_types_are_changed_by_account_managers_only():
    me = UserFactory()
    body = {"base": {"userid": me.userid}, "data": {"type": 4}}

    for api in (as_person(me), as_app()):
        assert api.patch("/user", body).failure == DENIED
    me.refresh_from_db()
    assert me.type == 1


def test_app_clients_change_customers_only():
    customer, manager = UserFactory(), UserFactory(system=True)

    assert as_app().patch("/user", {"base": "all", "data": {"name": "새이름"}}).contents["updateInfo"]["affected"] == 1
    for user in (customer, manager):
        user.refresh_from_db()
    assert (customer.name, manager.name == "새이름") == ("새이름", False)


def test_the_last_administrator_stays():
    boss = UserFactory(staff=True)
    body = {"base": {"userid": boss.userid}, "data": {"type": 1}}

    assert as_person(UserFactory(system=True)).patch("/user", body).failure == (
        409,
        409,
        "ERR: Cannot remove the last administrator.",
    )
    UserFactory(staff=True)
    assert as_person(boss).patch("/user", body).status == 200


def test_a_designer_with_reservations_stays_one():
    row = ReservationFactory()
    body = {"base": {"userid": row.designer.user.userid}, "data": {"type": 1}}
    manager = as_person(UserFactory(system=True))

    assert manager.patch("/user", body).failure == (409, 409, "ERR: Designer has upcoming reservations.")
    Reservation.objects.all().update(trashed_at=timezone.now())
    assert manager.patch("/user", body).status == 200
    row.designer.refresh_from_db()
    assert row.designer.active is False


@pytest.mark.parametrize(
    "data", [{}, {"userid": "x"}, {"birth": "1990.01.01"}, {"name": ""}, {"type": "9"}, {"pn": None}, "all", 5]
)
def test_patch_of_a_wrong_type(data):
    assert as_person(UserFactory()).patch("/user", {"base": "all", "data": data}).failure == MISTYPED


@pytest.mark.parametrize("key", ["base", "data"])
def test_patch_without_a_parameter(key):
    body = {"base": "all", "data": {"name": "x"}}
    del body[key]

    assert as_person(UserFactory()).patch("/user", body).failure == MISSING


# ---------------------------------------------------------------- DELETE


def test_delete_withdraws():
    me = UserFactory(userid="hong", email_confirmed_at=timezone.now())
    upcoming = ReservationFactory(customer=me)
    past = ReservationFactory(customer=me, date=dt.date(2026, 3, 1), status=4)
    api, token = in_session(me), Api(token=bearer(me))

    answer = api.delete("/user", {"rule": "all"})

    assert answer.contents == {
        "res": True,
        "delInfo": {"baseChange": "all", "affected": 1, "message": "Rows matched: 1  Changed: 1"},
    }
    me.refresh_from_db()
    assert (me.userid, me.name, me.pn, me.email, me.birth, me.withdrawn_at) == (
        "hong",
        "",
        "",
        "",
        None,
        timezone.now(),
    )
    assert (me.email_confirmed_at, me.has_usable_password()) == (None, False)
    upcoming.refresh_from_db()
    assert (upcoming.trashed_at, upcoming.cancel_reason) == (timezone.now(), "회원 탈퇴")
    assert list(Reservation.objects.live()) == [past]
    for dead in (api, token):
        assert dead.get("/reserv", {"rule": "all"}).status == 401


def test_delete_without_a_rule():
    assert as_person(UserFactory()).delete("/user").failure == (400, 400, "Cannot find key 'rule'")


def test_people_withdraw_themselves_only():
    me, other = UserFactory(), UserFactory()

    answer = as_person(me).delete("/user", {"rule": {"userid": other.userid}})

    assert answer.contents["delInfo"]["affected"] == 0
    other.refresh_from_db()
    assert other.withdrawn_at is None


@pytest.mark.parametrize("rule", ["all", {"name": "x"}, {"type": 1}])
def test_staff_and_app_clients_name_whom_they_withdraw(rule):
    for api in (as_person(UserFactory(staff=True)), as_person(UserFactory(system=True)), as_app()):
        assert api.delete("/user", {"rule": rule}).failure == MISTYPED


def test_staff_withdraw_a_named_user():
    user = UserFactory()

    answer = as_person(UserFactory(staff=True)).delete("/user", {"rule": {"userid": user.userid.upper()}})

    assert answer.contents["delInfo"]["affected"] == 1
    user.refresh_from_db()
    assert user.withdrawn_at is not None


def test_app_clients_withdraw_customers_only():
    manager = UserFactory(staff=True)
    UserFactory(staff=True)

    assert as_app().delete("/user", {"rule": {"userid": manager.userid}}).contents["delInfo"]["affected"] == 0


def test_a_designer_with_reservations_cannot_withdraw():
    row = ReservationFactory()

    answer = as_person(row.designer.user).delete("/user", {"rule": "all"})

    assert answer.failure == (409, 409, "ERR: Designer has upcoming reservations.")
    row.refresh_from_db()
    assert row.trashed_at is None


def test_the_last_administrator_cannot_withdraw():
    boss = UserFactory(staff=True)

    answer = as_person(boss).delete("/user", {"rule": {"userid": boss.userid}})

    assert answer.failure == (409, 409, "ERR: Cannot remove the last administrator.")


def test_finance_managers_write_no_accounts():
    api = as_person(UserFactory(finance=True))

    assert api.patch("/user", {"base": "all", "data": {"name": "x"}}).failure == DENIED
    assert api.delete("/user", {"rule": "all"}).failure == DENIED
