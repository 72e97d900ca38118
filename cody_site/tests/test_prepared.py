import pytest
from django.db import DatabaseError, connection

from accounts.authentication import TOKENS
from tests.api import as_app, as_person
from tests.factories import UserFactory, bearer


@pytest.mark.django_db
@pytest.mark.parametrize("person", [True, False])
def test_a_prepared_row_is_what_the_orm_reads(person):
    bearer(UserFactory(birth=None) if person else None)
    stored = TOKENS.model.objects.select_related("user", "application").get()

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
    api = as_app()
    assert api.get("/reserv", {"rule": "all"}).status == 200

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_client ALTER name TYPE text")
    try:
        assert api.get("/reserv", {"rule": "all"}).status == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_client ALTER name TYPE varchar(255)")
