"""Reservations as iCalendar (RFC 5545): one as a file, or somebody's as a subscription.

The same rows make the same bytes: times of change come from the history and not from the clock.
"""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from reservations.models import Move, Reservation

CONTENT_TYPE = "text/calendar; charset=utf-8"
SEOUL = ZoneInfo("Asia/Seoul")
NINE_HOURS = dt.timedelta(hours=9)
REFRESHED = dt.timedelta(hours=1)


class Words(NamedTuple):
    """What an event says, for whose calendar it is."""

    summary: str
    description: str
    path: str
    """The page that tells more."""


class Revision(NamedTuple):
    """How often a reservation was changed, and when last."""

    number: int
    at: dt.datetime | None


def for_customer(row: Reservation) -> Words:
    told = _("예약 번호 %(number)s") % {"number": row.pk}
    summary = _("%(name)s 디자이너 상담") % {"name": row.designer.user.called}
    return Words(summary, told, reverse("pages:reservation", args=[row.pk]))


def for_designer(row: Reservation) -> Words:
    """Who comes, and nothing else: calendars are shown to others, and lie on others' machines."""
    day = f"{reverse('admin:index')}?date={row.date.isoformat()}#r{row.pk}"
    return Words(_("%(name)s님 상담") % {"name": row.customer.called}, "", day)


def calendar(rows: Collection[tuple[Reservation, Words]], *, name: str = "") -> bytes:
    """These reservations, each with what is said of it; with a name, as a calendar to subscribe to. One query."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//CDEDAY//cdeday//KO")
    made.add("method", "PUBLISH")
    if name:
        made.add("x-wr-calname", name)
        made.add("x-wr-timezone", SEOUL.key)
        made.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", "PT1H")
    made.add_component(_seoul())
    revisions = _revisions([row for row, _words in rows])
    for row, words in rows:
        made.add_component(_event(row, words, revisions.get(row.pk, Revision(0, None))))
    text: bytes = made.to_ical()
    return text


def _event(row: Reservation, words: Words, revision: Revision) -> Event:
    event = Event()
    changed_at = revision.at or row.created_at
    event.add("uid", f"reservation-{row.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", revision.number)
    event.add("dtstamp", changed_at.astimezone(dt.UTC))
    event.add("last-modified", changed_at.astimezone(dt.UTC))
    event.add("created", row.created_at.astimezone(dt.UTC))
    event.add("dtstart", row.start.replace(tzinfo=SEOUL))
    event.add("duration", dt.timedelta(minutes=row.designer.slot_minutes))
    event.add("status", "CONFIRMED" if row.trashed_at is None else "CANCELLED")
    event.add("summary", words.summary)
    if settings.SALON_ADDRESS:
        event.add("location", settings.SALON_ADDRESS)
    if words.description:
        event.add("description", words.description)
    event.add("url", urljoin(settings.SITE_URL, words.path))
    return event


def _seoul() -> Timezone:
    """Nine hours before Greenwich, all the year."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", SEOUL.key)
    standard.add("dtstart", dt.datetime(1988, 10, 9, 3))
    standard.add("tzoffsetfrom", NINE_HOURS)
    standard.add("tzoffsetto", NINE_HOURS)
    standard.add("tzname", "KST")
    zone.add_component(standard)
    return zone


def _revisions(rows: Collection[Reservation]) -> dict[int, Revision]:
    told = Move.objects.filter(reservation__in=[row.pk for row in rows]).order_by().values_list("reservation")
    return {pk: Revision(number, at) for pk, number, at in told.annotate(number=Count("pk"), last=Max("at"))}
