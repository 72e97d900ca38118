"""What a release may do to the tables of the one before, which still serves."""

import contextlib
import re

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

from cody_site.management.commands.migrate import ONE_AT_A_TIME
from tests.test_project import OURS

TAKEN = ["0001_initial", "0002_index_out_of_the_way", "0003_not_null_with_db_default"]
REFUSED = [
    "0004_not_null_without_default", "0005_made_not_null", "0006_column_renamed", "0007_column_dropped",
    "0008_type_altered", "0009_index_in_the_way", "0010_unique_in_the_way", "0011_table_renamed", "0012_table_dropped",
]  # fmt: skip


@pytest.fixture
def _bad_release(settings):
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "tests.releases.bad.apps.Bad"]):
        yield


@pytest.fixture
def stranger():
    """A second connection to this database, which answers at once or not at all."""
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own")
    with contextlib.closing(psycopg2.connect(**connection.get_connection_params())) as other:
        yield other


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_bad_release")
def test_the_linter_refuses_what_old_code_cannot_live_with_and_takes_the_rest(capsys):
    linters = pytest.importorskip("django_migration_linter", reason="of requirements-dev.txt")
    if connection.vendor != "postgresql":
        pytest.skip("it reads PostgreSQL's SQL")
    linter = linters.MigrationLinter(no_cache=True, all_warnings_as_errors=True)

    linter.lint_all_migrations(app_label="bad_release")

    told = re.findall(r"\(bad_release, (\w+)\)... (\w+)", capsys.readouterr().out)
    assert dict(told) == dict.fromkeys(REFUSED, "ERR") | dict.fromkeys(TAKEN, "OK")


@pytest.mark.django_db
def test_a_migration_that_cannot_be_rolled_back_does_one_thing():
    """`migrate` tries again from the start of a migration."""
    found = MigrationLoader(connection).disk_migrations.items()

    assert [name for (app, name), one in found if app in OURS and not one.atomic and len(one.operations) > 1] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_bad_release")
def test_an_index_is_made_and_removed_on_both_databases():
    call_command("migrate", "bad_release", "0002", verbosity=0)
    assert "thing_name" in indexes()

    call_command("migrate", "bad_release", "0001", verbosity=0)
    assert "thing_name" not in indexes()

    call_command("migrate", "bad_release", "zero", verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_bad_release")
def test_an_index_that_an_attempt_left_unfinished_is_made_anew(stranger):
    call_command("migrate", "bad_release", "0001", verbosity=0)
    stranger.autocommit = True
    with stranger.cursor() as cursor:
        cursor.execute("INSERT INTO bad_release_thing (id, name) VALUES (1, 'same'), (2, 'same')")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY thing_name ON bad_release_thing (name)")

    call_command("migrate", "bad_release", "0002", verbosity=0)

    assert not indexes()["thing_name"]["unique"]
    call_command("migrate", "bad_release", "zero", verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_bad_release")
def test_migrate_gives_up_after_so_many_attempts_and_leaves_the_session_as_it_was(stranger):
    call_command("migrate", "bad_release", "0001", verbosity=0)
    with stranger.cursor() as cursor:
        cursor.execute("SELECT FROM bad_release_thing")  # its transaction stays open

        with pytest.raises(CommandError, match="others never let go"):
            call_command("migrate", "bad_release", "zero", verbosity=0, lock_timeout=0.1, attempts=2)

    assert timeouts() == {"lock_timeout": "5s", "statement_timeout": "15s"}
    stranger.rollback()
    call_command("migrate", "bad_release", "zero", verbosity=0)
    assert "bad_release_thing" not in connection.introspection.table_names()


@pytest.mark.django_db(transaction=True)
def test_two_do_not_migrate_at_once(stranger):
    with stranger.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])

        with pytest.raises(CommandError, match="Somebody else migrates"):
            call_command("migrate", verbosity=0)


def indexes():
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, "bad_release_thing")


def timeouts():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM pg_settings WHERE name ~ '^(lock|statement)_timeout'")
        return dict(cursor.fetchall())
