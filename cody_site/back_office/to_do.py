"""What needs a person: the list beside the day, and the badge in the navigation."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.clock import salon_now, wall_clock
from accounts.models import STAFF, AccountType, TimeOff
from board.models import Comment, Post
from media_store.models import Photo
from payments.models import Payment, State
from payments.money import won
from reservations.models import Reservation

SHOWN = 5
"""Of each kind; the rest is behind the link."""
ANSWER_WITHIN = dt.timedelta(days=30)
"""Older posts are no longer waited for."""
UPLOAD_WITHIN = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    text: str
    href: str


@dataclass(frozen=True)
class Group:
    """`more` is told instead of a number: nobody counts what is left."""

    title: str
    href: str
    lines: list[Line]
    more: bool = False


def to_do(by: Actor) -> list[Group]:
    """What this person can do something about, kinds with nothing left out."""
    groups = [_time_off(by)]
    if by.account_type in STAFF:
        groups = [_money(), _deposits(), *groups, _posts(), _uploads()]
    return [group for group in groups if group.lines]


def _money() -> Group:
    rows = Payment.objects.needing_person().select_related("payer").order_by("created_at")
    return _group(
        _("확인이 필요한 돈"),
        reverse("admin:payments_payment_changelist") + "?needs=person",
        rows,
        lambda row: Line(
            f"{row.payer.called} {won(row.amount)}: {row.alarm or _('환불이 오래 걸립니다.')}",
            reverse("admin:payments_payment_change", args=[row.pk]),
        ),
    )


def _deposits() -> Group:
    rows = Payment.objects.filter(state=State.READY).select_related("payer").order_by("vbank_due")
    return _group(
        _("입금을 기다리는 가상계좌"),
        reverse("admin:payments_payment_changelist") + "?state__exact=ready",
        rows,
        lambda row: Line(
            _("%(name)s %(amount)s원, %(due)s까지")
            % {"name": row.payer.called, "amount": f"{row.amount:,}", "due": _short(row.vbank_due)},
            reverse("admin:payments_payment_change", args=[row.pk]),
        ),
    )


def _posts() -> Group:
    answers = Comment.objects.filter(
        post=OuterRef("pk"), trashed_at=None, author__type__in=[*STAFF, AccountType.DESIGNER]
    )
    rows = (
        Post.objects.live()
        .filter(~Exists(answers), created_at__gt=timezone.now() - ANSWER_WITHIN)
        .exclude(author__type__in=[*STAFF, AccountType.DESIGNER])
        .order_by("created_at")
    )
    return _group(
        _("답을 기다리는 글"),
        reverse("admin:board_post_changelist"),
        rows,
        lambda row: Line(row.title, reverse("admin:board_post_change", args=[row.pk])),
    )


def _uploads() -> Group:
    """Files that never arrived whole, and pictures that nobody could make a thumbnail of."""
    late = timezone.now() - UPLOAD_WITHIN
    rows = (
        Photo.objects.filter(trashed_at=None)
        .filter(Q(live_at=None, created_at__lt=late) | Q(live_at__lt=late, rendered_at=None))
        .select_related("uploader")
        .order_by("created_at")
    )
    return _group(
        _("실패한 사진 올리기"),
        reverse("admin:media_store_photo_changelist"),
        rows,
        lambda row: Line(
            f"{row.uploader.called} {row.filename}, {_short(row.created_at)}",
            reverse("admin:accounts_user_change", args=[row.uploader_id]),
        ),
    )


def _time_off(by: Actor) -> Group:
    moves = by.account_type in (AccountType.ADMINISTRATOR, AccountType.DESIGNER)
    off = list(TimeOff.objects.filter(ends_at__gt=timezone.now()).order_by("starts_at")[:200])
    rows = touched(off) if off else Reservation.objects.none()
    return _group(
        _("휴무와 겹치는 예약"),
        reverse("back_office:sick_day" if moves else "admin:accounts_timeoff_changelist"),
        rows.visible_to(by).with_people(),
        lambda row: Line(
            f"{date_format(row.date, 'n/j')} {row.time:%H:%M} {row.customer.called} · {row.designer.user.name}",
            reverse("back_office:move" if moves else "admin:reservations_reservation_change", args=[row.pk]),
        ),
    )


def touched(times_off: list[TimeOff]) -> Any:
    """The upcoming reservations that begin within one of these."""
    within = Q(pk=0)
    for off in times_off:
        start, end = max(wall_clock(off.starts_at), salon_now()), wall_clock(off.ends_at)
        whose = Q() if off.designer_id is None else Q(designer=off.designer_id)
        after = Q(date__gt=start.date()) | Q(date=start.date(), time__gte=start.time())
        before = Q(date__lt=end.date()) | Q(date=end.date(), time__lt=end.time())
        within |= whose & after & before
    return Reservation.objects.live().upcoming().filter(within).order_by("date", "time", "pk")


def _group(title: str, href: str, rows: QuerySet, line: Any) -> Group:
    found = list(rows[: SHOWN + 1])
    return Group(title, href, [line(row) for row in found[:SHOWN]], more=len(found) > SHOWN)


def _short(at: dt.datetime | None) -> str:
    return "" if at is None else date_format(timezone.localtime(at), "n/j H:i")
