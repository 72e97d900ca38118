"""Customers are reminded of a reservation the day before, once for each time that it is moved to.

The reservations are the queue: the task is only a tick. Reminder and mail are written in one transaction under the
reservation's lock, so a worker that dies has written both or neither, and of two at once the unique index lets one.
"""

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts import mail
from accounts.clock import salon_now
from accounts.models import Policy, User
from cody_site.transactions import retried
from reservations import notices
from reservations.models import OPEN, Act, Move, Reminder, Reservation, ReservationQuerySet

AHEAD = dt.timedelta(hours=24)
AT_LEAST = dt.timedelta(hours=2)
"""Nobody is reminded later than that: who has set out already needs no mail."""

SETTLED = dt.timedelta(hours=3)
"""So long nothing must have happened to a reservation: what was just booked or moved was told just then."""

EVENING, NIGHT, MORNING = dt.time(20), dt.time(21), dt.time(8)
"""From NIGHT to MORNING nobody is mailed; what would be due then is told in the EVENING before."""

AT_ONCE = 500
TEMPLATE = "reservation_reminder"


def remind() -> int:
    """Post the reminders that are due; returns how many. Any number of workers may do so at once."""
    if is_night(salon_now()):
        return 0
    return sum(_remind(pk) for pk in list(_due().order_by("date", "time", "pk").values_list("pk", flat=True)[:AT_ONCE]))


def is_night(at: dt.datetime) -> bool:
    """On the salon's wall clock."""
    return at.time() >= NIGHT or at.time() < MORNING


def _due() -> ReservationQuerySet:
    now, settled = salon_now(), timezone.now() - SETTLED
    reminded = Reminder.objects.filter(reservation=OuterRef("pk"), date=OuterRef("date"), time=OuterRef("time"))
    words_only = Q(act=Act.CHANGED, before=F("after"))
    moved = Move.objects.filter(~words_only, reservation=OuterRef("pk"), at__gt=settled)
    return (
        Reservation.objects.live()
        .starting(now + AT_LEAST, _horizon(now))
        .filter(~Exists(reminded), ~Exists(moved), status__in=OPEN, no_show_at=None, created_at__lte=settled)
        .filter(customer__in=User.objects.reachable())
    )


def _horizon(now: dt.datetime) -> dt.datetime:
    """Until when what begins is told of now."""
    if not EVENING <= now.time() < NIGHT:
        return now + AHEAD
    return dt.datetime.combine(now.date() + dt.timedelta(days=1), MORNING) + AHEAD


@retried
def _remind(pk: int) -> bool:
    """Remind of this reservation, if that is still due now that it is locked."""
    row = _due().locked().filter(pk=pk).first()
    if row is None:
        return False
    _write(row)
    return True


def _write(row: Reservation) -> None:
    times = notices.deadlines(row.start, Policy.current())
    context: dict[str, object] = {"number": row.pk, "times": times, "page": notices.page(row.pk)}
    context |= notices.of(row.designer)
    reminder = mail.draft(row.customer, TEMPLATE, about=notices.about(row.pk), context=context, due_at=timezone.now())
    mail.post_drafts([reminder])
    Reminder.objects.create(reservation=row, date=row.date, time=row.time, mail=reminder)
