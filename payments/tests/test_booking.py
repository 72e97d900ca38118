"""Reserving under the salon's terms, and what becomes of it when nobody pays."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.actors import Actor, Door
from payments import booking, reconciling, services, settling
from payments.cards import Card
from payments.errors import UnappropriateAccess
from payments.models import Payment, PaymentDue, State
from payments.wishes import Deposit, Wish
from reservations.errors import AlreadyReserved
from reservations.models import Reservation, Status
from reservations.services import restore
from tests.factories import (
    ConsultationTermsFactory,
    DesignerFactory,
    PaymentDueFactory,
    PaymentFactory,
    ReservationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = dt.timedelta(minutes=1)
LONG_OVER = booking.ON_ITS_WAY + MINUTE
DAY, TIME = dt.date(2026, 3, 10), dt.time(10)


def as_customer(user):
    return Actor(Door.PAGES, user)


def booked(customer=None, **values):
    customer = customer or UserFactory()
    values = {"designer": DesignerFactory(), "date": DAY, "time": TIME} | values
    return booking.book(by=as_customer(customer), customer=customer, **values)


def overdue(**values):
    return PaymentDueFactory(**{"pay_by": timezone.now() - MINUTE} | values)


def is_live(reservation):
    return Reservation.objects.live().filter(pk=reservation.pk).exists()


# ---------------------------------------------------------------- reserving


@pytest.mark.parametrize("terms", [{}, {"later": True}])
def test_what_need_not_be_paid_ahead_has_no_deadline(terms):
    ConsultationTermsFactory(**terms)

    row = booked(note="앞머리")

    assert (row.note, PaymentDue.objects.count()) == ("앞머리", 0)


def test_what_is_to_be_paid_ahead_has_one_from_its_beginning():
    terms = ConsultationTermsFactory(prepaid=True, hold_minutes=30, deposit_hours=12)

    row = booked()

    due = PaymentDue.objects.get()
    assert (due.reservation, due.product, due.amount) == (row, terms.product, terms.product.price)
    assert due.pay_by == timezone.now() + 30 * MINUTE
    assert due.deposit_by == timezone.now() + 12 * 60 * MINUTE


def test_a_reservation_and_its_deadline_are_written_together_or_not_at_all():
    ConsultationTermsFactory(prepaid=True)
    customer = UserFactory()
    booked(customer)

    with pytest.raises(AlreadyReserved):
        booked(customer)

    assert (Reservation.objects.count(), PaymentDue.objects.count()) == (1, 1)


# ---------------------------------------------------------------- giving up


def test_an_unpaid_reservation_is_cancelled_once_its_time_is_over():
    due, other = overdue(), PaymentDueFactory()

    assert (booking.give_up_unpaid(), booking.give_up_unpaid()) == (1, 0)

    row = Reservation.objects.get(pk=due.reservation_id)
    assert (row.trashed_at, row.trashed_by, row.cancel_reason) == (timezone.now(), None, "결제 시간 초과")
    assert list(row.moves.values_list("act", "door")) == [("cancelled", "system")]
    assert is_live(other.reservation)


def test_whom_the_desk_takes_back_is_not_given_up_again():
    due = overdue()
    booking.give_up_unpaid()

    restore(by=Actor(Door.ADMIN, UserFactory(staff=True)), reservation=due.reservation)

    assert (booking.give_up_unpaid(), PaymentDue.objects.count()) == (0, 0)
    assert is_live(due.reservation)


@pytest.mark.parametrize(
    "payment",
    [
        {"state": State.PAID}, {"pending": True}, {"state": State.REQUESTED, "imp_uid": ""},
        {"state": State.CREATED, "imp_uid": "", "requested_at": None}, {"account": True, "state": State.READY},
    ],
)  # fmt: skip
def test_it_stays_while_it_is_paid_or_somebody_is_paying(payment):
    due = overdue()
    PaymentFactory(reservation=due.reservation, payer=due.reservation.customer, **payment)
    PaymentFactory(reservation=None)

    assert booking.give_up_unpaid() == 0
    assert is_live(due.reservation)


@pytest.mark.parametrize(
    ("payment", "state"),
    [
        ({"failed": True}, State.FAILED),
        ({"state": State.CANCELLED, "paid_amount": 30_000, "refunded_amount": 30_000}, State.CANCELLED),
        ({"late_at": True}, State.PAID),
        ({"scheduled": True}, State.SCHEDULED),
        ({"account": True, "state": State.READY, "vbank_due": -LONG_OVER}, State.READY),
        ({"account": True, "state": State.READY, "vbank_due": 30 * 24 * 60 * MINUTE, "deposit_by": -LONG_OVER},
         State.READY),
    ],
)  # fmt: skip
def test_what_does_not_pay_for_it_does_not_hold_it(payment, state):
    now = timezone.now()
    wait = {"pay_by": now - LONG_OVER, "deposit_by": now + payment.pop("deposit_by")} if "deposit_by" in payment else {}
    due = overdue(**wait)
    if "vbank_due" in payment:
        payment["vbank_due"] += now
    if "late_at" in payment:
        payment["late_at"] = now
    if state == State.CANCELLED:
        payment["paid_at"] = now
    paying = PaymentFactory(reservation=due.reservation, payer=due.reservation.customer, **payment)

    assert booking.give_up_unpaid() == 1

    assert not is_live(due.reservation)
    paying.refresh_from_db()
    assert (paying.state, paying.ending_at is not None) == (state, state in (State.SCHEDULED, State.READY))


@pytest.mark.parametrize(
    "values",
    [{"trashed": True}, {"status": Status.CONSULTING}, {"date": dt.date(2026, 3, 2)}],
)
def test_what_is_cancelled_or_has_begun_is_left_alone(values):
    due = overdue(reservation=ReservationFactory(**values))

    assert booking.give_up_unpaid() == 0
    assert not due.reservation.moves.exists()


def test_looking_costs_the_same_for_one_and_for_many(django_assert_num_queries):
    PaymentDueFactory.create_batch(3)

    with django_assert_num_queries(1):
        booking.give_up_unpaid()


# ---------------------------------------------------------------- money that comes too late


def card():
    return Card(number="5361-4890-1234-1704", expiry="2030-12", password="12")


def wish(due, **values):
    return Wish(due.reservation.customer, [(due.product, 1)], reservation=due.reservation_id, **values)


def test_a_seat_that_was_given_up_is_paid_for_by_nobody(paying):
    due = overdue()
    booking.give_up_unpaid()

    with pytest.raises(UnappropriateAccess):
        services.charge(by=as_customer(due.reservation.customer), wish=wish(due), card=card())

    assert not Payment.objects.exists()


def test_a_deposit_after_the_seat_was_given_up_waits_for_an_account_to_go_back_to(paying):
    due = PaymentDueFactory()
    deposit = Deposit("004", "홍길동", timezone.now() + 60 * MINUTE)
    payment = services.open_account(by=as_customer(due.reservation.customer), wish=wish(due, deposit=deposit))
    PaymentDue.objects.update(pay_by=timezone.now() - LONG_OVER, deposit_by=timezone.now() - LONG_OVER)
    assert booking.give_up_unpaid() == 1

    paying.deposit(payment.imp_uid)
    settling.ask(payment, by=as_customer(due.reservation.customer))

    payment.refresh_from_db()
    assert (payment.state, payment.alarm) == (State.PAID, settling.UNWANTED_DEPOSIT)


def test_a_deposit_of_the_last_moment_of_which_nobody_has_told_us_keeps_its_seat(paying, clock):
    due = overdue(deposit_by=timezone.now() + 60 * MINUTE)
    deposit = Deposit("004", "홍길동", due.deposit_by)
    payment = services.open_account(by=as_customer(due.reservation.customer), wish=wish(due, deposit=deposit))
    clock.shift(59 * MINUTE)
    paying.deposit(payment.imp_uid)

    clock.shift(2 * MINUTE)
    assert booking.give_up_unpaid() == 0
    reconciling.reconcile()
    clock.shift(booking.ON_ITS_WAY)
    assert booking.give_up_unpaid() == 0

    payment.refresh_from_db()
    assert (payment.state, payment.alarm, is_live(due.reservation)) == (State.PAID, "", True)
