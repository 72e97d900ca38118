"""POST /payment/cancel against the sandbox: wholly, partly, late, in doubt."""

import datetime as dt

import pytest
from django.utils import timezone

from payments import reconciling
from payments.models import Payment, Refund, RefundState, State
from tests.api import Api, as_app, as_person, in_session
from tests.factories import PaymentFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

PATH = "/payment/cancel"
PAY_ONE = (400, 400, "[position] payOne")
TOO_MUCH = (400, 400, "ERR: Cancel price must be smaller than paid price")
TOO_LATE = (403, 403, "ERR: Too late to cancel.")
CONFLICT = (409, 409, "ERR: Conflict, try again.")


def paid(paying, amount=30_000, **more):
    """A payment that IMP knows too."""
    payment = PaymentFactory(amount=amount, **more)
    payment.imp_uid = paying.charge(payment.payment_uid, amount).json()["response"]["imp_uid"]
    payment.save()
    return payment


def cancel(payment, api=None, *, headers=None, path=PATH, **more):
    body = {"paym_id": payment.payment_uid, "userid": payment.payer.userid, "reason": "다른 날로 옮깁니다."}
    return (api or as_person(payment.payer)).post(path, body | more, headers=headers)


@pytest.mark.parametrize("path", [PATH, "/payment/OAuth2.0/cancel"])
def test_all_that_is_left(paying, path):
    payment = paid(paying)

    answer = cancel(payment, path=path)

    assert answer.contents == {
        "code": 0, "userid": payment.payer.userid, "request_Time": "20260303-09:00:00",
        "payment_UID": payment.payment_uid, "imp_UID": payment.imp_uid, "canceled_Amount": 30_000, "message": None,
    }  # fmt: skip
    payment.refresh_from_db()
    assert (payment.state, payment.refunded_amount) == (State.CANCELLED, 30_000)
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]
    assert [event.what for event in payment.events.all()] == ["refund-requested", "refunded"]
    assert cancel(payment).failure == TOO_MUCH


def test_part_by_part(paying):
    payment = paid(paying)

    assert cancel(payment, c_price=20_000).contents["canceled_Amount"] == 20_000
    assert cancel(payment, c_price=20_000).failure == TOO_MUCH
    for nothing in (0, -1):
        assert cancel(payment, c_price=nothing).failure == TOO_MUCH
    assert Payment.objects.get().state == State.PAID
    assert cancel(payment, c_price=10_000).http == 200
    assert Payment.objects.get().state == State.CANCELLED
    assert paying.moved(payment.payment_uid)[1:] == [("refund", 20_000), ("refund", 10_000)]


def test_sessions_at_the_route_of_the_manual_only(paying):
    payment = paid(paying)

    assert cancel(payment, in_session(payment.payer), path="/payment/OAuth2.0/cancel").http == 401
    assert cancel(payment, in_session(payment.payer)).http == 200


def test_what_is_missing_unknown_or_somebody_elses(paying):
    payment, other = paid(paying), PaymentFactory()
    unknown = f"ERR: CANNOT FIND PAYMID: [{other.payment_uid}] in userid: [{payment.payer.userid}]"

    assert as_person(payment.payer).post(PATH, {}).failure == (400, 400, "ERR: Unappropriate access")
    assert cancel(payment, reason="").failure == (400, 400, "Some of Information Expected, but missed.")
    assert cancel(payment, c_price="x").failure == (400, 400, "Some of Information Type Not Match")
    assert cancel(payment, paym_id=other.payment_uid).failure == (400, 400, unknown)
    assert cancel(other, as_person(payment.payer)).failure == (403, 403, "ERR: Permission denied.")
    assert cancel(payment, as_person(UserFactory(system=True))).http == 403
    assert cancel(payment, Api()).http == 401
    assert not Refund.objects.exists()


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_what_was_not_paid_is_not_refunded(paying, state):
    answer = cancel(PaymentFactory(**{state: True}))

    assert answer.failure == (CONFLICT if state == "pending" else TOO_MUCH)


# ---------------------------------------------------------------- until when


def test_an_untied_payment_for_a_week(paying, clock):
    payment = paid(paying)
    clock.shift(dt.timedelta(days=7, seconds=1))

    assert cancel(payment).failure == TOO_LATE
    assert cancel(payment, as_person(UserFactory(finance=True)), c_price=1).http == 200
    assert cancel(payment, as_app(), c_price=1).http == 200


def test_a_tied_payment_while_its_reservation_may_be_cancelled_or_was_in_time(paying, clock):
    open_one = ReservationFactory()  # the day after tomorrow
    begun = ReservationFactory(status=2)
    in_time, late, by_the_salon = ReservationFactory(), ReservationFactory(), ReservationFactory()
    rows = {
        row.pk: paid(paying, payer=row.customer, reservation=row)
        for row in (open_one, begun, in_time, late, by_the_salon)
    }
    for row, trashed_at, by in [
        (in_time, timezone.now(), in_time.customer), (late, timezone.now() + dt.timedelta(hours=47), late.customer),
        (by_the_salon, timezone.now() + dt.timedelta(hours=47), UserFactory(staff=True)),
    ]:  # fmt: skip
        row.trashed_at, row.trashed_by = trashed_at, by
        row.save()

    assert cancel(rows[begun.pk]).failure == TOO_LATE
    assert cancel(rows[open_one.pk], c_price=1).http == 200
    clock.shift(dt.timedelta(hours=26))
    assert cancel(rows[open_one.pk]).failure == TOO_LATE
    assert cancel(rows[late.pk]).failure == TOO_LATE
    assert cancel(rows[in_time.pk]).http == cancel(rows[by_the_salon.pk]).http == 200


