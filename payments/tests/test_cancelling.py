"""Cancelling a reservation with its money, and what withdrawal does to payments, against the sandbox."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor, Door
from accounts.models import User
from accounts.services import withdraw
from cody_site.errors import UnknownUser
from payments import cancelling, reconciling, services, settling
from payments.cards import Card
from payments.models import Account, Payment, Refund, RefundState, State
from payments.wishes import Wish
from reservations.errors import Gone, TooLateToCancel
from reservations.models import Reservation
from tests.api import as_person
from tests.factories import DesignerFactory, PaymentFactory, ProductFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

TO = Account("홍길동", "110123456789", "088")


def staff():
    return Actor(Door.ADMIN, user=UserFactory(staff=True))


def paid(paying, reservation, amount=30_000, **more):
    """A payment for this reservation that IMP knows too."""
    payment = PaymentFactory(payer=reservation.customer, reservation=reservation, amount=amount, **more)
    if payment.method == "vbank":
        given = {"merchant_uid": payment.payment_uid, "amount": amount, "vbank_code": "088", "pg": "nice_v2"}
        due = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp())
        payment.imp_uid = paying.call("POST", "/vbanks", given | {"vbank_due": due}).json()["response"]["imp_uid"]
        if payment.state == State.PAID:
            paying.deposit(payment.imp_uid)
    else:
        payment.imp_uid = paying.charge(payment.payment_uid, amount).json()["response"]["imp_uid"]
    payment.save()
    return payment


def cancel(reservation, by=None, **more):
    return cancelling.cancel_reservation(by=by or staff(), reservation=reservation, **more)


# ---------------------------------------------------------------- one step


def test_what_was_moved_since_it_was_read_keeps_its_place_and_its_money(paying):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    Reservation.objects.update(designer=DesignerFactory())

    with pytest.raises(Gone):
        cancel(reservation)

    assert Reservation.objects.live().exists()
    assert paying.moved(payment.payment_uid) == [("charge", 30_000)]


def test_what_was_paid_goes_back_in_the_same_step(paying):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)

    outcome = cancel(reservation, reason="디자이너 휴가")

    reservation.refresh_from_db()
    payment.refresh_from_db()
    assert (reservation.trashed_at is not None, reservation.cancel_reason) == (True, "디자이너 휴가")
    assert (outcome.refunded, outcome.needs_person) == (30_000, False)
    assert (payment.state, payment.refunded_amount) == (State.CANCELLED, 30_000)
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]
    assert [event.what for event in payment.events.all()] == ["refund-requested", "refunded"]


def test_of_what_was_refunded_before_the_rest(paying):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    body = {"paym_id": payment.payment_uid, "userid": payment.payer.userid, "reason": "x", "c_price": 10_000}
    assert as_person(payment.payer).post("/payment/cancel", body).http == 200

    assert cancel(reservation).refunded == 20_000


def test_nothing_was_paid(paying):
    reservation = ReservationFactory()

    outcome = cancel(reservation)

    assert (outcome.refunds, outcome.refunded, outcome.needs_person) == ([], 0, False)
    assert not Reservation.objects.live().exists()


def test_too_late_for_its_customer_and_nothing_moves(paying, clock):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    clock.shift(dt.timedelta(days=1, hours=20))

    with pytest.raises(TooLateToCancel):
        cancel(reservation, Actor(Door.PAGES, user=reservation.customer))

    assert Reservation.objects.live().exists()
    assert not Refund.objects.exists()
    assert paying.moved(payment.payment_uid) == [("charge", 30_000)]


@pytest.mark.parametrize("kind", ["timeout-before", "timeout-after", "500-before", "500-after", "reset-after"])
def test_a_refund_in_doubt_is_settled_by_the_worker(paying, clock, kind):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    paying.fault(kind)

    outcome = cancel(reservation)
    assert outcome.refunded == 0

    clock.shift(100)
    reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.CANCELLED
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_while_imp_is_away_the_money_waits_for_it(paying, clock, settings):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    away, settings.IMP_BASE_URL = settings.IMP_BASE_URL, "http://127.0.0.1:9"

    assert cancel(reservation).refunded == 0
    assert not Reservation.objects.live().exists()
    assert Refund.objects.get().state == RefundState.REQUESTED

    settings.IMP_BASE_URL = away
    clock.shift(100)
    reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.CANCELLED


def test_killed_between_cancellation_and_refund(paying, clock, monkeypatch):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)

    class Killed(BaseException):
        pass

    def kill(*_args, **_more):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(cancelling.refunds, "send", kill)
        with pytest.raises(Killed):
            cancel(reservation)
    assert not Reservation.objects.live().exists()

    clock.shift(100)
    reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.CANCELLED


def test_what_imp_refuses_needs_a_person(paying):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    paying.call("POST", "/payments/cancel", {"imp_uid": payment.imp_uid, "amount": 1_000})  # by somebody else

    outcome = cancel(reservation)

    assert (outcome.refunded, outcome.needs_person) == (0, True)
    payment.refresh_from_db()
    assert payment.alarm


# ---------------------------------------------------------------- virtual accounts and what is to come


def test_the_money_of_a_virtual_account_needs_an_account(paying):
    without, with_one = ReservationFactory(), ReservationFactory()
    first, second = paid(paying, without, account=True), paid(paying, with_one, account=True)

    assert cancel(without).needs_person
    assert cancel(with_one, account=TO).refunded == 30_000

    first.refresh_from_db()
    assert first.alarm
    assert paying.moved(first.payment_uid) == [("deposit", 30_000)]
    assert paying.moved(second.payment_uid) == [("deposit", 30_000), ("refund", 30_000)]


def test_what_waits_to_be_paid_is_ended(paying, clock):
    reservation = ReservationFactory()
    account = paid(paying, reservation, account=True, state=State.READY, paid_amount=0, paid_at=None)

    cancel(reservation)
    clock.shift(1)
    reconciling.reconcile()

    account.refresh_from_db()
    assert account.state == State.CANCELLED
    assert paying.payments(account.payment_uid)[0]["status"] == "cancelled"


def test_a_payment_in_doubt_goes_back_once_it_turns_out_to_be_paid(paying, clock):
    reservation = ReservationFactory()
    payment = PaymentFactory(pending=True, payer=reservation.customer, reservation=reservation, ask_at=timezone.now())
    paying.charge(payment.payment_uid, payment.amount)

    cancel(reservation)
    for _ in range(2):
        clock.shift(11)
        reconciling.reconcile()

    payment.refresh_from_db()
    assert payment.state == State.CANCELLED
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_a_card_that_is_charged_while_its_reservation_is_cancelled_goes_back(paying, clock):
    reservation = ReservationFactory()
    payment = PaymentFactory(scheduled=True, payer=reservation.customer, reservation=reservation)
    paying.charge(payment.payment_uid, payment.amount)  # IMP was quicker

    cancel(reservation)
    for _ in range(2):
        clock.shift(1)
        reconciling.reconcile()

    payment.refresh_from_db()
    assert payment.state == State.CANCELLED
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_money_that_is_paid_in_meanwhile_needs_a_person(paying, clock):
    reservation = ReservationFactory()
    account = paid(paying, reservation, account=True, state=State.READY, paid_amount=0, paid_at=None)
    paying.deposit(account.imp_uid)

    cancel(reservation)
    clock.shift(1)
    reconciling.reconcile()

    account.refresh_from_db()
    assert (account.state, account.alarm) == (State.PAID, settling.UNWANTED_DEPOSIT)


def test_cancelled_twice_is_refunded_once(paying):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    cancel(reservation)

    with pytest.raises(Gone):
        cancel(reservation)

    payment.refresh_from_db()
    assert (payment.alarm, payment.refunds.count()) == ("", 1)


def test_cancelled_without_credentials_the_money_waits_for_them(paying, settings, clock):
    reservation = ReservationFactory()
    payment = paid(paying, reservation)
    key, settings.IMP_KEY = settings.IMP_KEY, ""

    assert cancel(reservation).under_way

    settings.IMP_KEY = key
    clock.shift(100)
    reconciling.reconcile()
    payment.refresh_from_db()
    assert payment.state == State.CANCELLED


def test_what_waits_for_a_reservation_that_the_api_cancels_is_ended_too(paying, clock):
    reservation = ReservationFactory()
    scheduled = PaymentFactory(scheduled=True, account=True, payer=reservation.customer, reservation=reservation)

    assert as_person(reservation.customer).delete("/reserv", {"rule": {"id": reservation.pk}}).http == 200

    scheduled.refresh_from_db()
    assert scheduled.state == State.REVOKED


# ---------------------------------------------------------------- withdrawal, R22


def leave(user):
    withdraw(by=Actor(Door.API, user=user), users=User.objects.filter(pk=user.pk))


def test_who_leaves_is_refunded_what_may_still_be_refunded(paying, clock):
    user = UserFactory()
    in_time = ReservationFactory(customer=user)
    too_late = ReservationFactory(customer=user, date=dt.date(2026, 3, 3), time=dt.time(15))
    first, second = paid(paying, in_time), paid(paying, too_late)
    untied = PaymentFactory(payer=user)

    leave(user)
    clock.shift(1)
    reconciling.reconcile()

    for payment, state in [(first, State.CANCELLED), (second, State.PAID), (untied, State.PAID)]:
        payment.refresh_from_db()
        assert payment.state == state
    assert not Reservation.objects.live().exists()
    assert paying.moved(first.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_who_leaves_is_charged_no_more(paying, clock):
    user = UserFactory(userid="hong", name="홍길동")
    account = paid(
        paying, ReservationFactory(customer=user), account=True, state=State.READY, paid_amount=0, paid_at=None
    )
    scheduled = PaymentFactory(payer=user, scheduled=True, account=True)

    leave(user)
    clock.shift(1)
    reconciling.reconcile()

    for payment, state in [(account, State.CANCELLED), (scheduled, State.REVOKED)]:
        payment.refresh_from_db()
        assert payment.state == state


def test_nobody_leaves_while_a_payment_is_pending():
    payment = PaymentFactory(pending=True)

    answer = as_person(payment.payer).delete("/user", {"rule": "all"})

    assert answer.failure == (409, 409, "ERR: A payment is pending.")
    payment.payer.refresh_from_db()
    assert payment.payer.is_active


def test_who_has_left_pays_no_more(paying):
    user = UserFactory(userid="hong")
    leave(user)

    wish = Wish(user, [(ProductFactory(), 1)])  # of a request that had found the payer a moment before
    with pytest.raises(UnknownUser):
        services.charge(
            by=actors.system(), wish=wish, card=Card(number="5361-4890-1234-1704", expiry="2030-12", password="12")
        )
    assert not Payment.objects.exists()
