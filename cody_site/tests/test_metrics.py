"""/metrics: who may read it, what it says, and that no stranger makes it grow."""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from cody_site.tasks import tick
from payments.models import State
from tests.api import Api, as_app, as_person
from tests.factories import (
    DesignerFactory,
    MailFactory,
    PaymentFactory,
    PhotoFactory,
    ReservationFactory,
    TickFactory,
    UserFactory,
)
from tests.servers import free_port, wait_until_listening

TOKEN = "for-the-tests-of-metrics-" + "x" * 20


@pytest.fixture
def scrape(settings):
    """What /metrics says now, as {(name, labels…): value}."""
    settings.METRICS_TOKEN = TOKEN
    return lambda: read(Browser().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode())


def read(text):
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


# ---------------------------------------------------------------- who may read it


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {TOKEN} é"]
)
def test_who_has_not_the_token_finds_no_such_page(given, settings):
    settings.METRICS_TOKEN = TOKEN

    assert Browser().get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["Bearer ", "Bearer None", f"Bearer {TOKEN}"])
def test_without_the_setting_nobody_finds_it(given, settings):
    settings.METRICS_TOKEN = ""

    assert Browser().get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
def test_neither_an_administrator_nor_an_app_reads_it(settings):
    settings.METRICS_TOKEN = TOKEN
    browser = Browser()
    browser.force_login(UserFactory(staff=True))

    assert browser.get("/metrics").status_code == 404
    assert as_app().get("/metrics").http == 404


@pytest.mark.django_db
def test_it_is_openmetrics_and_kept_by_nobody(settings):
    settings.METRICS_TOKEN = TOKEN
    answer = Browser().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.endswith(b"# EOF\n")


def test_a_token_that_can_be_guessed_is_no_setting():
    told = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=django_settings.BASE_DIR,
        env=os.environ | {"METRICS_TOKEN": "short", "DJANGO_SETTINGS_MODULE": "cody_site.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode
    assert ImproperlyConfigured.__name__ in told.stderr
    assert "METRICS_TOKEN is too short" in told.stderr


# ---------------------------------------------------------------- what processes count


@pytest.mark.django_db
def test_a_request_is_counted_under_its_route(scrape):
    key = ("cdeday_request_seconds_count", "method=GET", "route=user", "status=2xx")
    before = scrape().get(key, 0)

    as_person(UserFactory()).get("/user", {"rule": "all"})

    assert scrape()[key] == before + 1
    assert scrape()["cdeday_requests_in_flight",] == 1  # the scrape itself


@pytest.mark.django_db
def test_a_thousand_paths_and_methods_of_a_stranger_make_no_new_line(scrape, settings):
    settings.THROTTLE_ANON = 0
    for method in ("GET", "BREW", "propfind"):
        Browser().generic(method, "/nothing/of/ours")
    Browser().get("/designers/0/")
    before = set(scrape())

    for number in range(1000):
        method = ("GET", f"BREW{number}")[number % 2]
        Browser().generic(method, f"/{os.urandom(6).hex()}/{number}" if number % 3 else f"/designers/{number + 10**6}/")

    new = {line for line in set(scrape()) - before if not line[0].startswith("cdeday_request_seconds")}
    assert new == set()
    routes = {part for line in scrape() for part in line[1:] if part.startswith("route=")}
    assert not [route for route in routes if "1000000" in route]
    assert {part for line in scrape() for part in line[1:] if part.startswith("method=")} <= {
        f"method={method}" for method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "other")
    }


@pytest.mark.django_db
def test_what_is_throttled_is_counted(scrape, settings):
    settings.THROTTLE_ANON = 1
    before = scrape().get(("cdeday_throttled_total", "route=user"), 0)

    assert [Api().get("/user", {"rule": "all"}).http for _ in range(3)] == [200, 429, 429]

    settings.THROTTLE_ANON = 0
    assert scrape()["cdeday_throttled_total", "route=user"] == before + 2


@pytest.mark.django_db(transaction=True)
def test_reservations_are_counted_by_what_became_of_them(scrape):
    row = ReservationFactory()
    wish = {"time": f"{row.date:%Y%m%d}-{row.time:%H:%M}", "id": row.customer.userid}
    before = scrape()

    refused = as_person(row.customer).post("/reserv", wish | {"designer_id": row.designer.user.userid})

    assert refused.http == 403
    after = scrape()
    new = {key: after[key] - before.get(key, 0) for key in after if key[0] == "cdeday_reservations_total"}
    assert {key[1:]: value for key, value in new.items() if value} == {("act=book", "outcome=AlreadyReserved"): 1.0}


# ---------------------------------------------------------------- what the tables say


@pytest.mark.django_db
def test_what_waits_is_told_with_its_age(scrape, clock):
    MailFactory(due_at=timezone.now() - dt.timedelta(minutes=3))
    MailFactory(due_at=timezone.now() + dt.timedelta(minutes=3))
    PhotoFactory(live_at=timezone.now() - dt.timedelta(minutes=2))
    PaymentFactory(state=State.PENDING, ask_at=timezone.now() - dt.timedelta(seconds=50), requested_at=timezone.now())
    PaymentFactory(alarm="확인해 주세요")

    told = scrape()

    assert (told["cdeday_mail_due",], told["cdeday_mail_due_age_seconds",]) == (1, 180)
    assert (told["cdeday_photos_unrendered",], told["cdeday_photos_unrendered_age_seconds",]) == (1, 120)
    assert (told["cdeday_payments_due",], told["cdeday_payments_due_age_seconds",]) == (1, 50)
    assert told["cdeday_payments_unfinished", "state=pending"] == 1
    assert told["cdeday_payments_unfinished", "state=ready"] == 0
    assert told["cdeday_payments_last_day", "state=paid"] == 1
    assert told["cdeday_payments_needing_person",] == 1


