import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from accounts.authentication import TOKENS, AccessToken
from cody_site.prepared import Prepared, PreparedForOne, PreparedInsert, PreparedInsertOfTwo, read_ahead
from reservations.models import Act, Move, Reservation
from reservations.seats import lock_designers
from tests.api import as_app, as_person
from tests.factories import DesignerFactory, ReservationFactory, UserFactory, bearer


@pytest.mark.django_db
@pytest.mark.parametrize("person", [True, False])
def test_a_prepared_row_is_what_the_orm_reads(person):
    bearer(UserFactory(birth=None) if person else None)
    stored = AccessToken.objects.select_related("user", "application").get()

    found = TOKENS.first(stored.token_checksum)

    for one, other in ((found, stored), (found.application, stored.application), (found.user, stored.user)):
        assert one == other
        assert one is None or ({**vars(one), "_state": 0}.items() <= {**vars(other), "_state": 0}.items())


@pytest.mark.django_db
def test_nothing_that_is_needed_of_a_row_is_left_out(django_assert_num_queries):
    api = as_app()

    with django_assert_num_queries(2):  # the token, the list
        assert api.get("/reserv", {"rule": "all"}).status == 200


@pytest.mark.django_db
def test_nothing_is_found_under_another_value():
    bearer()

    assert TOKENS.first("0" * 64) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="a file has no connection to lose")
def test_a_connection_that_the_server_has_closed_is_replaced():
    api = as_app()
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.health_check_enabled, connection.health_check_done = True, False  # as at the start of a request

    assert api.get("/reserv", {"rule": "all"}).status == 200
    assert as_person(UserFactory()).get("/reserv", {"rule": "all"}).status == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="only PostgreSQL keeps a plan")
def test_a_column_of_another_type_is_planned_anew():
    api, designer = as_app(), DesignerFactory()

    def reserves(hour):
        wish = {"time": f"20260305-{hour}:00", "id": UserFactory().userid, "designer_id": designer.user.userid}
        return api.post("/reserv", wish).status == 200

    assert reserves(14)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE accounts_client ALTER name TYPE text; ALTER TABLE accounts_user ALTER name TYPE text"
        )
    try:
        assert reserves(15)
        assert api.get("/reserv", {"rule": "all"}).status == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_client ALTER name TYPE varchar(255)")
            cursor.execute("ALTER TABLE accounts_user ALTER name TYPE varchar(30)")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_query_for_one_or_several_finds_what_the_orm_finds(count):
    rows = [ReservationFactory(note="100 % %s") for _ in range(count)]
    both = PreparedForOne(lambda pks, notes: Reservation.objects.filter(pk__in=pks, note__in=notes).order_by("pk"))

    for _twice in range(2):
        found = both({row.pk for row in rows}, ["100 % %s"])

        assert [vars(one) | {"_state": 0} for one in found] == [
            vars(other) | {"_state": 0} for other in Reservation.objects.order_by("pk")
        ]


@pytest.mark.django_db
def test_a_constant_may_have_any_letters_in_it():
    row = ReservationFactory(note="100 % of it's %s \\ $1")
    noted = Prepared(
        lambda pk: Reservation.objects.filter(pk=pk, note="100 % of it's %s \\ $1").values_list("pk", "date", "time")
    )

    assert noted(row.pk) == [(row.pk, row.date, row.time)]
    assert noted.first(0) is None


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite is told a time as text")
def test_a_query_that_has_read_the_clock_is_none_to_keep():
    frozen = Prepared(lambda pk: Reservation.objects.filter(pk=pk, created_at__lt=timezone.now()))

    with pytest.raises(ValueError, match="would stay at the time"):
        frozen(1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite locks no rows")
def test_what_locks_is_never_asked_outside_of_a_transaction():
    designer = DesignerFactory()
    with transaction.atomic():
        assert lock_designers([designer.pk]) == {designer.pk: designer}

    with pytest.raises(TransactionManagementError):
        lock_designers([designer.pk])


@pytest.mark.django_db
def test_what_is_added_is_what_saving_adds():
    by_orm = ReservationFactory()
    added = ReservationFactory.build(
        customer=by_orm.customer, designer=by_orm.designer, date=by_orm.date + dt.timedelta(days=1), time=by_orm.time
    )

    PreparedInsert(Reservation)(added)

    assert not added._state.adding
    assert differing(added) == set()
    assert (added.hour, added.created_at) == (added.time.hour, Reservation.objects.get(pk=added.pk).created_at)


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="only PostgreSQL keeps statements")
def test_a_statement_whose_first_use_is_refused_is_prepared_once():
    there = ReservationFactory()
    add = PreparedInsert(Reservation)
    same = {"customer": there.customer, "designer": there.designer, "date": there.date, "time": there.time}

    def kept():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return cursor.fetchone()[0]

    before = kept()
    for _twice in range(2):
        with pytest.raises(IntegrityError), transaction.atomic():
            add(ReservationFactory.build(**same, seat=there.seat))

    assert kept() == before + 1


