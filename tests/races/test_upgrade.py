"""A release comes while people use the one before: its migrations stop nobody, nor do sites that are replaced."""

import contextlib
import shutil
import subprocess
import sys
import time

import psycopg2
import pytest

from tests import servers
from tests.races import databases, rolling
from tests.races.regulars import failures, using
from tests.races.site import ROOT

pytestmark = [
    pytest.mark.races,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
    pytest.mark.skipif(not servers.postgres_programs(), reason="PostgreSQL is not installed"),
]


NEXT = {"DJANGO_SETTINGS_MODULE": "tests.releases.settings"}
LIST = "/reserv?rule=all&limit=5"


@pytest.fixture(scope="module")
def salon(tmp_path_factory):
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        servers.postgres() as url,
        rolling.behind_nginx(url, tmp_path_factory.mktemp("rolling"), monkeypatch) as salon,
    ):
        yield salon


# ---------------------------------------------------------------- a table that somebody holds


def test_a_migration_that_waits_lets_the_others_pass_and_comes_again(salon):
    with held_table(salon.site) as holder, migrating(salon.site, "0001", "--lock-timeout", "0.5") as migration:
        with salon.site.api() as api:
            assert [api.get(LIST).status_code for _ in range(20)] == [200] * 20
        assert migration.poll() is None
        assert not has_new_column(salon.site)

        holder.rollback()
        told = migration.communicate()[1]

    assert (migration.returncode, "attempt 1 of 20" in told) == (0, True), told
    assert has_new_column(salon.site)


def test_behind_a_migration_that_waits_for_good_everybody_waits(salon):
    target = "zero" if has_new_column(salon.site) else "0001"
    with held_table(salon.site) as holder, migrating(salon.site, target, "--lock-timeout", "0") as migration:
        with salon.site.api() as api:
            assert api.get(LIST).status_code == 409  # a lock was not to be had
        holder.rollback()
        migration.communicate()

    assert migration.returncode == 0


@contextlib.contextmanager
def held_table(site):
    """A long transaction that has only read."""
    with contextlib.closing(psycopg2.connect(site.database_url)) as holder:
        holder.cursor().execute("SELECT FROM reservations_reservation LIMIT 1")
        yield holder


@contextlib.contextmanager
def migrating(site, target, *options):
    """`migrate` of the next release in a process of its own, which waits already."""
    command = [sys.executable, "manage.py", "migrate", "next_release", target, *options]
    with subprocess.Popen(
        command, cwd=ROOT, env=site.environment | NEXT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as migration:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'reservations_reservation'::regclass"
        while migration.poll() is None and databases.read(site.database_url, waiting) == [(0,)]:
            time.sleep(0.02)
        yield migration


def has_new_column(site):
    columns = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'later'"
    return databases.read(site.database_url, columns) == [(1,)]


# ---------------------------------------------------------------- sites that are replaced, one after the other


def reservations(salon):
    """How many there are, and how many of them are cancelled."""
    counted = "SELECT count(*), count(trashed_at) FROM reservations_reservation"
    return databases.read(salon.site.database_url, counted)[0]


def test_sites_are_restarted_and_reloaded_and_every_request_is_answered(salon):
    before = reservations(salon)

    with using(salon.api) as told:
        for member in salon.members:
            member.restart()
        for member in salon.members:
            member.reload()

    made, cancelled = reservations(salon)
    assert failures(told) == {}
    assert (made - before[0], cancelled - before[1]) == (told["POST /reserv", 200], told["DELETE /reserv", 200])
    assert told["POST /reserv", 200] > 20


def test_gunicorns_own_worker_would_send_people_away(salon):
    member = salon.members[0]
    member.environment["GUNICORN_CMD_ARGS"] = "--worker-class gthread"
    member.restart()

    assert any(people_are_sent_away(salon, member) for _attempt in range(5))


def people_are_sent_away(salon, member):
    with using(salon.api) as told:
        member.restart()
    return failures(told)