@pytest.mark.django_db
def test_the_workers_tick_has_an_age(scrape, clock):
    assert scrape()["cdeday_worker_tick_age_seconds",] == float("inf")
    tick()
    clock.shift(40)
    assert scrape()["cdeday_worker_tick_age_seconds",] == 40
    tick()
    assert scrape()["cdeday_worker_tick_age_seconds",] == 0


@pytest.mark.django_db
def test_what_is_down_is_told_and_the_rest_all_the_same(scrape, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    TickFactory()

    told = scrape()

    assert (told["cdeday_up", "part=cache"], told["cdeday_up", "part=database"]) == (0, 1)
    assert told["cdeday_worker_tick_age_seconds",] == 0


@pytest.mark.django_db
def test_a_scrape_asks_the_same_few_questions_of_a_full_house(scrape, django_assert_max_num_queries):
    DesignerFactory()
    for _ in range(20):
        MailFactory()
        PaymentFactory()

    with django_assert_max_num_queries(20):
        scrape()


# ---------------------------------------------------------------- several processes


GUNICORN = [sys.executable, "-m", "gunicorn", "cody_site.wsgi"]


def environment(var, port):
    return os.environ | {
        "DEBUG": "1",
        "VAR_DIR": str(var),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "METRICS_TOKEN": TOKEN,
        "PORT": str(port),
        "WEB_CONCURRENCY": "3",
        "DJANGO_SETTINGS_MODULE": "cody_site.settings",
    }


def in_memory(var):
    """Where gunicorn.conf.py has what its processes count."""
    return Path(f"/dev/shm/cdeday-{os.geteuid()}{str(var).replace('/', '-')}")


def test_all_processes_of_a_machine_are_summed_and_the_dead_of_earlier_runs_forgotten(tmp_path):
    var, port = tmp_path / "var", free_port()
    folder = in_memory(var)
    folder.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (folder / f"counter_{gone.pid}.db").write_bytes(b"")
    site = f"http://127.0.0.1:{port}"
    with subprocess.Popen(GUNICORN, env=environment(var, port)) as server:
        try:
            wait_until_listening(server, port)
            assert not list(folder.glob(f"*_{gone.pid}.db"))
            for _ in range(30):
                assert requests.get(f"{site}/healthz", timeout=20).text == "ok"
            told = _scraped(site)
            assert told["cdeday_request_seconds_count", "method=GET", "route=healthz", "status=2xx"] == 30
            killed = int(next(folder.glob("gauge_livesum_*.db")).stem.rpartition("_")[2])
            os.kill(killed, signal.SIGKILL)
            deadline = time.monotonic() + 20
            while list(folder.glob(f"gauge_*_{killed}.db")) and time.monotonic() < deadline:
                time.sleep(0.1)
            assert not list(folder.glob(f"gauge_*_{killed}.db"))
            told = _scraped(site)
            assert told["cdeday_request_seconds_count", "method=GET", "route=healthz", "status=2xx"] == 30
        finally:
            server.terminate()
    assert not folder.exists()


FULL = """
mount -t tmpfs -o size=1m full "$VAR_DIR" && cd "$VAR_DIR" && mkdir metrics broker
dd if=/dev/zero of=filler bs=4k 2>/dev/null
cd "$OLDPWD" && exec "$@"
"""
WITH_A_FULL_DISK = ["unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh"]
COUNTED_ON_IT = (
    "import os; os.environ['PROMETHEUS_MULTIPROC_DIR'] = os.environ['VAR_DIR'] + '/metrics'; import cody_site.metrics"
)


def test_a_site_whose_disk_is_full_answers_and_counts(tmp_path):
    port = free_port()
    full = environment(tmp_path, port) | {"WEB_CONCURRENCY": "1"}
    if subprocess.run([*WITH_A_FULL_DISK, "true"], env=full, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody have a disk of their own")

    with subprocess.Popen([*WITH_A_FULL_DISK, *GUNICORN], env=full) as server:
        try:
            wait_until_listening(server, port)
            assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=20).text == "ok"
            told = _scraped(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()

    assert told["cdeday_request_seconds_count", "method=GET", "route=healthz", "status=2xx"] == 1
    on_it = [*WITH_A_FULL_DISK, sys.executable, "-c", COUNTED_ON_IT]
    assert subprocess.run(on_it, env=full, check=False).returncode == -signal.SIGBUS  # the control


def _scraped(site):
    answer = requests.get(f"{site}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    return read(answer.text)


@pytest.mark.django_db
def test_every_metric_of_ours_is_documented(scrape):
    told = (django_settings.BASE_DIR / "docs" / "observing.md").read_text()

    counted = {family.name for family in REGISTRY.collect()}
    ours = {name for name in counted | {line[0] for line in scrape()} if name.startswith("cdeday_")}
    suffixes = re.compile("_(created|bucket|count|sum|total)$")
    assert [name for name in sorted(ours) if suffixes.sub("", name) not in told] == []
