"""What IMP says of a payment, in any order, from any source: none of it is believed of another order, or twice."""

import datetime as dt
import logging

import pytest
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor, Door
from accounts.models import User
from accounts.services import withdraw
from payments import ending, imp, reconciling, refunds, settling, tasks
from payments.models import Payment, Refund, RefundState, State
from tests.api import as_person
from tests.factories import PaymentFactory, ProductFactory, RefundFactory, UserFactory

pytestmark = pytest.mark.django_db

BY = actors.system()
ACCOUNT = imp.Account("088", "신한은행", "12345678901234", "홍길동", None)


def report(payment, status="paid", **more):
    """What IMP might say of this payment."""
    said = {
        "imp_uid": payment.imp_uid or "imp_x", "merchant_uid": payment.payment_uid, "status": status,
        "amount": payment.amount, "refunded": 0, "currency": "KRW", "was_paid": status == "paid", "fail_reason": "",
        "receipt_url": "", "account": ACCOUNT if payment.method == "vbank" else None,
    }  # fmt: skip
    return imp.Payment(**said | more)


def settled(payment, *reports):
    settling.settle(payment, reports, by=BY)
    payment.refresh_from_db()
    return payment


@pytest.mark.parametrize("before", ["pending", "scheduled"])
def test_what_has_gone_back_at_imp_before_we_knew_of_it_is_booked(before):
    payment = PaymentFactory(**{before: True})

    settled(payment, report(payment, "cancelled", was_paid=True, refunded=payment.amount))

    assert (payment.state, payment.paid_amount, payment.left) == (State.CANCELLED, 30_000, 0)
    assert [(refund.state, refund.amount) for refund in payment.refunds.all()] == [(RefundState.DONE, 30_000)]
    assert not Payment.objects.miscounted().exists()
    assert payment.alarm.startswith(settling.AT_IMP)


def test_a_part_that_went_back_in_imps_console_is_booked_once_and_the_rest_can_follow(paying):
    payment = PaymentFactory()
    payment.imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]
    payment.save()
    paying.call("POST", "/payments/cancel", {"imp_uid": payment.imp_uid, "amount": 5_000})

    for _ in range(2):
        ending.ask_again(by=BY, payment=payment)

    payment.refresh_from_db()
    assert payment.refunded_amount == 5_000
    by = Actor(Door.ADMIN, user=UserFactory(staff=True))
    assert refunds.refund(by=by, payment=payment, amount=None, reason="x").amount == 25_000


@pytest.mark.parametrize("status", ["ready", "paid"])
def test_an_old_answer_opens_nothing_again(status):
    payment = PaymentFactory(account=True, imp_uid="imp_1", ask_at=None)

    settled(payment, report(payment, status))

    assert (payment.state, payment.ending_at, payment.ask_at, payment.alarm) == (State.PAID, None, None, "")


def test_an_old_schedule_opens_nothing_again():
    payment = PaymentFactory()

    settling.note(payment, imp.Scheduled(payment.payment_uid, "scheduled", payment.amount), by=BY)

    payment.refresh_from_db()
    assert (payment.state, payment.ending_at) == (State.PAID, None)


def test_what_was_read_before_our_refund_is_no_alarm():
    payment = PaymentFactory()
    RefundFactory(payment=payment, amount=10_000, settled_at=timezone.now())
    Payment.objects.update(refunded_amount=10_000)

    assert settled(payment, report(payment)).alarm == ""


def test_records_of_another_order_settle_nothing():
    payment, account = PaymentFactory(pending=True), PaymentFactory(account=True, state="ready", paid_amount=0)
    scheduled = PaymentFactory(scheduled=True)

    settled(payment, report(payment, "failed", merchant_uid="OTHER"))
    settled(account, report(account, "cancelled", merchant_uid="OTHER"))
    settling.note(scheduled, imp.Scheduled("OTHER", "revoked", scheduled.amount), by=BY)

    scheduled.refresh_from_db()
    assert (payment.state, account.state, scheduled.state) == (State.PENDING, State.READY, State.SCHEDULED)


@pytest.mark.parametrize(
    "traits", [{"account": True, "state": "ready", "paid_amount": 0}, {"scheduled": True}, {"pending": True}]
)
def test_another_amount_is_left_to_people_until_nothing_of_it_is_left(traits):
    payment = PaymentFactory(**traits)

    settled(payment, report(payment, amount=29_900))
    assert (payment.alarm, payment.ask_at) == ("결제사의 결제가 다릅니다: 29,900 KRW", None)

    settled(payment, report(payment, "cancelled", was_paid=True, amount=29_900, refunded=29_900))
    assert (payment.state, payment.paid_amount) == (State.FAILED, 0)


