"""Workers that remind and die: each is killed at its step, then others do the rest; at last two at once.

With `unguarded` the unique index and the lock are taken away first: the control. Prints one JSON object a round: when,
whether the worker was killed, and how many reminders and mails each reservation has in the end.
"""

import json
import os
import signal
import sys
from datetime import date, time, timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- after setup()
from django.db import connection, connections  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Mail  # noqa: E402
from reservations import reminders  # noqa: E402
from reservations.models import Reservation  # noqa: E402
from tests.factories import DesignerFactory, ReservationFactory, UserFactory  # noqa: E402

STEPS = [(moment, step) for step in ("_remind", "_write") for moment in ("before", "after")]
NOON = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
DAY: date = NOON.date() + timedelta(days=1)


def build(count):
    designer = DesignerFactory(max_per_hour=100)
    return [
        ReservationFactory(
            customer=UserFactory(reachable=True),
            designer=designer,
            date=DAY,
            time=time(10),
            created_at=timezone.now() - timedelta(days=3),
        ).pk
        for _ in range(count)
    ]


def beside(work):
    """Do this in a process of its own; returns its number."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)


def remind_and_die(moment, step):
    whole = getattr(reminders, step)
    setattr(reminders, step, die if moment == "before" else lambda *args: (whole(*args), die()))
    reminders.remind()


def tell(when, pks, killed):
    found = {
        "when": when,
        "killed": killed,
        "reminders": [Reservation.objects.get(pk=pk).reminders.count() for pk in pks],
        "mails": [Mail.objects.filter(about=f"reservation {pk}").count() for pk in pks],
    }
    sys.stdout.write(json.dumps(found) + "\n")


def main(unguarded):
    call_command("migrate", verbosity=0)
    reminders.salon_now = lambda: NOON.replace(tzinfo=None)  # whatever the hour at which this is run
    if unguarded:
        QuerySet.select_for_update = lambda rows, *args, **kwargs: rows
        with connection.schema_editor() as editor:
            model = Reservation.reminders.rel.related_model
            editor.remove_constraint(model, model._meta.constraints[0])
    else:
        for moment, step in STEPS:
            pks = build(1)
            killed = os.WTERMSIG(os.waitpid(beside(lambda at=(moment, step): remind_and_die(*at)), 0)[1])
            for _ in range(2):
                reminders.remind()
            tell(f"{moment} {step}", pks, killed == signal.SIGKILL)
    many = build(60)
    for worker in [beside(reminders.remind) for _ in range(4)]:
        os.waitpid(worker, 0)
    tell("at once", many, False)


if __name__ == "__main__":
    main("unguarded" in sys.argv)
