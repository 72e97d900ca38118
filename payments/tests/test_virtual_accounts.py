"""POST /payment/OAuth2.0/vbank/onetime against the sandbox: opened, paid into, closed, expired, in doubt."""

import datetime as dt

import pytest
from django.utils import timezone

from payments import reconciling
from payments.models import Payment, Refund, State
from tests.api import Api, as_app, as_person, in_session
from tests.factories import PaymentFactory, ProductFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

PATH, CANCEL = "/payment/OAuth2.0/vbank/onetime", "/payment/cancel"
PAY_ONE = (400, 400, "[position] payOne")
UNAPPROPRIATE = (400, 400, "ERR: Unappropriate access")
MISSING = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")
CONFLICT = (409, 409, "ERR: Conflict, try again.")
TO = {"rHolder": "홍길동", "rAcc": "110-123-456789", "rBank": "088"}


@pytest.fixture
def payer():
    return UserFactory(userid="hong", name="홍길동")


@pytest.fixture
def product():
    return ProductFactory(name="커트", price=30_000)


def open_account(user, product, *, headers=None, **more):
    body = {"userid": "hong", "p_array": [product.pk], "bank": "088"} | more
    return as_person(user).post(PATH, body, headers=headers)


def cancel(user, uid, api=None, headers=None, **more):
    body = {"paym_id": uid, "userid": user.userid, "reason": "마음이 바뀌었습니다."} | more
    return (api or as_person(user)).post(CANCEL, body, headers=headers)


def told(uid):
    """IMP's webhook."""
    return Api().post("/payment/webhook", {"merchant_uid": uid, "imp_uid": "imp_1", "status": "paid"})


def events(payment):
    return [event.what for event in payment.events.all()]


# ---------------------------------------------------------------- opened


def test_an_account_is_opened_and_waits_for_its_money(paying, payer, product):
    answer = open_account(payer, product)

    payment = Payment.objects.get()
    assert answer.contents == {
        "code": 0, "userid": "hong", "username": "홍길동", "reqtime": "20260303-09:00:00",
        "payment_UID": payment.payment_uid, "IMP_UID": payment.imp_uid, "status": "ready", "failReason": None,
        "payCurr": None, "vbank_num": payment.vbank_num, "vbank_name": "신한은행", "vbank_code": "088",
        "vbank_holder": "홍길동", "vbank_date": "20260306-09:00", "req_amount": 30_000, "paid_amount": 0,
        "recipt": None, "ip": "127.0.0.1",
    }  # fmt: skip
    assert len(payment.vbank_num) == 14
    assert events(payment) == ["created", "requested", "ready"]
    (row,) = as_person(payer).get("/payment", {"rule": {"status": "ready"}}).contents
    assert row == answer.contents | {"cardNum": None, "canceled_Amount": 0, "time": None}
    assert paying.moved(payment.payment_uid) == []


def test_holder_and_deadline_are_the_callers_to_choose(paying, payer, product):
    answer = open_account(payer, product, holder="매달코디", due="20260310-18:30")

    assert (answer.contents["vbank_holder"], answer.contents["vbank_date"]) == ("매달코디", "20260310-18:30")
    (at_imp,) = paying.payments(answer.contents["payment_UID"])
    assert at_imp["vbank_date"] == dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC).timestamp()
    assert (at_imp["name"], at_imp["buyer_name"], at_imp["pg_provider"]) == ("커트", "홍길동", "nice_v2")


def test_a_code_of_the_manual_is_translated(paying, payer, product, settings):
    for gateway, code, standard in [("html5_inicis", "53", "027"), ("kicc", "026", "088"), ("uplus", "005", "081")]:
        settings.IMP_PG = gateway
        assert open_account(payer, product, bank=code).contents["vbank_code"] == standard
    settings.IMP_PG = "kcp"
    assert open_account(payer, product, bank="16").failure == UNAPPROPRIATE


