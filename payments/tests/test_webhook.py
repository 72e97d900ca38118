"""POST /payment/webhook: a hint, verified by asking IMP."""

import pytest

from payments import reconciling
from payments.models import Payment, Refund, RefundState, State
from tests.api import Api
from tests.factories import PaymentFactory, ReservationFactory

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def told(merchant_uid, imp_uid="imp_1", **kwargs):
    return Api().post(
        "/payment/webhook", {"imp_uid": imp_uid, "merchant_uid": merchant_uid, "status": "paid"}, **kwargs
    )


def test_a_pending_payment_is_settled_once_however_often_it_is_told(paying):
    payment = PaymentFactory(pending=True)
    imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]

    for _ in range(3):
        assert told(payment.payment_uid).contents is True
    body = f"imp_uid={imp_uid}&merchant_uid={payment.payment_uid}&status=paid"
    assert Api().post("/payment/webhook", body, content_type=FORM).http == 200

    payment.refresh_from_db()
    assert (payment.state, payment.imp_uid, payment.paid_amount) == (State.PAID, imp_uid, payment.amount)
    assert [event.what for event in payment.events.all()] == ["paid"]


def test_what_it_says_is_not_believed(paying):
    payment = PaymentFactory(pending=True)

    assert told(payment.payment_uid).http == 200

    payment.refresh_from_db()
    assert payment.state == State.PENDING


@pytest.mark.parametrize("uid", ["UNKNOWN0000000000", "../users/getToken", "", "a" * 99, "%2e%2e/"])
def test_the_unknown_and_the_forged_are_answered_and_forgotten(paying, uid):
    assert told(uid, uid).http == 200
    assert Api().post("/payment/webhook", {}).http == 200


def test_imp_is_told_to_come_again_when_it_could_not_be_asked(paying, settings):
    payment = PaymentFactory(pending=True)
    settings.IMP_BASE_URL = "http://127.0.0.1:9"

    assert told(payment.payment_uid).failure == (503, 503, "serviceNotReady")


def test_paid_after_it_was_told_as_failed_goes_back_by_itself(paying):
    reservation = ReservationFactory()
    payment = PaymentFactory(failed=True, payer=reservation.customer, reservation=reservation)
    PaymentFactory(payer=reservation.customer, reservation=reservation)  # paid again meanwhile
    paying.charge(payment.payment_uid, payment.amount)

    assert told(payment.payment_uid).http == 200
    assert told(payment.payment_uid).http == 200
    payment.refresh_from_db()
    assert payment.alarm
    assert payment.late_at
    assert Refund.objects.get().state == RefundState.REQUESTED
    reconciling.reconcile()

    payment.refresh_from_db()
    assert (payment.state, payment.refunded_amount) == (State.CANCELLED, payment.amount)
    assert paying.moved(payment.payment_uid) == [("charge", payment.amount), ("refund", payment.amount)]
    assert [event.what for event in payment.events.all()] == ["late", "alarm", "refund-requested", "refunded"]


def test_a_failed_charge_at_imp_is_failed_here(paying):
    payment = PaymentFactory(pending=True)
    paying.charge(payment.payment_uid, payment.amount, card_number="5361-4890-1234-2116")

    told(payment.payment_uid)

    payment.refresh_from_db()
    assert payment.state == State.FAILED
    assert "[2116]" in payment.fail_reason


def test_money_that_went_back_without_us_is_for_people(paying):
    payment = PaymentFactory(pending=True)
    imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]
    told(payment.payment_uid)
    paying.call("POST", "/payments/cancel", {"imp_uid": imp_uid, "amount": 1000})

    told(payment.payment_uid)

    assert "1,000" in Payment.objects.get(pk=payment.pk).alarm
