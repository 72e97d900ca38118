"""POST /payment/card/onetime against the sandbox, in its own process, over HTTP."""

import contextlib
import io
import json
import logging
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import AccountType
from cody_site.logs import JsonLine, Scrubbed, scrub
from payments import imp, reconciling, settling
from payments.cards import Card
from payments.models import IdempotencyKey, Payment, PaymentEvent, State
from tests.api import Api, as_app, as_person, in_session
from tests.factories import PaymentFactory, ProductFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

PATH = "/payment/card/onetime"
GOOD, WRONG, OVER_LIMIT = "5361-4890-1234-1704", "5361-4890-1234-0113", "5361-4890-1234-2116"
PAY_ONE = (400, 400, "[position] payOne")
UNAPPROPRIATE = (400, 400, "ERR: Unappropriate access")
CONFLICT = (409, 409, "ERR: Conflict, try again.")


@pytest.fixture
def payer():
    return UserFactory(userid="hong", name="홍길동")


@pytest.fixture
def product():
    return ProductFactory(name="커트", price=30_000)


def body(product, **more):
    return {
        "paytype": 1, "cardnum": GOOD, "expiry": "2030-12", "pwd": "12", "userid": "hong", "p_array": [product.pk],
    } | more  # fmt: skip


def pay(user, product, *, headers=None, **more):
    return as_person(user).post(PATH, body(product, **more), headers=headers)


# ---------------------------------------------------------------- success


def test_a_card_is_charged_once(paying, payer, product):
    answer = pay(payer, product, p_array=[product.pk, product.pk])

    payment = Payment.objects.get()
    assert answer.contents == {
        "code": 0, "userid": "hong", "username": "홍길동", "reqtime": "20260303-09:00:00",
        "payment_UID": payment.payment_uid, "IMP_UID": payment.imp_uid, "status": "paid", "failReason": None,
        "payCurr": None, "cardNum": "5361-4890-****-1704", "req_amount": 60_000, "paid_amount": 60_000,
        "recipt": payment.receipt_url, "ip": "127.0.0.1",
    }  # fmt: skip
    assert len(payment.payment_uid) == 17
    assert payment.payment_uid.isalnum()
    assert payment.payment_uid == payment.payment_uid.upper()
    assert paying.moved(payment.payment_uid) == [("charge", 60_000)]
    assert [event.what for event in payment.events.all()] == ["created", "requested", "paid"]
    assert [(item.name, item.price, item.quantity) for item in payment.items.all()] == [("커트", 30_000, 2)]


@pytest.mark.parametrize("path", [PATH, "/payment/OAuth2.0/card/onetime"])
def test_forms_and_both_routes(paying, payer, product, path):
    form = f"paytype=1&cardnum={GOOD}&expiry=2030-12&pwd=12&userid=HONG&p_array=[{product.pk}]"

    answer = as_person(payer).post(path, form, content_type="application/x-www-form-urlencoded")

    assert answer.contents["status"] == "paid"


def test_a_session_pays_at_the_route_of_the_manual_and_not_at_the_tokens(paying, payer, product):
    assert in_session(payer).post(PATH, body(product)).http == 200
    assert in_session(payer).post("/payment/OAuth2.0/card/onetime", body(product)).http == 401


def test_instalments_are_told_to_imp(paying, payer):
    dear = ProductFactory(price=120_000)

    answer = pay(payer, dear, paytype=2, pay_dur="3")

    assert paying.payments(answer.contents["payment_UID"])[0]["card_quota"] == 3


def test_a_reservation_is_paid_once(paying, payer, product):
    reservation = ReservationFactory(customer=payer)

    first = pay(payer, product, reserv_id=reservation.pk)
    second = pay(payer, product, reserv_id=reservation.pk)

    assert first.http == 200
    assert second.failure == UNAPPROPRIATE
    assert Payment.objects.get().reservation == reservation


# ---------------------------------------------------------------- refused before IMP is asked


