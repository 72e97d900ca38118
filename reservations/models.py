"""Reservations and what became of them."""

import datetime as dt
from collections.abc import Iterable

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor, Door
from accounts.clock import salon_now, salon_today
from accounts.models import ACCOUNT_MANAGERS, STAFF, AccountType, Designer, Mail, Policy, User
from cody_site.prepared import PreparedInsert
from cody_site.sql import Negative, Spelt
from media_store.models import Attachment, Photo


class Status(models.IntegerChoices):
    RESERVED = 0, _("예약완료")
    PREPARING = 1, _("상담준비")
    CONSULTING = 2, _("상담중")
    PAUSED = 3, _("상담 일시정지")
    DONE = 4, _("상담완료")


MAX_PHOTOS = 10

OPEN = frozenset({Status.RESERVED, Status.PREPARING})
"""Not begun: can still be changed by the customer, cancelled, or missed."""

UNDER_WAY = frozenset({Status.CONSULTING, Status.PAUSED})

NEXT: dict[int, frozenset[int]] = {
    Status.RESERVED: frozenset({Status.PREPARING, Status.CONSULTING}),
    Status.PREPARING: frozenset({Status.CONSULTING}),
    Status.CONSULTING: frozenset({Status.PAUSED, Status.DONE}),
    Status.PAUSED: frozenset({Status.CONSULTING, Status.DONE}),
    Status.DONE: frozenset(),
}
"""R13; staying is always allowed."""


