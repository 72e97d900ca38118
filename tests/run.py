"""`make test`: the suite on SQLite, on PostgreSQL with Redis, in a browser and in races, as far as this machine can.

Three at a time, for the races wait more than they work. They run once, in parts, with databases of their own of both
kinds, and the browser once, for what it shows is no other on PostgreSQL. BESIDE names targets of make to go on with,
as `make ci` does.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from tests.servers import missing, postgres_programs

NO_TESTS = 5  # pytest's status when a selection is empty
PYTEST = [sys.executable, "-m", "pytest", "-q"]
RACES = "postgresql", "sqlite", "not postgresql and not sqlite"  # one after the other they would be the last to end
ALONE = ["-m", "not races", "--ignore=tests/browser"]


def main(arguments):
    left_out = missing()
    jobs = commands(arguments)
    with ThreadPoolExecutor(3) as cores:
        print(f"\n== {' '.join(jobs[0])}", flush=True)  # noqa: T201 -- a command's own output
        running = [cores.submit(run, command, live=not number) for number, command in enumerate(jobs)]
        for command, job in zip(jobs[1:], running[1:], strict=True):
            _status, told, seconds = job.result()
            print(f"\n== {' '.join(command)} ({seconds:.0f} s)\n{told}", flush=True)  # noqa: T201
    if left_out:
        print(f"\nLeft out, because not installed: {', '.join(left_out)}", file=sys.stderr)  # noqa: T201
    statuses = [job.result()[0] for job in running]
    return max(0 if status == NO_TESTS else abs(status) for status in statuses)


def commands(arguments):
    """What to run; whoever names some tests has them on both databases."""
    postgresql = [sys.executable, "-m", "tests.servers", *PYTEST, *ALONE, *arguments]
    suites = [[*PYTEST, *ALONE]] if not arguments else [[*PYTEST, *arguments]]
    suites += [postgresql] if postgres_programs() else []
    suites += [] if arguments else [[*PYTEST, "-m", "races", "-k", which] for which in RACES]
    suites += [] if arguments else [[*PYTEST, "tests/browser"]]
    return suites + [["make", "--no-print-directory", target] for target in os.environ.get("BESIDE", "").split()]


def run(command, *, live):
    """Its status, what it said unless it does so itself, and how many seconds it took."""
    # What a developer's shell says of databases is not for the suites, which bring their own.
    not_theirs = ("DATABASE_URL", "REDIS_URL", "BESIDE")
    environment = {name: value for name, value in os.environ.items() if name not in not_theirs}
    started = time.monotonic()
    with tempfile.TemporaryFile() as told:
        output = None if live else told
        status = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False).returncode
        told.seek(0)
        return status, told.read().decode(errors="replace"), time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
