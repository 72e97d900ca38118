"""Workers that die: posts mails, forks a worker for each that is killed at its step, and sends what is left.

Prints one JSON object a mail: when the worker was killed, the Message-ID, and what the outbox says in the end.
"""

import json
import os
import signal
import sys
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- after setup()
from django.db import connections, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from accounts import mail  # noqa: E402
from accounts.models import Mail  # noqa: E402
from tests.factories import UserFactory  # noqa: E402

STEPS = [(moment, step) for step in ("claim", "hand_over", "note_sent") for moment in ("before", "after")]


def post():
    with transaction.atomic():
        return mail.post(UserFactory(), "confirm_address", to="hong@example.com", path="/x/")


def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)


def beside(work):
    """Do this in a process of its own; returns the signal that ended it, or 0."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def send_and_die(moment, step):
    whole = getattr(mail, step)
    setattr(mail, step, die if moment == "before" else lambda *args: (whole(*args), die()))
    mail.send_due()


def five_minutes_pass():
    for column in ("leased_until", "due_at"):
        Mail.objects.exclude(**{column: None}).update(**{column: F(column) - timedelta(minutes=6)})


def main():
    call_command("migrate", verbosity=0)
    for moment, step in STEPS:
        posted = post()
        killed = os.WTERMSIG(os.waitpid(beside(lambda at=(moment, step): send_and_die(*at)), 0)[1])
        for _ in range(2):
            five_minutes_pass()
            mail.send_due()
        tell(f"{moment} {step}", posted, killed == signal.SIGKILL)
    many = [post() for _ in range(20)]
    for worker in [beside(mail.send_due) for _ in range(2)]:
        os.waitpid(worker, 0)
    for posted in many:
        tell("two workers", posted, False)


def tell(when, posted, killed):
    posted.refresh_from_db()
    told = {
        "when": when,
        "id": posted.message_id,
        "killed": killed,
        "sent": posted.sent_at is not None,
        "text": posted.text,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
