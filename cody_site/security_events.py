"""What is read by who looks for attacks: a line and a count for each event (docs/observing.md has the table)."""

import enum
import logging
from functools import partial

from django.db import transaction

from cody_site.metrics import SECURITY_EVENTS

logger = logging.getLogger("cody_site.security")


class Event(enum.Enum):
    """Its name in the log and in the metrics, and its level."""

    SIGNED_IN = "signed-in", logging.INFO
    SIGN_IN_REFUSED = "sign-in-refused", logging.WARNING
    LOCKED_OUT = "locked-out", logging.WARNING
    WRONG_SECOND_FACTOR = "wrong-second-factor", logging.WARNING
    SECOND_FACTOR_SET_UP = "second-factor-set-up", logging.INFO
    SECOND_FACTOR_FORGOTTEN = "second-factor-forgotten", logging.WARNING
    PASSWORD_CHANGED = "password-changed", logging.INFO
    ROLE_CHANGED = "role-changed", logging.WARNING
    TOKEN_ISSUED = "token-issued", logging.INFO
    TOKEN_REFUSED = "token-refused", logging.WARNING
    TOKEN_REVOKED = "token-revoked", logging.INFO
    CLIENT_SECRET_MADE = "client-secret-made", logging.WARNING
    PERSONAL_DATA_READ = "personal-data-read", logging.INFO
    CARDS_TRIED = "cards-tried", logging.WARNING
    REFUND_REQUESTED = "refund-requested", logging.INFO

    def __init__(self, slug: str, level: int) -> None:
        self.slug, self.level = slug, level


def note(event: Event, *, user: int | None = None, by: str | None = None, detail: str = "") -> None:
    """It has happened: to the person with the pk `user`, done by the caller `by` (Actor.key).

    `detail` is a word of ours or a number, and nothing that somebody typed.
    """
    SECURITY_EVENTS.labels(event.slug).inc()
    logger.log(
        event.level,
        event.slug.replace("-", " "),
        extra={"event": event.slug, "user": user, "by": by, "detail": detail},
    )


def note_once_done(event: Event, *, user: int | None = None, by: str | None = None, detail: str = "") -> None:
    """note() when the caller's transaction has committed: what is taken back has not happened."""
    transaction.on_commit(partial(note, event, user=user, by=by, detail=detail))
