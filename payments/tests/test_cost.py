"""How often a payment asks the database, over the whole request; what begins and ends a transaction is not counted."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api import as_person
from tests.factories import ProductFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@pytest.fixture
def payer():
    return UserFactory(userid="hong")


def statements(api, path, body, headers):
    with CaptureQueriesContext(connection) as captured:
        answer = api.post(path, body, headers=headers)
    assert answer.http == 200, answer.errors
    return sum(not query["sql"].startswith(TRANSACTION) for query in captured.captured_queries)


@pytest.mark.parametrize(
    ("keyed", "tied", "most"),
    [(False, False, 14), (True, False, 17), (False, True, 15), (True, True, 18)],
    ids=["plain", "with a key", "of a reservation", "of a reservation with a key"],
)
def test_a_charge_takes_as_many_statements_for_eight_products_as_for_one(paying, payer, keyed, tied, most):
    api, counted = as_person(payer), set()
    for count in (1, 8):
        body = {
            "paytype": 1, "cardnum": "5361-4890-1234-1704", "expiry": "2030-12", "pwd": "12", "userid": "hong",
            "p_array": [product.pk for product in ProductFactory.create_batch(count)],
        }  # fmt: skip
        body |= {"reserv_id": ReservationFactory(customer=payer, time=dt.time(10 + count)).pk} if tied else {}
        headers = {"Idempotency-Key": f"{count}"} if keyed else None
        counted.add(statements(api, "/payment/card/onetime", body, headers))

    assert len(counted) == 1
    assert counted.pop() <= most