class HourOf(Spelt):
    """The clock hour of a time, by functions that a generated column may use in either database."""

    output_field = models.PositiveSmallIntegerField()
    postgresql = "CAST(EXTRACT(HOUR FROM %(expressions)s) AS smallint)"
    sqlite = "CAST(SUBSTR(%(expressions)s, 1, 2) AS integer)"


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def live(self) -> "ReservationQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "ReservationQuerySet":
        return self.filter(trashed_at__isnull=False)

    def upcoming(self) -> "ReservationQuerySet":
        """Not begun, and not yet over by the clock."""
        now = salon_now()
        return self.filter(
            models.Q(date__gt=now.date()) | models.Q(date=now.date(), time__gt=now.time()), status__in=OPEN
        )

    def over(self) -> "ReservationQuerySet":
        """All that is not upcoming: begun, or past by the clock."""
        now = salon_now()
        past = models.Q(date__lt=now.date()) | models.Q(date=now.date(), time__lte=now.time())
        return self.filter(past | ~models.Q(status__in=OPEN))

    def starting(self, first: dt.datetime, last: dt.datetime) -> "ReservationQuerySet":
        """Those that begin within these moments of the salon's wall clock, both included."""
        return self.filter(
            models.Q(date__gt=first.date()) | models.Q(date=first.date(), time__gte=first.time()),
            models.Q(date__lt=last.date()) | models.Q(date=last.date(), time__lte=last.time()),
            date__range=(first.date(), last.date()),
        )

    def attended(self) -> "ReservationQuerySet":
        """The customer came, for all that the salon says: the time has come, and nobody marked a no-show."""
        now = salon_now()
        begun = models.Q(date__lt=now.date()) | models.Q(date=now.date(), time__lte=now.time())
        return self.live().filter(begun, no_show_at=None)

    def missed(self) -> "ReservationQuerySet":
        return self.live().filter(no_show_at__isnull=False)

    def in_time_to_cancel(self) -> "ReservationQuerySet":
        """Those that the salon's policy still lets their customers cancel."""
        limit = salon_now() + Policy.current().cancel_notice
        return self.filter(
            models.Q(date__gt=limit.date()) | models.Q(date=limit.date(), time__gte=limit.time()), status__in=OPEN
        )

    def visible_to(self, actor: Actor) -> "ReservationQuerySet":
        """Section 9: staff and app clients see all, designers theirs and their own, customers their own."""
        if actor.is_app_client or actor.account_type in STAFF:
            return self
        own = models.Q(customer=actor.user_pk)
        if actor.account_type == AccountType.DESIGNER:
            return self.filter(own | models.Q(designer=actor.user_pk))
        return self.filter(own) if actor.user else self.none()

    def changeable_by(self, actor: Actor) -> "ReservationQuerySet":
        """Section 9: administrators and app clients all, designers theirs, customers their own."""
        if actor.is_app_client or actor.account_type == AccountType.ADMINISTRATOR:
            return self
        if actor.account_type == AccountType.DESIGNER:
            return self.filter(designer=actor.user_pk)
        if actor.user is None or actor.account_type in STAFF:
            return self.none()
        return self.filter(customer=actor.user_pk)

    def restorable_by(self, actor: Actor) -> "ReservationQuerySet":
        return self.trashed() if actor.account_type in ACCOUNT_MANAGERS else self.none()

    def unmoved(self, row: "Reservation") -> "ReservationQuerySet":
        """This reservation, if it is still with whom and when it was as `row` was read."""
        return self.filter(pk=row.pk, designer=row.designer_id, date=row.date, time=row.time)

    def of_present_customers(self) -> "ReservationQuerySet":
        """From 30 days back on: whose customers a designer may know (section 9)."""
        return self.live().filter(date__gte=salon_today() - dt.timedelta(days=30))

    def with_people(self) -> "ReservationQuerySet":
        return self.select_related("customer", "designer__user")

    def locked(self) -> "ReservationQuerySet":
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def trash(self, *, by: Actor, reason: str = "") -> int:
        """Cancel these reservations and say so in their history; the rows stay (R12)."""
        return self.trash_rows(list(self.live().locked()), by=by, reason=reason)

    def trash_rows(self, rows: "list[Reservation]", *, by: Actor, reason: str = "") -> int:
        """The same for rows that the caller has locked."""
        for start in range(0, len(rows), 500):  # SQLite takes only so many parameters
            self.model.objects.filter(pk__in=[row.pk for row in rows[start : start + 500]]).update(
                trashed_at=timezone.now(), trashed_by=by.user, cancel_reason=reason
            )
            self._end_payments([row.pk for row in rows[start : start + 500]], by)
        Move.objects.record(rows, Act.CANCELLED, by=by, after={"reason": reason} if reason else {})
        return len(rows)

    def _end_payments(self, pks: list[int], by: Actor) -> None:
        """What waits to be paid for them shall not be; what is paid goes back by who cancels, if it does.

        Nor must they be paid ahead any more: one that the desk restores is not given up again for that.
        """
        for row in self.model.objects.filter(pk__in=pks, payment_due__isnull=False).select_related("payment_due"):
            row.payment_due.delete()
        for row in self.model.objects.filter(pk__in=pks, payments__state__in=["ready", "scheduled"]).distinct():
            row.payments.end(by=by)

    def still_paid(self) -> list[str]:
        """The payments that nobody has refunded, by their numbers; the app above owns them."""
        paid = self.filter(payments__state="paid", payments__late_at=None)
        return list(paid.order_by("payments__pk").values_list("payments__payment_uid", flat=True))

    def overfull_hours(self) -> models.QuerySet:
        """Hours with more live reservations than seats were ever given out for; verify expects none (R14)."""
        return (
            self.live()
            .filter(overbooked_by=None)
            .order_by()
            .values("designer__user__userid", "date", "hour")
            .annotate(count=models.Count("pk"), seats=models.Max("capacity"))
            .filter(count__gt=models.F("seats"))
        )

    def doubled_customers(self) -> models.QuerySet:
        """Customers in two places at one time; verify expects none (R14)."""
        return (
            self.live()
            .order_by()
            .values("customer__userid", "date", "time")
            .annotate(count=models.Count("pk"))
            .filter(count__gt=1)
        )


