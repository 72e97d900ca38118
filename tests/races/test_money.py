"""Several at once about one payment, a database that goes away, and what is left of a card: over real HTTP."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests import books, imp_relay
from tests.imp_relay import FIND, JSON
from tests.races import databases
from tests.races.desk import Desk
from tests.races.desk import at_once as at_once_at_desk
from tests.races.money import ACCOUNT, CANCEL, CARD, ONETIME, PRICE, SCHEDULE, WEBHOOK
from tests.races.salon import CREW, day

pytestmark = pytest.mark.races

BEFORE, AFTER = (imp_relay.answering(500, passed=passed) for passed in (False, True))


def in_doubt(selling, fault):
    """Somebody whose charge is pending."""
    payer = selling.payer()
    selling.relay.spoil(fault)
    assert selling.pay(payer, key=payer).json()["contents"]["status"] == "pending"
    return payer


def refund_in_doubt(selling, fault):
    payer = selling.payer()
    assert selling.pay(payer).ok
    selling.relay.spoil(fault)
    assert selling.cancel(payer, key=payer).status_code == 400
    return payer


def at_once(acts):
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(*act) for act in acts]]


# ---------------------------------------------------------------- several about one row


def test_two_workers_and_webhooks_settle_one_charge_once(selling):
    payers = [in_doubt(selling, AFTER) for _ in range(3)]

    answers = at_once(
        [(selling.tell, payer) for payer in payers * 4]
        + [(lambda payer: selling.pay(payer, key=payer), payer) for payer in payers]
        + [(selling.worker.wait, selling.worker.start(6)) for _ in range(2)]
    )

    assert {True if answer is True else answer.status_code for answer in answers} <= {True, 200, 400, 409, 503}
    selling.worker.settle(12)
    for payer in payers:
        assert selling.state(payer) == "paid"
        assert selling.events(payer, "paid") == 1


def test_two_workers_and_the_payer_make_one_refund(selling):
    payers = [refund_in_doubt(selling, BEFORE) for _ in range(3)]

    at_once(
        [(lambda payer: selling.cancel(payer, key=payer), payer) for payer in payers * 2]
        + [(selling.worker.wait, selling.worker.start(6)) for _ in range(2)]
    )

    selling.worker.settle(12)
    for payer in payers:
        assert selling.refund_state(payer) == "done"
        assert selling.events(payer, "refunded") == 1
        assert selling.moved(payer, "refund") == 1


def cancelled_by_desk_and_api(selling, hour):
    """Two at the desk cancel a reservation, while the app has its payment refunded; who paid, and the history."""
    desk, payer = Desk(selling.site), selling.payer()
    pk = desk.reserved(payer, CREW[9], f"{day(30)}-{hour:02}:00")
    assert selling.pay(payer, reserv_id=pk).ok
    at_once([(at_once_at_desk, [desk.cancel(pk), desk.cancel(pk)]), *[(selling.cancel_all, payer)] * 2])
    return payer, desk.acts(pk)


def test_the_desk_and_the_api_cancel_once_and_refund_once(selling):
    payers = []
    for hour in (10, 11, 12, 13):
        payer, acts = cancelled_by_desk_and_api(selling, hour)
        payers.append(payer)
        assert acts == ["cancelled"]

    selling.worker.settle()

    for payer in payers:
        assert selling.state(payer) == "cancelled"
        assert (selling.moved(payer, "refund", 1), selling.events(payer, "refunded")) == (1, 1)
    assert selling.site.verify() == ""


def test_three_workers_open_a_due_account_once_while_some_payers_revoke_theirs(selling):
    payers = [selling.payer() for _ in range(6)]
    for payer in payers:
        assert selling.schedule_account(payer, minutes=2).ok

    answers = at_once(
        [(selling.worker.wait, selling.worker.start(4)) for _ in range(3)]
        + [(selling.end, payer) for payer in payers[3:]]
    )
    selling.worker.settle(10)

    assert {answer.status_code for answer in answers[3:]} <= {200, 409}
    for payer, answer in zip(payers, [None, None, None, *answers[3:]], strict=True):
        at_imp = [found["status"] for found in selling.sandbox.payments(selling.uid(payer))]
        if answer is not None and answer.ok:
            assert (selling.state(payer), at_imp) in [("revoked", []), ("cancelled", ["cancelled"])]
        else:
            assert (selling.state(payer), at_imp) == ("ready", ["ready"])


def test_twenty_requests_with_one_key_open_one_account(selling):
    payer = selling.payer()

    answers = at_once([(lambda: selling.open_account(payer, key=payer),)] * 20)

    assert {answer.status_code for answer in answers} <= {200, 409, 503}
    assert selling.state(payer) == "ready"
    assert len(selling.sandbox.payments(selling.uid(payer))) == 1


def test_money_that_comes_while_its_account_is_closed_is_booked_or_does_not_come(selling):
    payers = [selling.payer() for _ in range(4)]
    for payer in payers:
        assert selling.open_account(payer).ok

    def deposit(payer):
        try:
            return selling.sandbox.deposit(selling.read("imp_uid", payer)[0])
        except RuntimeError:
            return None  # it was closed before

    at_once([(act, payer) for payer in payers for act in (deposit, selling.end)])
    selling.worker.settle()

    for payer in payers:
        came = selling.moved(payer, "deposit")
        assert selling.state(payer) == ("paid" if came else "cancelled")


def test_a_worker_whose_lease_ends_while_it_sends_a_refund_does_not_send_another(selling):
    payer = refund_in_doubt(selling, BEFORE)
    with selling.relay.holding((imp_relay.CANCEL,), passed=False) as gate:
        slow = selling.worker.start(6)
        gate.wait_for_the_call()
        assert selling.worker.reconcile(12)  # the other finds the lease over, and sends it
        assert selling.refund_state(payer) == "done"

    assert selling.worker.wait(slow)  # what it held arrives at IMP last, with a balance that is no more
    assert selling.moved(payer, "refund") == 1
    assert (selling.refund_state(payer), selling.alarm(payer)) == ("done", "")


def test_a_worker_whose_lease_ends_while_it_asks_brings_no_old_news(selling):
    payer = in_doubt(selling, BEFORE)
    with selling.relay.holding((FIND,), passed=True) as gate:
        slow = selling.worker.start(20)  # and after this long, nothing would mean: never
        gate.wait_for_the_call()
        selling.sandbox.charge(selling.uid(payer), PRICE)
        assert selling.worker.reconcile(26)
        assert selling.state(payer) == "paid"

    assert selling.worker.wait(slow)
    assert (selling.state(payer), selling.alarm(payer)) == ("paid", "")


def test_a_webhook_that_comes_before_imps_answer_is_the_same_news(selling):
    payer = selling.payer()
    with selling.relay.holding((imp_relay.ONETIME,), passed=True) as gate:
        answer = selling.beside(selling.pay, payer, key=payer)
        gate.wait_for_the_call()
        assert selling.state(payer) == "requested"
        assert selling.pay(payer, key=payer).status_code == 409
        assert selling.tell(payer).ok
        assert selling.state(payer) == "paid"

    assert answer.result().json()["contents"]["status"] == "paid"
    assert selling.events(payer, "paid") == 1


def test_twenty_tries_with_one_key_and_two_cards_are_one_charge(selling):
    payer = selling.payer()

    answers = at_once(
        [(lambda expiry: selling.pay(payer, key=payer, expiry=expiry), f"20{year}-12") for year in [77, 78] * 10]
    )

    told = Counter(answer.status_code for answer in answers)
    assert set(told) <= {200, 409, 422, 503}
    assert told[200] >= 1
    assert selling.moved(payer, "charge") == 1


# ---------------------------------------------------------------- no database


@pytest.fixture
def on_postgresql(selling):
    if not selling.site.database_url.startswith("postgres"):
        pytest.skip("SQLite has no server that could go away")


def test_a_database_that_is_away_when_imp_answers_learns_of_it_later(selling, on_postgresql):
    charged, refunded = selling.payer(), selling.payer()
    assert selling.pay(refunded).ok
    with selling.relay.holding((imp_relay.ONETIME,), passed=True) as one:
        charge = selling.beside(selling.pay, charged, key=charged)
        one.wait_for_the_call()
        with selling.relay.holding((imp_relay.CANCEL,), passed=True) as other:
            refund = selling.beside(selling.cancel, refunded, key=refunded)
            other.wait_for_the_call()
            with databases.away(selling.site.database_url):
                one.open()
                other.open()
                told = {charge.result().status_code, refund.result().status_code}

    assert told <= {500, 503}
    assert (selling.state(charged), selling.refund_state(refunded)) == ("requested", "requested")
    assert selling.pay(charged, key=charged).status_code == selling.cancel(refunded, key=refunded).status_code == 409
    selling.worker.settle()
    assert selling.pay(charged, key=charged).ok
    assert selling.cancel(refunded, key=refunded).ok
    assert selling.moved(charged, "charge") == selling.moved(refunded, "refund") == 1


def test_a_database_that_is_away_before_imp_is_asked_charges_nothing(selling, on_postgresql):
    payer, ledger = selling.payer(), len(selling.sandbox.ledger())
    with databases.away(selling.site.database_url):
        told = selling.pay(payer, key=payer)

    assert told.status_code in (500, 503)
    assert selling.state(payer) is None
    assert len(selling.sandbox.ledger()) == ledger
    assert selling.pay(payer, key=payer).ok


# ---------------------------------------------------------------- the canary

FORM = "application/x-www-form-urlencoded"
NUMBER = CARD["number"]


def refusal(words):
    return json.dumps({"code": -1, "message": words, "response": {"number": NUMBER}}).encode()


def paid_and_refused(selling):
    """A card that pays, and one that IMP repeats in each of its refusals."""
    repeated = refusal(f"거절 {NUMBER} expiry={CARD['expiry']} ({CARD['expiry']}, {CARD['birth']})")
    for status in (200, 400, 401, 404, 500):
        selling.relay.spoil(imp_relay.answering(status, repeated, JSON, passed=False), times=1 + (status == 401))
        yield selling.pay(selling.payer())
        again, at = 1 + (status == 401), (imp_relay.SCHEDULE,)
        selling.relay.spoil(imp_relay.answering(status, repeated, JSON, passed=False), times=again, paths=at)
        yield selling.schedule(selling.payer())
    payer = selling.payer()
    yield selling.schedule(payer)
    yield selling.end(payer)
    payer = selling.payer()
    yield selling.pay(payer, key=payer)
    yield selling.pay(payer, key=payer)
    yield selling.pay(payer, key=payer, expiry="2031-01")
    known = refusal(f"거절 {NUMBER} expiry={CARD['expiry']}")  # by a refund nobody here knows the expiry any more
    selling.relay.spoil(imp_relay.answering(200, known, JSON, passed=False))
    yield selling.cancel(payer)
    yield selling.tell(payer)


def unfit(selling, wish):
    """A card in requests that make no sense."""
    yield selling.send(SCHEDULE, wish | {"time": NUMBER})
    yield selling.send(ACCOUNT, wish | {"bank": NUMBER, "time": CARD["expiry"]})
    for name, value in {
        "paytype": 2, "cardnum": f"{NUMBER}x", "expiry": f"{CARD['expiry']}-01", "birth": f"{CARD['birth']}x",
        "p_array": [10**9], "pay_dur": 3, "reserv_id": 10**9, "pwd": NUMBER,
    }.items():  # fmt: skip
        yield selling.send(ONETIME, wish | {name: value})
    yield selling.send(CANCEL, wish)
    yield selling.send(WEBHOOK, wish | {"imp_uid": NUMBER, "merchant_uid": NUMBER})
    with selling.site.api() as api:
        yield api.post(ONETIME, data=json.dumps(wish)[:-1])
        yield api.post(ONETIME, data=urlencode(wish), headers={"Content-Type": FORM})
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            yield api.request(method, ONETIME, params=wish, json=wish)
        yield api.get("/payment", params={"rule": "all"} | wish)
    with selling.site.connection(Authorization=f"Bearer {NUMBER}") as stranger:
        yield stranger.post(ONETIME, json=wish)


def misplaced(selling, wish):
    """A card where something else belongs: who typed it there may read it again, but nobody else."""
    with selling.site.api() as api:
        api.get("/payment", params={"rule": json.dumps({"userid": NUMBER})})
        api.get("/nowhere", params=wish)
        api.post(f"/payment/{NUMBER}", json=wish)
        api.post(ONETIME, json=wish | {"userid": NUMBER})
    with selling.site.back_office() as desk:
        desk.get("/admin/payments/payment/", params={"q": NUMBER})


def shown(selling):
    """What the salon sees afterwards."""
    with selling.site.back_office() as desk:
        for path in ("", "1/change/", "1/history/"):
            yield desk.get(f"/admin/payments/payment/{path}")


def test_no_card_is_left_anywhere_whatever_became_of_it(selling):
    wish = selling.wish(selling.payer())

    misplaced(selling, wish)
    told = [*paid_and_refused(selling), *unfit(selling, wish), *shown(selling)]
    selling.worker.settle()

    assert {answer.status_code for answer in told} >= {200, 400, 401, 405, 422, 500}
    assert [answer.text for answer in told if books.cards_in(answer.text, **CARD)] == []
    assert "4929-1234-****-1236" in databases.dump(selling.site.database_url)
    assert selling.cards() == []


def test_a_card_that_was_left_would_be_found(selling):
    """The control."""
    for text in (CARD["number"], CARD["number"].replace("-", ""), f"expiry={CARD['expiry']}", f"'{CARD['birth']}'"):
        (selling.folder / "left").write_text(text)
        assert [where for where, _ in selling.cards()] == [str(selling.folder / "left")]
    (selling.folder / "left").unlink()
