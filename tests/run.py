"""`make test`: the whole suite on SQLite, and beside it on PostgreSQL with Redis, as far as this machine has them.

BESIDE names targets of make for the second core to go on with, as `make ci` does.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from tests.servers import missing, postgres_programs

NO_TESTS = 5  # pytest's status when a selection is empty


def main(arguments):
    left_out = missing()
    suite = [sys.executable, "-m", "pytest", "-q", *arguments]
    # Each lane keeps one core busy. The races run once, on both: they bring their own databases. What a browser shows
    # is no other on PostgreSQL.
    again = [sys.executable, "-m", "tests.servers", *suite, "-m", "not races", "--ignore=tests/browser"]
    beside = [again] if postgres_programs() else []
    beside += [["make", "--no-print-directory", target] for target in os.environ.get("BESIDE", "").split()]
    with tempfile.TemporaryFile() as told, ThreadPoolExecutor() as lane:
        others = lane.submit(lambda: [run(command, told) for command in beside])
        print("\n== SQLite", flush=True)  # noqa: T201 -- a command's own output
        statuses = [run(suite), *others.result()]
        told.seek(0)
        print("\n== Beside it\n" + told.read().decode(), flush=True)  # noqa: T201
    if left_out:
        print(f"\nLeft out, because not installed: {', '.join(left_out)}", file=sys.stderr)  # noqa: T201
    return max(0 if status == NO_TESTS else abs(status) for status in statuses)


def run(command, told=None):
    """Its status; what it says goes to the file, if there is one, after what it is."""
    if told:
        told.write(f"\n== {' '.join(command)}\n".encode())
        told.flush()
    # What a developer's shell says of databases is not for the suites, which bring their own.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "BESIDE")
    }
    return subprocess.run(
        command, env=environment, stdout=told, stderr=told and subprocess.STDOUT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