class Reservation(models.Model):
    """A customer's seat in a designer's clock hour; live while `trashed_at` is NULL.

    `capacity` is the designer's limit at the moment the seat was given: a limit that is lowered later takes no seat
    away, and a seat above it needs somebody who overbooked knowingly.
    """

    customer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="reservations", db_index=False, verbose_name=_("고객")
    )
    designer = models.ForeignKey(
        Designer, on_delete=models.PROTECT, related_name="reservations", db_index=False, verbose_name=_("디자이너")
    )
    date = models.DateField(_("날짜"))
    time = models.TimeField(_("시각"))
    hour = models.GeneratedField(
        expression=HourOf("time"), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )
    seat = models.PositiveSmallIntegerField(_("자리"))
    capacity = models.PositiveSmallIntegerField(_("시간당 최대 인원(예약 당시)"))
    status = models.PositiveSmallIntegerField(_("상태"), choices=Status.choices, default=Status.RESERVED)
    note = models.TextField(_("메모"), max_length=1000, blank=True)
    photos = models.ManyToManyField(
        Photo, through="ReservationPhoto", related_name="reservations", verbose_name=_("사진")
    )
    created_at = models.DateTimeField(_("접수"), default=timezone.now, db_default=Now())
    no_show_at = models.DateTimeField(_("노쇼"), null=True, blank=True)
    overbooked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("초과 예약한 직원")
    )
    overbook_reason = models.CharField(_("초과 예약 사유"), max_length=256, blank=True)
    trashed_at = models.DateTimeField(_("취소"), null=True, blank=True)
    trashed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("취소한 사람")
    )
    cancel_reason = models.CharField(_("취소 사유"), max_length=256, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("예약"), pgettext_lazy("plural", "예약")
        permissions = [
            ("overbook_reservation", "정원을 넘겨 예약할 수 있음"),
            ("restore_reservation", "취소한 예약을 되살릴 수 있음"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="reservation_one_per_seat",
                fields=["designer", "date", "hour", "seat"],
                condition=models.Q(trashed_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="reservation_one_per_customer_time",
                fields=["customer", "date", "time"],
                condition=models.Q(trashed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="reservation_seat_within_capacity_or_overbooked",
                condition=models.Q(seat__gte=1)
                & (models.Q(seat__lte=models.F("capacity")) | models.Q(overbooked_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="reservation_overbooked_with_reason",
                condition=models.Q(overbooked_by__isnull=True, overbook_reason="")
                | (models.Q(overbooked_by__isnull=False) & ~models.Q(overbook_reason="")),
            ),
            models.CheckConstraint(
                name="reservation_cancelled_with_date",
                condition=models.Q(trashed_at__isnull=False)
                | models.Q(trashed_at__isnull=True, trashed_by__isnull=True, cancel_reason=""),
            ),
            models.CheckConstraint(
                name="reservation_no_show_never_began",
                condition=models.Q(no_show_at__isnull=True) | models.Q(status__in=sorted(OPEN)),
            ),
            models.CheckConstraint(name="reservation_status_known", condition=models.Q(status__in=Status.values)),
        ]
        indexes = [  # each filter of GET /reserv, in the order of the list
            models.Index("customer", Negative("id"), name="reservation_customer"),
            models.Index("designer", Negative("id"), name="reservation_designer"),
            models.Index("date", Negative("id"), name="reservation_date"),
            models.Index("time", Negative("id"), name="reservation_time"),
            models.Index("status", Negative("id"), name="reservation_status"),
            # what the back-office looks for among very many others
            models.Index(fields=["date"], name="reservation_missed", condition=models.Q(no_show_at__isnull=False)),
            models.Index(fields=["date"], name="reservation_trash", condition=models.Q(trashed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.date:%Y-%m-%d} {self.time:%H:%M}"

    @property
    def start(self) -> dt.datetime:
        """On the salon's wall clock, naive."""
        return dt.datetime.combine(self.date, self.time)


class ReservationPhoto(Attachment):
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("예약")
    )

    class Meta(Attachment.Meta):
        verbose_name, verbose_name_plural = _("예약의 사진"), pgettext_lazy("plural", "예약의 사진")
        constraints = [
            models.UniqueConstraint(name="reservationphoto_one_per_place", fields=["reservation", "position"]),
            models.UniqueConstraint(name="reservationphoto_one_per_photo", fields=["reservation", "photo"]),
            models.CheckConstraint(name="reservationphoto_at_most_ten", condition=models.Q(position__lt=MAX_PHOTOS)),
        ]


class Act(models.TextChoices):
    BOOKED = "booked", pgettext_lazy("act", "예약")
    CHANGED = "changed", _("변경")
    CANCELLED = "cancelled", _("취소")
    RESTORED = "restored", _("되살림")
    NO_SHOW = "no-show", _("노쇼")
    UNDONE = "undone", _("되돌림")


UNDO_WITHIN = dt.timedelta(minutes=10)
"""For so long the desk can take back what it did, and nobody is told of it."""


class MoveQuerySet(models.QuerySet["Move"]):
    def record(
        self,
        rows: Iterable[Reservation],
        act: Act,
        *,
        by: Actor,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
    ) -> None:
        """Add one line to the history of each of these reservations."""
        moves = [Move.by_actor(row, act, by, before or {}, after or {}) for row in rows]
        if len(moves) == 1:
            RECORDED(*moves)
        else:
            Move.objects.bulk_create(moves, batch_size=1000)


class Move(models.Model):
    """Append-only: who did what to a reservation, when, and through which door."""

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="moves", verbose_name=_("예약"))
    at = models.DateTimeField(_("때"), default=timezone.now, db_default=Now())
    act = models.CharField(_("일"), max_length=10, choices=Act.choices)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("누가")
    )
    client = models.CharField(_("앱"), max_length=255, blank=True)
    door = models.CharField(_("어디서"), max_length=10, choices=[(door.value, door.value) for door in Door])
    before = models.JSONField(_("전"), default=dict)
    after = models.JSONField(_("후"), default=dict)

    objects = MoveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("예약 이력")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="move_act_known", condition=models.Q(act__in=Act.values)),
        ]
        indexes = [models.Index(fields=["at"], name="move_at")]  # the back-office's list

    def __str__(self) -> str:
        return f"{self.get_act_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @classmethod
    def by_actor(
        cls, row: Reservation, act: Act, by: Actor, before: dict[str, object], after: dict[str, object]
    ) -> "Move":
        client = "" if by.client is None else str(by.client)
        return cls(reservation=row, act=act, by=by.user, client=client, door=by.door.value, before=before, after=after)


RECORDED = PreparedInsert(Move)


class ClientNoteQuerySet(models.QuerySet["ClientNote"]):
    def live(self) -> "ClientNoteQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "ClientNoteQuerySet":
        return self.filter(trashed_at__isnull=False)

    def visible_to(self, actor: Actor) -> "ClientNoteQuerySet":
        """Staff read all; designers what is said of a client as such, of visits to them, and what they wrote."""
        if actor.account_type in STAFF:
            return self
        if actor.account_type != AccountType.DESIGNER:
            return self.none()
        clients = self.filter(customer__in=User.objects.clients_of(actor))
        visits = models.Q(reservation=None) | models.Q(reservation__designer=actor.user_pk)
        return clients.filter(visits | models.Q(by=actor.user_pk))

    def changeable_by(self, actor: Actor) -> "ClientNoteQuerySet":
        """Administrators trash and bring back all, designers what they wrote."""
        if actor.account_type == AccountType.ADMINISTRATOR:
            return self
        if actor.account_type != AccountType.DESIGNER:
            return self.none()
        return self.visible_to(actor).filter(by=actor.user_pk)

    def erase(self) -> int:
        """Its words are about somebody who has left: nothing keeps them."""
        return self.delete()[0]


class ClientNote(models.Model):
    """What the salon's people tell each other about a client, or about one visit; clients never see it."""

    customer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="client_notes", verbose_name=_("고객"))
    reservation = models.ForeignKey(
        Reservation,
        on_delete=models.CASCADE,
        related_name="client_notes",
        null=True,
        blank=True,
        verbose_name=_("방문"),
    )
    text = models.TextField(_("메모"), max_length=1000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("쓴 사람"))
    created_at = models.DateTimeField(_("작성"), default=timezone.now, db_default=Now())
    trashed_at = models.DateTimeField(_("휴지통"), null=True, blank=True)

    objects = ClientNoteQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("고객 메모"), pgettext_lazy("plural", "고객 메모")
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(name="clientnote_says_something", condition=~models.Q(text=""))]

    def __str__(self) -> str:
        return self.text[:30]


