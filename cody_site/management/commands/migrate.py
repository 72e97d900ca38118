"""Django's `migrate`, behind which nobody queues for long.

On PostgreSQL a statement that waits for a table lets nobody else at it meanwhile, not even to read: behind one long
transaction an ALTER TABLE stops the site. This one gives up after a moment, lets the others pass and tries again.
"""

import contextlib
import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

MET_OTHERS = {"55P03", "40P01"}  # lock_not_available, deadlock_detected
MAX_PAUSE_SECONDS = 20.0
ONE_AT_A_TIME = 0x6D6967726174
"""The advisory lock of whoever migrates."""
# What lets readers and writers pass may wait and work for as long as it takes.
IN_NOBODYS_WAY = re.compile(r"\b(INDEX CONCURRENTLY|VALIDATE CONSTRAINT)\b")


class Command(migrate.Command):
    help = "Migrate as Django does; on PostgreSQL without making the site's requests wait for it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout", type=float, default=2, metavar="SECONDS",
            help="give up waiting for a table after so long, and try again; 0 = wait, and make all others wait",
        )  # fmt: skip
        parser.add_argument("--attempts", type=int, default=20, help="so often, with growing pauses between")
        parser.add_argument(
            "--statement-timeout", type=float, default=None, metavar="SECONDS",
            help="instead of the site's own; 0 = none, for a night in which the site is closed",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError if a table is not to be had; what was migrated before stays, what was not is as it was."""
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        attempts = options["attempts"]
        for attempt in range(1, attempts + 1):
            try:
                with _impatient(connection, options["lock_timeout"], options["statement_timeout"]):
                    super().handle(*args, **options)
                    return
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) not in MET_OTHERS:
                    raise
                self.stderr.write(f"\nOthers are at work there (attempt {attempt} of {attempts}): {error}".rstrip())
            if attempt < attempts:
                time.sleep(_pause(attempt))
        raise CommandError(
            "Not migrated: others never let go of a table. pg_stat_activity names the long transaction (xact_start)."
        )


def _pause(attempt: int) -> float:
    """Seconds, twice as many each time, and never just when somebody else comes again too."""
    return min(0.5 * 2.0**attempt, MAX_PAUSE_SECONDS) * random.uniform(0.5, 1)  # noqa: S311 -- jitter, not a secret


@contextlib.contextmanager
def _impatient(connection: BaseDatabaseWrapper, lock: float, statement: float | None) -> Iterator[None]:
    """The session waits so long within the context; raise CommandError if somebody else migrates this database now."""

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not IN_NOBODYS_WAY.search(sql):
            return run(sql, params, many, context)
        _set_timeouts(connection, 0, 0)
        done = run(sql, params, many, context)
        _set_timeouts(connection, lock, statement)
        return done

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        if cursor.fetchone() == (False,):
            raise CommandError("Somebody else migrates this database now.")
    try:
        _set_timeouts(connection, lock, statement)
        with connection.execute_wrapper(execute):
            yield
    finally:
        _set_timeouts(connection, None, None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def _set_timeouts(connection: BaseDatabaseWrapper, lock: float | None, statement: float | None) -> None:
    """Seconds; 0 = none, None = what the site's settings say."""
    with connection.cursor() as cursor:
        for name, seconds in (("lock_timeout", lock), ("statement_timeout", statement)):
            cursor.execute(f"RESET {name}" if seconds is None else f"SET {name} = {seconds * 1000:.0f}")
