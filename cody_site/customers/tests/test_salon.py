"""How customers reach the salon."""

import pytest
from icalendar import Calendar

from cody_site.customers import ics
from tests.factories import ReservationFactory

pytestmark = pytest.mark.django_db
PHONE, ADDRESS = "02-555-0147", "서울 성동구 서울숲길 17"


@pytest.fixture
def reachable(settings):
    settings.SALON_PHONE, settings.SALON_ADDRESS = PHONE, ADDRESS


def test_every_page_ends_with_number_and_address(client, reachable):
    page = client.get("/login/").content.decode()

    assert f'<a href="tel:{PHONE}">{PHONE}</a>' in page
    assert 'href="https://map.kakao.com/link/search/%EC%84%9C' in page


def test_who_said_nothing_of_them_shows_nothing(client):
    assert "tel:" not in client.get("/login/").content.decode()


def test_a_reservation_says_where_it_is_on_its_page_and_in_the_calendar(client, reachable):
    row = ReservationFactory()
    client.force_login(row.customer, backend="accounts.backends.RoleBackend")

    assert f"{ADDRESS}</a>" in client.get(f"/my/reservations/{row.pk}/").content.decode()
    (event,) = Calendar.from_ical(ics.calendar([(row, ics.for_customer(row))])).walk("VEVENT")
    assert event["LOCATION"] == ADDRESS
