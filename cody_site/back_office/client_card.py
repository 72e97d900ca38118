"""All that the desk may know of one client, in a fixed number of queries."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TimeField,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.clock import salon_now, salon_today
from accounts.models import HOSTS, STAFF, User, UserQuerySet
from board.models import Post
from media_store.models import Photo
from payments.models import CASHIERS, Payment, State
from reservations import history
from reservations.client_notes import WRITERS
from reservations.models import OPEN, ClientNote, Move, Reservation, ReservationPhoto, Status

M = TypeVar("M", bound=Model)

SHOWN = 50
"""So many of each thing a card shows, the newest first; the lists of the admin have the rest."""
PHOTOS = 60
NOTES = 200
POSTS = 10
NEWEST_FIRST = ("-reservation__date", "-reservation__time", "-reservation", "position")
OLDEST_FIRST = ("reservation__date", "reservation__time", "reservation", "position")

KINDS = {
    Status.RESERVED: "info",
    Status.PREPARING: "warning",
    Status.CONSULTING: "primary",
    Status.PAUSED: "warning",
    Status.DONE: "success",
}
"""Of unfold's label, for each status."""


@dataclass(frozen=True)
class Badge:
    text: str
    kind: str


@dataclass(frozen=True)
class Visit:
    reservation: Reservation
    badge: Badge
    paid: bool
    notes: list[ClientNote]
    history: list[str]


@dataclass(frozen=True)
class Album:
    """The photos of one visit."""

    reservation: Reservation
    photos: list[Photo]


@dataclass(frozen=True)
class Card:
    client: User
    is_new: bool
    """Has never come; only staff see the visits of all designers, and can tell."""
    upcoming: list[Visit]
    past: list[Visit]
    more_visits: bool
    notes: list[ClientNote]
    trashed_notes: list[ClientNote]
    """Those that the actor may bring back."""
    changeable_notes: set[int]
    """Those that the actor may trash."""
    albums: list[Album]
    before: Album | None
    after: Album | None
    payments: list[Payment] | None
    """None for whom money is only paid or not paid."""
    more_payments: bool
    posts: list[Post]
    writes_notes: bool
    may_invite: bool
    refunds: bool


def with_visits(clients: UserQuerySet, actor: Actor) -> UserQuerySet:
    """With no_shows, visits, last_visit, next_date and next_time, of the reservations that the actor may see."""
    theirs = Reservation.objects.visible_to(actor).filter(customer=OuterRef("pk")).order_by()
    coming = theirs.live().upcoming().order_by("date", "time")
    return clients.annotate(
        no_shows=_count(theirs.missed()),
        visits=_count(theirs.attended()),
        last_visit=Subquery(theirs.attended().order_by("-date").values("date")[:1], output_field=DateField()),
        next_date=Subquery(coming.values("date")[:1], output_field=DateField()),
        next_time=Subquery(coming.values("time")[:1], output_field=TimeField()),
    )


def _count(reservations: "QuerySet[Reservation]") -> Coalesce:
    counted = reservations.values("customer").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def clients(actor: Actor) -> UserQuerySet:
    """Those whose card the actor may open, with what stands at the head of it; `spent` is for staff."""
    rows = with_visits(User.objects.clients_of(actor), actor)
    if actor.account_type not in STAFF:
        return rows
    paid = Payment.objects.filter(payer=OuterRef("pk")).order_by().values("payer")
    return rows.annotate(
        spent=Coalesce(Subquery(paid.annotate(net=Sum(F("paid_amount") - F("refunded_amount"))).values("net")), 0)
    )


