"""`python -m deploy.chaos [--seed N] [--minutes M]`: exit 1 and a line for each thing that is not as it was told."""

import argparse
import re
import signal
import sys
import threading
import time

from deploy.chaos.apps import App, Phone
from deploy.chaos.books import ClusterBooks
from deploy.chaos.clients import Client, Salon
from deploy.chaos.desk import Desk
from deploy.chaos.faults import Faults
from deploy.chaos.journal import Journal
from deploy.chaos.people import Customer
from deploy.chaos.reckoning import unsettled, violations
from deploy.chaos.table import table
from deploy.chaos.tampering import control
from deploy.cluster import Cluster, missing
from tests.servers import free_port

CROWD: tuple[tuple[type[Client], int], ...] = ((App, 4), (Phone, 3), (Customer, 4), (Desk, 2))
MORE = {"STAFF_SECOND_FACTOR": "1", "IMP_DEADLINE_SECONDS": "20"}
LEAST, MOST = 20, 400
"""Seconds in which the workers ask IMP for what they were not told: who died with a row in hand has it leased for five
minutes, and a refund is asked for after four deadlines."""

FELL_OVER = re.compile(r"was sent SIG(ABRT|BUS|FPE|ILL|SEGV)")
"""What gunicorn says of a worker that nobody here has killed; nginx makes an honest 503 of it."""

TERMS = """
from accounts.models import Policy
from payments.models import ConsultationTerms
Policy.objects.update_or_create(pk=1, defaults={"open_reservations": 1000})
ConsultationTerms.objects.update(when="prepaid", hold_minutes=5)
"""
"""What is reserved on the pages is given up without money (Faults.let_time_pass); nobody has reserved all they may."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=3)
    options = parser.parse_args(arguments)
    if lacking := missing():
        sys.stderr.write(f"make chaos needs these Debian packages: {', '.join(lacking)}\n")
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # whoever ends it ends all that it has started
    with Cluster(free_port(), throttled=False, more=MORE).running() as cluster:
        cluster.manage("shell", "-c", TERMS)
        books, journal = ClusterBooks(cluster), Journal()
        before, in_doubt = books.complaints(), unsettled(books)
        _live(cluster, books, journal, options.seed, options.minutes)
        seconds = _settle(cluster, books, before, in_doubt)
        broken = list(violations(books, journal, before))
        sys.stdout.write(table(journal, options.seed, options.minutes, broken, seconds, has_disk=cluster.has_disk))
        controls = list(control(books, journal, before, options.seed))
        missed = [name for name, is_named in controls if not is_named]
        told = f"Control: {len(controls) - len(missed)} of {len(controls)} things made wrong afterwards are named"
        sys.stdout.write(f"\n{told}{': not ' if missed else '.'}{', '.join(missed)}\n")
    return 1 if broken or missed else 0


def _salon(cluster: Cluster, books: ClusterBooks) -> Salon:
    people = books.query("SELECT userid, id FROM accounts_user ORDER BY id")
    return Salon(
        url=cluster.url,
        imp=f"http://127.0.0.1:{cluster.services['imp-sandbox'].port}",
        designers={userid: pk for userid, pk in people if userid.startswith("designer")},
        customers={userid: pk for userid, pk in people if userid.startswith("customer")},
    )


def _live(cluster: Cluster, books: ClusterBooks, journal: Journal, seed: int, minutes: float) -> None:
    salon = _salon(cluster, books)
    stop, calm = threading.Event(), threading.Event()
    people = [kind(salon, journal, seed, number, stop) for kind, count in CROWD for number in range(count)]
    faults = Faults(cluster, books, journal, seed, calm)
    for thread in (*people, faults):
        thread.start()
    time.sleep(minutes * 60)
    calm.set()
    faults.join()
    stop.set()
    for person in people:
        person.join(120)
        if person.is_alive():
            journal.wonder(f"{person.name} has been waiting for an answer for two minutes")
    for site in cluster.sites:
        for line in filter(FELL_OVER.search, cluster.log(site).splitlines()):
            journal.wonder(f"{site.name}: {line}")


def _settle(cluster: Cluster, books: ClusterBooks, before: set[str], in_doubt: set[str]) -> float:
    """Everybody is up again, and the workers alone have to bring our books to what IMP's say; after how many seconds.

    What does not agree by then is a violation.
    """
    began = time.monotonic()
    for service in cluster.services.values():
        if not service.is_up:
            service.start()
    time.sleep(LEAST)
    while unsettled(books) - in_doubt or books.complaints() - before:
        if time.monotonic() - began > MOST:
            break
        time.sleep(5)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
