"""`make test`: the whole suite on SQLite, and beside it on PostgreSQL with Redis, as far as this machine has them."""

import os
import subprocess
import sys
import tempfile

from tests.servers import missing, postgres_programs

NO_TESTS = 5  # pytest's status when a selection is empty


def main(arguments):
    left_out = missing()
    plain = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    with tempfile.TemporaryFile() as told:
        # Each suite keeps one core busy. The races run once, on both: they bring their own databases. What a browser
        # shows is no other on PostgreSQL.
        again = ["-m", "not races", "--ignore=tests/browser", *arguments]
        beside = start(["-m", "tests.servers", sys.executable], again, plain, told) if postgres_programs() else None
        print("\n== SQLite", flush=True)  # noqa: T201 -- a command's own output
        statuses = [start([], arguments, plain).wait()]
        if beside:
            statuses.append(beside.wait())
            told.seek(0)
            print("\n== PostgreSQL\n" + told.read().decode(), flush=True)  # noqa: T201
    if left_out:
        print(f"\nLeft out, because not installed: {', '.join(left_out)}", file=sys.stderr)  # noqa: T201
    return max(0 if status == NO_TESTS else abs(status) for status in statuses)


def start(beside, arguments, environment, told=None):
    command = [sys.executable, *beside, "-m", "pytest", "-q", *arguments]
    return subprocess.Popen(command, env=environment, stdout=told, stderr=told and subprocess.STDOUT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