def card(actor: Actor, client: User, *, private: bool) -> Card:
    """Of a client whom `clients` found; without `private` there are no notes in it."""
    rows, more_visits = _bounded(_reservations(actor, client))
    notes = list(_notes(actor, client)[:NOTES]) if private else []
    live = [note for note in notes if note.trashed_at is None]
    changeable = {note.pk for note in notes if note.changeable}  # type: ignore[attr-defined]  # annotated
    now = salon_now()
    upcoming = [row for row in rows if _is_upcoming(row, now)]
    past = [row for row in rows if not _is_upcoming(row, now)]
    albums = _albums(_shown_photos(actor, client))
    payments, more_payments = _bounded(_payments(actor, client)) if actor.account_type in STAFF else (None, False)
    before, after = _before_and_after(albums)
    return Card(
        client=client,
        is_new=client.is_active and actor.account_type in STAFF and not client.visits,  # type: ignore[attr-defined]  # annotated
        upcoming=[_visit(row, live) for row in reversed(upcoming)],
        past=[_visit(row, live) for row in past],
        more_visits=more_visits,
        notes=live,
        trashed_notes=[note for note in notes if note.trashed_at and note.pk in changeable],
        changeable_notes=changeable,
        albums=albums,
        before=before,
        after=after,
        payments=payments,
        more_payments=more_payments,
        posts=list(client.posts.live().order_by("-pk")[:POSTS]),
        writes_notes=private and client.is_active and actor.account_type in WRITERS,
        may_invite=client.is_active and not client.has_usable_password() and actor.account_type in HOSTS,
        refunds=actor.account_type in CASHIERS,
    )


def _bounded(rows: "QuerySet[M]") -> tuple[list[M], bool]:
    """The first SHOWN of them, and whether there are more."""
    found = list(rows[: SHOWN + 1])
    return found[:SHOWN], len(found) > SHOWN


def _reservations(actor: Actor, client: User) -> "QuerySet[Reservation]":
    paid = Payment.objects.filter(reservation=OuterRef("pk"), state=State.PAID, late_at=None)
    return (
        Reservation.objects.visible_to(actor)
        .filter(customer=client)
        .select_related("designer__user", "trashed_by")
        .annotate(paid=Exists(paid))
        .prefetch_related(Prefetch("moves", Move.objects.select_related("by")))
        .order_by("-date", "-time", "-pk")
    )


def _notes(actor: Actor, client: User) -> "QuerySet[ClientNote]":
    changeable = ClientNote.objects.changeable_by(actor).filter(pk=OuterRef("pk"))
    rows = ClientNote.objects.visible_to(actor).filter(customer=client).annotate(changeable=Exists(changeable))
    return rows.select_related("by", "reservation")


def _payments(actor: Actor, client: User) -> "QuerySet[Payment]":
    rows = Payment.objects.visible_to(actor).filter(payer=client).select_related("reservation")
    return rows.prefetch_related("refunds").order_by("-pk")


def _shown_photos(actor: Actor, client: User) -> "QuerySet[ReservationPhoto]":
    """Pictures of this client's visits, as far as the actor may see them: the newest, and the very first."""
    visits = Reservation.objects.visible_to(actor).live().filter(customer=client)
    pictures = Photo.objects.visible_to(actor).exclude(content_type="")
    shown = ReservationPhoto.objects.filter(reservation__in=visits, photo__in=pictures)
    places = shown.annotate(
        newest=Window(RowNumber(), order_by=NEWEST_FIRST), oldest=Window(RowNumber(), order_by=OLDEST_FIRST)
    )
    bounded = places.filter(Q(newest__lte=PHOTOS) | Q(oldest=1))
    return bounded.select_related("photo", "reservation").order_by("newest")


def _albums(shown: Iterable[ReservationPhoto]) -> list[Album]:
    return [
        Album(reservation, [attachment.photo for attachment in attachments])
        for reservation, attachments in groupby(shown, key=lambda attachment: attachment.reservation)
    ]


def _before_and_after(albums: list[Album]) -> tuple[Album | None, Album | None]:
    """The first visit with photos and the latest, if they are two and have been."""
    today = salon_today()
    been = [album for album in albums if album.reservation.date <= today]
    return (been[-1], been[0]) if len(been) > 1 else (None, None)


def _is_upcoming(row: Reservation, now: dt.datetime) -> bool:
    return row.trashed_at is None and row.status in OPEN and row.start > now


def _visit(row: Reservation, notes: list[ClientNote]) -> Visit:
    return Visit(
        reservation=row,
        badge=_badge(row),
        paid=row.paid,  # type: ignore[attr-defined]  # annotated
        notes=[note for note in notes if note.reservation_id == row.pk],
        history=[history.line(move) for move in row.moves.all()],
    )


def _badge(row: Reservation) -> Badge:
    if row.trashed_at:
        return Badge(_("취소"), "default")
    if row.no_show_at:
        return Badge(_("노쇼"), "danger")
    return Badge(row.get_status_display(), KINDS[Status(row.status)])
