"""What the benchmarked salon has in its tables; `fill` runs in `manage.py shell` of the site under test.

The two sizes differ in their number of rows and in nothing else: what is asked for is there as often, and a rare value
is as rare (20 rows, all of them the oldest), so that both can answer with the same number of rows.
"""

import datetime as dt
from pathlib import Path

from django.db import connection
from django.utils import timezone

from accounts.models import Client
from accounts.oauth import SCOPES
from bench.names import (
    CLIENT,
    COMMON_NAME,
    CUSTOMERS,
    DAYS_AHEAD,
    DESIGNERS,
    FORMER,
    PRODUCT,
    RARE,
    RARE_NAME,
    RARE_PRODUCT,
    SECRET,
    WALK_IN,
)


def fill(rows: int) -> None:
    """Fill an empty database with so many users, reservations and payments, and let it gather statistics."""
    Client.objects.create(
        name="bench",
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        scope=" ".join(SCOPES),
    )
    values: dict[str, int | str | dt.date] = {
        "rows": rows,
        "customers": min(rows, CUSTOMERS),
        "designers": DESIGNERS,
        "former": FORMER,
        "walk_in": WALK_IN,
        "rare": RARE,
        "common_name": COMMON_NAME,
        "rare_name": RARE_NAME,
        "product": PRODUCT,
        "rare_product": RARE_PRODUCT,
        "last_day": timezone.localdate() + dt.timedelta(days=DAYS_AHEAD),
        "today": timezone.localdate(),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(Path(__file__).with_name("stock.sql").read_text(), values)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