class WaitEnd(models.TextChoices):
    BOOKED = "booked", _("예약함")
    LEFT = "left", _("그만둠")
    LAPSED = "lapsed", _("제안 시간이 지남")
    OVER = "over", _("날이 지남")


PASSING_ON = dt.timedelta(minutes=2)
"""So long a seat stays held after the time to answer, for the worker to pass it on to the next in line."""


class WaitQuerySet(models.QuerySet["Wait"]):
    def live(self) -> "WaitQuerySet":
        return self.filter(ended_at=None)

    def in_line(self) -> "WaitQuerySet":
        """Who is still to be offered something, first come first."""
        return self.live().filter(offered_at=None).order_by("pk")

    def holding(self) -> "WaitQuerySet":
        """Whose offer still holds: each takes a seat of `offered_designer`'s `offered_hour`."""
        return self.live().filter(offered_until__gt=timezone.now())

    def lapsed(self) -> "WaitQuerySet":
        """Whose time to answer is over: the seat is the next one's."""
        return self.live().filter(offered_until__lte=timezone.now() + PASSING_ON)

    def locked(self) -> "WaitQuerySet":
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def end(self, how: WaitEnd) -> int:
        return self.live().update(ended_at=timezone.now(), ended_as=how)

    def erase(self) -> int:
        """Who has left waits for nothing."""
        return self.delete()[0]


