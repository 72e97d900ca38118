"""The salon of the race tests; `manage.py shell` of the site under test builds it."""

import datetime as dt

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from tests.factories import ClientFactory, DesignerFactory, UserFactory

ADMINISTRATOR, PASSWORD = "owner", "an-owner-of-races"
CLIENT, SECRET = "race-app", "race-secret"
CUSTOMERS = [f"customer{number}" for number in range(1, 41)]
CREW = [f"crew{number}" for number in range(1, 21)]
SEATS = {"solo": 1, "trio": 3} | dict.fromkeys(CREW, 2)
HOURS = [(dt.time(9), dt.time(21))]


def day(after):
    """So many days after today, in the API's words."""
    return f"{timezone.localdate() + dt.timedelta(days=after):%Y%m%d}"


def build():
    """Fill an empty database."""
    UserFactory(userid=ADMINISTRATOR, staff=True, password=make_password(PASSWORD))
    ClientFactory(client_id=CLIENT, client_secret=SECRET)
    for userid in CUSTOMERS:
        UserFactory(userid=userid)
    for userid, seats in SEATS.items():
        DesignerFactory(user__userid=userid, max_per_hour=seats, hours=HOURS)


def drop_unique_indexes():
    """Take away the last word of the database, for the control."""
    with connection.cursor() as cursor:
        for index in ("reservation_one_per_seat", "reservation_one_per_customer_time"):
            cursor.execute(f"DROP INDEX {index}")
