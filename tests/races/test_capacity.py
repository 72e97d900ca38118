from collections import Counter
from itertools import cycle

import pytest

from tests.races.salon import CREW, CUSTOMERS, SEATS, day

pytestmark = pytest.mark.races

RESERVED = 200, None
FULL = 403, "ERR: designer's max time limitation exceed."
DOUBLE = 403, "ERR: Already reserved user."


def hours_of(*days):
    return [(day(after), hour) for after in days for hour in (10, 13, 17)]


@pytest.mark.parametrize(("designer", "hours"), [("solo", hours_of(2, 3)), ("trio", hours_of(4, 5))])
def test_an_hour_takes_as_many_as_the_designer_has_seats(site, designer, hours):
    seats = SEATS[designer]
    for date, hour in hours:
        wishes = [
            {"id": customer, "designer_id": designer, "time": f"{date}-{hour}:{minute}"}
            for customer, minute in zip(CUSTOMERS[:20], cycle(["00", "30"]), strict=False)
        ]
        assert Counter(site.reserve_at_once(wishes)) == {RESERVED: seats, FULL: 20 - seats}, (date, hour)
    assert site.verify() == ""
    assert len(site.processes()) == 2


def test_a_customer_is_in_one_place_at_a_time(site):
    for date, hour in hours_of(6, 7):
        wishes = [{"id": CUSTOMERS[-1], "designer_id": crew, "time": f"{date}-{hour}:00"} for crew in CREW]
        assert Counter(site.reserve_at_once(wishes)) == {RESERVED: 1, DOUBLE: 19}, (date, hour)
    assert site.verify() == ""