class Wait(models.Model):
    """Somebody asks to be told if something becomes free on a day, with one designer or, with none, with anyone.

    Who is first in line is offered a seat, one person at a time: until `offered_until` one seat of that designer's
    clock hour is held and counts as taken for everybody else. Who offers and who gives out seats holds the same lock,
    the designer's row. A wait is over when `ended_at` says so; what is held, by the clock alone.
    """

    customer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="waits", verbose_name=_("고객"))
    date = models.DateField(_("날짜"))
    designer = models.ForeignKey(
        Designer, on_delete=models.PROTECT, related_name="waits", null=True, blank=True, verbose_name=_("디자이너")
    )
    created_at = models.DateTimeField(_("신청"), default=timezone.now, db_default=Now())
    offered_at = models.DateTimeField(_("제안"), null=True, blank=True)
    offered_until = models.DateTimeField(_("제안 마감"), null=True, blank=True)
    offered_designer = models.ForeignKey(
        Designer,
        on_delete=models.PROTECT,
        related_name="holds",
        null=True,
        blank=True,
        verbose_name=_("제안한 디자이너"),
    )
    offered_time = models.TimeField(_("제안한 시각"), null=True, blank=True)
    offered_hour = models.GeneratedField(
        expression=HourOf("offered_time"),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )
    ended_at = models.DateTimeField(_("끝"), null=True, blank=True)
    ended_as = models.CharField(_("결과"), max_length=10, choices=WaitEnd.choices, blank=True)

    objects = WaitQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("빈자리 대기"), pgettext_lazy("plural", "빈자리 대기")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="wait_one_per_designer",
                fields=["customer", "date", "designer"],
                condition=models.Q(ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="wait_one_for_anyone",
                fields=["customer", "date"],
                condition=models.Q(ended_at__isnull=True, designer__isnull=True),
            ),
            models.UniqueConstraint(
                name="wait_one_offer_at_a_time",
                fields=["customer", "date"],
                condition=models.Q(ended_at__isnull=True, offered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="wait_offered_whole_or_not",
                condition=models.Q(
                    offered_at__isnull=True,
                    offered_until__isnull=True,
                    offered_designer__isnull=True,
                    offered_time__isnull=True,
                )
                | models.Q(
                    offered_at__isnull=False,
                    offered_until__isnull=False,
                    offered_designer__isnull=False,
                    offered_time__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="wait_offered_who_was_asked_for",
                condition=models.Q(designer__isnull=True)
                | models.Q(offered_designer__isnull=True)
                | models.Q(offered_designer=models.F("designer")),
            ),
            models.CheckConstraint(
                name="wait_ended_somehow",
                condition=models.Q(ended_at__isnull=True, ended_as="")
                | models.Q(ended_at__isnull=False, ended_as__in=WaitEnd.values),
            ),
        ]
        indexes = [
            models.Index(fields=["date"], name="wait_live", condition=models.Q(ended_at__isnull=True)),
            models.Index(fields=["created_at"], name="wait_created"),  # the back-office's list
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d}"

    @property
    def offered_start(self) -> dt.datetime | None:
        """On the salon's wall clock, naive."""
        return None if self.offered_time is None else dt.datetime.combine(self.date, self.offered_time)

    @property
    def answer_by(self) -> dt.datetime | None:
        """Until when the offer can be taken."""
        return None if self.offered_until is None else self.offered_until - PASSING_ON

    @property
    def is_offered(self) -> bool:
        """Can the customer still take a seat that is held?"""
        return self.ended_at is None and self.answer_by is not None and self.answer_by > timezone.now()


class Reminder(models.Model):
    """That somebody was reminded of a reservation at its time of then: once for each time that it is moved to.

    It goes with its mail: one that never left is written anew.
    """

    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("예약")
    )
    date = models.DateField(_("날짜"))
    time = models.TimeField(_("시각"))
    mail = models.OneToOneField(Mail, on_delete=models.CASCADE, related_name="+", verbose_name=_("메일"))

    class Meta:
        verbose_name, verbose_name_plural = _("예약 알림"), pgettext_lazy("plural", "예약 알림")
        constraints = [
            models.UniqueConstraint(name="reminder_once_per_time", fields=["reservation", "date", "time"]),
        ]

    def __str__(self) -> str:
        return f"#{self.reservation_id} {self.date:%Y-%m-%d} {self.time:%H:%M}"
