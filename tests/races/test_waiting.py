"""A seat that is held for who waits: a crowd that wants it does not get it, nor a worker what the crowd has taken."""

import subprocess
import sys

import pytest

from tests.races import databases
from tests.races.salon import CUSTOMERS, SEATS, day
from tests.races.site import ROOT

pytestmark = pytest.mark.races

RESERVED = 200, None
FULL = 403, "ERR: designer's max time limitation exceed."
WAITER = CUSTOMERS[7]

WAIT = """
import datetime as dt
from accounts.models import Designer, User
from reservations.models import Wait
solo = Designer.objects.get(user__userid="solo")
User.objects.update(email_confirmed_at=dt.datetime.now(dt.timezone.utc))
for after in {days}:
    Wait.objects.create(
        customer=User.objects.get(userid="{waiter}"),
        date=dt.datetime.strptime(after, "%Y%m%d").date(),
        designer=solo,
    )
"""
HOLD = """
import datetime as dt
from django.utils import timezone
until = timezone.now() + dt.timedelta(minutes=30)
Wait.objects.filter(ended_at=None).update(
    offered_at=timezone.now(), offered_until=until, offered_designer=solo, offered_time=dt.time(10)
)
"""
OFFER = """
import datetime as dt
import sys
{unprotected}
from accounts.models import Designer, User
from reservations import waiting
from reservations.models import Wait
solo = Designer.objects.get(user__userid="solo")
User.objects.update(email_confirmed_at=dt.datetime.now(dt.timezone.utc))
waiters = User.objects.filter(userid__in={waiters})
for line in sys.stdin:
    date = dt.datetime.strptime(line.strip(), "%Y%m%d").date()
    for waiter in waiters:
        Wait.objects.create(customer=waiter, date=date, designer=solo)
    print("begun", flush=True)
    waiting.offer_seats()
    print("done", flush=True)
"""
UNPROTECTED = "from tests.races import late, unprotected; late.LATEST_SECONDS = 0"
OFFERED = "SELECT id FROM reservations_wait WHERE ended_at IS NULL AND offered_at IS NOT NULL"
GIVEN_AWAY = """
SELECT w.id FROM reservations_wait w JOIN reservations_reservation r
ON r.designer_id = w.offered_designer_id AND r.date = w.date AND r.hour = w.offered_hour
AND r.trashed_at IS NULL AND r.customer_id <> w.customer_id WHERE w.ended_at IS NULL
"""


def storm(site, date, time="10:00"):
    wishes = [{"id": customer, "designer_id": "solo", "time": f"{date}-{time}"} for customer in CUSTOMERS[:20]]
    told = site.reserve_at_once(wishes)
    winners = [wish["id"] for wish, answer in zip(wishes, told, strict=True) if answer == RESERVED]
    assert set(told) <= {RESERVED, FULL}
    return winners


def test_only_who_waited_gets_the_seat_that_is_held(site):
    assert SEATS["solo"] == 1
    held, free = [day(after) for after in (42, 43, 44)], [day(after) for after in (45, 46, 47)]
    site.prepare("shell", "-c", WAIT.format(days=held, waiter=WAITER) + HOLD)

    assert [storm(site, date) for date in held] == [[WAITER]] * 3
    # the control: without the hold it is anybody's
    winners = [storm(site, date) for date in free]
    assert [len(names) for names in winners] == [1, 1, 1]
    assert winners != [[WAITER]] * 3
    ends = databases.read(site.database_url, "SELECT ended_as FROM reservations_wait")
    assert [end for (end,) in ends] == ["booked"] * 3
    assert site.verify() == ""


def offered_beside_a_crowd(site, days, *, unprotected=""):
    """Day by day: how many were offered a seat while others reserved its hours, and how many have lost it so."""
    program = OFFER.format(waiters=CUSTOMERS[20:32], unprotected=unprotected)
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", program]
    with subprocess.Popen(
        command, cwd=ROOT, env=site.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        for date in map(day, days):
            worker.stdin.write(f"{date}\n")
            worker.stdin.flush()
            assert worker.stdout.readline() == "begun\n"
            hours = enumerate(range(20, 8, -1))  # who waits is offered the earliest
            site.reserve_at_once(
                [{"id": CUSTOMERS[n], "designer_id": "solo", "time": f"{date}-{hour:02}:00"} for n, hour in hours]
            )
            assert worker.stdout.readline() == "done\n"
            yield tuple(len(databases.read(site.database_url, rows)) for rows in (OFFERED, GIVEN_AWAY))


def test_what_is_offered_while_a_crowd_comes_is_not_given_away_as_well(site):
    days = list(offered_beside_a_crowd(site, range(48, 54)))

    assert [lost for _offered, lost in days] == [0] * 6
    assert days[-1][0] > 0
    assert site.verify() == ""


def test_without_locks_some_of_it_is_given_away(unprotected_site):
    """The control."""
    days = offered_beside_a_crowd(unprotected_site, range(26, 60), unprotected=UNPROTECTED)
    assert any(lost for _offered, lost in days)
