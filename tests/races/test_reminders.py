"""Workers killed between any two steps of reminding, and four at once: each customer is reminded once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.races

ROOT = Path(__file__).resolve().parents[2]


def rounds(url, *arguments):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cody_site.settings",
        "DEBUG": "1",
        "DATABASE_URL": url,
        "CELERY_BROKER_URL": "memory://",
    }
    command = [sys.executable, "-m", "tests.races.reminder_worker", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {told["when"]: told for told in map(json.loads, done.stdout.splitlines())}


def test_each_is_reminded_once_whatever_becomes_of_the_workers(new_database):
    with new_database() as url:
        told = rounds(url)

    kills = [f"{moment} {step}" for step in ("_remind", "_write") for moment in ("before", "after")]
    assert list(told) == [*kills, "at once"]
    assert [when for when in kills if not told[when]["killed"]] == []
    for when, found in told.items():
        assert set(found["reminders"]) == set(found["mails"]) == {1}, when


def test_without_the_index_and_the_lock_some_are_reminded_twice(new_database):
    with new_database() as url:
        if not url.startswith("postgres"):
            pytest.skip("SQLite has one writer at a time anyway")
        assert max(rounds(url, "unguarded")["at once"]["mails"]) > 1