def test_what_is_missing_mistyped_or_makes_no_sense(paying, payer, product):
    for more, failure in [
        ({"bank": ""}, MISSING), ({"p_array": None}, MISSING), ({"bank": "abc"}, MISTYPED), ({"bank": 88}, MISTYPED),
        ({"due": "2026-03-10"}, MISTYPED), ({"due": "20260230-10:00"}, MISTYPED), ({"holder": "가" * 17}, MISTYPED),
        ({"holder": "a\nb"}, MISTYPED), ({"due": "20260303-09:00"}, UNAPPROPRIATE),
        ({"due": "20280303-09:00"}, UNAPPROPRIATE), ({"bank": "99"}, UNAPPROPRIATE), ({"p_array": []}, UNAPPROPRIATE),
        ({"reserv_id": ReservationFactory().pk}, UNAPPROPRIATE),
    ]:  # fmt: skip
        assert open_account(payer, product, **more).failure == failure, more
    assert as_person(payer).post(PATH, {}).failure == UNAPPROPRIATE
    assert not Payment.objects.exists()


def test_who_may(paying, payer, product):
    denied = (403, 403, "ERR: Permission denied.")
    assert open_account(UserFactory(), product).failure == denied
    assert open_account(UserFactory(system=True), product).failure == denied
    body = {"userid": "hong", "p_array": [product.pk], "bank": "088"}
    assert Api().post(PATH, body).http == 401
    assert in_session(payer).post(PATH, body).http == 401
    assert as_person(payer, ["board:read"]).post(PATH, body).http == 403
    assert as_app().post(PATH, body | {"userid": "nobody"}).failure == (400, 400, "ERR: Cannot find user: nobody")
    assert as_app().post(PATH, body).contents["status"] == "ready"


def test_a_test_account_needs_a_test_channel(paying, product, settings):
    tester = UserFactory(userid="tester", type=5)
    assert open_account(tester, product, userid="tester").http == 200
    settings.IMP_TEST_CHANNEL = False
    assert open_account(tester, product, userid="tester").failure == (503, 503, "serviceNotReady")


def test_a_token_that_has_ended_is_renewed(paying, payer, product):
    paying.fault("unauthorized")

    assert open_account(payer, product).contents["status"] == "ready"


def test_one_with_a_key_however_often(paying, payer, product):
    first = open_account(payer, product, headers={"Idempotency-Key": "a"})
    again = open_account(payer, product, headers={"Idempotency-Key": "a"})

    assert again.contents == first.contents
    assert open_account(payer, product, bank="004", headers={"Idempotency-Key": "a"}).http == 422


def test_a_reservation_has_one_live_payment(paying, payer, product):
    reservation = ReservationFactory(customer=payer)
    first = open_account(payer, product, reserv_id=reservation.pk)

    assert open_account(payer, product, reserv_id=reservation.pk).failure == UNAPPROPRIATE
    assert cancel(payer, first.contents["payment_UID"]).http == 200
    assert open_account(payer, product, reserv_id=reservation.pk).http == 200


# ---------------------------------------------------------------- paid into


def test_the_money_comes(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]
    paying.deposit(Payment.objects.get().imp_uid)

    assert told(uid).http == 200

    payment = Payment.objects.get()
    assert (payment.state, payment.paid_amount, payment.ask_at) == (State.PAID, 30_000, None)
    assert payment.receipt_url
    assert paying.moved(uid) == [("deposit", 30_000)]
    assert events(payment) == ["created", "requested", "ready", "paid"]


def test_the_money_comes_and_no_webhook(paying, payer, product, clock):
    open_account(payer, product)
    paying.deposit(Payment.objects.get().imp_uid)
    reconciling.reconcile()
    assert Payment.objects.get().state == State.READY

    clock.shift(dt.timedelta(hours=1, seconds=1))
    reconciling.reconcile()

    assert Payment.objects.get().state == State.PAID


def test_a_webhook_may_name_imps_number_only(paying, payer, product):
    open_account(payer, product)
    imp_uid = Payment.objects.get().imp_uid
    paying.deposit(imp_uid)

    assert Api().post("/payment/webhook", {"imp_uid": imp_uid, "status": "paid"}).http == 200

    assert Payment.objects.get().state == State.PAID


