"""Sites behind nginx are replaced one after the other while people use them: nobody is sent away, nothing is lost."""

import shutil
from collections import Counter

import pytest

from tests import servers
from tests.races import databases, rolling

pytestmark = [
    pytest.mark.races,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
    pytest.mark.skipif(not servers.postgres_programs(), reason="PostgreSQL is not installed"),
]


@pytest.fixture(scope="module")
def salon(tmp_path_factory):
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        servers.postgres() as url,
        rolling.behind_nginx(url, tmp_path_factory.mktemp("rolling"), monkeypatch) as salon,
    ):
        yield salon


def reservations(salon):
    """How many there are, and how many of them are cancelled."""
    counted = "SELECT count(*), count(trashed_at) FROM reservations_reservation"
    return databases.read(salon.site.database_url, counted)[0]


def test_sites_are_restarted_and_reloaded_and_every_request_is_answered(salon):
    before = reservations(salon)

    with salon.used() as told:
        for member in salon.members:
            member.restart()
        for member in salon.members:
            member.reload()

    made, cancelled = reservations(salon)
    assert Counter(status for _method, status in told.elements()) == {200: told.total()}
    assert (made - before[0], cancelled - before[1]) == (told["POST", 200], told["DELETE", 200])
    assert told["POST", 200] > 20
    assert salon.site.verify() == ""


def test_gunicorns_own_worker_would_send_people_away(salon):
    member = salon.members[0]
    member.environment["GUNICORN_CMD_ARGS"] = "--worker-class gthread"
    member.restart()

    assert any(people_are_sent_away(salon, member) for _attempt in range(5))


def people_are_sent_away(salon, member):
    with salon.used() as told:
        member.restart()
    return any(status != 200 for _method, status in told)
