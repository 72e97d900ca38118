"""Waiting for a day that is full: first in line is first offered a seat, which is held for them meanwhile.

Nobody tells this module that a seat is free. It looks: each minute, and right after a reservation has left its place,
so that time off that is removed and a limit that is raised count as well. Who offers a seat locks as who gives one
out, the designer first, then the customer; the wait comes last.
"""

import datetime as dt
import enum
from collections.abc import Collection
from typing import Any

from celery import current_app
from django.db import models, transaction
from django.utils import timezone

from accounts import mail
from accounts.actors import Actor, Door, system
from accounts.clock import salon_now, salon_today
from accounts.hours import Availability, Opening
from accounts.models import CUSTOMERS, Designer, Policy, User
from cody_site.errors import Forbidden
from cody_site.prepared import Asked, PreparedForOne
from cody_site.transactions import retried
from reservations import notices
from reservations.errors import (
    AddressNotConfirmed,
    AlreadyReserved,
    HourFull,
    NotAvailable,
    StillFree,
    TimePassed,
    TooFarAhead,
    TooManyWaits,
)
from reservations.models import PASSING_ON, Reservation, Wait, WaitEnd, WaitQuerySet
from reservations.reminders import MORNING, is_night
from reservations.seats import lock_designers, refuse_doubles, slot, take_seats

MOST = 5
"""So many waits at a time for one customer."""

OFFERED_FOR = dt.timedelta(minutes=30)
"""Less when the time is near; who is offered something at night has so long in the morning."""

SHORTEST = dt.timedelta(minutes=5)
"""An offer that nobody could take is none."""

AT_ONCE = 500


# ---------------------------------------------------------------- the customer


@retried
def join(*, by: Actor, date: dt.date, designer: Designer | None) -> Wait:
    """Stand in line for a day, with this designer or with anyone; who stands there already stays where they are.

    Raises Forbidden (customers only, each for themselves), AddressNotConfirmed, TimePassed, TooFarAhead, NotAvailable
    (nobody works then), StillFree (one can reserve) or TooManyWaits.
    """
    if by.user is None or by.account_type not in CUSTOMERS:
        raise Forbidden
    me = User.objects.active().select_for_update(of=("self",), no_key=True).get(pk=by.user.pk)
    mine = Wait.objects.live().filter(customer=me)
    if same := mine.filter(date=date, designer=designer).first():
        return same
    if me.email_confirmed_at is None:
        raise AddressNotConfirmed
    _refuse_day(me, date, designer)
    if mine.count() >= MOST:
        raise TooManyWaits
    return Wait.objects.create(customer=me, date=date, designer=designer)


def _refuse_day(customer: User, date: dt.date, designer: Designer | None) -> None:
    team = list(Designer.objects.working().filter(**({} if designer is None else {"pk": designer.pk})))
    availability = Availability(team, customer)
    if date < availability.earliest.date():
        raise TimePassed
    if date > availability.last:
        raise TooFarAhead
    if not any(availability.opening.spans(one, date) for one in team):
        raise NotAvailable
    if availability.free(date):
        raise StillFree


@retried
def leave(*, by: Actor, wait: Wait) -> None:
    """Wait no longer; a seat that was held is the next one's. Nothing happens to a wait that is over."""
    mine = Wait.objects.live().filter(pk=wait.pk, customer=by.user_pk)
    _end(mine, WaitEnd.LEFT)
    transaction.on_commit(tick, robust=True)


# ---------------------------------------------------------------- the reservations


def _of_days(customers: Collection[int], dates: Collection[dt.date]) -> models.QuerySet[Any, Any]:
    """Those waits; of several customers all that there are on these days: SQLite takes only so many parameters."""
    waits = Wait.objects.live().filter(date__range=(min(dates), max(dates)))
    if len(customers) == 1:
        waits = waits.filter(customer__in=customers)
    return waits.order_by().values_list("pk", "customer", "date", "designer")


WAITS = PreparedForOne(_of_days)


def questions(rows: Collection[Reservation]) -> tuple[Asked[Any]]:
    """What fulfil() asks about these rows: who waits on their days."""
    return (WAITS.asked({row.customer_id for row in rows}, {row.date for row in rows}),)


def fulfil(rows: Collection[Reservation], *, by: Actor) -> None:
    """Who has got a seat on a day waits for it no longer; whose held seat the desk gave them, waits on.

    Within the caller's transaction, which holds the locks of these rows' designers.
    """
    if not rows:
        return
    got = {(row.customer_id, row.date, designer) for row in rows for designer in (None, row.designer_id)}
    (waits,) = questions(rows)
    pks = [pk for pk, *wish in waits() if (*wish,) in got]
    for start in range(0, len(pks), mail.BATCH):
        _end(Wait.objects.live().filter(pk__in=pks[start : start + mail.BATCH]), WaitEnd.BOOKED)
    if by.door == Door.ADMIN:
        _give_way(rows)


def _give_way(rows: Collection[Reservation]) -> None:
    """Who was offered a seat that is no more stands in line again, where they stood; the last offered first."""
    for designer, date, hour in {slot(row) for row in rows}:
        place = {"date": date, "offered_hour": hour}
        held = list(Wait.objects.holding().filter(**place, offered_designer=designer).locked())
        if not held:
            continue
        taken = Reservation.objects.live().filter(designer=designer, date=date, hour=hour).count()
        left = max(0, Designer.objects.get(pk=designer).max_per_hour - taken)
        lost = [wait.pk for wait in sorted(held, key=lambda wait: (wait.offered_at, wait.pk))[left:]]
        Wait.objects.filter(pk__in=lost).update(
            offered_at=None, offered_until=None, offered_designer=None, offered_time=None
        )
        mail.withdraw([about(pk) for pk in lost])


