"""A service that must hold under concurrency runs in one transaction, and again if the database says so."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, NotSupportedError, OperationalError, transaction

from cody_site.errors import Conflict

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 4
# PostgreSQL: serialization_failure, deadlock_detected, lock_not_available, unique_violation; feature_not_supported is
# what it says of a kept plan when a migration has changed a column's type.
TRANSIENT = {"40001", "40P01", "55P03", "23505", "0A000"}


class MovedMeanwhile(Exception):
    """A row is no longer where it was when its locks were chosen; choose them again."""


def retried(service: Callable[P, R]) -> Callable[P, R]:
    """Run the service in a durable transaction of its own; raise Conflict when four attempts have met others.

    A unique violation is worth another look: the checks of the next attempt see the winner's row and name the rule.
    """

    @functools.wraps(service)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        for number in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic(durable=True):
                    return service(*args, **kwargs)
            except (IntegrityError, NotSupportedError, OperationalError, MovedMeanwhile) as error:
                if not is_transient(error):
                    raise
                if number < ATTEMPTS:
                    time.sleep(random.uniform(0.005, 0.03) * number)  # noqa: S311 -- jitter, not a secret
        raise Conflict

    return attempt


def is_transient(error: Exception) -> bool:
    """May the same act succeed a moment later: did it meet others, and not a rule?"""
    if isinstance(error, MovedMeanwhile):
        return True
    if not isinstance(error, DatabaseError):
        return False
    sqlstate = getattr(error.__cause__, "pgcode", None)
    if sqlstate is not None:
        return sqlstate in TRANSIENT
    text = str(error)
    return text.startswith("UNIQUE constraint failed") or "locked" in text
