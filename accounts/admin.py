from typing import Any, ClassVar

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import (
    get_access_token_model,
    get_device_grant_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts import services
from accounts.acting import ActingAdmin, Desk, ToRead, actor_of
from accounts.actors import Actor
from accounts.forms import ClientForm, HoursFormSet, UserForm
from accounts.lists import CreatedAt, Moments, by_default
from accounts.models import (
    ACCOUNT_MANAGERS,
    AccountType,
    Client,
    Designer,
    Mail,
    Policy,
    TimeOff,
    User,
    UserQuerySet,
    WorkingHours,
)
from accounts.phone_numbers import spoken

# Permissions come with the account type; tokens are nothing to look at.
for model in (
    Group, Client, get_access_token_model(), get_refresh_token_model(), get_grant_model(), get_id_token_model(),
    get_device_grant_model(),
):  # fmt: skip
    if admin.site.is_registered(model):
        admin.site.unregister(model)


WITHDRAWING = (
    "앞으로의 예약은 취소되고 아직 취소할 수 있는 예약의 결제는 환불되며, "
    "예약 결제와 입금을 기다리는 가상계좌는 취소됩니다. "
    "이름, 전화번호, 이메일, 생년월일은 바로 지워집니다. 되돌릴 수 없습니다."
)


class Withdrawn(admin.SimpleListFilter):
    """Who has an account, unless one asks for those who have left."""

    title = _("탈퇴")
    parameter_name = "withdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("탈퇴한 회원")), ("all", _("모두"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all" or not (self.value() or by_default(request)):
            return queryset
        return queryset.filter(withdrawn_at__isnull=self.value() != "1")


@admin.register(User)
class UserAdmin(ActingAdmin):
    form = UserForm
    list_display = ["name_or_gone", "phone", "userid", "kind", "email", "joined_at"]
    list_filter = ["type", Withdrawn]
    search_fields = ["email"]
    search_person = "pk"
    search_help_text = _("이름, 전화 끝 네 자리, 아이디, 이메일")
    ordering = ["-pk"]
    actions = ["withdraw"]
    fields = ["userid", "type", "name", "pn", "email", "birth", "password"]

    @display(description=_("이름"))  # type: ignore[untyped-decorator]
    def name_or_gone(self, user: User) -> str:
        return user.name or str(_("탈퇴한 회원"))

    @display(description=_("전화번호"))  # type: ignore[untyped-decorator]
    def phone(self, user: User) -> str:
        return spoken(user.pn)

    @display(
        description=_("유형"),
        label={
            AccountType.ADMINISTRATOR: "danger", AccountType.SYSTEM_MANAGER: "warning",
            AccountType.FINANCE_MANAGER: "warning", AccountType.DESIGNER: "primary", AccountType.CUSTOMER: "info",
        },
    )  # type: ignore[untyped-decorator]  # fmt: skip
    def kind(self, user: User) -> tuple[object, str]:
        return user.type, str(_("탈퇴함")) if user.withdrawn_at else user.get_type_display()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """The forms' field for a person offers nobody who has left."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        return (found.filter(withdrawn_at=None) if request.path.endswith("/autocomplete/") else found), doubled

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [] if obj is None else ["userid", "birth", "joined_at", "last_login", "email_confirmed_at"]

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fields if obj is None else [*self.fields, "joined_at", "last_login", "email_confirmed_at"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_active)

    def act(self, by: Actor, form: UserForm) -> User:
        given = form.cleaned_data
        if form.is_new:
            return services.register(by=by, **given)
        users = User.objects.active().filter(pk=form.instance.pk)
        if given["password"]:
            services.refuse_password(by=by, user=form.instance, password=given["password"])
        data = services.UserChange(name=given["name"], type=given["type"], pn=given["pn"], email=given["email"])
        services.change(by=by, users=users, data=data)
        if given["password"]:
            services.set_password(by=by, user=form.instance, password=given["password"])
        return users.get()

    @admin.action(description=_("탈퇴 처리"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: UserQuerySet) -> HttpResponse | None:
        users = queryset.active()
        if page := self.confirmed(request, "탈퇴 처리", users, warning=WITHDRAWING):
            return page
        by = actor_of(request)
        self.act_on_each(
            request,
            users,
            lambda user: services.withdraw(by=by, users=User.objects.active().filter(pk=user.pk)),
            _("{count}명을 탈퇴 처리했습니다."),
        )
        return None


class DesignerFilter(admin.SimpleListFilter):
    """By designer, in one query; Django's own filter asks for each designer's name."""

    title = _("디자이너")
    parameter_name = "designer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(designer.pk), str(designer)) for designer in Designer.objects.select_related("user")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(designer=self.value()) if self.value() else queryset


class WorkingHoursInline(TabularInline):
    model = WorkingHours
    formset = HoursFormSet
    extra = 0


@admin.register(Designer)
class DesignerAdmin(Desk):
    list_display = ["user", "max_per_hour", "slot_minutes", "order", "active"]
    list_filter = ["active"]
    search_fields = ["user_id"]
    search_person = "user"
    search_help_text = _("이름, 아이디")
    ordering = ["order", "pk"]
    inlines = [WorkingHoursInline]
    fields = ["user", "max_per_hour", "slot_minutes", "introduction", "order", "active"]
    readonly_fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Designer]:
        return Designer.objects.select_related("user")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a user of type 2 is one

    def has_change_permission(self, request: HttpRequest, obj: Designer | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.in_service)

    def has_delete_permission(self, request: HttpRequest, obj: Designer | None = None) -> bool:
        return False


class Beginning(Moments):
    title = _("시작")
    parameter_name = "starts_at"
    spans = ["today", "week", "next-week", "30-days", "all"]


@admin.register(TimeOff)
class TimeOffAdmin(Desk):
    list_display = ["who", "starts_at", "ends_at", "reason"]
    list_filter = [Beginning, DesignerFilter]
    list_select_related = ["designer__user"]
    search_fields = ["id"]
    search_person = "designer__user"
    search_help_text = _("디자이너 이름, 아이디")
    ordering = ["-starts_at"]
    autocomplete_fields = ["designer"]

    @admin.display(description=_("디자이너"), ordering="designer")
    def who(self, time_off: TimeOff) -> str:
        return str(time_off.designer or "살롱 전체")


@admin.register(Policy)
class PolicyAdmin(Desk):
    """One row: the list is the form."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        Policy.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:accounts_policy_change", args=[1]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False


@admin.register(Client)
class ClientAdmin(Desk):
    form = ClientForm
    list_display = [
        "name",
        "client_id",
        "client_type",
        "authorization_grant_type",
        "password_grant",
        "enabled",
        "created",
    ]
    list_filter = ["enabled", "client_type"]
    search_fields = ["name", "client_id"]
    search_help_text = _("이름, client_id 전체")
    readonly_fields = ["client_id"]
    actions = ["renew_secret"]

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.user = request.user
            self._save_with_secret(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Client | None = None) -> bool:
        return False  # disabled instead: history names it

    @admin.action(description=_("비밀키 다시 만들기"), permissions=["change"])
    def renew_secret(self, request: HttpRequest, queryset: QuerySet[Client]) -> None:
        for client in queryset:
            self._save_with_secret(request, client)

    def _save_with_secret(self, request: HttpRequest, client: Client) -> None:
        secret = client.client_secret = (
            generate_client_secret()
        )  # a public one's is told to nobody: "" would be a secret
        client.save()
        if client.client_type == Client.CLIENT_CONFIDENTIAL:
            told = f"{client.name} — client_id {client.client_id}, secret {secret} (지금 한 번만 보입니다)"
            self.message_user(request, told)


class Fate(admin.SimpleListFilter):
    """What became of a mail, by the two dates that say it."""

    title = _("상태")
    parameter_name = "fate"
    rows: ClassVar[dict[str, tuple[Any, dict[str, Any]]]] = {
        "waiting": (_("보낼 것"), {"sent_at": None, "failed_at": None}),
        "failed": (_("포기"), {"failed_at__isnull": False}),
        "sent": (_("보냄"), {"sent_at__isnull": False}),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, told) for name, (told, _rows) in self.rows.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        _told, rows = self.rows.get(self.value() or "", ("", {}))
        return queryset.filter(**rows)


@admin.register(Mail)
class MailAdmin(ToRead):
    """What was sent to whom, and what could not be; never the words, which hold links that open accounts."""

    list_display = ["created_at", "to", "subject", "fate", "attempts", "last_error"]
    list_filter = [CreatedAt, Fate]
    search_fields = ["id"]
    search_person = "user"
    search_help_text = _("이름, 전화 끝 네 자리, 아이디")
    ordering = ["-created_at", "-pk"]
    fields = readonly_fields = [
        "user", "to", "subject", "created_at", "attempts", "due_at", "sent_at", "failed_at", "last_error",
    ]  # fmt: skip
    actions = ["try_again"]

    @display(description=_("상태"), label={"sent": "success", "failed": "danger", "waiting": "warning"})  # type: ignore[untyped-decorator]
    def fate(self, mail: Mail) -> tuple[str, str]:
        name = "sent" if mail.sent_at else "failed" if mail.failed_at else "waiting"
        return name, str(Fate.rows[name][0])

    def has_try_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "type", None) in ACCOUNT_MANAGERS

    @admin.action(description=_("다시 보내기"), permissions=["try"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = queryset.filter(sent_at=None, leased_until=None).update(
            failed_at=None, attempts=0, due_at=timezone.now()
        )
        self.message_user(request, f"{count}통을 곧 다시 보냅니다.")


for model in (AccessAttempt, AccessFailureLog, AccessLog):
    admin.site.unregister(model)


@admin.register(AccessAttempt)
class LockoutAdmin(ToRead):
    """Failed sign-ins; deleting a row lets that person try again at once."""

    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields = ["username"]
    search_help_text = _("아이디 전체")
    ordering = ["-attempt_time"]
    fields = readonly_fields = ["username", "ip_address", "failures_since_start", "attempt_time"]

    def has_delete_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return getattr(request.user, "type", None) in ACCOUNT_MANAGERS
