"""The code from before the newest migration serves on the tables that it makes, and beside the new code."""

import io
import subprocess
import tarfile
import time

import pytest

from tests import servers
from tests.races import databases
from tests.races.regulars import failures, using
from tests.races.site import ROOT, Site, serving

APPLICATION = "cody_site.wsgi"
MIGRATED = "SELECT count(*) FROM django_migrations"

pytestmark = [
    pytest.mark.races,
    pytest.mark.skipif(not servers.postgres_programs(), reason="PostgreSQL is not installed"),
]


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A site of that code, on the tables of its time."""
    code = tmp_path_factory.mktemp("old_code")
    check_out(before_the_newest_migration(), code)
    folder = tmp_path_factory.mktemp("old_site")
    with servers.postgres() as url:
        site = Site(url, folder, environment={"VAR_DIR": str(folder)})
        site.root = code
        site.prepare("migrate", "--verbosity", "0")
        site.prepare("shell", "-c", "from tests.races import salon; salon.build()")
        with serving(site, APPLICATION):
            yield site


def before_the_newest_migration():
    """The commit; skips where history does not reach so far (a shallow clone)."""
    added = ["log", "-1", "--format=%H", "--diff-filter=A", "--", "*/migrations/0*.py", ":!tests"]
    commit = f"{git(*added).stdout.decode().strip()}^"
    if git("rev-parse", "--verify", "--quiet", commit).returncode:
        pytest.skip("git's history does not reach back to before the newest migration")
    return commit


def check_out(commit, folder):
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit).stdout)) as code:
        code.extractall(folder, filter="data")


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)


def test_old_code_serves_on_the_new_tables_and_beside_the_new_code(old, tmp_path):
    new = Site(old.database_url, tmp_path, environment=old.environment)

    with using(old.api) as told_by_old:
        before = databases.read(old.database_url, MIGRATED)
        new.prepare("migrate", "--verbosity", "0")
        assert databases.read(old.database_url, MIGRATED) > before
        with serving(new, APPLICATION), using(new.api, first=6) as told_by_new:
            time.sleep(2)

    assert (failures(told_by_old), failures(told_by_new)) == ({}, {})
    assert (old.complaints(), new.complaints()) == ([], [])
    made = told_by_old["POST /reserv", 200] + told_by_new["POST /reserv", 200]
    assert databases.read(old.database_url, "SELECT count(*) FROM reservations_reservation") == [(made,)]
    assert told_by_old["POST /reserv", 200] > 10
    assert new.verify() == ""


def test_a_column_that_goes_too_early_is_noticed(old):
    databases.read(old.database_url, "ALTER TABLE reservations_reservation DROP COLUMN note")

    with using(old.api) as told:
        time.sleep(1)

    assert failures(told)["POST /reserv", 500] > 0
    assert old.complaints()