def test_what_was_paid_goes_back_to_an_account(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]
    paying.deposit(Payment.objects.get().imp_uid)
    told(uid)

    assert cancel(payer, uid).failure == MISSING
    for broken, failure in [
        ({}, MISSING), ({"rHolder": "홍"}, MISSING), (TO | {"rAcc": ""}, MISSING), (TO | {"rBank": None}, MISSING),
        ("x", MISTYPED), ([], MISTYPED), (TO | {"rAcc": "12"}, MISTYPED), (TO | {"more": 1}, MISTYPED),
        (TO | {"nAcc": "110123456780"}, MISTYPED), (TO | {"rBank": "026"}, UNAPPROPRIATE),
    ]:  # fmt: skip
        assert cancel(payer, uid, accInfo=broken).failure == failure, broken
    assert not Refund.objects.exists()

    answer = cancel(payer, uid, accInfo=TO, c_price=10_000)
    assert (answer.contents["canceled_Amount"], answer.contents["code"]) == (10_000, 0)
    scan = {"rHolder": "홍길동", "nAcc": "110123456789", "rBank": "088"}
    assert cancel(payer, uid, accinfo=scan).contents["canceled_Amount"] == 20_000

    assert paying.moved(uid) == [("deposit", 30_000), ("refund", 10_000), ("refund", 20_000)]
    assert Payment.objects.get().state == State.CANCELLED
    assert {refund.account.number for refund in Refund.objects.all()} == {"110123456789"}


def test_account_information_in_a_form(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]
    paying.deposit(Payment.objects.get().imp_uid)
    told(uid)
    form = f'paym_id={uid}&userid=hong&reason=x&accInfo={{"rHolder":"홍길동","rAcc":"110123456789","rBank":"088"}}'

    assert as_person(payer).post(CANCEL, form, content_type="application/x-www-form-urlencoded").http == 200


# ---------------------------------------------------------------- ended


def test_an_account_that_nobody_paid_into_is_closed(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]

    answer = cancel(payer, uid)

    payment = Payment.objects.get()
    assert answer.contents == {
        "code": 0, "userid": "hong", "request_Time": "20260303-09:00:00", "payment_UID": uid,
        "imp_UID": payment.imp_uid, "canceled_Amount": 0, "message": None,
    }  # fmt: skip
    assert (payment.state, payment.paid_amount, payment.ask_at) == (State.CANCELLED, 0, None)
    assert paying.payments(uid)[0]["status"] == "cancelled"
    assert events(payment) == ["created", "requested", "ready", "ending", "closed"]
    assert as_person(payer).get("/payment", {"rule": {"payment_UID": uid}}).contents[0]["status"] == "cancelled"
    assert cancel(payer, uid).failure == (400, 400, "ERR: Cancel price must be smaller than paid price")


def test_closing_twice_with_a_key_is_once(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]
    key = {"Idempotency-Key": "close"}

    assert cancel(payer, uid, headers=key).contents == cancel(payer, uid, headers=key).contents
    assert events(Payment.objects.get()).count("closed") == 1
    assert cancel(payer, uid, headers=key, c_price=1).http == 422


def test_a_part_of_what_was_not_paid_is_not_cancelled(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]

    assert cancel(payer, uid, c_price=1).failure == (400, 400, "ERR: Cancel price must be smaller than paid price")
    assert Payment.objects.get().state == State.READY


def test_paid_in_the_moment_of_closing(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]
    paying.deposit(Payment.objects.get().imp_uid)

    assert cancel(payer, uid).failure == CONFLICT
    assert Payment.objects.get().state == State.PAID
    assert cancel(payer, uid, accInfo=TO).http == 200


def test_while_imp_is_away_the_worker_goes_on_closing(paying, payer, product, settings, clock):
    uid = open_account(payer, product).contents["payment_UID"]
    away, settings.IMP_BASE_URL = settings.IMP_BASE_URL, "http://127.0.0.1:9"

    assert cancel(payer, uid).failure == PAY_ONE
    assert Payment.objects.get().state == State.READY

    settings.IMP_BASE_URL = away
    clock.shift(1)
    reconciling.reconcile()
    assert Payment.objects.get().state == State.CANCELLED