# ---------------------------------------------------------------- IMP's answers


@pytest.mark.parametrize("kind", ["timeout-before", "timeout-after", "reset-after", "500-before", "malformed-after"])
def test_a_doubt_is_settled_and_refunded_once(paying, clock, kind):
    payment = paid(paying)
    paying.fault(kind)

    answer = cancel(payment, c_price=18_000, headers={"Idempotency-Key": "one"})

    assert answer.failure == PAY_ONE
    assert answer.contents["canceled_Amount"] == 0
    assert Refund.objects.get().state == RefundState.PENDING
    assert cancel(payment, c_price=18_000).failure == CONFLICT
    clock.shift(11)
    reconciling.reconcile()
    reconciling.reconcile()
    assert Refund.objects.get().state == RefundState.DONE
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 18_000)]
    again = cancel(payment, c_price=18_000, headers={"Idempotency-Key": "one"})
    assert again.contents["canceled_Amount"] == 18_000
    assert cancel(payment, c_price=18_000).failure == TOO_MUCH


def test_imp_knows_another_balance(paying):
    payment = paid(paying)
    paying.call("POST", "/payments/cancel", {"imp_uid": payment.imp_uid, "amount": 5_000})

    answer = cancel(payment, c_price=10_000)

    assert answer.http == answer.status == 400
    assert "checksum" in answer.errors
    assert answer.contents["message"] == answer.errors
    payment.refresh_from_db()
    assert payment.refunded_amount == 5_000  # IMP's balance is the true one
    assert "5,000" in payment.alarm
    assert len(paying.moved(payment.payment_uid)) == 2
    assert cancel(payment, c_price=25_000).http == 200


def test_another_amount_went_back_than_asked(paying, clock):
    payment = paid(paying)
    paying.fault("wrong-amount")

    answer = cancel(payment, c_price=10_000)
    clock.shift(3600)
    reconciling.reconcile()

    payment.refresh_from_db()
    assert (answer.http, answer.contents["canceled_Amount"]) == (400, 0)
    assert payment.refunded_amount == 9_900
    assert list(Refund.objects.values_list("state", "amount")) == [
        (RefundState.FAILED, 10_000),
        (RefundState.DONE, 9_900),
    ]
    assert payment.alarm
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 9_900)]


def test_imp_cannot_be_reached_or_refuses_our_key(paying, settings):
    payment = paid(paying)
    url = settings.IMP_BASE_URL
    settings.IMP_BASE_URL = "http://127.0.0.1:9"
    assert cancel(payment).failure == PAY_ONE
    settings.IMP_BASE_URL, settings.IMP_KEY = url, "wrong"
    assert cancel(payment).failure == (500, 500, "ERR: Failed Authentication from IMP Server.")
    settings.IMP_KEY = ""
    assert cancel(payment).failure == (503, 503, "serviceNotReady")
    assert [refund.state for refund in Refund.objects.all()] == [RefundState.FAILED] * 2


def test_a_refund_that_its_process_did_not_survive_is_done_by_the_worker(paying, clock):
    payment = paid(paying)
    Refund.objects.create(payment=payment, amount=1_000, checksum=30_000, reason="x", ask_at=timezone.now())

    reconciling.reconcile()

    assert Refund.objects.get().state == RefundState.DONE
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 1_000)]


def test_a_refund_of_our_own_waits_for_imp(paying, settings, clock):
    payment = paid(paying)
    Refund.objects.create(payment=payment, amount=1_000, checksum=30_000, reason="x", ask_at=timezone.now())
    url, settings.IMP_BASE_URL = settings.IMP_BASE_URL, "http://127.0.0.1:9"
    reconciling.reconcile()
    assert Refund.objects.get().state == RefundState.REQUESTED

    settings.IMP_BASE_URL = url
    clock.shift(11)
    reconciling.reconcile()

    assert Refund.objects.get().state == RefundState.DONE


# ---------------------------------------------------------------- DELETE /reserv


def test_cancelling_a_reservation_names_what_is_still_paid_for_it(paying):
    reservation = ReservationFactory()
    paid_for = paid(paying, payer=reservation.customer, reservation=reservation)
    PaymentFactory(failed=True, payer=reservation.customer, reservation=reservation)
    api = as_person(reservation.customer)

    answer = api.delete("/reserv", {"rule": {"id": reservation.pk}})

    assert answer.contents["delInfo"]["payments"] == [paid_for.payment_uid]
    assert cancel(paid_for).http == 200
