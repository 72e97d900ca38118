"""Payments at a later time: POST /payment/OAuth2.0/card/schedule and /vbank/schedule against the sandbox."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Mail
from payments import reconciling, services, settling
from payments.models import Payment, Refund, Schedule, State
from tests.api import Api, as_app, as_person, in_session
from tests.factories import PaymentFactory, ProductFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

CARD, ACCOUNT, CANCEL = "/payment/OAuth2.0/card/schedule", "/payment/OAuth2.0/vbank/schedule", "/payment/cancel"
GOOD, WRONG, OVER_LIMIT = "5361-4890-1234-1704", "5361-4890-1234-0113", "5361-4890-1234-2116"
PAY_ONE = (400, 400, "[position] payOne")
UNAPPROPRIATE = (400, 400, "ERR: Unappropriate access")
MISSING = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")
CONFLICT = (409, 409, "ERR: Conflict, try again.")
TOMORROW, NEXT_WEEK, NEXT_MONTH = "20260304-09:00", "20260310-09:00", "20260403-09:00"


@pytest.fixture
def payer():
    return UserFactory(userid="hong", name="홍길동")


@pytest.fixture
def product():
    return ProductFactory(name="커트", price=30_000)


def schedule(user, product, *, headers=None, path=CARD, api=None, **more):
    means = {"paytype": 1, "cardnum": GOOD, "expiry": "2030-12", "pwd": "12"} if path == CARD else {"bank": "088"}
    body = {"userid": "hong", "p_array": [product.pk], "time": TOMORROW} | means | more
    return (api or as_person(user)).post(path, body, headers=headers)


def cancel(user, uid, **more):
    body = {"paym_id": uid, "userid": user.userid, "reason": "마음이 바뀌었습니다."} | more
    return as_person(user).post(CANCEL, body)


def told(uid):
    return Api().post("/payment/webhook", {"merchant_uid": uid, "status": "paid"})


def events(payment):
    return [event.what for event in payment.events.all()]


def at_imp(paying, payment):
    """What IMP knows of its schedule."""
    answer = paying.call("GET", f"/subscribe/payments/schedule/{payment.payment_uid}")
    return answer.json()["response"]


def until(at):
    return int(dt.datetime.strptime(f"{at} +0900", "%Y%m%d-%H:%M %z").timestamp())


# ---------------------------------------------------------------- cards: taken on


def test_a_card_is_scheduled_for_several_times(paying, payer, product):
    answer = schedule(payer, product, time=[NEXT_WEEK, TOMORROW])

    first, second = Payment.objects.order_by("due_at")
    assert answer.contents == {
        "code": 0,
        "userid": "hong",
        "schedules": [
            {"payment_UID": first.payment_uid, "time": TOMORROW, "status": "scheduled"},
            {"payment_UID": second.payment_uid, "time": NEXT_WEEK, "status": "scheduled"},
        ],
    }
    assert events(first) == ["created", "requested", "scheduled"]
    found = at_imp(paying, first)
    assert (found["schedule_status"], found["amount"], found["name"]) == ("scheduled", 30_000, "커트")
    assert found["schedule_at"] == first.due_at.timestamp()
    assert found["customer_uid"] == first.schedule.customer_uid
    assert paying.moved(first.payment_uid) == []
    rows = as_person(payer).get("/payment", {"rule": {"status": "scheduled"}}).contents
    assert [(row["time"], row["cardNum"], row["vbank_num"]) for row in rows] == [
        (TOMORROW, "5361-4890-****-1704", None), (NEXT_WEEK, "5361-4890-****-1704", None),
    ]  # fmt: skip


def test_times_and_instalments_in_a_form(paying, payer):
    dear = ProductFactory(price=120_000)
    form = (
        f"paytype=2&pay_dur=3&cardnum={GOOD}&expiry=2030-12&pwd=12&userid=hong&p_array=[{dear.pk}]"
        f'&time=["{TOMORROW}","{NEXT_WEEK}"]'
    )

    answer = as_person(payer).post(CARD, form, content_type="application/x-www-form-urlencoded")

    assert len(answer.contents["schedules"]) == 2
    assert [payment.instalment_months for payment in Payment.objects.all()] == [3, 3]


def test_what_is_missing_mistyped_or_makes_no_sense(paying, payer, product):
    for more, failure in [
        ({"time": ""}, MISSING), ({"time": "2026-03-04"}, MISTYPED), ({"time": []}, MISTYPED),
        ({"time": [TOMORROW, TOMORROW]}, MISTYPED), ({"time": [TOMORROW, 3]}, MISTYPED), ({"time": "[x"}, MISTYPED),
        ({"time": "20260303-09:00"}, UNAPPROPRIATE), ({"time": [TOMORROW, "20260301-09:00"]}, UNAPPROPRIATE),
        ({"time": "20280303-09:00"}, UNAPPROPRIATE), ({"paytype": 2}, MISSING),
        ({"paytype": 2, "pay_dur": 3}, UNAPPROPRIATE), ({"p_array": []}, UNAPPROPRIATE),
        ({"reserv_id": ReservationFactory(customer=payer).pk, "time": [TOMORROW, NEXT_WEEK]}, UNAPPROPRIATE),
    ]:  # fmt: skip
        assert schedule(payer, product, **more).failure == failure, more
    for path in (CARD, ACCOUNT):
        assert as_person(payer).post(path, {}).failure == UNAPPROPRIATE
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("path", [CARD, ACCOUNT])
def test_who_may(paying, payer, product, path):
    denied = (403, 403, "ERR: Permission denied.")
    assert schedule(UserFactory(), product, path=path).failure == denied
    assert schedule(UserFactory(system=True), product, path=path).failure == denied
    assert schedule(payer, product, path=path, api=Api()).http == 401
    assert schedule(payer, product, path=path, api=in_session(payer)).http == 401
    assert schedule(payer, product, path=path, api=as_person(payer, ["board:read"])).http == 403
    assert schedule(payer, product, path=path, api=as_app()).http == 200


@pytest.mark.parametrize("path", [CARD, ACCOUNT])
def test_the_same_at_the_same_time_once(paying, payer, product, path):
    assert schedule(payer, product, path=path).http == 200
    assert schedule(payer, product, path=path).failure == CONFLICT
    assert schedule(payer, product, path=path, time=NEXT_WEEK).http == 200
    assert Payment.objects.count() == 2


@pytest.mark.parametrize("path", [CARD, ACCOUNT])
def test_one_with_a_key_however_often(paying, payer, product, path):
    first = schedule(payer, product, path=path, headers={"Idempotency-Key": "a"})
    again = schedule(payer, product, path=path, headers={"Idempotency-Key": "a"})

    assert again.contents == first.contents
    assert schedule(payer, product, path=path, time=NEXT_WEEK, headers={"Idempotency-Key": "a"}).http == 422


def test_a_card_that_imp_refuses(paying, payer, product):
    answer = schedule(payer, product, cardnum=WRONG, time=[TOMORROW, NEXT_WEEK])

    assert answer.http == 400
    assert answer.errors.endswith("[F113]거래거절 카드번호틀림")
    assert [row["status"] for row in answer.contents["schedules"]] == ["failed", "failed"]
    assert answer.contents["code"] != 0


def test_imp_is_not_reached(paying, payer, product, settings):
    away, settings.IMP_BASE_URL = settings.IMP_BASE_URL, "http://127.0.0.1:9"
    key = {"Idempotency-Key": "a"}

    answer = schedule(payer, product, headers=key)
    assert answer.failure == PAY_ONE
    assert answer.contents["schedules"][0]["status"] == "failed"

    settings.IMP_BASE_URL = away
    assert schedule(payer, product, headers=key).http == 200


@pytest.mark.parametrize("kind", ["timeout-after", "reset-after", "500-after", "malformed-after"])
def test_taken_on_though_the_answer_was_lost(paying, payer, product, clock, kind):
    paying.fault(kind)
    answer = schedule(payer, product, time=[TOMORROW, NEXT_WEEK])
    assert answer.failure == PAY_ONE
    assert [row["status"] for row in answer.contents["schedules"]] == ["pending", "pending"]

    clock.shift(11)
    reconciling.reconcile()

    assert {payment.state for payment in Payment.objects.all()} == {State.SCHEDULED}


@pytest.mark.parametrize("kind", ["timeout-before", "500-before"])
def test_never_taken_on(paying, payer, product, clock, kind):
    paying.fault(kind)
    assert schedule(payer, product).failure == PAY_ONE

    clock.shift(dt.timedelta(minutes=16))
    reconciling.reconcile()

    assert Payment.objects.get().state == State.FAILED


def test_a_schedule_over_another_amount_is_revoked(paying, payer, product, clock):
    paying.fault("wrong-amount")
    assert schedule(payer, product).failure == PAY_ONE

    clock.shift(11)
    reconciling.reconcile()

    payment = Payment.objects.get()
    assert payment.state == State.REVOKED
    assert at_imp(paying, payment)["schedule_status"] == "revoked"


def test_a_schedule_that_appears_after_it_was_told_as_failed_is_revoked(paying, payer, product, clock):
    schedule(payer, product)
    Payment.objects.update(state=State.FAILED, ask_at=timezone.now())

    for _ in range(2):
        clock.shift(1)
        reconciling.reconcile()
        clock.shift(10)
    reconciling.reconcile()

    payment = Payment.objects.get()
    assert at_imp(paying, payment)["schedule_status"] == "revoked"
    assert payment.state == State.FAILED


# ---------------------------------------------------------------- cards: charged


def test_it_is_charged_when_it_is_due(paying, payer, product):
    schedule(payer, product, time=[TOMORROW, NEXT_MONTH])
    first, second = Payment.objects.order_by("due_at")

    paying.run_schedules(until(TOMORROW))
    told(first.payment_uid)
    told(second.payment_uid)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.paid_amount, second.state) == (State.PAID, 30_000, State.SCHEDULED)
    assert paying.moved(first.payment_uid) == [("charge", 30_000)]
    assert paying.moved(second.payment_uid) == []
    assert cancel(payer, first.payment_uid).contents["canceled_Amount"] == 30_000


def test_its_payer_has_a_week_from_the_charge_not_from_the_schedule(paying, payer, product, clock):
    schedule(payer, product, time=NEXT_MONTH)
    payment = Payment.objects.get()
    paying.run_schedules(until(NEXT_MONTH))
    clock.shift(dt.timedelta(days=31, minutes=2))
    reconciling.reconcile()

    clock.shift(dt.timedelta(days=6))
    assert cancel(payer, payment.payment_uid, c_price=1).http == 200
    clock.shift(dt.timedelta(days=1, seconds=1))
    assert cancel(payer, payment.payment_uid, c_price=1).failure == (403, 403, "ERR: Too late to cancel.")


def test_charged_and_no_webhook(paying, payer, product, clock):
    schedule(payer, product)
    paying.run_schedules(until(TOMORROW))
    reconciling.reconcile()
    assert Payment.objects.get().state == State.SCHEDULED  # it is not asked for before its time

    clock.shift(dt.timedelta(days=1, minutes=2))
    reconciling.reconcile()

    assert Payment.objects.get().state == State.PAID


def test_refused_when_it_is_due(paying, payer, product, clock):
    schedule(payer, product, cardnum=OVER_LIMIT)
    paying.run_schedules(until(TOMORROW))

    clock.shift(dt.timedelta(days=1, minutes=2))
    reconciling.reconcile()

    payment = Payment.objects.get()
    assert payment.state == State.FAILED
    assert "[2116]" in payment.fail_reason


@pytest.mark.parametrize(("tied", "path"), [(True, "/pay/"), (False, "/my/payments/")])
def test_who_should_have_paid_is_told_by_mail_what_to_do(paying, payer, product, clock, tied, path):
    payer.email_confirmed_at = timezone.now()
    payer.save()
    row = ReservationFactory(customer=payer) if tied else None
    schedule(payer, product, cardnum=OVER_LIMIT, **({"reserv_id": row.pk} if row else {}))
    payment = Payment.objects.get()
    assert not Mail.objects.exists()

    paying.run_schedules(until(TOMORROW))
    clock.move_to(payment.due_at + dt.timedelta(minutes=1))
    told(payment.payment_uid)
    told(payment.payment_uid)

    payment.refresh_from_db()
    assert payment.state == State.FAILED
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (payer.email, "예약하신 결제가 되지 않았어요")
    for words in ["커트 30,000원이 결제되지 않았어요", payment.fail_reason, path]:
        assert words in mail.text
        assert words in mail.html


@pytest.mark.parametrize("values", [{"email": "", "email_confirmed_at": None}, {"email_confirmed_at": None}])
def test_to_an_address_that_nobody_has_confirmed_goes_no_mail(paying, payer, product, clock, values):
    type(payer).objects.filter(pk=payer.pk).update(**values)
    schedule(payer, product, cardnum=OVER_LIMIT)
    payment = Payment.objects.get()

    paying.run_schedules(until(TOMORROW))
    clock.move_to(payment.due_at + dt.timedelta(minutes=1))
    told(payment.payment_uid)

    assert not Mail.objects.exists()


def test_what_imp_does_not_run_in_time_needs_a_person(paying, payer, product, clock):
    schedule(payer, product)
    clock.shift(dt.timedelta(days=1, minutes=2))
    reconciling.reconcile()
    assert not Payment.objects.get().alarm

    clock.shift(dt.timedelta(hours=1))
    reconciling.reconcile()

    assert Payment.objects.get().alarm == settling.NOT_RUN


def test_the_card_is_kept_by_imp_until_the_last_is_over(paying, payer, product, clock):
    schedule(payer, product, time=[TOMORROW, NEXT_WEEK])
    first, second = Payment.objects.order_by("due_at")
    customer = f"/subscribe/customers/{first.schedule.customer_uid}"
    paying.run_schedules(until(TOMORROW))
    told(first.payment_uid)

    reconciling.forget_cards()
    assert paying.call("GET", customer).json()["response"]["card_number"]

    cancel(payer, second.payment_uid)
    reconciling.forget_cards()
    reconciling.forget_cards()
    assert paying.call("GET", customer).json()["response"] is None
    assert Schedule.objects.get().card_forgotten_at


# ---------------------------------------------------------------- cards: revoked


def test_one_of_three_is_revoked_and_the_others_live(paying, payer, product):
    schedule(payer, product, time=[TOMORROW, NEXT_WEEK, NEXT_MONTH])
    first, second, third = Payment.objects.order_by("due_at")

    answer = cancel(payer, second.payment_uid)

    assert answer.contents == {
        "code": 0, "userid": "hong", "request_Time": "20260303-09:00:00", "payment_UID": second.payment_uid,
        "imp_UID": "", "canceled_Amount": 0, "message": None,
    }  # fmt: skip
    second.refresh_from_db()
    assert (second.state, second.ask_at) == (State.REVOKED, None)
    assert events(second) == ["created", "requested", "scheduled", "ending", "revoked"]
    paying.run_schedules(until(NEXT_MONTH))
    for payment, charged in [(first, 1), (second, 0), (third, 1)]:
        assert len(paying.moved(payment.payment_uid)) == charged
        told(payment.payment_uid)
        payment.refresh_from_db()
    assert (first.state, second.state, third.state) == (State.PAID, State.REVOKED, State.PAID)
    assert as_person(payer).get("/payment", {"rule": {"status": "revoked"}}).contents[0]["time"] == NEXT_WEEK


def test_charged_in_the_moment_of_revoking_it_goes_back_at_once(paying, payer, product):
    schedule(payer, product)
    payment = Payment.objects.get()
    paying.run_schedules(until(TOMORROW))

    answer = cancel(payer, payment.payment_uid)

    assert (answer.http, answer.contents["canceled_Amount"]) == (200, 30_000)
    assert Payment.objects.get().state == State.CANCELLED
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_a_schedule_that_imp_has_lost_is_over(paying, payer, product, clock):
    lost, ended = (PaymentFactory(scheduled=True, ask_at=timezone.now()) for _ in range(2))
    Payment.objects.filter(pk=ended.pk).update(ending_at=timezone.now())

    reconciling.reconcile()
    clock.shift(dt.timedelta(days=1, minutes=16))
    Payment.objects.filter(pk=lost.pk).update(ask_at=timezone.now())
    reconciling.reconcile()

    lost.refresh_from_db()
    ended.refresh_from_db()
    assert (lost.state, ended.state) == (State.FAILED, State.REVOKED)


def test_while_imp_is_away_the_worker_goes_on_revoking(paying, payer, product, settings, clock):
    schedule(payer, product)
    payment = Payment.objects.get()
    away, settings.IMP_BASE_URL = settings.IMP_BASE_URL, "http://127.0.0.1:9"
    assert cancel(payer, payment.payment_uid).failure == PAY_ONE

    settings.IMP_BASE_URL = away
    clock.shift(1)
    reconciling.reconcile()

    assert Payment.objects.get().state == State.REVOKED


def test_revoked_at_imp_by_somebody_else(paying, payer, product):
    schedule(payer, product)
    payment = Payment.objects.get()
    paying.call(
        "POST", "/subscribe/payments/unschedule",
        {"customer_uid": payment.schedule.customer_uid, "merchant_uid": payment.payment_uid},
    )  # fmt: skip

    told(payment.payment_uid)

    assert Payment.objects.get().state == State.REVOKED


def test_staff_and_payers_revoke_their_own(paying, payer, product):
    schedule(payer, product)
    uid = Payment.objects.get().payment_uid
    body = {"paym_id": uid, "userid": "hong", "reason": "x"}

    assert as_person(UserFactory()).post(CANCEL, body).http == 403
    assert as_person(UserFactory(system=True)).post(CANCEL, body).http == 403
    assert as_person(UserFactory(finance=True)).post(CANCEL, body).http == 200


# ---------------------------------------------------------------- virtual accounts


def test_an_account_is_opened_when_its_time_has_come(paying, payer, product, clock):
    answer = schedule(payer, product, path=ACCOUNT, time=[TOMORROW, NEXT_WEEK])
    first, second = Payment.objects.order_by("due_at")
    assert [row["status"] for row in answer.contents["schedules"]] == ["scheduled", "scheduled"]
    reconciling.reconcile()
    assert paying.payments(first.payment_uid) == []

    clock.shift(dt.timedelta(days=1))
    reconciling.reconcile()
    reconciling.reconcile()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.READY, State.SCHEDULED)
    assert first.vbank_due == first.due_at + dt.timedelta(days=3)
    assert len(paying.payments(first.payment_uid)) == 1
    assert events(first) == ["created", "scheduled", "requested", "ready"]
    (row,) = as_person(payer).get("/payment", {"rule": {"status": "ready"}}).contents
    assert (row["time"], row["vbank_num"]) == (TOMORROW, first.vbank_num)


def test_the_deadline_lies_behind_every_time(paying, payer, product):
    assert schedule(payer, product, path=ACCOUNT, time=[TOMORROW, NEXT_WEEK], due=NEXT_WEEK).failure == UNAPPROPRIATE
    assert schedule(payer, product, path=ACCOUNT, time=[TOMORROW], due=NEXT_WEEK).http == 200
    assert timezone.localtime(Payment.objects.get().vbank_due).strftime("%Y%m%d-%H:%M") == NEXT_WEEK


def test_an_account_that_is_revoked_is_never_opened(paying, payer, product, clock):
    schedule(payer, product, path=ACCOUNT)
    uid = Payment.objects.get().payment_uid

    assert cancel(payer, uid).contents["canceled_Amount"] == 0
    assert Payment.objects.get().state == State.REVOKED

    clock.shift(dt.timedelta(days=2))
    reconciling.reconcile()
    assert paying.payments(uid) == []


def test_while_imp_is_away_it_stays_due_and_is_told(paying, payer, product, clock, settings):
    schedule(payer, product, path=ACCOUNT)
    away, settings.IMP_BASE_URL = settings.IMP_BASE_URL, "http://127.0.0.1:9"
    clock.shift(dt.timedelta(days=1))
    reconciling.reconcile()
    payment = Payment.objects.get()
    assert (payment.state, payment.alarm) == (State.SCHEDULED, "")
    clock.shift(dt.timedelta(hours=1, minutes=1))
    reconciling.reconcile()
    assert Payment.objects.get().alarm == settling.NOT_RUN

    settings.IMP_BASE_URL = away
    clock.shift(dt.timedelta(hours=1))
    reconciling.reconcile()

    assert Payment.objects.get().state == State.READY


@pytest.mark.parametrize("kind", ["timeout-after", "reset-after", "500-after"])
def test_a_due_account_whose_answer_was_lost_is_asked_for_and_never_sent_again(paying, payer, product, clock, kind):
    schedule(payer, product, path=ACCOUNT)
    clock.shift(dt.timedelta(days=1))
    paying.fault(kind)
    reconciling.reconcile()
    assert Payment.objects.get().state == State.PENDING

    clock.shift(11)
    reconciling.reconcile()

    payment = Payment.objects.get()
    assert payment.state == State.READY
    assert len(paying.payments(payment.payment_uid)) == 1


def test_a_worker_that_came_late_sends_nothing(paying, payer, product, clock):
    schedule(payer, product, path=ACCOUNT)
    clock.shift(dt.timedelta(days=1))
    asleep = Payment.objects.get()  # read before another worker took it
    reconciling.reconcile()

    services.open_due_account(asleep, by=None)

    assert len(paying.payments(asleep.payment_uid)) == 1


def test_a_reservation_may_be_paid_later(paying, payer, product):
    reservation = ReservationFactory(customer=payer)
    assert schedule(payer, product, path=ACCOUNT, reserv_id=reservation.pk).http == 200
    assert schedule(payer, product, path=ACCOUNT, time=NEXT_WEEK, reserv_id=reservation.pk).failure == UNAPPROPRIATE


def test_the_words_of_the_database(paying):
    """What a schedule's payments may be, the constraints say; verify asks for what is overdue."""
    overdue = PaymentFactory(scheduled=True, due_at=timezone.now() - dt.timedelta(hours=4))
    PaymentFactory(scheduled=True)

    assert list(Payment.objects.forgotten(timezone.now() - dt.timedelta(hours=2))) == [overdue]
    assert not Refund.objects.exists()
