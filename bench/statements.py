"""The SQL of one request; what is here runs in `manage.py shell` of the site under test."""

import json
import re
import sys
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AccountType, Designer, User, WorkingHours
from bench.names import CLIENT, SECRET, WISH
from bench.site import PROXY


def show_reserving() -> None:
    """Write the statements of one POST /reserv to stdout, as a JSON array."""
    User.objects.create(pk=WISH.customer_pk, userid=WISH.customer, name=WISH.customer)
    designer = User.objects.create(
        pk=WISH.designer_pk, userid=WISH.designer, name=WISH.designer, type=AccountType.DESIGNER
    )
    works = Designer.objects.create(user=designer, max_per_hour=WISH.capacity)
    WorkingHours.objects.bulk_create(
        WorkingHours(designer=works, weekday=weekday, start="09:00", end="21:00") for weekday in range(7)
    )
    wish = {"time": WISH.time, "id": WISH.customer, "designer_id": WISH.designer, "note": "앞머리는 그대로"}
    _show(lambda token: _post("/reserv", token, **wish))


def show_reading(path: str) -> None:
    """Write the statements of one GET, its query string included, to stdout, as a JSON array."""
    _show(lambda token: Client().get(path, headers=PROXY | {"Host": "127.0.0.1"} | token))


def _show(ask: Callable[[dict[str, str]], object]) -> None:
    given = _post("/payment/OAuth2.0/getToken", {}, client_id=CLIENT, client_secret=SECRET)
    with CaptureQueriesContext(connection) as captured:
        ask({"Authorization": f"Bearer {given['access_token']}"})
    sys.stdout.write(json.dumps([PREPARED.sub(_plain, query["sql"]) for query in captured.captured_queries]))


PREPARED = re.compile(r"PREPARE \w+ AS (?P<sql>.*); EXECUTE \w+(?:\((?P<values>.*)\))?$", re.DOTALL)
VALUE = re.compile(r"E?'(?:[^']|'')*'(?:::\w+)?|[^,\s]+")


def _plain(found: re.Match[str]) -> str:
    """pgbench runs its script over and over; what a connection prepares once is told to it as it is."""
    values = VALUE.findall(found["values"] or "")
    return re.sub(r"\$([0-9]+)", lambda place: values[int(place[1]) - 1], found["sql"])


def _post(path: str, headers: dict[str, str], **body: str) -> dict[str, str]:
    answer = Client().post(path, body, content_type="application/json", headers=PROXY | {"Host": "127.0.0.1"} | headers)
    contents: dict[str, str] = answer.json()["contents"]
    return contents
