from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts.acting import ActingAdmin, ToRead, actor_of
from accounts.actors import Actor
from accounts.admin import DesignerFilter
from accounts.clock import salon_now
from accounts.lists import CreatedAt, Days, Trash, Whoever, by_default
from accounts.models import ACCOUNT_MANAGERS, STAFF, AccountType, Designer, User
from media_store.admin import gallery
from media_store.models import Photo
from reservations import history, services
from reservations.errors import Gone
from reservations.forms import ReservationForm
from reservations.models import (
    NEXT,
    OPEN,
    UNDER_WAY,
    Move,
    Reservation,
    ReservationPhoto,
    ReservationQuerySet,
    Status,
    Wait,
    WaitEnd,
)
from reservations.seats import Overbooking

STEPPED = _("{count}건의 상태를 바꾸었습니다.")
MISSED = _("{count}건을 노쇼로 표시했습니다.")


class Date(Days):
    title = _("날짜")
    parameter_name = "date"
    spans: ClassVar[list[str]] = ["today", "tomorrow", "week", "next-week", "last-week", "all"]
    default = "today"


class Cancelled(Trash):
    title = _("취소")
    words = (_("취소되지 않은 예약"), _("취소된 예약"))


class Stage(admin.SimpleListFilter):
    title = _("진행")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("올 예약")), ("under-way", _("상담 중이거나 멈춤"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "open":
            return queryset.filter(status__in=OPEN, no_show_at=None)
        return queryset.filter(status__in=UNDER_WAY) if self.value() == "under-way" else queryset


class NoShow(admin.SimpleListFilter):
    title = _("노쇼")
    parameter_name = "no_show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("노쇼만"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(no_show_at__isnull=False) if self.value() else queryset


class At(CreatedAt):
    parameter_name = "at"
    default = "7-days"


class MoveInline(TabularInline):
    model = Move
    fields = readonly_fields = ["told"]
    extra = 0
    can_delete = False
    hide_title = True

    @admin.display(description=_("이력"))
    def told(self, move: Move) -> str:
        return history.line(move)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("by")


@admin.register(Reservation)
class ReservationAdmin(ActingAdmin):
    form = ReservationForm
    list_display = ["when", "customer", "designer", "state", "number"]
    list_filter = [Date, Stage, "status", DesignerFilter, NoShow, Cancelled]
    list_select_related = ["customer", "designer__user"]
    search_fields = ["id"]
    search_person = "customer"
    search_help_text = _("이름, 전화 끝 네 자리, 예약 번호(#12)")
    ordering = ["-date", "-time", "-pk"]
    sortable_by = ["when"]
    autocomplete_fields = ["customer", "designer"]
    inlines = [MoveInline]
    actions = ["advance", "miss", "unmiss", "cancel", "restore"]
    actions_detail = ["advance_this", "miss_this", "cancel_this", "restore_this"]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Who may change reservations has the next step beside each."""
        return [*self.list_display, *(["steps"] if self.has_change_permission(request) else [])]

    def get_ordering(self, request: HttpRequest) -> Any:
        """A day from its first hour on; what has no end from the newest back."""
        asked = request.GET.get("date", "")
        whole = asked in ("all", "last-week") or "date_from" in request.GET or not by_default(request)
        return ["-date", "-time", "-pk"] if whole else ["date", "time", "pk"]

    @display(description=_("때"), ordering="date")  # type: ignore[untyped-decorator]
    def when(self, reservation: Reservation) -> str:
        return f"{date_format(reservation.date, 'SHORT_DATE_FORMAT')} {reservation.time:%H:%M}"

    @display(description=_("번호"))  # type: ignore[untyped-decorator]
    def number(self, reservation: Reservation) -> str:
        return f"#{reservation.pk}"

    @display(
        description=_("상태"),
        label={
            "cancelled": "danger", "no-show": "danger", Status.RESERVED: "info", Status.PREPARING: "warning",
            Status.CONSULTING: "primary", Status.PAUSED: "warning", Status.DONE: "success",
        },
    )  # type: ignore[untyped-decorator]  # fmt: skip
    def state(self, reservation: Reservation) -> tuple[object, str]:
        """What one must not overlook comes before the status."""
        if reservation.trashed_at:
            return "cancelled", str(_("취소됨"))
        if reservation.no_show_at:
            return "no-show", str(_("노쇼"))
        return reservation.status, reservation.get_status_display()

    @display(description=_("다음"), empty_value="")  # type: ignore[untyped-decorator]
    def steps(self, reservation: Reservation) -> str | None:
        """Buttons of the list's own form: one click, and no link that changes anything."""
        if reservation.trashed_at or reservation.no_show_at:
            return None
        buttons: list[tuple[str, Any, str, str]] = [
            (self._address("advance_this", reservation), Status(status).label, "step", f"to={status}")
            for status in sorted(NEXT[reservation.status])
        ]
        if reservation.status in OPEN and reservation.start <= salon_now():
            buttons.append((self._address("miss_this", reservation), _("노쇼"), "step step-missed", ""))
        return format_html_join(
            "",
            '<button type="submit" name="confirmed" value="list" formaction="{}?{}" class="{}">{}</button>',
            ((address, query, looks, told) for address, told, looks, query in buttons),
        )

    def _address(self, act: str, reservation: Reservation) -> str:
        return reverse(f"admin:reservations_reservation_{act}", args=[reservation.pk])

    @admin.display(description=_("사진"), empty_value="–")
    def pictures(self, reservation: Reservation) -> str:
        live = ReservationPhoto.objects.filter(reservation=reservation, photo__in=Photo.objects.live())
        return gallery(shown.photo for shown in live.select_related("photo"))

    def get_queryset(self, request: HttpRequest) -> ReservationQuerySet:
        rows = Reservation.objects.order_by(*self.ordering)
        return rows.visible_to(actor_of(request))

    def get_fields(self, request: HttpRequest, obj: Reservation | None = None) -> Any:
        fields = ["customer", "designer", "date", "time", "note"]
        if obj is not None:
            fields += [
                "pictures",
                "status",
                "seat",
                "capacity",
                "created_at",
                "no_show_at",
                "trashed_at",
                "trashed_by",
                "cancel_reason",
            ]
        return [*fields, "overbook_reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Reservation | None = None) -> list[str]:
        if obj is None:
            return []
        fixed = [
            "pictures",
            "seat",
            "capacity",
            "created_at",
            "no_show_at",
            "trashed_at",
            "trashed_by",
            "cancel_reason",
        ]
        if actor_of(request).account_type != AccountType.ADMINISTRATOR:
            fixed += ["customer", "designer"]
        return fixed

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        designer = actor_of(request).account_type == AccountType.DESIGNER
        return [] if designer else self.autocomplete_fields

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """A designer reserves for customers that the designer knows, with nobody else."""
        actor = actor_of(request)
        if actor.account_type == AccountType.DESIGNER:
            if db_field.name == "customer":
                kwargs["queryset"] = User.objects.visible_to(actor).customers()
            if db_field.name == "designer":
                kwargs["queryset"] = Designer.objects.filter(pk=actor.user_pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_inline_instances(self, request: HttpRequest, obj: Reservation | None = None) -> Any:
        return super().get_inline_instances(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Reservation | None = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        if obj is None:
            return True
        by = actor_of(request)
        return obj.trashed_at is None and Reservation.objects.changeable_by(by).filter(pk=obj.pk).exists()

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type in ACCOUNT_MANAGERS

    def act(self, by: Actor, form: ReservationForm) -> Reservation:
        given = form.cleaned_data
        reason = given.get("overbook_reason", "")
        overbooking = Overbooking(by.user, reason) if reason and by.user else None
        if form.is_new:
            wanted = {name: given[name] for name in ("customer", "designer", "date", "time", "note")}
            return services.book(by=by, overbooking=overbooking, **wanted)
        outcome = services.change(
            by=by,
            reservations=Reservation.objects.changeable_by(by).filter(pk=form.instance.pk),
            data=services.Change(**{name: given[name] for name in form.changed_data if name in services.FIELDS}),
            correcting=by.account_type == AccountType.ADMINISTRATOR,
            overbooking=overbooking,
        )
        if not outcome.matched:
            raise Gone
        return Reservation.objects.get(pk=form.instance.pk)

    @admin.action(description=_("다음 상태로"), permissions=["change"])
    def advance(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        self._each(request, queryset.live(), self._step, STEPPED)

    @admin.action(description=_("노쇼로 표시"), permissions=["change"])
    def miss(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        self._each(request, queryset.live(), self._miss, MISSED)

    @admin.action(description=_("노쇼 표시 지우기"), permissions=["change"])
    def unmiss(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        def unmiss(by: Actor, row: Reservation) -> None:
            services.mark_no_show(by=by, reservation=row, missed=False)

        self._each(request, queryset.live(), unmiss, _("{count}건의 노쇼 표시를 지웠습니다."))

    @admin.action(description=_("예약 취소(휴지통으로)"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: ReservationQuerySet) -> HttpResponse | None:
        def cancel(by: Actor, row: Reservation) -> None:
            services.cancel(by=by, reservations=Reservation.objects.filter(pk=row.pk))

        self._each(request, queryset.live(), cancel, _("{count}건을 취소했습니다. 휴지통에서 되살릴 수 있습니다."))
        return None

    @admin.action(description=_("취소한 예약 되살리기"), permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.restorable_by(by),
            lambda row: services.restore(by=by, reservation=row),
            _("{count}건을 되살렸습니다."),
        )

    def _each(
        self,
        request: HttpRequest,
        rows: ReservationQuerySet,
        act: Callable[[Actor, Reservation], object],
        done: str | Promise,
    ) -> None:
        by = actor_of(request)
        self.act_on_each(request, rows.changeable_by(by), lambda row: act(by, row), done)

    def _step(self, by: Actor, row: Reservation, to: int | None = None) -> None:
        status = _ahead(row) if to is None else to
        rows = Reservation.objects.changeable_by(by).filter(pk=row.pk)
        services.change(by=by, reservations=rows, data=services.Change(status=status))

    def _miss(self, by: Actor, row: Reservation) -> None:
        services.mark_no_show(by=by, reservation=row)

    # ---- the same for one reservation, on its page and in its row; a link asks first, a button of the list does not

    def has_live_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._this(request, object_id).live().exists()

    def has_step_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """A second click on the list's button finds it done, and shall find so, not be turned away."""
        rows = self._this(request, object_id).live()
        if request.method != "POST":
            rows = rows.filter(no_show_at=None).exclude(status=Status.DONE)
        return rows.exists()

    def has_miss_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        rows = self._this(request, object_id).live()
        if request.method == "POST":
            return rows.exists()
        return any(row.start <= salon_now() for row in rows.filter(no_show_at=None, status__in=OPEN))

    def has_trashed_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        by = actor_of(request)
        return _one(object_id).restorable_by(by).exists()

    def _this(self, request: HttpRequest, object_id: Any) -> ReservationQuerySet:
        if not self.has_change_permission(request):
            return Reservation.objects.none()
        return _one(object_id).changeable_by(actor_of(request))

    @action(description=_("다음 상태"), url_path="advance", permissions=["step"])  # type: ignore[untyped-decorator]
    def advance_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the status `?to=`, so that a second click changes nothing; without it, to the next one."""
        rows, asked = self._this(request, object_id).live(), request.GET.get("to", "")
        to = int(asked) if asked in map(str, Status.values) else None
        told = [f"{row.customer} {row}: {_next(row, to)}" for row in rows.select_related("customer")]
        if page := self.confirmed(request, _("다음 상태로"), told, back=self._page(object_id)):
            return page
        self._each(request, rows, lambda by, row: self._step(by, row, to), STEPPED)
        return self._back(request, object_id)

    @action(description=_("노쇼"), url_path="no-show", permissions=["miss"])  # type: ignore[untyped-decorator]
    def miss_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rows = self._this(request, object_id).live()
        told = [f"{row.customer} {row}" for row in rows.select_related("customer")]
        if page := self.confirmed(request, _("노쇼로 표시"), told, back=self._page(object_id)):
            return page
        self._each(request, rows, self._miss, MISSED)
        return self._back(request, object_id)

    @action(description=_("예약 취소"), url_path="cancel", permissions=["live"])  # type: ignore[untyped-decorator]
    def cancel_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cancel(request, self._this(request, object_id)) or self._back(request, object_id)

    @action(description=_("되살리기"), url_path="restore", permissions=["trashed"])  # type: ignore[untyped-decorator]
    def restore_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rows = _one(object_id).restorable_by(actor_of(request)).select_related("customer")
        told = [f"{row.customer} {row}" for row in rows]
        if page := self.confirmed(request, _("취소한 예약 되살리기"), told, back=self._page(object_id)):
            return page
        self.restore(request, _one(object_id))
        return self._back(request, object_id)

    def _page(self, object_id: str) -> str:
        return reverse("admin:reservations_reservation_change", args=[object_id])

    def _back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the list as it was, for a button in it; else to the reservation's page."""
        came_from = request.META.get("HTTP_REFERER", "")
        if request.POST.get("confirmed") == "list":
            ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
            return redirect(came_from if ours else reverse("admin:reservations_reservation_changelist"))
        return redirect(self._page(object_id))


def _one(object_id: Any) -> ReservationQuerySet:
    """Of the path, where anything may stand."""
    return Reservation.objects.filter(pk=object_id) if str(object_id).isdecimal() else Reservation.objects.none()


def _next(row: Reservation, to: int | None) -> str:
    return f"{row.get_status_display()} → {Status(_ahead(row) if to is None else to).label}"


def _ahead(row: Reservation) -> int:
    """The next step of a visit that goes as it should: nobody means a pause by it."""
    return min(NEXT[row.status] - {Status.PAUSED}, default=row.status)


@admin.register(Move)
class MoveAdmin(ToRead):
    """The history of all reservations."""

    list_display = ["at", "reservation", "act", "by", "client", "door"]
    list_filter = [At, "act", "door", Whoever]
    list_select_related = ["reservation", "by"]
    ordering = ["-at", "-pk"]
    search_fields = ["reservation_id"]
    search_person = "reservation__customer"
    search_help_text = _("이름, 전화 끝 네 자리, 예약 번호(#12)")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        if actor_of(request).account_type in STAFF:
            return rows
        return rows.filter(reservation__in=Reservation.objects.visible_to(actor_of(request)))


class Stands(admin.SimpleListFilter):
    """Where a wait stands, by the dates that say it."""

    title = _("상태")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("line", _("기다림")), ("offered", _("제안함")), ("ended", _("끝남"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "line":
            return queryset.filter(ended_at=None, offered_at=None)
        if self.value() == "offered":
            return queryset.filter(ended_at=None, offered_at__isnull=False)
        return queryset.filter(ended_at__isnull=False) if self.value() == "ended" else queryset


@admin.register(Wait)
class WaitAdmin(ToRead):
    """Who waits for which day, and what was offered to them."""

    list_display = ["date", "customer", "whom", "stands", "offered_until", "created_at"]
    list_filter = [CreatedAt, Stands, DesignerFilter]
    list_select_related = ["customer", "designer__user"]
    search_fields = ["id"]
    search_person = "customer"
    search_help_text = _("이름, 전화 끝 네 자리, 아이디")
    ordering = ["-created_at", "-pk"]
    fields = readonly_fields = [
        "customer", "date", "whom", "stands", "created_at", "offered_designer", "offered_time", "offered_at",
        "offered_until", "ended_at",
    ]  # fmt: skip

    @display(description=_("디자이너"))  # type: ignore[untyped-decorator]
    def whom(self, wait: Wait) -> str:
        return str(wait.designer or _("아무나"))

    @display(
        description=_("상태"),
        label={"line": "warning", "offered": "info", WaitEnd.BOOKED: "success", WaitEnd.LAPSED: "danger"},
    )  # type: ignore[untyped-decorator]
    def stands(self, wait: Wait) -> tuple[str, str]:
        if wait.ended_at:
            return wait.ended_as, wait.get_ended_as_display()
        return ("offered", str(_("제안함"))) if wait.offered_at else ("line", str(_("기다림")))
