"""What can go wrong between us and IMP: in the end our books are its ledger, nobody paid twice, and no card is kept."""

import contextlib
import datetime as dt
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from payments import imp, reconciling
from payments.models import IdempotencyKey, Payment, Refund, RefundState, State
from payments.tasks import KEEP_KEYS, keep_house
from tests import books, imp_relay
from tests.api import Api, as_person
from tests.factories import ProductFactory, UserFactory
from tests.imp_relay import FIND, JSON, TOKEN

pytestmark = pytest.mark.django_db

CARD = {"number": "4929-1234-5678-1236", "expiry": "2077-11", "birth": "771103"}
PRICE = 30_000
PAY_ONE = (400, 400, "[position] payOne")
NOT_SIGNED_IN = (500, 500, "ERR: Failed Authentication from IMP Server.")


@pytest.fixture
def relay(paying, settings):
    """What the site takes for IMP: a relay to the sandbox."""
    with imp_relay.running(paying.url) as relay:
        settings.IMP_BASE_URL, settings.IMP_DEADLINE_SECONDS = relay.url, 1
        yield relay


@pytest.fixture
def payer():
    return UserFactory(userid="hong")


@pytest.fixture
def product():
    return ProductFactory(price=PRICE)


@pytest.fixture
def pay(payer, product):
    def pay(key="", **more):
        body = {
            "paytype": 1, "cardnum": CARD["number"], "expiry": CARD["expiry"], "birth": CARD["birth"], "pwd": "73",
            "userid": "hong", "p_array": [product.pk],
        } | more  # fmt: skip
        return as_person(payer).post("/payment/card/onetime", body, headers={"Idempotency-Key": key} if key else None)

    return pay


@pytest.fixture
def cancel(payer):
    def cancel(payment_uid, amount, key=""):
        body = {"paym_id": payment_uid, "userid": "hong", "reason": "x", "c_price": amount}
        return as_person(payer).post("/payment/cancel", body, headers={"Idempotency-Key": key} if key else None)

    return cancel


@pytest.fixture
def in_the_end(paying, clock, caplog):
    """Let two hours pass, in which IMP is asked; then hold the books against the ledger, and look for the card."""

    def in_the_end(*, decided=True):
        for _ in range(24):
            clock.shift(300)
            reconciling.reconcile()
        if decided:
            books.all_agree(paying)
        assert books.cards_in(books.stored() + caplog.text, **CARD) == []

    return in_the_end


# ---------------------------------------------------------------- nothing was sent


@contextlib.contextmanager
def nobody_listens():
    yield "http://127.0.0.1:9"


@contextlib.contextmanager
def no_such_host():
    yield "http://imp.invalid"


@contextlib.contextmanager
def not_tls():
    server = HTTPServer(("127.0.0.1", 0), Unused)
    with served(server):
        yield f"https://127.0.0.1:{server.server_port}"


@contextlib.contextmanager
def a_certificate_of_nobody(folder):
    server = HTTPServer(("127.0.0.1", 0), Unused)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with served(server):
        yield f"https://127.0.0.1:{server.server_port}"