def test_charged_twice_it_is_left_to_people_until_one_is_left(paying):
    payment = PaymentFactory(pending=True)
    paying.charge(payment.payment_uid, payment.amount)
    settled(payment, report(payment, imp_uid="imp_a"), report(payment, imp_uid="imp_b"))
    assert payment.alarm == settling.DOUBLED

    ending.ask_again(by=BY, payment=payment)  # at IMP there is one by now, and it is right

    payment.refresh_from_db()
    assert (payment.state, paying.moved(payment.payment_uid)) == (State.PAID, [("charge", 30_000)])


def test_a_refund_whose_no_means_that_it_was_done_is_done(paying):
    payment = PaymentFactory()
    payment.imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]
    payment.save()
    refund = RefundFactory(payment=payment, state="requested", by=UserFactory(), ask_at=timezone.now())
    stale = Refund.objects.select_related("payment").get(pk=refund.pk)
    paying.call("POST", "/payments/cancel", {"imp_uid": payment.imp_uid, "amount": 10_000, "checksum": 30_000})

    refunds.send(stale, by=BY, once=False)

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, payment.refunded_amount) == (RefundState.DONE, 10_000)


def test_a_refund_that_the_worker_cannot_make_needs_a_person(paying):
    payment = PaymentFactory(imp_uid="imps_000000000001")  # which IMP does not know
    refund = RefundFactory(payment=payment, state="requested", by=UserFactory(), ask_at=timezone.now())

    refunds.send(Refund.objects.select_related("payment").get(pk=refund.pk), by=BY, once=False)

    payment.refresh_from_db()
    assert payment.alarm


def test_what_ends_late_is_tried_until_somebody_is_told(clock, settings):
    payment = PaymentFactory(failed=True, schedule=None, ask_at=timezone.now(), ending_at=timezone.now())
    settings.IMP_BASE_URL, settings.IMP_KEY, settings.IMP_SECRET = "http://127.0.0.1:9", "k", "s"

    clock.shift(dt.timedelta(days=1, minutes=1))
    reconciling.reconcile()

    payment.refresh_from_db()
    assert payment.alarm == settling.NOT_ENDED
    assert payment.ask_at


def test_one_rows_trouble_is_no_others(paying, caplog):
    broken = PaymentFactory(pending=True, ask_at=timezone.now() - dt.timedelta(minutes=1))
    Payment.objects.filter(pk=broken.pk).update(payment_uid="../../users/pg")  # no number of ours: IMP says 404 of it
    sound = PaymentFactory(pending=True, ask_at=timezone.now())
    paying.charge(sound.payment_uid, sound.amount)

    with caplog.at_level(logging.CRITICAL):
        reconciling.reconcile()

    sound.refresh_from_db()
    broken.refresh_from_db()
    assert sound.state == State.PAID
    assert (broken.state, broken.lease) == (State.PENDING, None)


def test_while_one_tick_waits_for_imp_the_next_leaves_it_alone(paying):
    payment = PaymentFactory(pending=True, ask_at=timezone.now())
    paying.charge(payment.payment_uid, payment.amount)

    with tasks.ASKING:
        tasks.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.PENDING

    tasks.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.PAID


def test_odd_answers_are_no_trouble():
    said = {
        "imp_uid": "imp_1", "merchant_uid": "X", "status": "ready", "amount": 1, "currency": "KRW",
        "pay_method": "vbank", "vbank_num": "\x00", "vbank_date": 10**15,
    }  # fmt: skip
    assert imp.Payment.read(said).account is None
    assert imp.Payment.read(said | {"vbank_num": "1"}).account.due is None
    assert imp.Declined("x", 10**10).code == 2**31 - 1


def test_a_key_takes_any_body(paying):
    payer, product = UserFactory(userid="hong"), ProductFactory()
    body = {
        "paytype": 1, "cardnum": "5361-4890-1234-1704", "expiry": "2030-12", "pwd": "12", "userid": "hong",
        "p_array": [product.pk], "odd": 10**30, "other": "\ud800",
    }  # fmt: skip

    assert as_person(payer).post("/payment/card/onetime", body, headers={"Idempotency-Key": "odd"}).http == 200


def test_an_account_goes_with_a_virtual_accounts_money_only(paying):
    payment = PaymentFactory()
    payment.imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]
    payment.save()
    to = {"rHolder": "홍길동", "rAcc": "110123456789", "rBank": "088"}
    body = {"paym_id": payment.payment_uid, "userid": payment.payer.userid, "reason": "x", "accInfo": to}

    assert as_person(payment.payer).post("/payment/cancel", body).http == 200
    assert Refund.objects.get().account is None


def test_staff_give_back_what_somebody_paid_who_has_left(paying):
    payment = PaymentFactory()
    payment.imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]
    payment.save()
    withdraw(by=BY, users=User.objects.filter(pk=payment.payer_id))
    body = {"paym_id": payment.payment_uid, "userid": payment.payer.userid, "reason": "x"}

    assert as_person(UserFactory(finance=True)).post("/payment/cancel", body).http == 200