def test_what_is_missing_mistyped_or_makes_no_sense(paying, payer, product):
    missing = (400, 400, "Some of Information Expected, but missed.")
    mistyped = (400, 400, "Some of Information Type Not Match")
    for more, failure in [
        ({"cardnum": ""}, missing), ({"pwd": None}, missing), ({"paytype": 2}, missing),
        ({"cardnum": "4111"}, mistyped), ({"cardnum": f"{GOOD[:-1]}x"}, mistyped),
        ({"expiry": "12-2030"}, mistyped),
        ({"expiry": "2030-13"}, mistyped), ({"pwd": "1"}, mistyped), ({"pwd": "123"}, mistyped),
        ({"paytype": 3}, mistyped),
        ({"p_array": "x"}, mistyped), ({"p_array": [True]}, mistyped), ({"pay_dur": 13, "paytype": 2}, mistyped),
        ({"birth": "901301"}, mistyped),
        ({"p_array": []}, UNAPPROPRIATE), ({"p_array": [10**9]}, UNAPPROPRIATE), ({"pay_dur": 3}, UNAPPROPRIATE),
        ({"paytype": 2, "pay_dur": 3}, UNAPPROPRIATE), ({"reserv_id": 10**9}, UNAPPROPRIATE),
        ({"reserv_id": ReservationFactory().pk}, UNAPPROPRIATE),
        ({"p_array": [ProductFactory(on_sale=False).pk]}, UNAPPROPRIATE),
    ]:  # fmt: skip
        assert pay(payer, product, **more).failure == failure, more
    assert as_person(payer).post(PATH, {}).failure == UNAPPROPRIATE
    assert as_person(payer).post(PATH, {"other": 1}).failure == UNAPPROPRIATE
    assert as_app().post(PATH, body(product, userid="nobody")).failure == (400, 400, "ERR: Cannot find user: nobody")
    assert not Payment.objects.exists()


def test_a_payer_without_a_date_of_birth_must_tell_the_card_owners(paying, product):
    guest = UserFactory(userid="guest-7k2m9q", birth=None, email="")
    wish = body(product, userid=guest.userid)

    refused = as_app().post(PATH, wish)
    paid = as_app().post(PATH, wish | {"birth": "900517"})

    assert refused.failure == (400, 400, "Some of Information Expected, but missed.")
    assert paid.contents["status"] == "paid"


def test_who_may_pay_for_whom(paying, payer, product):
    denied = (403, 403, "ERR: Permission denied.")
    assert pay(UserFactory(), product).failure == denied
    assert pay(UserFactory(), product, userid="nobody").failure == denied
    assert pay(UserFactory(), product, pay_dur=3).failure == denied  # before what makes no sense (R33)
    assert pay(UserFactory(system=True), product).failure == denied
    assert Api().post(PATH, body(product)).http == 401
    for user in (UserFactory(finance=True), UserFactory(staff=True)):
        assert pay(user, product).http == 200
    assert as_app().post(PATH, body(product)).http == 200


def test_without_credentials_nothing_is_written(settings, payer, product, tmp_path):
    assert pay(payer, product).failure == (503, 503, "serviceNotReady")

    settings.IMP_CREDENTIALS_FILE = str(tmp_path / "missing.json")
    assert pay(payer, product).failure == (500, 500, "ERR: Cannot read payment Information File")
    assert not Payment.objects.exists()


def test_a_payment_beyond_the_lines_to_imp_is_not_begun(paying, payer, product):
    with contextlib.ExitStack() as lines:
        for _ in range(5):
            lines.enter_context(imp.line())

        assert pay(payer, product).failure == (503, 503, "serviceNotReady")
        assert not Payment.objects.exists()
    assert pay(payer, product).http == 200


def test_credentials_from_a_file(paying, settings, payer, product, tmp_path):
    file = tmp_path / "imp.json"
    file.write_text(json.dumps({"imp_key": settings.IMP_KEY, "imp_secret": settings.IMP_SECRET}))
    settings.IMP_CREDENTIALS_FILE, settings.IMP_KEY, settings.IMP_SECRET = str(file), "", ""

    assert pay(payer, product).http == 200


def test_test_accounts_pay_on_a_test_channel_only(paying, settings, product):
    tester = UserFactory(userid="hong", type=AccountType.TEST)
    assert pay(tester, product).http == 200

    settings.IMP_TEST_CHANNEL = False
    assert pay(tester, product).failure == (503, 503, "serviceNotReady")


# ---------------------------------------------------------------- IMP's answers


@pytest.mark.parametrize(
    ("number", "text"),
    [(WRONG, "카드정보 인증에 실패하였습니다. [F113]"), (OVER_LIMIT, "결제승인에 실패하였습니다. [2116]")],
)
def test_a_refused_card_has_failed_for_good(paying, payer, product, number, text):
    answer = pay(payer, product, cardnum=number)

    assert answer.http == answer.status == 400
    assert answer.errors.startswith(text)
    assert answer.contents["status"] == "failed"
    assert answer.contents["failReason"] == answer.errors
    assert answer.contents["code"] == -1
    assert answer.contents["cardNum"] == f"5361-4890-****-{number[-4:]}"
    payment = Payment.objects.get()
    assert (payment.state, payment.ask_at) == (State.FAILED, None)
    assert paying.moved(payment.payment_uid) == []


def test_imp_refuses_our_key(paying, settings, payer, product):
    settings.IMP_SECRET = "wrong"

    answer = pay(payer, product, headers={"Idempotency-Key": "k"})

    assert answer.failure == (500, 500, "ERR: Failed Authentication from IMP Server.")
    assert answer.contents["status"] == "failed"
    assert not IdempotencyKey.objects.exists()


