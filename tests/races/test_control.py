"""The races of test_capacity.py do happen where nothing prevents them."""

import pytest

from tests.races.salon import CREW, CUSTOMERS, SEATS, day

pytestmark = pytest.mark.races


def attempts(*days):
    return [f"{day(after)}-{hour:02}:00" for after in days for hour in range(9, 21)]


def winners(site, wishes):
    return sum(status == 200 for status, _ in site.reserve_at_once(wishes))


@pytest.mark.parametrize(("designer", "times"), [("solo", attempts(2, 3, 4)), ("trio", attempts(5, 6, 7))])
def test_an_hour_overflows(unprotected_site, designer, times):
    assert any(
        winners(
            unprotected_site, [{"id": customer, "designer_id": designer, "time": time} for customer in CUSTOMERS[:20]]
        )
        > SEATS[designer]
        for time in times
    )
    assert f"over-full hour: {designer}" in unprotected_site.verify()


def test_a_customer_is_in_two_places(unprotected_site):
    customer = CUSTOMERS[0]
    assert any(
        winners(unprotected_site, [{"id": customer, "designer_id": crew, "time": time} for crew in CREW]) > 1
        for time in attempts(8, 9, 10)
    )
    assert f"customer in two places: {customer}" in unprotected_site.verify()