class Unused(BaseHTTPRequestHandler):
    timeout = 5

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def served(server):
    server.handle_error = lambda *args: None
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def self_signed(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(dt.datetime(2020, 1, 1))
        .not_valid_after(dt.datetime(2099, 1, 1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    file = folder / "certificate.pem"
    file.write_bytes(key.private_bytes(pem, form, plain) + certificate.public_bytes(pem))
    return file


@pytest.mark.parametrize("where", [nobody_listens, no_such_host, not_tls, a_certificate_of_nobody])
def test_imp_out_of_reach_fails_a_charge_for_good(paying, settings, pay, in_the_end, tmp_path, where):
    here = settings.IMP_BASE_URL
    with where(tmp_path) if where is a_certificate_of_nobody else where() as url:
        settings.IMP_BASE_URL = url
        answer = pay("one")

    payment = Payment.objects.get()
    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "failed"
    assert (payment.state, payment.requested_at, payment.ask_at) == (State.FAILED, None, None)
    settings.IMP_BASE_URL = here
    assert pay("one").http == 200  # nothing was sent, and the key is free again
    in_the_end()
    assert paying.moved(payment.payment_uid) == []


def test_imp_out_of_reach_between_its_token_and_the_charge_has_charged_nothing(paying, relay, pay, cancel, in_the_end):
    paid = pay().contents["payment_UID"]
    relay.close()

    answer = pay()

    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "failed"
    assert cancel(paid, 1_000).failure == PAY_ONE
    assert Refund.objects.get().state == RefundState.FAILED
    in_the_end()
    assert paying.moved(paid) == [("charge", PRICE)]


# ---------------------------------------------------------------- tokens

NO_TOKEN = {
    "401": imp_relay.answering(401, b'{"code": -1, "message": "no", "response": null}', JSON, passed=False),
    "500": imp_relay.answering(500, passed=False),
    "503": imp_relay.answering(503, passed=False),
    "a page": imp_relay.answering(200, passed=False),
    "no token in it": imp_relay.answering(200, b'{"code": 0, "message": "", "response": {}}', JSON, passed=False),
    "truncated": imp_relay.truncated,
    "reset": imp_relay.reset_midway,
    "too late": imp_relay.dribbled,
}


@pytest.mark.parametrize("fault", NO_TOKEN.values(), ids=NO_TOKEN)
def test_without_a_token_nothing_is_sent(relay, pay, in_the_end, fault):
    relay.spoil(fault, paths=(TOKEN,))

    answer = pay("one")

    payment = Payment.objects.get()
    assert answer.failure == NOT_SIGNED_IN
    assert answer.contents["status"] == "failed"
    assert (payment.state, payment.requested_at) == (State.FAILED, None)
    assert {path for path, _ in relay.sent} == {TOKEN}
    assert not IdempotencyKey.objects.exists()
    assert pay("one").http == 200
    in_the_end()


# ---------------------------------------------------------------- whatever IMP answers

UNFIT = {
    **{f"{status} {when}": (imp_relay.answering(status, passed=passed), passed)
       for status in (500, 502, 503, 504) for when, passed in (("before", False), ("after", True))},
    "a 503 in IMP's form": (imp_relay.in_an_envelope, True),
    "a redirect": (imp_relay.answering(302, passed=True), True),
    "a page": (imp_relay.answering(200, passed=True), True),
    "a page that says JSON": (imp_relay.answering(200, content_type=JSON, passed=True), True),
    "JSON that says nothing": (imp_relay.answering(200, b"[]", JSON, passed=True), True),
    "nothing in the envelope": (imp_relay.answering(200, b'{"code": 0, "message": null}', JSON, passed=True), True),
    "an empty body": (imp_relay.answering(200, b"", JSON, passed=True), True),
    "closed unanswered": (imp_relay.closed_unanswered, True),
    "truncated": (imp_relay.truncated, True),
    "reset in the middle": (imp_relay.reset_midway, True),
    "ten megabytes": (imp_relay.ten_megabytes, True),
    "a byte a second": (imp_relay.dribbled, True),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "charged"), UNFIT.values(), ids=UNFIT)
def test_a_charge_is_pending_until_imp_is_asked(paying, relay, pay, in_the_end, fault, charged):
    relay.spoil(fault)

    answer = pay("one")

    payment = Payment.objects.get()
    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "pending"
    assert pay("one").contents["status"] == "pending"
    in_the_end()
    payment.refresh_from_db()
    assert payment.state == (State.PAID if charged else State.FAILED)
    assert paying.moved(payment.payment_uid) == [("charge", PRICE)] * charged
    assert relay.tries(payment.payment_uid) == 1
    assert pay("one").http == (200 if charged else 400)


@pytest.mark.parametrize("fault", [fault for fault, _ in UNFIT.values()], ids=UNFIT)
def test_a_refund_is_pending_until_imp_is_asked_and_comes_once(paying, relay, pay, cancel, in_the_end, fault):
    uid = pay().contents["payment_UID"]
    relay.spoil(fault)

    answer = cancel(uid, 12_000, "one")

    assert answer.failure == PAY_ONE
    assert Refund.objects.get().state == RefundState.PENDING
    in_the_end()
    assert Refund.objects.get().state == RefundState.DONE
    assert paying.moved(uid) == [("charge", PRICE), ("refund", 12_000)]
    assert cancel(uid, 12_000, "one").contents["canceled_Amount"] == 12_000


def test_what_imp_says_counts_not_what_it_calls_it(paying, relay, pay, in_the_end):
    relay.spoil(imp_relay.mistyped)

    assert pay().http == 200
    in_the_end()


def test_asking_may_fail_as_often_as_it_likes(paying, relay, pay, clock, in_the_end):
    relay.spoil(imp_relay.answering(500, passed=True))
    uid = pay().contents["payment_UID"]
    for fault in (imp_relay.truncated, imp_relay.answering(502, passed=True), imp_relay.answering(200, passed=True)):
        relay.spoil(fault, paths=(FIND,))
        clock.shift(100)
        reconciling.reconcile()
        assert Payment.objects.get().state == State.PENDING

    in_the_end()

    assert paying.moved(uid) == [("charge", PRICE)]
    assert Payment.objects.get().state == State.PAID


def test_an_answer_that_drips_gives_its_line_back_at_the_deadline(relay, pay):
    relay.spoil(imp_relay.dribbled)
    with contextlib.ExitStack() as lines:
        for _ in range(4):
            lines.enter_context(imp.line())

        assert pay().failure == PAY_ONE
        with imp.line():
            assert pay(p_array=[ProductFactory().pk]).http == 503  # that was the last one
        assert pay(p_array=[ProductFactory().pk]).http == 200


# ---------------------------------------------------------------- something else than was asked


@pytest.mark.parametrize(
    "others",
    [{"amount": PRICE - 100}, {"currency": "USD"}, {"merchant_uid": "SOMEBODYELSES"}],
    ids=["amount", "currency", "merchant_uid"],
)
def test_what_imp_understood_otherwise_is_for_people(paying, relay, pay, in_the_end, others):
    relay.spoil(imp_relay.misheard(**others))

    answer = pay()

    payment = Payment.objects.get()
    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "pending"
    assert payment.alarm
    in_the_end(decided=False)
    payment.refresh_from_db()
    assert (payment.state, payment.paid_amount, relay.tries(payment.payment_uid)) == (State.PENDING, 0, 1)
    assert len(paying.moved(others.get("merchant_uid", payment.payment_uid))) == 1


# ---------------------------------------------------------------- late, and at odd times


def test_a_refused_card_that_pays_ten_minutes_later_gets_it_back(paying, relay, pay, clock, in_the_end):
    relay.spoil(imp_relay.answering(200, b'{"code": -1, "message": "[2116]", "response": null}', JSON, passed=False))
    answer = pay("one")
    uid = answer.contents["payment_UID"]
    assert answer.failure == (400, 400, "[2116]")
    assert answer.contents["status"] == "failed"

    clock.shift(600)
    paying.charge(uid, PRICE)
    assert Api().post("/payment/webhook", {"imp_uid": "imp_1", "merchant_uid": uid, "status": "paid"}).http == 200
    in_the_end()

    assert paying.moved(uid) == [("charge", PRICE), ("refund", PRICE)]
    assert Payment.objects.get().alarm
    assert pay("one").failure == PAY_ONE  # it is over, and was not paid for


@pytest.mark.parametrize("jump", [dt.timedelta(days=-1), dt.timedelta(days=1)], ids=["back", "ahead"])
@pytest.mark.parametrize("passed", [False, True], ids=["before", "after"])
def test_a_clock_that_jumps_sends_nothing_again(paying, relay, pay, cancel, clock, in_the_end, jump, passed):
    refunded = pay().contents["payment_UID"]
    relay.spoil(imp_relay.answering(500, passed=passed), times=2)
    uid = pay(p_array=[ProductFactory(price=5_000).pk]).contents["payment_UID"]
    cancel(refunded, 1_000)

    clock.shift(jump)
    reconciling.reconcile()
    clock.shift(-jump)
    in_the_end()

    assert relay.tries(uid) == 1
    assert paying.moved(uid) == [("charge", 5_000)] * passed
    assert paying.moved(refunded) == [("charge", PRICE), ("refund", 1_000)]


def test_a_charge_that_a_clock_ahead_gave_up_comes_back_if_it_was_made(paying, relay, pay, clock, in_the_end):
    relay.spoil(imp_relay.answering(504, passed=False))
    uid = pay().contents["payment_UID"]
    clock.shift(dt.timedelta(hours=1))
    reconciling.reconcile()
    assert Payment.objects.get().state == State.FAILED

    clock.shift(dt.timedelta(hours=-1))
    paying.charge(uid, PRICE)
    in_the_end()

    assert paying.moved(uid) == [("charge", PRICE), ("refund", PRICE)]
    assert Payment.objects.get().alarm


# ---------------------------------------------------------------- keys


def test_a_key_is_another_once_it_has_been_forgotten(paying, relay, pay, clock, in_the_end):
    first = pay("one").contents["payment_UID"]
    clock.shift(KEEP_KEYS - dt.timedelta(seconds=1))
    keep_house()
    assert pay("one").contents["payment_UID"] == first

    clock.shift(2)
    keep_house()

    assert pay("one").contents["payment_UID"] != first
    in_the_end()
    assert [paying.moved(uid) for uid in Payment.objects.values_list("payment_uid", flat=True)] == [
        [("charge", PRICE)]
    ] * 2


def test_a_refund_key_is_of_one_body_and_one_refund(paying, relay, pay, cancel, in_the_end):
    uid = pay().contents["payment_UID"]
    first = cancel(uid, 1_000, "one")

    assert cancel(uid, 1_000, "one").contents == first.contents
    assert cancel(uid, 2_000, "one").http == 422
    assert cancel(uid, 1_000, "two").http == 200
    in_the_end()
    assert paying.moved(uid) == [("charge", PRICE), ("refund", 1_000), ("refund", 1_000)]
