"""`make test`: the whole suite on SQLite, then on PostgreSQL with Redis, as far as this machine has them.

CI_COMPLETE=1 makes it an error that something had to be left out.
"""

import os
import subprocess
import sys

from tests.servers import browser_program, postgres_programs, redis_program, s3_program

NO_TESTS = 5  # pytest's status when a selection is empty


def main(arguments):
    programs = {
        "PostgreSQL": postgres_programs(),
        "Redis": redis_program(),
        "S3 (rclone)": s3_program(),
        "browser (Chromium)": browser_program(),
    }
    left_out = [name for name, program in programs.items() if not program]
    if left_out and os.environ.get("CI_COMPLETE"):
        print(f"Not installed: {', '.join(left_out)}", file=sys.stderr)  # noqa: T201 -- a command's own output
        return 1
    plain = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    status = run("SQLite", [], arguments, plain)
    if not status and postgres_programs():
        # The races on PostgreSQL have run already: they bring their own databases. What a browser shows is no other.
        again = ["-m", "not races", "--ignore=tests/browser", *arguments]
        status = run("PostgreSQL", ["-m", "tests.servers", sys.executable], again, plain)
    if left_out:
        print(f"\nLeft out, because not installed: {', '.join(left_out)}", file=sys.stderr)  # noqa: T201
    return status


def run(name, beside, arguments, environment):
    print(f"\n== {name}", flush=True)  # noqa: T201
    command = [sys.executable, *beside, "-m", "pytest", "-q", *arguments]
    status = subprocess.run(command, env=environment, check=False).returncode
    return 0 if status == NO_TESTS else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