def test_an_ended_token_is_renewed_once(paying, payer, product):
    assert pay(payer, product).http == 200
    paying.end_tokens()
    assert pay(payer, product).http == 200
    paying.fault("unauthorized")
    assert pay(payer, product).http == 200
    paying.fault("unauthorized", 2)
    assert pay(payer, product).failure == (500, 500, "ERR: Failed Authentication from IMP Server.")
    assert [len(paying.moved(payment.payment_uid)) for payment in Payment.objects.order_by("pk")] == [1, 1, 1, 0]


def test_imp_cannot_be_reached(paying, settings, payer, product):
    settings.IMP_BASE_URL = "http://127.0.0.1:9"

    answer = pay(payer, product)

    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "failed"
    assert Payment.objects.get().ask_at is None
    settings.DEBUG = True
    assert pay(payer, product).body["error"] == {"position": "payOne", "errors": "[position] payOne"}


DOUBTS = {
    "timeout-before": False, "timeout-after": True, "reset-before": False, "reset-after": True, "500-before": False,
    "500-after": True, "malformed-after": True, "slow-after": True, "huge-after": True,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "charged"), DOUBTS.items())
def test_a_doubt_is_pending_until_imp_is_asked(paying, payer, product, clock, kind, charged):
    paying.fault(kind)

    answer = pay(payer, product)

    payment = Payment.objects.get()
    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "pending"
    assert pay(payer, product).failure == CONFLICT  # the same products again, while this is pending
    clock.shift(11)
    reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == (State.PAID if charged else State.PENDING)
    for _ in range(12):
        clock.shift(300)
        reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == (State.PAID if charged else State.FAILED)
    assert len(paying.moved(payment.payment_uid)) == charged
    assert payment.alarm == ""


def test_another_amount_than_asked_is_for_people(paying, payer, product, clock):
    paying.fault("wrong-amount")

    answer = pay(payer, product)

    assert answer.failure == PAY_ONE
    payment = Payment.objects.get()
    assert (payment.state, payment.paid_amount) == (State.PENDING, 0)
    assert "29,900 KRW" in payment.alarm
    clock.shift(3600)
    reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.PENDING


# ---------------------------------------------------------------- crashes


def test_what_was_never_sent_has_failed(paying, clock):
    payment = PaymentFactory(state=State.CREATED, imp_uid="", requested_at=None)
    Payment.objects.update(ask_at=payment.created_at)

    reconciling.reconcile()

    payment.refresh_from_db()
    assert (payment.state, payment.ask_at) == (State.FAILED, None)


