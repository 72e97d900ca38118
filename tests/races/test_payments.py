"""Money over real HTTP, many requests at once, IMP's webhooks among them: the sandbox's ledger is the judge."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests import imp_sandbox
from tests.imp_sandbox import KEY, SECRET
from tests.races.salon import CUSTOMERS
from tests.races.site import running
from tests.servers import free_port

pytestmark = pytest.mark.races

CARD = {"paytype": 1, "cardnum": "5361-4890-1234-1704", "expiry": "2030-12", "pwd": "12", "p_array": [1]}
PRICE = 30_000
PRODUCT = f"from payments.models import Product; Product.objects.create(pk=1, name='커트', price={PRICE})"


@pytest.fixture(scope="module")
def sandbox_and_site(new_database, tmp_path_factory):
    port = free_port()
    webhook = f"http://127.0.0.1:{port}/payment/webhook"
    with imp_sandbox.running(tmp_path_factory.mktemp("imp"), webhook=webhook) as sandbox:
        environment = {
            "IMP_BASE_URL": sandbox.url, "IMP_KEY": KEY, "IMP_SECRET": SECRET, "IMP_DEADLINE_SECONDS": "3",
        }  # fmt: skip
        with (
            new_database() as url,
            running(url, tmp_path_factory.mktemp("paying"), port=port, environment=environment) as site,
        ):
            site.prepare("shell", "-c", PRODUCT)
            yield sandbox, site


@pytest.fixture
def sandbox(sandbox_and_site):
    yield sandbox_and_site[0]
    sandbox_and_site[0].clear_faults()


@pytest.fixture
def site(sandbox_and_site):
    return sandbox_and_site[1]


def at_once(site, count, path, body, headers=None):
    """The same request so many times in one moment; the answers."""
    start = threading.Barrier(count)

    def send(_):
        with site.api() as api:
            api.get("/healthz")
            start.wait(timeout=60)
            return api.post(path, json=body, headers=headers)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(send, range(count)))


def payment(site, uid):
    with site.api() as api:
        return api.get("/payment", params={"rule": f'{{"payment_UID": "{uid}"}}'}).json()["contents"][0]


def test_twenty_requests_with_one_key_are_one_charge(sandbox, site):
    body = CARD | {"userid": CUSTOMERS[0]}

    answers = at_once(site, 20, "/payment/card/onetime", body, {"Idempotency-Key": "one"})

    assert {answer.status_code for answer in answers} <= {200, 409, 503}
    paid = {answer.json()["contents"]["payment_UID"] for answer in answers if answer.status_code == 200}
    assert len(paid) == 1
    assert [entry["kind"] for entry in sandbox.ledger() if entry["merchant_uid"] in paid] == ["charge"]
    assert len(sandbox.ledger()) == 1
    assert site.verify() == ""


def test_a_second_press_without_a_key_is_no_second_charge_while_the_first_is_under_way(sandbox, site):
    before = len(sandbox.ledger())
    sandbox.fault("timeout-before")

    answers = at_once(site, 8, "/payment/card/onetime", CARD | {"userid": CUSTOMERS[1]})

    told = Counter(answer.status_code for answer in answers)
    assert told[400] == 1
    assert told[409] + told[503] == 7
    assert len(sandbox.ledger()) == before


def test_twenty_refunds_of_sixty_percent_are_one(sandbox, site):
    with site.api() as api:
        uid = api.post("/payment/card/onetime", json=CARD | {"userid": CUSTOMERS[2]}).json()["contents"]["payment_UID"]
    body = {"paym_id": uid, "userid": CUSTOMERS[2], "reason": "x", "c_price": PRICE * 6 // 10}

    answers = at_once(site, 20, "/payment/cancel", body)

    told = Counter(answer.status_code for answer in answers)
    assert told[200] == 1
    assert told[400] + told[409] + told[503] == 19
    assert sandbox.moved(uid) == [("charge", PRICE), ("refund", PRICE * 6 // 10)]
    assert site.verify() == ""


def test_imps_webhook_settles_what_its_answer_did_not(sandbox, site):
    sandbox.fault("timeout-after")

    with site.api() as api:
        answer = api.post("/payment/card/onetime", json=CARD | {"userid": CUSTOMERS[3]})

    uid = answer.json()["contents"]["payment_UID"]
    for _ in range(50):
        if payment(site, uid)["status"] == "paid":
            break
        time.sleep(0.1)
    assert payment(site, uid)["status"] == "paid"
    assert sandbox.moved(uid) == [("charge", PRICE)]


def test_fifty_webhooks_are_one_transition(sandbox, site):
    sandbox.fault("500-before")
    with site.api() as api:
        answer = api.post("/payment/card/onetime", json=CARD | {"userid": CUSTOMERS[4]})
    uid = answer.json()["contents"]["payment_UID"]
    assert payment(site, uid)["status"] == "pending"
    sandbox.charge(uid, PRICE)  # what IMP did after all

    answers = at_once(site, 50, "/payment/webhook", {"imp_uid": "imp_1", "merchant_uid": uid})

    assert {answer.status_code for answer in answers} <= {200, 409, 503}
    assert payment(site, uid)["status"] == "paid"
    events = "from payments.models import PaymentEvent as E; print('n', E.objects.filter(what='paid', "
    counted = site.manage("shell", "-v", "0", "-c", f"{events}payment__payment_uid='{uid}').count())")
    assert counted.stdout.split()[-1] == "1"


def test_a_process_killed_while_it_calls_imp_leaves_a_charge_to_ask_for(sandbox, site):
    before = len(sandbox.ledger())
    sandbox.fault("timeout-before")
    token, cut = site.token, []

    def pay():
        with site.connection(Authorization=f"Bearer {token}") as api:
            try:
                cut.append(api.post("/payment/card/onetime", json=CARD | {"userid": CUSTOMERS[25]}))
            except requests.ConnectionError as error:
                cut.append(error)

    caller = threading.Thread(target=pay)
    caller.start()
    uid = ""
    while not uid:
        with site.api() as api:
            rows = api.get("/payment", params={"rule": f'{{"userid": "{CUSTOMERS[25]}"}}'}).json()["contents"]
        uid = rows[0]["payment_UID"] if rows else ""
    time.sleep(0.5)
    for _ in range(40):  # so that every process is known by its requests
        with site.connection() as connection:
            connection.get("/healthz")
    for process in site.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process.strip("<>")), signal.SIGKILL)
    caller.join(timeout=60)

    assert isinstance(cut[0], requests.ConnectionError)
    asked = "from payments.models import Payment as P; from payments import settling; from accounts import actors; "
    site.prepare("shell", "-c", f"{asked}settling.ask(P.objects.get(payment_uid='{uid}'), by=actors.system())")
    assert payment(site, uid)["status"] == "pending"
    assert len(sandbox.ledger()) == before
    sandbox.charge(uid, PRICE)  # late, and IMP's webhook says so
    for _ in range(50):
        if payment(site, uid)["status"] == "paid":
            break
        time.sleep(0.1)
    assert payment(site, uid)["status"] == "paid"
    assert sandbox.moved(uid) == [("charge", PRICE)]


def test_while_imp_hangs_everything_else_is_answered(sandbox, site):
    sandbox.fault("timeout-before", 20)
    token, paid = site.token, []

    def pay(userid):
        with site.connection(Authorization=f"Bearer {token}") as api:
            paid.append(api.post("/payment/card/onetime", json=CARD | {"userid": userid}).status_code)

    with ThreadPoolExecutor(16) as pool:
        for userid in CUSTOMERS[5:21]:
            pool.submit(pay, userid)
        time.sleep(0.5)
        slowest = 0.0
        with site.api() as api:
            for _ in range(30):
                began = time.perf_counter()
                assert api.get("/post", params={"rule": "all"}).ok
                slowest = max(slowest, time.perf_counter() - began)

    assert slowest < 1  # and not the three seconds until IMP is given up
    assert set(paid) <= {400, 503}
