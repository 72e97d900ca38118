"""The IMP sandbox as a process: faults, webhooks, many calls at once, kill -9, and what it never writes down."""

import contextlib
import http.server
import json
import queue
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.core.management import call_command

from tests.imp_sandbox import CARD, running
from tests.servers import free_port

pytestmark = pytest.mark.races

DAY = 24 * 3600
ONETIME, AGAIN, SCHEDULE = (f"/subscribe/payments/{call}" for call in ("onetime", "again", "schedule"))

# what becomes of the call, what the caller gets
BEFORE = [("timeout-before", requests.Timeout), ("reset-before", requests.ConnectionError)]
AFTER = [("timeout-after", requests.Timeout), ("reset-after", requests.ConnectionError)]


def eventually(told, seconds=10):
    """What `told` returns, once it is true."""
    for _ in range(seconds * 20):
        if value := told():
            return value
        time.sleep(0.05)
    raise AssertionError("it never came")


def present(imp):
    """The sandbox's own time, unix seconds."""
    given = {"imp_key": "imp-demo-key", "imp_secret": "imp-demo-secret"}
    return requests.post(f"{imp.url}/users/getToken", json=given, timeout=5).json()["response"]["now"]


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(("kind", "error"), BEFORE)
def test_a_fault_before_leaves_nothing(imp_sandbox, kind, error):
    imp_sandbox.fault(kind)

    with pytest.raises(error):
        imp_sandbox.call("POST", ONETIME, CARD | {"merchant_uid": kind, "amount": 1000}, timeout=0.5)

    assert imp_sandbox.moved(kind) == []
    assert imp_sandbox.charge(kind).json()["response"]["status"] == "paid"


@pytest.mark.parametrize(("kind", "error"), AFTER)
def test_a_fault_after_leaves_the_charge(imp_sandbox, kind, error):
    imp_sandbox.fault(kind)

    with pytest.raises(error):
        imp_sandbox.call("POST", ONETIME, CARD | {"merchant_uid": kind, "amount": 1000}, timeout=0.5)

    assert imp_sandbox.moved(kind) == [("charge", 1000)]
    assert [payment["status"] for payment in imp_sandbox.payments(kind)] == ["paid"]


@pytest.mark.parametrize(("kind", "moved"), [("500-before", []), ("500-after", [("charge", 1000)])])
def test_a_server_error_is_no_json(imp_sandbox, kind, moved):
    imp_sandbox.fault(kind)

    answer = imp_sandbox.charge(kind)

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html")
    assert imp_sandbox.moved(kind) == moved


def test_a_malformed_answer_breaks_off(imp_sandbox):
    imp_sandbox.fault("malformed-after")

    answer = imp_sandbox.charge("malformed")

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert imp_sandbox.moved("malformed") == [("charge", 1000)]


def test_a_slow_answer_comes_byte_by_byte(imp_sandbox):
    imp_sandbox.fault("slow-after")

    with imp_sandbox.call("POST", ONETIME, CARD | {"merchant_uid": "slow", "amount": 1000}, stream=True) as answer:
        began = answer.raw.read(2)

    assert (answer.status_code, began) == (200, b'{"')
    assert int(answer.headers["Content-Length"]) > 1000
    assert imp_sandbox.moved("slow") == [("charge", 1000)]


def test_a_huge_answer_does_not_say_how_huge(imp_sandbox):
    imp_sandbox.fault("huge-after")

    with imp_sandbox.call("POST", ONETIME, CARD | {"merchant_uid": "huge", "amount": 1000}, stream=True) as answer:
        size, end = 0, b""
        for chunk in answer.iter_content(1 << 20):
            size, end = size + len(chunk), (end + chunk)[-10_000:]

    assert "Content-Length" not in answer.headers
    assert size > 64 * 1024 * 1024
    assert json.loads(end)["response"]["status"] == "paid"
    assert imp_sandbox.moved("huge") == [("charge", 1000)]


