"""`python -m deploy.chaos [--seed N] [--minutes M]`: exit 1 and a line for each thing that is not as it was told."""

import argparse
import sys
import threading
import time

from deploy.chaos.clients import App, Client, Customer, Desk
from deploy.chaos.faults import Faults
from deploy.chaos.journal import Journal
from deploy.chaos.reckoning import verify, violations
from deploy.cluster import Cluster, missing
from tests.servers import free_port

CROWD: tuple[tuple[type[Client], int], ...] = ((App, 6), (Customer, 3), (Desk, 1))
SETTLING_SECONDS = 75
"""In which the workers ask IMP for what they were not told."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=3)
    options = parser.parse_args(arguments)
    if lacking := missing():
        sys.stderr.write(f"make chaos needs these Debian packages: {', '.join(lacking)}\n")
        return 1
    with Cluster(free_port(), throttled=False).running() as cluster:
        before, journal = verify(cluster), Journal()
        stop, calm = threading.Event(), threading.Event()
        people = [
            kind(cluster.url, journal, options.seed * 1000 + number, stop)
            for kind, count in CROWD
            for number in range(count)
        ]
        faults = Faults(cluster, journal, options.seed, calm)
        for thread in (*people, faults):
            thread.start()
        time.sleep(options.minutes * 60)
        calm.set()
        faults.join()
        stop.set()
        for person in people:
            person.join(60)
        _settle(cluster)
        broken = list(violations(cluster, journal, before))
        _tell(journal, options.seed, options.minutes, broken)
    return 1 if broken else 0


def _settle(cluster: Cluster) -> None:
    """Everybody is up again, and the workers have asked for what was in doubt."""
    for service in cluster.services.values():
        if not service.is_up:
            service.start()
    deadline = time.monotonic() + SETTLING_SECONDS
    while time.monotonic() < deadline:
        cluster.manage("reconcile", check=False)
        time.sleep(5)


def _tell(journal: Journal, seed: int, minutes: float, broken: list[str]) -> None:
    lines = [f"seed {seed}, {minutes:g} minutes", "", "| fault | times |", "| --- | --- |"]
    lines += [f"| {kind} | {times} |" for kind, times in sorted(journal.faults.items())]
    lines += [
        "",
        "| asked for | done | refused | come again (503) | never answered |",
        "| --- | --- | --- | --- | --- |",
    ]
    for what in sorted({what for what, _meaning in journal.answers}):
        counts = [journal.answers[what, meaning] for meaning in ("ok", "refused", "down", "unknown")]
        lines.append(f"| {what} | {' | '.join(map(str, counts))} |")
    lines += ["", f"{len(broken)} violations" if broken else "No violations.", *broken[:50]]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
