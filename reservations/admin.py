from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline

from accounts.acting import ActingAdmin, Desk, actor_of
from accounts.actors import Actor
from accounts.admin import DesignerFilter
from accounts.models import ACCOUNT_MANAGERS, AccountType, Designer, User
from media_store.admin import gallery
from media_store.models import Photo
from reservations import services
from reservations.errors import Gone
from reservations.forms import ReservationForm
from reservations.models import NEXT, Move, Reservation, ReservationPhoto, ReservationQuerySet
from reservations.seats import Overbooking


class MoveInline(TabularInline):
    model = Move
    fields = readonly_fields = ["at", "act", "by", "client", "door", "before", "after"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("by")


@admin.register(Reservation)
class ReservationAdmin(ActingAdmin):
    form = ReservationForm
    list_display = ["date", "time", "customer", "designer", "status", "remark"]
    list_filter = [
        ("trashed_at", admin.EmptyFieldListFilter),
        ("no_show_at", admin.EmptyFieldListFilter),
        "status",
        "date",
        DesignerFilter,
    ]
    list_select_related = ["customer", "designer__user"]
    search_fields = ["customer__userid", "customer__name", "customer__pn", "note"]
    date_hierarchy = "date"
    ordering = ["-date", "-time", "-pk"]
    autocomplete_fields = ["customer", "designer"]
    inlines = [MoveInline]
    actions = ["advance", "miss", "unmiss", "cancel", "restore"]

    @admin.display(description="비고", empty_value="")
    def remark(self, reservation: Reservation) -> str | None:
        if reservation.trashed_at:
            return "취소"
        return "노쇼" if reservation.no_show_at else None

    @admin.display(description="사진", empty_value="–")
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

    @admin.action(description="다음 상태로", permissions=["change"])
    def advance(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        by = actor_of(request)

        def step(row: Reservation) -> None:
            following = min(NEXT[row.status], default=row.status)
            rows = Reservation.objects.changeable_by(by).filter(pk=row.pk)
            services.change(by=by, reservations=rows, data=services.Change(status=following))

        self.act_on_each(request, queryset.live().changeable_by(by), step, "{count}건의 상태를 바꾸었습니다.")

    @admin.action(description="노쇼로 표시", permissions=["change"])
    def miss(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.live().changeable_by(by),
            lambda row: services.mark_no_show(by=by, reservation=row),
            "{count}건을 노쇼로 표시했습니다.",
        )

    @admin.action(description="노쇼 표시 지우기", permissions=["change"])
    def unmiss(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.live().changeable_by(by),
            lambda row: services.mark_no_show(by=by, reservation=row, missed=False),
            "{count}건의 노쇼 표시를 지웠습니다.",
        )

    @admin.action(description="예약 취소(휴지통으로)", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: ReservationQuerySet) -> HttpResponse | None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.live().changeable_by(by),
            lambda row: services.cancel(by=by, reservations=Reservation.objects.filter(pk=row.pk)),
            "{count}건을 취소했습니다. 휴지통에서 되살릴 수 있습니다.",
        )
        return None

    @admin.action(description="취소한 예약 되살리기", permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: ReservationQuerySet) -> None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.restorable_by(by),
            lambda row: services.restore(by=by, reservation=row),
            "{count}건을 되살렸습니다.",
        )


@admin.register(Move)
class MoveAdmin(Desk):
    """The history of all reservations, read-only."""

    list_display = ["at", "reservation", "act", "by", "client", "door"]
    list_filter = ["act", "door", "at"]
    list_select_related = ["reservation", "by"]
    search_fields = ["reservation__customer__userid", "by__userid"]

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Reservation.objects.visible_to(actor_of(request))
        return super().get_queryset(request).filter(reservation__in=visible)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Move | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Move | None = None) -> bool:
        return False
