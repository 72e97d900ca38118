from typing import Any, ClassVar

from axes.models import AccessAttempt, AccessFailureLog
from axes.models import AccessLog as SignInLog
from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group
from django.db.models import ForeignKey, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import (
    get_access_token_model,
    get_device_grant_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts import second_factor, services
from accounts.acting import ActingAdmin, Desk, ToRead, actor_of
from accounts.actors import Actor
from accounts.forms import ClientForm, HoursFormSet, UserForm
from accounts.lists import CreatedAt, Moments, by_default, key
from accounts.models import (
    ACCOUNT_MANAGERS,
    CUSTOMERS,
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
from cody_site.api.client_ip import client_ip
from cody_site.models import Access, AccessLog
from cody_site.security_events import Event, note_once_done

# Permissions come with the account type; tokens and the secrets of devices are nothing to look at.
for model in (
    Group, Client, get_access_token_model(), get_refresh_token_model(), get_grant_model(), get_id_token_model(),
    get_device_grant_model(), TOTPDevice, StaticDevice,
):  # fmt: skip
    if admin.site.is_registered(model):
        admin.site.unregister(model)


WITHDRAWING = _(
    "앞으로의 예약은 취소되고 아직 취소할 수 있는 예약의 결제는 환불되며, "
    "예약 결제와 입금을 기다리는 가상계좌는 취소됩니다. "
    "이름, 전화번호, 이메일, 생년월일은 바로 지워집니다. 되돌릴 수 없습니다."
)

FORGETTING = _(
    "등록한 휴대전화와 예비 코드를 더는 쓸 수 없고, 열려 있는 로그인도 끝납니다. "
    "본인이 맞는지 먼저 확인해 주세요. 다음에 로그인할 때 새로 등록합니다."
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
    actions_detail = ["forget_second_factor"]
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
        return [] if obj is None else ["userid", "birth", "joined_at", "last_login", "email_confirmed_at", "two_steps"]

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.fields
        return [
            *self.fields, "joined_at", "last_login", "email_confirmed_at", *(["two_steps"] if obj.is_staff else []),
        ]  # fmt: skip

    @admin.display(description=_("2단계 인증"), boolean=True)
    def two_steps(self, user: User) -> bool:
        return second_factor.is_on(user)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_active)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """To open a customer's page is to read personal data, and is written down."""
        user = kwargs.get("obj")
        if request.method == "GET" and user is not None and user.type in CUSTOMERS:
            detail = str(self.opts.verbose_name)
            AccessLog.objects.record(
                Access.CARD, by=actor_of(request), ip=client_ip(request), subject=user, detail=detail
            )
        page: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return page

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

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """The form has acted; who gave themselves a new password stays signed in here, and here alone."""
        if obj == request.user and form.cleaned_data["password"]:
            update_session_auth_hash(request, obj)

    @admin.action(description=_("탈퇴 처리"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: UserQuerySet) -> HttpResponse | None:
        users = queryset.active()
        if page := self.confirmed(request, _("탈퇴 처리"), users, warning=WITHDRAWING):
            return page
        by = actor_of(request)
        self.act_on_each(
            request,
            users,
            lambda user: services.withdraw(by=by, users=User.objects.active().filter(pk=user.pk)),
            _("{count}명을 탈퇴 처리했습니다."),
        )
        return None

    def has_forget_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """An administrator, for a phone that somebody else has lost; for the own one there is the page 보안."""
        by = actor_of(request)
        if by.account_type != AccountType.ADMINISTRATOR or object_id is None or not object_id.isdecimal():
            return False
        others = User.objects.active().exclude(pk=by.user_pk).filter(pk=object_id)
        return any(second_factor.is_on(user) for user in others)

    @action(description=_("2단계 인증 지우기"), url_path="forget-second-factor", permissions=["forget"])  # type: ignore[untyped-decorator]
    def forget_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.get_object(request, object_id)
        if user is None:
            raise Http404
        if page := self.confirmed(request, gettext("2단계 인증 지우기"), [user], warning=str(FORGETTING)):
            return page
        second_factor.forget(user)
        self.log_change(request, user, gettext("2단계 인증을 지움"))
        self.message_user(request, _("%(user)s의 2단계 인증을 지웠습니다.") % {"user": user})
        return redirect("admin:accounts_user_change", user.pk)


class DesignerFilter(admin.SimpleListFilter):
    """By designer, in one query; Django's own filter asks for each designer's name."""

    title = _("디자이너")
    parameter_name = "designer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(designer.pk), str(designer)) for designer in Designer.objects.select_related("user")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(designer=key(self.value())) if self.value() else queryset


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

    def get_readonly_fields(self, request: HttpRequest, obj: Designer | None = None) -> list[str]:
        """A designer writes the own hours; the rest is the salon's to say."""
        return self.fields if _own_designer(request) else self.readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a user of type 2 is one

    def has_change_permission(self, request: HttpRequest, obj: Designer | None = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        if obj is None:
            return allowed
        return obj.in_service and (allowed or obj.pk == _own_designer(request))

    def has_delete_permission(self, request: HttpRequest, obj: Designer | None = None) -> bool:
        return False


def _own_designer(request: HttpRequest) -> int | None:
    """The designer whom alone this person may write for; None for those who may for all or for none."""
    actor = actor_of(request)
    return actor.user_pk if actor.account_type == AccountType.DESIGNER else None


def _is_ones_own(request: HttpRequest, time_off: TimeOff | None) -> bool:
    own = _own_designer(request)
    return own is None or time_off is None or time_off.designer_id == own


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

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [] if _own_designer(request) else self.autocomplete_fields

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """A designer takes time off for nobody else, and closes no salon."""
        if own := _own_designer(request):
            kwargs |= {"queryset": Designer.objects.filter(pk=own), "required": True, "initial": own}
            kwargs |= {"empty_label": None, "help_text": ""}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: TimeOff | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_ones_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: TimeOff | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_ones_own(request, obj)

    @admin.display(description=_("디자이너"), ordering="designer")
    def who(self, time_off: TimeOff) -> str:
        return str(time_off.designer or _("살롱 전체"))


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
        note_once_done(Event.CLIENT_SECRET_MADE, by=actor_of(request).key, detail=f"client:{client.pk}")
        if client.client_type == Client.CLIENT_CONFIDENTIAL:
            told = _("%(name)s — client_id %(id)s, secret %(secret)s (지금 한 번만 보입니다)")
            self.message_user(request, told % {"name": client.name, "id": client.client_id, "secret": secret})


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
        wordy = queryset.exclude(text="", context=None)  # what was withdrawn has nothing to say
        count = wordy.filter(sent_at=None, leased_until=None).update(failed_at=None, attempts=0, due_at=timezone.now())
        self.message_user(request, _("%(count)s통을 곧 다시 보냅니다.") % {"count": count})


for model in (AccessAttempt, AccessFailureLog, SignInLog):
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
