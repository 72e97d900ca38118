"""A worker that is told to stop ends what it has begun; one that is killed does not."""

import asyncio
import signal
import subprocess
import threading

import pytest
from aiosmtpd.controller import Controller

from deploy import cluster
from tests.races import databases
from tests.races.site import Site
from tests.servers import free_port

pytestmark = pytest.mark.races

POST_ONE = """
import secrets
from django.db import transaction
from accounts import mail
from accounts.tasks import send_mail
from tests.factories import UserFactory
with transaction.atomic():
    mail.post(UserFactory(userid=secrets.token_hex(4)), 'confirm_address', to='hong@example.com', path='/x/')
send_mail.delay()
"""


class SlowMailbox:
    """Takes a mail when it is told to."""

    def __init__(self):
        self.asked, self.may_take = threading.Event(), threading.Event()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd's
        self.asked.set()
        while not self.may_take.is_set():
            await asyncio.sleep(0.05)
        return "250 OK"


@pytest.fixture
def mailbox():
    box = SlowMailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    box.url = f"smtp://127.0.0.1:{server.port}"
    yield box
    box.may_take.set()
    server.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with databases.sqlite(folder) as url:
        site = Site(url, folder, environment={"VAR_DIR": str(folder)})
        site.prepare("migrate", "--verbosity", "0")
        yield site


@pytest.mark.parametrize(("number", "ended_well"), [(signal.SIGTERM, True), (signal.SIGKILL, False)])
def test_a_worker_that_is_told_to_stop_ends_the_mail_that_it_has_begun(number, ended_well, site, mailbox):
    site.prepare("shell", "-c", POST_ONE)
    environment = site.environment | {"EMAIL_URL": mailbox.url}

    with subprocess.Popen(cluster.unit("worker"), cwd=site.root, env=environment) as worker:
        try:
            assert mailbox.asked.wait(60)
            worker.send_signal(number)
            assert still_runs(worker) == ended_well
            mailbox.may_take.set()
            assert worker.wait(60) == (0 if ended_well else -signal.SIGKILL)
        finally:
            worker.kill()

    newest = "SELECT sent_at IS NOT NULL FROM accounts_mail ORDER BY id DESC LIMIT 1"
    assert databases.read(site.database_url, newest) == [(ended_well,)]


def still_runs(worker):
    """A second later."""
    try:
        worker.wait(1)
    except subprocess.TimeoutExpired:
        return True
    return False