def test_a_wrong_amount_is_charged_and_told(imp_sandbox):
    imp_sandbox.fault("wrong-amount")

    payment = imp_sandbox.charge("wrong amount", 1000).json()["response"]

    assert payment["status"] == "paid"
    assert payment["amount"] != 1000
    assert imp_sandbox.moved("wrong amount") == [("charge", payment["amount"])]


def test_unauthorized(imp_sandbox):
    imp_sandbox.fault("unauthorized")

    answer = imp_sandbox.charge("unauthorized")

    assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")
    assert imp_sandbox.moved("unauthorized") == []
    assert imp_sandbox.charge("unauthorized").status_code == 200


def test_a_fault_hits_as_many_calls_as_it_is_told_and_only_those_that_move_money(imp_sandbox):
    paid = imp_sandbox.charge("hit").json()["response"]
    card = {"customer_uid": "hit"} | CARD
    given = {
        AGAIN: {"customer_uid": "hit", "merchant_uid": "hit again", "amount": 1000},
        SCHEDULE: card | {"schedules": [{"merchant_uid": "hit later", "amount": 1, "schedule_at": 9_000_000_000}]},
        "/vbanks": {"merchant_uid": "hit vbank", "amount": 1, "vbank_code": "088", "vbank_due": 9_000_000_000},
        "/payments/cancel": {"imp_uid": paid["imp_uid"], "amount": 1},
    }
    imp_sandbox.fault("500-before", times=4)

    read = imp_sandbox.call("GET", "/payments/find/hit").status_code
    kept = imp_sandbox.call("POST", "/subscribe/customers/hit", CARD).status_code
    hit = [imp_sandbox.call("POST", path, body).status_code for path, body in given.items()]
    after = [imp_sandbox.call("POST", path, body).json()["code"] for path, body in given.items()]

    assert (read, kept) == (200, 200)
    assert hit == [500] * 4
    assert after == [0] * 4


def test_faults_queue_up_and_are_cleared(imp_sandbox):
    imp_sandbox.fault("500-before")
    imp_sandbox.fault("unauthorized", times=5)

    assert [imp_sandbox.charge("queue").status_code for _ in range(2)] == [500, 401]
    imp_sandbox.clear_faults()
    assert imp_sandbox.charge("queue").status_code == 200


@pytest.mark.parametrize("given", [{"kind": "odd"}, {"kind": "500-after", "times": 0}, {"times": 1}])
def test_odd_faults_are_refused(imp_sandbox, given):
    assert requests.post(f"{imp_sandbox.url}/sandbox/faults", json=given, timeout=5).status_code == 400


# ---------------------------------------------------------------- at once, and kill -9


def test_one_order_charged_twenty_times_at_once_is_charged_once(imp_sandbox):
    start = threading.Barrier(20)
    assert imp_sandbox.token

    def charge(_):
        start.wait(timeout=20)
        return imp_sandbox.charge("at once").json()["code"]

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(charge, range(20)))

    assert codes == [0] + [1] * 19
    assert imp_sandbox.moved("at once") == [("charge", 1000)]


def test_refunds_at_once_never_exceed_the_charge(imp_sandbox):
    imp_sandbox.charge("refunds", 1000)

    def refund(_):
        return imp_sandbox.call("POST", "/payments/cancel", {"merchant_uid": "refunds", "amount": 600}).json()["code"]

    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(refund, range(10)))

    assert codes.count(0) == 1
    assert imp_sandbox.moved("refunds") == [("charge", 1000), ("refund", 600)]


def test_what_was_answered_outlives_kill_9(tmp_path):
    with running(tmp_path) as imp:
        token = imp.token
        paid = imp.charge("before", customer_uid="kim").json()["response"]
        imp.fault("timeout-after")
        with pytest.raises(requests.Timeout):
            imp.call("POST", ONETIME, CARD | {"merchant_uid": "unanswered", "amount": 500}, timeout=0.5)
        imp.kill()
        with pytest.raises(requests.ConnectionError):
            imp.charge("while down")

        imp.start()

        assert imp.payments("before") == [paid]
        assert imp.moved("unanswered") == [("charge", 500)]
        assert imp.charge("before").json()["code"] == 1
        again = {"customer_uid": "kim", "merchant_uid": "after", "amount": 700}
        assert imp.call("POST", AGAIN, again).json()["response"]["status"] == "paid"
        assert imp.token == token


