"""The salon's wall clock (R8): dates and times of reservations are naive and mean Asia/Seoul."""

import datetime as dt

from django.utils import timezone


def salon_now() -> dt.datetime:
    """Now in the salon, as a naive datetime."""
    return timezone.localtime().replace(tzinfo=None)


def salon_today() -> dt.date:
    return timezone.localdate()


def wall_clock(at: dt.datetime) -> dt.datetime:
    """A stored moment as the salon's naive wall-clock datetime."""
    return timezone.localtime(at).replace(tzinfo=None)