def test_a_call_that_its_process_did_not_survive_is_asked_for(paying, payer, product, clock, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(settling, "settle", kill)
        with pytest.raises(Killed):
            pay(payer, product)
    payment = Payment.objects.get()
    assert payment.state == State.REQUESTED

    clock.shift(40)
    reconciling.reconcile()

    payment.refresh_from_db()
    assert payment.state == State.PAID
    assert paying.moved(payment.payment_uid) == [("charge", 30_000)]


def test_a_worker_that_is_asking_is_left_alone(paying, clock):
    payment = PaymentFactory(pending=True)
    now = payment.requested_at
    Payment.objects.update(ask_at=now, leased_until=now.replace(year=2027))

    reconciling.reconcile()

    payment.refresh_from_db()
    assert payment.asked == 0


# ---------------------------------------------------------------- idempotency


def test_a_key_makes_two_requests_one(paying, payer, product):
    headers = {"Idempotency-Key": '"one"'}
    first = pay(payer, product, headers=headers)
    again = pay(payer, product, headers={"Idempotency-Key": "one"})

    assert again.contents == first.contents
    assert pay(payer, product, headers=headers, expiry="2031-01").failure == (
        422, 422, "ERR: Idempotency-Key was used for another request.",
    )  # fmt: skip
    assert Payment.objects.count() == 1
    assert (
        pay(payer, product, headers={"Idempotency-Key": "two"}).contents["payment_UID"]
        != (first.contents["payment_UID"])
    )
    assert pay(payer, product, headers={"Idempotency-Key": "ä"}).http == 400


def test_a_key_tells_what_became_of_a_doubt(paying, payer, product, clock):
    headers = {"Idempotency-Key": "one"}
    paying.fault("500-after")
    assert pay(payer, product, headers=headers).contents["status"] == "pending"
    assert pay(payer, product, headers=headers).contents["status"] == "pending"
    clock.shift(11)
    reconciling.reconcile()

    assert pay(payer, product, headers=headers).contents["status"] == "paid"


def test_a_key_tells_of_a_refused_card_again(paying, payer, product):
    headers = {"Idempotency-Key": "one"}
    first = pay(payer, product, headers=headers, cardnum=WRONG)

    assert pay(payer, product, headers=headers, cardnum=WRONG).failure == first.failure
    assert Payment.objects.count() == 1


# ---------------------------------------------------------------- throttles


def test_ten_refused_cards_an_hour(paying, payer, product, clock):
    for _ in range(10):
        assert pay(payer, product, cardnum=WRONG).http == 400

    assert pay(payer, product).failure == (429, 429, "ERR: Too many requests.")
    assert pay(payer, product).headers["Retry-After"]
    assert as_app().post(PATH, body(product, userid=UserFactory().userid)).http == 429  # from the same address
    clock.shift(3601)
    assert pay(payer, product).http == 200


def test_payment_routes_have_a_throttle_of_their_own(settings, payer):
    settings.THROTTLE_PAYMENT = 3
    api = as_person(payer)

    assert [api.get("/payment", {"rule": "all"}).http for _ in range(4)] == [200, 200, 200, 429]


# ---------------------------------------------------------------- card data


def test_no_card_number_stays_anywhere(paying, payer, product, caplog, clock):
    canaries = [GOOD, WRONG, OVER_LIMIT]
    for number in canaries:
        pay(payer, product, cardnum=number, headers={"Idempotency-Key": number[-4:]})
    for kind in DOUBTS:
        paying.fault(kind)
        pay(payer, ProductFactory())
    clock.shift(11)
    reconciling.reconcile()

    stored = json.dumps(
        [list(model.objects.values()) for model in (Payment, PaymentEvent, IdempotencyKey)], default=str
    )
    for number in canaries:
        for text in (number, number.replace("-", "")):
            assert text not in stored + caplog.text
    assert "2030-12" not in stored + caplog.text


def test_a_card_shows_nothing_of_itself():
    card = Card(number=GOOD, expiry="2030-12", password="12")

    assert f"{card} {card!r} {[card]}" == "<Card ****> <Card ****> [<Card ****>]"
    with pytest.raises(TypeError):
        card.__reduce_ex__(2)
    assert not hasattr(card, "__dict__")
    assert Card(number="378282246310005", expiry="", password="").masked == "378282*****0005"
    assert card.fingerprint == Card(number=GOOD.replace("-", " "), expiry="", password="").fingerprint


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        (f"card {GOOD} refused", "card **** refused"),
        ("4111111111111111", "****"),
        ("4111111111111112 is no card", "4111111111111112 is no card"),
        ('{"pwd": "12", "x": 1}', '{"pwd": ****, "x": 1}'),
        ("expiry=2030-12&pwd=12", "expiry=****&pwd=****"),
        ("Authorization: Bearer abc", "Authorization: ****"),
        ("2026-03-03T09:00:00.123456", "2026-03-03T09:00:00.123456"),
    ],
)
def test_logs_are_scrubbed(text, scrubbed):
    assert scrub(text) == scrubbed


def test_every_handler_scrubs(settings):
    assert all("scrubbed" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


def test_only_one_module_reveals_cards():
    folder = Path(imp.__file__).parents[1]

    revealing = {path.relative_to(folder) for path in folder.rglob("*.py") if ".reveal()" in path.read_text()}
    assert {str(path) for path in revealing if path.parts[0] != "tests"} == {"imp/__init__.py"}


def test_what_imp_repeats_of_a_card_is_not_kept():
    declined = imp.Declined(f"거절 {GOOD}\x00", -1)

    assert (declined.message, str(declined)) == ("거절 ****", "code -1")


def test_an_unforeseen_error_tells_no_card_number_either(paying, payer, product, monkeypatch):
    def broken(_order, card):
        raise RuntimeError(f"cannot charge {card.reveal().number} with pwd={card.reveal().password}")

    monkeypatch.setattr(imp, "charge", broken)
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(JsonLine())
    handler.addFilter(Scrubbed())
    logging.getLogger().addHandler(handler)
    try:
        api = as_person(payer)
        api.client.raise_request_exception = False
        answer = api.post(PATH, body(product))
    finally:
        logging.getLogger().removeHandler(handler)

    assert answer.http == 500
    assert "cannot charge **** with pwd=****" in log.getvalue()
    assert GOOD.replace("-", "") not in log.getvalue() + json.dumps(answer.body)


def test_no_transaction_is_open_while_imp_is_called(transactional_db, paying, payer, product, monkeypatch):
    charge, open_ones = imp.charge, []

    def spied(*given):
        open_ones.append(connection.in_atomic_block)
        assert Payment.objects.get().state == State.REQUESTED
        return charge(*given)

    monkeypatch.setattr(imp, "charge", spied)

    assert pay(payer, product).http == 200
    assert open_ones == [False]