@pytest.mark.django_db
def test_what_is_added_with_its_history_is_what_saving_adds(django_assert_num_queries):
    there = ReservationFactory()
    added = ReservationFactory.build(
        customer=there.customer, designer=there.designer, date=there.date + dt.timedelta(days=1), time=there.time
    )
    move = Move(reservation=added, act=Act.BOOKED, door="api", after={"note": "100 % of it's %s"})

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        PreparedInsertOfTwo(Reservation, Move, "reservation")(added, move)

    assert (differing(added), differing(move)) == (set(), set())
    assert (added.hour, move.reservation_id) == (added.time.hour, added.pk)


def differing(added):
    """In which fields the instance is not what is stored."""
    stored = type(added).objects.get(pk=added.pk)
    names = [field.name for field in added._meta.concrete_fields]
    return {name for name in names if getattr(stored, name) != getattr(added, name)}


PLACES = PreparedForOne(
    lambda pks, notes: (
        Reservation.objects.filter(pk__in=pks, note__in=notes)
        .order_by("pk")
        .values_list("pk", "date", "time", "created_at", "note", "no_show_at")
    )
)
NEWEST = PreparedForOne(lambda customers: Reservation.objects.filter(customer__in=customers).values_list("pk"))


@pytest.mark.django_db
def test_what_is_read_ahead_is_what_is_found_then(django_assert_num_queries):
    row = ReservationFactory(note="100 % of it's \\ \"")
    asked = PLACES.asked([row.pk], [row.note]), PLACES.asked([0], [row.note]), NEWEST.asked({row.customer_id})
    found = [question() for question in asked]

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3), read_ahead(*asked):
        assert [question() for question in asked] == found

    assert found == [[(row.pk, row.date, row.time, row.created_at, row.note, None)], [], [(row.pk,)]]


@pytest.mark.django_db
def test_what_was_read_ahead_answers_once_and_only_until_the_context_ends():
    row = ReservationFactory()
    asked = PLACES.asked([row.pk], [row.note])

    with read_ahead(asked):
        asked()
        Reservation.objects.filter(pk=row.pk).update(note="changed")
        assert asked() == []
    with read_ahead(asked):
        row.save()
    assert len(asked()) == 1


@pytest.mark.django_db
def test_a_question_of_several_values_is_asked_when_it_is_asked(django_assert_num_queries):
    rows = ReservationFactory.create_batch(2)
    asked = NEWEST.asked({row.customer_id for row in rows})

    with read_ahead(asked), django_assert_num_queries(1):
        assert len(asked()) == 2


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="where nothing is read ahead")
@pytest.mark.parametrize(
    "rows",
    [
        Reservation.objects.all(),
        Reservation.objects.select_for_update().values_list("pk"),
        Move.objects.values_list("after"),
    ],
    ids=["instances", "locks", "what JSON does not tell"],
)
def test_only_plain_values_without_locks_are_read_ahead(rows):
    asked = PreparedForOne(lambda pks: rows.filter(pk__in=pks)).asked([1])

    with transaction.atomic(), pytest.raises(ValueError, match=r"only values|JSON"), read_ahead(asked):
        pass
