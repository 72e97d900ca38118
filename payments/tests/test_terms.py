"""The terms of a consultation: what it costs, and until when what is paid ahead must be paid."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from payments.models import ConsultationTerms, PaymentDue, When
from payments.terms import consultation_terms, deposit_by, pay_by, price_of
from tests.clock import NOW
from tests.factories import (
    ConsultationTermsFactory,
    PaymentDueFactory,
    PolicyFactory,
    ProductFactory,
    ReservationFactory,
)

pytestmark = pytest.mark.django_db


def test_a_consultation_is_free_until_the_salon_says_otherwise():
    terms = consultation_terms()

    assert (terms.when, terms.product, terms.amount, price_of(ReservationFactory())) == (When.FREE, None, None, None)


def test_it_costs_what_its_product_costs():
    ConsultationTermsFactory(later=True, product=ProductFactory(price=12_000))

    assert (consultation_terms().when, consultation_terms().amount) == (When.LATER, 12_000)
    assert price_of(ReservationFactory()).amount == 12_000


def test_what_is_not_sold_any_more_is_asked_of_nobody():
    ConsultationTermsFactory(prepaid=True, product=ProductFactory(on_sale=False))

    assert (consultation_terms().when, consultation_terms().amount) == (When.FREE, None)


def test_what_was_told_when_it_was_reserved_stays():
    due = PaymentDueFactory(amount=10_000)
    due.product.price = 20_000
    due.product.save()

    price = price_of(due.reservation)

    assert (price.amount, price.product.price, price.pay_by) == (10_000, 10_000, due.pay_by)


@pytest.mark.parametrize(
    "values",
    [
        {"when": When.FREE, "product": True}, {"when": When.LATER, "product": False},
        {"when": When.PREPAID, "product": False}, {"when": "never", "product": True},
        {"when": When.FREE, "product": False, "hold_minutes": 4},
        {"when": When.FREE, "product": False, "hold_minutes": 1441},
        {"when": When.FREE, "product": False, "deposit_hours": 0},
        {"when": When.FREE, "product": False, "deposit_hours": 169},
        {"when": When.FREE, "product": False, "id": 2},
    ],
)  # fmt: skip
def test_the_database_refuses_terms_that_make_no_sense(values):
    ConsultationTermsFactory()
    values["product"] = ProductFactory() if values["product"] else None

    with pytest.raises(IntegrityError), transaction.atomic():
        ConsultationTerms.objects.update(**values)


def test_the_database_refuses_dues_that_make_no_sense():
    due = PaymentDueFactory()

    for values in [{"amount": 0}, {"deposit_by": due.pay_by - dt.timedelta(seconds=1)}]:
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentDue.objects.update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentDueFactory(reservation=due.reservation)


@pytest.mark.parametrize(
    ("start", "card", "account"),
    [
        (dt.timedelta(days=5), dt.timedelta(minutes=20), dt.timedelta(hours=24)),
        (dt.timedelta(hours=40), dt.timedelta(minutes=20), dt.timedelta(hours=16)),  # until it may be cancelled
        (dt.timedelta(hours=20), dt.timedelta(minutes=20), dt.timedelta(hours=20)),  # until it begins
        (dt.timedelta(minutes=10), dt.timedelta(minutes=10), dt.timedelta(minutes=10)),
        (-dt.timedelta(hours=1), -dt.timedelta(hours=1), dt.timedelta(hours=24)),
    ],
)
def test_until_when_it_must_be_paid(start, card, account):
    PolicyFactory(cancel_notice_minutes=24 * 60)
    at = NOW + start
    terms, row = ConsultationTermsFactory(), ReservationFactory(date=at.date(), time=at.time())

    assert (pay_by(terms, row) - timezone.now(), deposit_by(terms, row) - timezone.now()) == (card, account)