def test_when_its_time_is_over_it_is_closed_and_expired(paying, payer, product, clock):
    uid = open_account(payer, product).contents["payment_UID"]
    clock.shift(dt.timedelta(days=3, seconds=1))

    reconciling.reconcile()

    payment = Payment.objects.get()
    assert (payment.state, payment.ask_at) == (State.EXPIRED, None)
    assert paying.payments(uid)[0]["status"] == "cancelled"
    assert as_person(payer).get("/payment", {"rule": {"status": "expired"}}).contents[0]["payment_UID"] == uid


def test_a_deposit_of_the_last_minute_counts(paying, payer, product, clock):
    open_account(payer, product)
    paying.deposit(Payment.objects.get().imp_uid)
    clock.shift(dt.timedelta(days=3, seconds=1))

    reconciling.reconcile()

    assert Payment.objects.get().state == State.PAID


def test_a_gateway_that_closes_nothing_is_believed_after_a_day(paying, payer, product, clock, settings):
    open_account(payer, product)
    settings.IMP_BASE_URL = "http://127.0.0.1:9"
    clock.shift(dt.timedelta(days=4, seconds=1))

    reconciling.reconcile()

    assert Payment.objects.get().state == State.EXPIRED


def test_money_that_comes_after_the_end_needs_a_person(paying, payer, product):
    uid = open_account(payer, product).contents["payment_UID"]
    payment = Payment.objects.get()
    paying.deposit(payment.imp_uid)
    Payment.objects.update(state=State.EXPIRED, ask_at=None)  # as if IMP had closed it, and the bank had not heard

    told(uid)

    payment.refresh_from_db()
    assert (payment.state, payment.paid_amount, bool(payment.late_at)) == (State.PAID, 30_000, True)
    assert payment.alarm
    assert not Refund.objects.exists()
    assert cancel(payer, uid, as_person(UserFactory(finance=True)), accInfo=TO).http == 200


# ---------------------------------------------------------------- in doubt


@pytest.mark.parametrize("kind", ["timeout-after", "reset-after", "500-after", "malformed-after", "huge-after"])
def test_opened_though_the_answer_was_lost(paying, payer, product, clock, kind):
    paying.fault(kind)

    answer = open_account(payer, product)
    assert answer.failure == PAY_ONE
    assert (answer.contents["status"], answer.contents["vbank_num"]) == ("pending", None)
    assert open_account(payer, product).failure == CONFLICT

    clock.shift(11)
    reconciling.reconcile()
    payment = Payment.objects.get()
    assert (payment.state, len(payment.vbank_num)) == (State.READY, 14)
    assert len(paying.payments(payment.payment_uid)) == 1


@pytest.mark.parametrize("kind", ["timeout-before", "reset-before", "500-before"])
def test_never_opened(paying, payer, product, clock, kind):
    paying.fault(kind)
    assert open_account(payer, product).failure == PAY_ONE

    clock.shift(dt.timedelta(minutes=16))
    reconciling.reconcile()

    assert Payment.objects.get().state == State.FAILED


def test_imp_is_not_reached(paying, payer, product, settings):
    settings.IMP_BASE_URL = "http://127.0.0.1:9"

    answer = open_account(payer, product)

    assert answer.failure == PAY_ONE
    assert answer.contents["status"] == "failed"


def test_an_account_over_another_amount_needs_a_person(paying, payer, product):
    paying.fault("wrong-amount")

    answer = open_account(payer, product)

    assert answer.failure == PAY_ONE
    payment = Payment.objects.get()
    assert (payment.state, bool(payment.alarm)) == (State.PENDING, True)


def test_an_account_that_appears_after_it_was_told_as_failed_is_closed(paying, payer, product, clock):
    payment = PaymentFactory(failed=True, account=True, payer=payer, vbank_num="")
    given = {
        "merchant_uid": payment.payment_uid, "amount": payment.amount, "vbank_code": "088", "pg": "nice_v2",
        "vbank_due": int(timezone.now().timestamp()) + 86_400,
    }  # fmt: skip
    paying.call("POST", "/vbanks", given)

    told(payment.payment_uid)
    clock.shift(1)
    reconciling.reconcile()

    assert paying.payments(payment.payment_uid)[0]["status"] == "cancelled"
    payment.refresh_from_db()
    assert payment.state == State.FAILED