def test_killed_amid_charges_it_has_each_once_or_not_at_all(tmp_path):
    answered = []

    def charge(imp, number):
        with contextlib.suppress(requests.RequestException):
            answered.append(imp.charge(f"order {number}").json()["response"]["merchant_uid"])

    with running(tmp_path) as imp:
        assert imp.token
        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(charge, imp, number) for number in range(400)]
            eventually(lambda: len(answered) > 20)
            imp.kill()
        assert all(call.done() for call in calls)
        imp.start()
        charged = [entry["merchant_uid"] for entry in imp.ledger()]

    assert 20 < len(answered) < 400
    assert len(charged) == len(set(charged))
    assert set(answered) <= set(charged)


def test_it_ends_at_once_and_says_so_in_its_status(tmp_path):
    with running(tmp_path) as imp:
        imp.fault("timeout-before")
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(imp.charge, "held")
            eventually(lambda: "fault: timeout-before" in imp.log.read_text())
            began = time.perf_counter()
            status = imp.stop()
            with pytest.raises(requests.ConnectionError):
                held.result()

    assert status == 0
    assert time.perf_counter() - began < 3


# ---------------------------------------------------------------- webhooks and the clock


@pytest.fixture
def receiver():
    """A server that takes webhooks; `told` is the queue of their bodies, `statuses` what it answers first."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            server.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.statuses.pop(0) if server.statuses else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.told, server.statuses = queue.Queue(), []
        server.url = f"http://127.0.0.1:{server.server_port}/payment/webhook"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_webhooks_tell_what_happened(tmp_path, receiver):
    with running(tmp_path, webhook=receiver.url) as imp:

        def told(payment, **more):
            body = {"imp_uid": payment["imp_uid"], "merchant_uid": payment["merchant_uid"], "status": payment["status"]}
            return receiver.told.get(timeout=10) == body | more

        now = present(imp)
        imp.charge("refused", card_number="4000000000002116")  # tells nobody
        assert told(imp.charge("paid", customer_uid="kim").json()["response"])
        due = {"vbank_code": "088", "vbank_due": now + DAY, "amount": 1000}
        account = imp.call("POST", "/vbanks", {"merchant_uid": "vbank"} | due).json()["response"]
        assert told(account)
        assert told(imp.deposit(account["imp_uid"]))
        imp.call("POST", "/payments/cancel", {"merchant_uid": "paid", "amount": 1})  # tells nobody
        cancel = {"merchant_uid": "paid", "amount": 1, "enable_webhook": True}
        cancelled = imp.call("POST", "/payments/cancel", cancel).json()["response"]
        assert told(cancelled, cancellation_id=cancelled["cancel_history"][1]["cancellation_id"])
        rows = [{"merchant_uid": f"due {n}", "schedule_at": now + DAY + n, "amount": 1000} for n in range(2)]
        imp.call("POST", SCHEDULE, {"customer_uid": "kim", "schedules": rows})
        [paid] = imp.run_schedules(now + DAY)
        assert told(paid)
        imp.call("DELETE", "/subscribe/customers/kim")
        [failed] = imp.run_schedules(now + DAY + 1)
        assert failed["status"] == "failed"
        assert told(failed)
        assert receiver.told.empty()


def test_a_payments_own_address_comes_before_the_common_one(tmp_path, receiver):
    with running(tmp_path, webhook=f"http://127.0.0.1:{free_port()}/") as imp:
        imp.charge("noticed", notice_url=receiver.url)

        assert receiver.told.get(timeout=10)["merchant_uid"] == "noticed"


def test_a_webhook_that_was_not_taken_comes_again_even_after_kill_9(tmp_path, receiver):
    receiver.statuses = [500]
    with running(tmp_path, webhook=receiver.url) as imp:
        imp.charge("told twice")
        receiver.told.get(timeout=10)
        imp.kill()
        imp.start()

        assert receiver.told.get(timeout=10)["merchant_uid"] == "told twice"
        time.sleep(1.5)
        assert receiver.told.empty()


def test_webhooks_go_to_this_machine_only(tmp_path):
    with running(tmp_path) as imp:
        imp.charge("outside", notice_url="http://192.0.2.1/")

        assert eventually(lambda: "a webhook was dropped" in imp.log.read_text())


def test_schedules_run_by_themselves(tmp_path):
    with running(tmp_path) as imp:
        now = present(imp)
        given = {"customer_uid": "kim", "schedules": [{"merchant_uid": "soon", "amount": 500, "schedule_at": now + 1}]}
        assert imp.call("POST", SCHEDULE, CARD | given).json()["code"] == 0

        assert eventually(lambda: imp.moved("soon")) == [("charge", 500)]


# ---------------------------------------------------------------- what it keeps to itself


def test_no_card_data_is_written_down(tmp_path):
    canary = {"card_number": "4929-1234-5678-1236", "expiry": "2031-07", "birth": "1234509876", "pwd_2digit": "73"}
    plain = canary["card_number"].replace("-", "")
    with running(tmp_path) as imp:
        attempts = [canary, canary | {"card_number": "4929-1234-5678-1237"}, canary | {"pwd_2digit": "7391"}]
        for attempt, given in enumerate(attempts):
            row = given | {"merchant_uid": f"later {attempt}", "schedule_at": 9_000_000_000, "amount": 1}
            for number, kind in enumerate(["malformed-after", "wrong-amount", "500-after", "reset-before"]):
                imp.fault(kind)
                with contextlib.suppress(requests.ConnectionError):
                    imp.charge(f"canary {number}", **given, customer_uid="canary")
            imp.clear_faults()
            imp.call("POST", ONETIME, params=given | {"merchant_uid": "query", "amount": 1})
            imp.call("POST", ONETIME, given | {"merchant_uid": "no amount"})
            imp.call("POST", "/nothing", given, params=given)
            imp.call("POST", "/subscribe/customers/canary", given)
            imp.call("POST", SCHEDULE, given | {"customer_uid": "canary", "schedules": [row]})
            imp.call("GET", "/subscribe/customers/canary", params=given)
        with socket.create_connection(("127.0.0.1", imp.port)) as odd:
            odd.sendall(f"GET /?card_number={plain} odd HTTP\r\n\r\n".encode())
            odd.recv(1000)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        kept = b"\n".join(path.read_bytes() for path in files)
        imp.kill()  # with the log of the database not yet folded in
        kept += b"\n".join(path.read_bytes() for path in files)

    assert b"49291234****1236" in kept
    for secret in (plain[:15], canary["card_number"][:18], canary["expiry"], canary["birth"], "7391"):
        assert secret.encode() not in kept


# ---------------------------------------------------------------- its options


def test_it_listens_on_loopback_only(tmp_path):
    with pytest.raises(RuntimeError, match="no loopback address"), running(tmp_path, "--host", "0.0.0.0"):
        pass


def test_it_says_when_its_port_is_taken(tmp_path, imp_sandbox):
    # The later of two --port counts.
    with pytest.raises(RuntimeError, match="cannot listen"), running(tmp_path, "--port", str(imp_sandbox.port)):
        pass


def test_a_live_channels_payments_need_no_asking_for(tmp_path):
    with running(tmp_path, "--live", "--pg", "html5_inicis") as imp:
        payment = imp.charge("live").json()["response"]

        assert (payment["sandbox"], payment["pg_provider"]) == (False, "html5_inicis")
        assert imp.call("GET", f"/payments/{payment['imp_uid']}").json()["response"] == payment


def test_it_starts_in_a_moment(tmp_path):
    began = time.perf_counter()
    with running(tmp_path):
        assert time.perf_counter() - began < 1.5


def test_the_command_has_the_sites_defaults(capsys, monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    with pytest.raises(SystemExit):
        call_command("imp_sandbox", "--help")

    told = " ".join(capsys.readouterr().out.split())
    assert "8001; 0: any that is free" in told
    assert "(http://127.0.0.1:8000/payment/webhook)" in told