def look_soon(dates: Collection[dt.date]) -> None:
    """Something may have become free on these days: look once the caller's transaction has committed."""
    if dates and Wait.objects.in_line().filter(date__range=(min(dates), max(dates))).exists():
        transaction.on_commit(tick, robust=True)


def _end(waits: WaitQuerySet, how: WaitEnd) -> int:
    """These waits are over, and so is the mail that they have still to come."""
    pks = list(waits.locked().values_list("pk", flat=True))
    if pks:
        mail.withdraw([about(pk) for pk in pks])
    return Wait.objects.filter(pk__in=pks).end(how)


# ---------------------------------------------------------------- the worker


def tick() -> None:
    """Tell a worker that a seat may be free."""
    current_app.send_task("reservations.tasks.offer_seats", expires=60)


class Answer(enum.Enum):
    """What became of the attempt to offer a seat."""

    OFFERED = enum.auto()
    TAKEN = enum.auto()
    """Not this seat, or not at this time; perhaps another."""
    NOT_NOW = enum.auto()
    """This customer can be offered nothing."""


def offer_seats() -> int:
    """End what is over, then offer what is free to who is first in line for it; returns how many offers.

    Any number of workers may do so at once, and be killed at any step.
    """
    end_what_is_over()
    days = set(Wait.objects.in_line().order_by().values_list("date", flat=True).distinct())
    if not days:
        return 0
    team = {designer.pk: designer for designer in Designer.objects.working()}
    availability = Availability(list(team.values()))
    free = [day for day in days if availability.free(day)]
    waits = Wait.objects.in_line().filter(date__in=free, customer__in=User.objects.reachable()) if free else ()
    return sum(_offer_first_free(wait, team, availability) for wait in list(waits))


@retried
def end_what_is_over() -> None:
    """Offers whose time is over pass to the next; days that are over are waited for no longer."""
    _end(Wait.objects.filter(pk__in=list(Wait.objects.lapsed().values_list("pk", flat=True)[:AT_ONCE])), WaitEnd.LAPSED)
    past = Wait.objects.live().filter(date__lt=salon_today())
    _end(Wait.objects.filter(pk__in=list(past.values_list("pk", flat=True)[:AT_ONCE])), WaitEnd.OVER)


def _offer_first_free(wait: Wait, team: dict[int, Designer], availability: Availability) -> bool:
    designer = None if wait.designer_id is None else team.get(wait.designer_id)
    if wait.designer_id is not None and designer is None:
        return False
    for free in availability.free(wait.date, designer):
        if availability.left(free.designer, free.start) <= 0:
            continue  # offered to somebody before
        answer = offer(wait=wait, designer=free.designer, start=free.start)
        if answer == Answer.OFFERED:
            availability.take(free.designer, free.start)
        if answer != Answer.TAKEN:
            return answer == Answer.OFFERED
    return False


@retried
def offer(*, wait: Wait, designer: Designer, start: dt.datetime) -> Answer:
    """Hold a seat of that hour for who waits, and mail the offer; `start` is the salon's wall clock."""
    designers = lock_designers([designer.pk])
    customer = _locked_customer(wait)
    here = Wait.objects.in_line().filter(pk=wait.pk).locked().first()
    if customer is None or here is None or _is_spoken_for(customer, here):
        return Answer.NOT_NOW
    policy = Policy.current()
    until = _until(start, policy)
    seat = Reservation(customer=customer, designer=designer, date=start.date(), time=start.time())
    try:
        if until is None or not Opening(list(designers.values()), seat.date, seat.date).is_open(
            designers[designer.pk], start
        ):
            return Answer.TAKEN
        refuse_doubles([seat])
        take_seats([seat], designers, by=system())
    except (AlreadyReserved, HourFull):
        return Answer.TAKEN
    here.offered_at, here.offered_until = timezone.now(), until + PASSING_ON
    here.offered_designer, here.offered_time = designers[designer.pk], start.time()
    here.save(update_fields=["offered_at", "offered_until", "offered_designer", "offered_time"])
    _mail(customer, here, designers[designer.pk], start, until)
    return Answer.OFFERED


def _locked_customer(wait: Wait) -> User | None:
    return User.objects.reachable().select_for_update(of=("self",), no_key=True).filter(pk=wait.customer_id).first()


def _is_spoken_for(customer: User, wait: Wait) -> bool:
    """Has an offer for that day already, or as many reservations as the policy allows."""
    if customer.waits.live().filter(date=wait.date, offered_at__isnull=False).exists():
        return True
    return customer.reservations.live().upcoming().count() >= Policy.current().open_reservations


def _until(start: dt.datetime, policy: Policy) -> dt.datetime | None:
    """How long an offer of that time would hold; None if not long enough."""
    now = begin = salon_now()
    if is_night(now):
        begin = dt.datetime.combine(now.date() + dt.timedelta(days=now.time() >= MORNING), MORNING)
    until = min(begin + OFFERED_FOR, start - policy.reserve_notice)
    return timezone.make_aware(until) if until - now >= SHORTEST else None


def _mail(customer: User, wait: Wait, designer: Designer, start: dt.datetime, until: dt.datetime) -> None:
    times = {"start": start.isoformat(), "until": timezone.localtime(until).isoformat()}
    context: dict[str, object] = {"times": times, "page": ["reservations:offer", wait.pk]}
    context |= notices.of(designer)
    mail.post_drafts([mail.draft(customer, "wait_offer", about=about(wait.pk), context=context, due_at=timezone.now())])


def about(pk: int) -> str:
    """How the outbox names what is told of this wait."""
    return f"wait {pk}"
