"""`python -m tests.releases`: the linter reads our migrations as PostgreSQL would run them; exit 1 if it refuses."""

import os
import subprocess
import sys

from tests.servers import postgres, postgres_programs


def main():
    if postgres_programs() is None:
        sys.stderr.write("lintmigrations: left out, PostgreSQL is not installed\n")
        return 0
    command = [sys.executable, "manage.py", "lintmigrations", "--settings", "tests.releases.lint"]
    with postgres() as url:
        return subprocess.run(command, env=os.environ | {"DEBUG": "1", "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
