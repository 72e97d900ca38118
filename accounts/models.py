"""Who: users, designers and their hours, the salon's policy, OAuth clients."""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from oauth2_provider.models import AbstractApplication

from accounts.actors import Actor
from accounts.phone_numbers import e164
from accounts.sessions import Session as Session  # Django looks for models here
from accounts.sessions import SessionQuerySet
from cody_site.sql import Fragment, Negative, Spelt

if TYPE_CHECKING:
    from board.models import CommentQuerySet, PostQuerySet
    from media_store.models import PhotoQuerySet
    from reservations.models import ClientNoteQuerySet, ReservationQuerySet, WaitQuerySet

# userids match without regard to case (R21): `userid__lower=` uses the unique index.
models.CharField.register_lookup(Lower)
models.CharField.register_lookup(Fragment)


class AccountType(models.IntegerChoices):
    FINANCE_MANAGER = 0, _("재정매니저")
    CUSTOMER = 1, _("일반 사용자")
    DESIGNER = 2, _("디자이너")
    SYSTEM_MANAGER = 3, _("시스템매니저")
    ADMINISTRATOR = 4, _("관리자")
    TEST = 5, _("테스트계정")


class Language(models.TextChoices):
    KOREAN = "ko", "한국어"
    ENGLISH = "en", "English"


STAFF = frozenset({AccountType.FINANCE_MANAGER, AccountType.SYSTEM_MANAGER, AccountType.ADMINISTRATOR})
CUSTOMERS = frozenset({AccountType.CUSTOMER, AccountType.TEST})
ACCOUNT_MANAGERS = frozenset({AccountType.SYSTEM_MANAGER, AccountType.ADMINISTRATOR})
HOSTS = ACCOUNT_MANAGERS | {AccountType.DESIGNER}
"""Who opens accounts for people at the desk or on the telephone, and invites them to make these their own."""


class PhoneEnd(Spelt):
    """The last four digits of a telephone number, by functions that an index may use in either database."""

    output_field = models.CharField()
    postgresql = "RIGHT(%(expressions)s, 4)"
    sqlite = "SUBSTR(%(expressions)s, -4)"


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(withdrawn_at=None)

    def reachable(self) -> "UserQuerySet":
        """Who has shown that the address is theirs: nobody else is mailed anything."""
        return self.active().filter(email_confirmed_at__isnull=False)

    def customers(self) -> "UserQuerySet":
        return self.filter(type__in=CUSTOMERS)

    def administrators(self) -> "UserQuerySet":
        return self.filter(type=AccountType.ADMINISTRATOR)

    def named(self, userid: str) -> "UserQuerySet":
        return self.filter(userid__lower=userid.lower())

    def matching(self, words: str) -> "UserQuerySet":
        """Whom the desk means by a part of the name, four digits that end the phone, both, a number or a userid."""
        if not words.strip():
            return self.none()
        by_userid = self.named(words.strip())
        if by_userid.exists():
            return by_userid
        users: UserQuerySet = self
        for word in words.replace(".", " ").split():
            users = users._meant_by(word)
        return users

    def _meant_by(self, word: str) -> "UserQuerySet":
        digits = word.replace("-", "")
        if not digits.isdecimal():
            return self.filter(name__fragment=word)
        if len(digits) == 4:
            return self.alias(phone_end=PhoneEnd("pn")).filter(phone_end=digits)
        try:
            return self.filter(pn=e164(digits))
        except ValueError:
            return self.none()

    def reached_at(self, pn: str) -> "UserQuerySet":
        """The customers of that number, in E.164: a family may share one."""
        return self.active().customers().filter(pn=pn)

    def clients_of(self, actor: Actor) -> "UserQuerySet":
        """Whose card the caller may open: staff every customer's, also who has left; designers their present ones'."""
        if actor.account_type in STAFF:
            return self.customers()
        if actor.account_type == AccountType.DESIGNER:
            return self.active().customers().filter(seen_by(actor, "pn"))
        return self.none()

    def visible_to(self, actor: Actor) -> "UserQuerySet":
        """All of whom the caller may see anything (section 9); which of their fields, `seen_by` says."""
        return self.active().filter(seen_by(actor, "userid"))

    def changeable_by(self, actor: Actor) -> "UserQuerySet":
        """Whom the caller may change or withdraw: oneself; account managers everybody; app clients customers."""
        users = self.active()
        if actor.is_app_client:
            return users.customers()
        if actor.account_type in ACCOUNT_MANAGERS:
            return users
        return users.filter(pk=actor.user_pk)

    def get_by_natural_key(self, userid: str | None) -> "User":
        """Whom django.contrib.auth signs in under this userid, in any case (R21)."""
        return self.active().named(userid or "").get()

    def create_superuser(self, userid: str, password: str, **fields: str) -> "User":
        """For `manage.py createsuperuser`: the first administrator of a new salon."""
        user = self.model(userid=userid, type=AccountType.ADMINISTRATOR, **fields)
        user.set_password(password)
        user.save()
        return user


def seen_by(actor: Actor, field: str) -> models.Q:
    """In which rows the caller may see this field of GET /user (section 9, R9)."""
    if actor.is_app_client or actor.account_type in STAFF:
        return models.Q(pk__isnull=False)
    rows = models.Q(pk=actor.user_pk)
    if field in {"userid", "name", "type"}:
        rows |= models.Q(type=AccountType.DESIGNER)
    if field in {"userid", "name", "pn"} and actor.user is not None and actor.account_type == AccountType.DESIGNER:
        rows |= models.Q(pk__in=actor.user.designer.reservations.of_present_customers().values("customer"))
    return rows


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # of Client, untyped
    """A person with an account; a withdrawn one keeps only the userid (R22)."""

    userid = models.CharField(
        _("아이디"),
        max_length=30,
        validators=[RegexValidator(r"\A[A-Za-z0-9._@+-]+\Z", _("영문, 숫자, . _ @ + - 만 쓸 수 있습니다."))],
    )
    type = models.PositiveSmallIntegerField(_("유형"), choices=AccountType.choices, default=AccountType.CUSTOMER)
    name = models.CharField(_("이름"), max_length=30, blank=True)
    pn = models.CharField(_("전화번호"), max_length=15, blank=True)
    email = models.EmailField(_("이메일"), max_length=50, blank=True)
    email_confirmed_at = models.DateTimeField(_("이메일 확인"), null=True, blank=True)
    birth = models.DateField(_("생년월일"), null=True, blank=True)
    language = models.CharField(
        _("언어"), max_length=2, choices=Language.choices, default=Language.KOREAN, db_default=Language.KOREAN.value
    )
    joined_at = models.DateTimeField(_("가입"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("탈퇴"), null=True, blank=True)

    objects = UserQuerySet.as_manager()

    USERNAME_FIELD = "userid"
    REQUIRED_FIELDS = ["name"]

    if TYPE_CHECKING:
        mails: "MailQuerySet"
        designer: "Designer"
        consents: "ConsentQuerySet"
        sessions: SessionQuerySet
        photos: "PhotoQuerySet"
        posts: "PostQuerySet"
        comments: "CommentQuerySet"
        reservations: "ReservationQuerySet"
        client_notes: "ClientNoteQuerySet"
        waits: "WaitQuerySet"

    class Meta:
        verbose_name, verbose_name_plural = _("회원"), pgettext_lazy("plural", "회원")
        constraints = [
            models.UniqueConstraint(Lower("userid"), name="user_userid_unique"),
            models.CheckConstraint(name="user_type_known", condition=models.Q(type__in=AccountType.values)),
            models.CheckConstraint(name="user_language_known", condition=models.Q(language__in=Language.values)),
            models.CheckConstraint(
                name="user_named_or_erased",
                condition=(models.Q(withdrawn_at__isnull=True) & ~models.Q(name=""))
                | models.Q(
                    withdrawn_at__isnull=False,
                    name="",
                    pn="",
                    email="",
                    birth__isnull=True,
                    email_confirmed_at__isnull=True,
                ),
            ),
        ]
        indexes = [
            models.Index("type", Negative("id"), name="user_type"),
            models.Index("name", Negative("id"), name="user_name"),
            models.Index("pn", Negative("id"), name="user_pn"),
            models.Index("email", Negative("id"), name="user_email"),
            models.Index(PhoneEnd("pn"), Negative("id"), name="user_phone_end"),
            models.Index(fields=["id"], name="user_gone", condition=models.Q(withdrawn_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name or _('탈퇴한 회원')} ({self.userid})"

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.withdrawn_at is None

    @property
    def is_reachable(self) -> bool:
        """Has this person shown that the address is theirs? Nobody else is mailed anything."""
        return self.is_active and self.email_confirmed_at is not None

    @property
    def is_staff(self) -> bool:
        """May open the admin: the salon's staff and its designers."""
        return self.type in STAFF or self.type == AccountType.DESIGNER

    @property
    def is_designer(self) -> bool:
        return self.type == AccountType.DESIGNER

    @property
    def is_superuser(self) -> bool:  # type: ignore[override]
        return self.type == AccountType.ADMINISTRATOR

    @property
    def called(self) -> str:
        """The name, or what we say of somebody who has left."""
        return self.name or str(_("탈퇴한 회원"))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class DesignerQuerySet(models.QuerySet["Designer"]):
    def working(self) -> "DesignerQuerySet":
        """Who takes reservations, in the salon's own order."""
        return self.filter(active=True, user__withdrawn_at=None).select_related("user").order_by("order", "pk")

    def in_service(self) -> "DesignerQuerySet":
        return self.filter(user__type=AccountType.DESIGNER, user__withdrawn_at=None)

    def taken_by_hour(self, first: dt.date, last: dt.date) -> dict[tuple[int, dt.date, int], int]:
        """How many seats each of these designers' clock hours on these days has given out; the others are not named.

        Whatever takes a seat is counted here, or held and counted by `held_by_hour`, and nowhere else.
        """
        live = models.Q(reservations__date__range=(first, last), reservations__trashed_at=None)
        counted = self.filter(live).order_by().values_list("pk", "reservations__date", "reservations__hour")
        return {
            (pk, date, hour): count
            for pk, date, hour, count in counted.annotate(count=models.Count("reservations", filter=live))
        }

    def held_by_hour(
        self, first: dt.date, last: dt.date, *, but_for: User | None = None
    ) -> dict[tuple[int, dt.date, int], int]:
        """How many seats of their clock hours on these days are held for people who wait for them.

        Each is taken for everybody else; `but_for` this person, whose own is free.
        """
        held: Counter[tuple[int, dt.date, int]] = Counter()
        for pk, date, hour, customer in self.filter(
            holds__date__range=(first, last), holds__ended_at=None, holds__offered_until__gt=timezone.now()
        ).values_list("pk", "holds__date", "holds__offered_hour", "holds__customer"):
            held[pk, date, hour] += but_for is None or customer != but_for.pk
        return held


class Designer(models.Model):
    """What a user of type 2 offers; the row is also the lock of that designer's hours."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, verbose_name=_("회원"))
    max_per_hour = models.PositiveSmallIntegerField(
        _("시간당 최대 인원"), default=4, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    slot_minutes = models.PositiveSmallIntegerField(
        _("예약 단위(분)"), default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    introduction = models.TextField(_("소개"), blank=True, max_length=1000)
    order = models.PositiveSmallIntegerField(_("순서"), default=0)
    active = models.BooleanField(_("예약 받음"), default=True)

    objects = DesignerQuerySet.as_manager()

    if TYPE_CHECKING:
        reservations: "ReservationQuerySet"

    class Meta:
        verbose_name, verbose_name_plural = _("디자이너"), pgettext_lazy("plural", "디자이너")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="designer_max_per_hour_in_range", condition=models.Q(max_per_hour__gte=1, max_per_hour__lte=100)
            ),
            models.CheckConstraint(
                name="designer_slot_minutes_in_range", condition=models.Q(slot_minutes__gte=5, slot_minutes__lte=240)
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def in_service(self) -> bool:
        """Is the user still a designer of this salon?"""
        return self.user.is_active and self.user.type == AccountType.DESIGNER


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("월요일")
    TUESDAY = 1, _("화요일")
    WEDNESDAY = 2, _("수요일")
    THURSDAY = 3, _("목요일")
    FRIDAY = 4, _("금요일")
    SATURDAY = 5, _("토요일")
    SUNDAY = 6, _("일요일")


class WorkingHours(models.Model):
    """One span of a weekday; a lunch break is the gap between two rows."""

    designer = models.ForeignKey(Designer, on_delete=models.CASCADE, related_name="hours", verbose_name=_("디자이너"))
    weekday = models.PositiveSmallIntegerField(_("요일"), choices=Weekday.choices)
    start = models.TimeField(_("시작"))
    end = models.TimeField(_("끝"))

    class Meta:
        verbose_name = verbose_name_plural = _("근무 시간")
        ordering = ["designer", "weekday", "start"]
        constraints = [
            models.UniqueConstraint(name="workinghours_one_per_start", fields=["designer", "weekday", "start"]),
            models.CheckConstraint(
                name="workinghours_start_before_end",
                condition=models.Q(start__lt=models.F("end")),
                violation_error_message=_("끝나는 시각이 시작보다 늦어야 합니다."),
            ),
            models.CheckConstraint(name="workinghours_weekday_known", condition=models.Q(weekday__in=Weekday.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.start:%H:%M}–{self.end:%H:%M}"


class TimeOff(models.Model):
    """When one designer, or with no designer the whole salon, takes no reservations."""

    designer = models.ForeignKey(
        Designer,
        on_delete=models.CASCADE,
        related_name="time_off",
        null=True,
        blank=True,
        verbose_name=_("디자이너"),
        help_text=_("비워 두면 살롱 전체가 쉽니다."),
    )
    starts_at = models.DateTimeField(_("시작"))
    ends_at = models.DateTimeField(_("끝"))
    reason = models.CharField(_("사유"), max_length=256)

    class Meta:
        verbose_name = verbose_name_plural = _("휴무")
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="timeoff_span")]
        constraints = [
            models.CheckConstraint(
                name="timeoff_starts_before_it_ends",
                condition=models.Q(starts_at__lt=models.F("ends_at")),
                violation_error_message=_("끝나는 때가 시작보다 늦어야 합니다."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.designer or _('살롱 전체')}: {self.reason}"

    def clean(self) -> None:
        """Within what every clock of ours can tell."""
        for name in ("starts_at", "ends_at"):
            at = getattr(self, name)
            if at is not None and not 2000 <= at.year < 3000:
                raise ValidationError({name: _("2000년부터 2999년까지의 때를 적어 주세요.")})


class Policy(models.Model):
    """The salon's rules for customers, in its one row; staff are exempt."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    reserve_notice_minutes = models.PositiveIntegerField(_("예약 마감(분 전)"), default=60)
    change_notice_minutes = models.PositiveIntegerField(_("변경 마감(분 전)"), default=24 * 60)
    cancel_notice_minutes = models.PositiveIntegerField(_("취소 마감(분 전)"), default=24 * 60)
    days_ahead = models.PositiveIntegerField(_("예약 가능 기간(일)"), default=60)
    open_reservations = models.PositiveIntegerField(_("회원당 예약 수"), default=10)

    class Meta:
        verbose_name = verbose_name_plural = _("예약 정책")
        constraints = [models.CheckConstraint(name="policy_is_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(_("예약 정책"))

    @classmethod
    def current(cls) -> "Policy":
        return cls.objects.filter(pk=1).first() or cls()

    @property
    def reserve_notice(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.reserve_notice_minutes)

    @property
    def change_notice(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.change_notice_minutes)

    @property
    def cancel_notice(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.cancel_notice_minutes)


class ConsentKind(models.TextChoices):
    TERMS = "terms", _("이용약관")
    PRIVACY = "privacy", _("개인정보 수집·이용")
    MARKETING = "marketing", _("혜택과 새 소식 메일")


class ConsentQuerySet(models.QuerySet["Consent"]):
    def open(self) -> "ConsentQuerySet":
        """Given and not withdrawn."""
        return self.filter(withdrawn_at=None)

    def to(self, kind: ConsentKind) -> "ConsentQuerySet":
        return self.filter(kind=kind)


class Consent(models.Model):
    """What a person agreed to, in which version of the text; a row is written once, and closed once.

    Rows go with the account: after a withdrawal nobody is left to be asked about.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents", verbose_name=_("회원"))
    kind = models.CharField(_("종류"), max_length=10, choices=ConsentKind.choices)
    version = models.DateField(_("약관 날짜"))
    given_at = models.DateTimeField(_("동의"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("철회"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("동의"), pgettext_lazy("plural", "동의")
        constraints = [
            models.UniqueConstraint(
                name="consent_one_open_per_kind",
                fields=["user", "kind"],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="consent_kind_known", condition=models.Q(kind__in=ConsentKind.values)),
            models.CheckConstraint(
                name="consent_given_before_it_is_withdrawn",
                condition=models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gte=models.F("given_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.version})"


class MailQuerySet(models.QuerySet["Mail"]):
    def unsent(self) -> "MailQuerySet":
        return self.filter(sent_at=None, failed_at=None)

    def telling_of(self, things: Collection[str]) -> "MailQuerySet":
        """The unsent ones about these things, by the names that their writers gave in `about`."""
        return self.unsent().filter(about__in=things).exclude(about="")

    def due(self, now: dt.datetime) -> "MailQuerySet":
        """To be sent now: its time has come, and no worker is at it."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
        return self.unsent().filter(free, due_at__lte=now)


class Mail(models.Model):
    """The outbox: posted in the transaction of the act that it tells of, sent by the worker.

    `lease` is the fence: only who holds it may say what became of the mail. A mail with a `context` gets its words from
    that when it is sent; `about` names what it tells of, so that whoever has newer to tell finds it. Words and context
    are erased once they are sent, for they hold links that open an account.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mails", verbose_name=_("회원"))
    template = models.CharField(_("종류"), max_length=50)
    about = models.CharField(max_length=40, blank=True, editable=False, db_default="")
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    to = models.EmailField(_("받는 주소"), max_length=50)
    subject = models.CharField(_("제목"), max_length=255)
    text = models.TextField(_("내용"))
    html = models.TextField(_("내용(HTML)"))
    context = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(_("작성"), default=timezone.now)
    due_at = models.DateTimeField(_("보낼 때"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("시도"), default=0)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("보냄"), null=True)
    failed_at = models.DateTimeField(_("포기"), null=True)
    last_error = models.CharField(_("마지막 오류"), max_length=100, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("메일"), pgettext_lazy("plural", "메일")
        indexes = [
            models.Index(
                fields=["due_at"], name="mail_unsent", condition=models.Q(sent_at__isnull=True, failed_at__isnull=True)
            ),
            models.Index(
                fields=["about"],
                name="mail_unsent_about",
                condition=models.Q(sent_at__isnull=True, failed_at__isnull=True) & ~models.Q(about=""),
            ),
            # the back-office's list, and what it looks for in it
            models.Index(fields=["created_at"], name="mail_created"),
            models.Index(fields=["created_at"], name="mail_failed", condition=models.Q(failed_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_sent_or_failed_not_both",
                condition=models.Q(sent_at__isnull=True) | models.Q(failed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="mail_leased_with_an_end",
                condition=models.Q(lease__isnull=True, leased_until__isnull=True)
                | models.Q(lease__isnull=False, leased_until__isnull=False),
            ),
            models.CheckConstraint(
                name="mail_erased_once_sent",
                condition=models.Q(sent_at__isnull=True) | models.Q(text="", html="", context__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


def new_calendar_token() -> str:
    """192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


class CalendarFeed(models.Model):
    """The secret address of a person's calendar: calendar programs sign in by nothing else.

    Kept as it is, for its owner copies it into the next program too, and who reads this table reads the reservations
    beside it. A withdrawn person has none, and who becomes another type loses the one they had.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="calendar_feed", verbose_name=_("회원")
    )
    token = models.CharField(max_length=32, unique=True, default=new_calendar_token, editable=False)
    created_at = models.DateTimeField(_("만든 때"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("캘린더 주소"), pgettext_lazy("plural", "캘린더 주소")

    def __str__(self) -> str:
        return str(self.user)


class Client(AbstractApplication):
    """An OAuth client (R23, R24): which scopes it may ask for, and whether it may take a person's password."""

    scope = models.TextField(_("허용 범위"), blank=True, help_text=_("공백으로 나눈 scope 목록"))
    password_grant = models.BooleanField(
        _("비밀번호 로그인 허용"), default=False, help_text=_("우리 회사의 앱에만. 고객과 테스트계정만 쓸 수 있습니다.")
    )
    enabled = models.BooleanField(_("사용"), default=True)

    class Meta(AbstractApplication.Meta):
        verbose_name, verbose_name_plural = _("앱 클라이언트"), pgettext_lazy("plural", "앱 클라이언트")
        constraints = [
            models.CheckConstraint(name="client_secret_hashed", condition=models.Q(hash_client_secret=True)),
            models.CheckConstraint(
                name="client_for_itself_has_a_secret",
                condition=~models.Q(client_type="public", authorization_grant_type="client-credentials"),
                violation_error_message=_("공개 클라이언트는 스스로 토큰을 받을 수 없습니다."),
            ),
        ]

    def allows_grant_type(self, *grant_types: str) -> bool:
        if self.password_grant and self.GRANT_PASSWORD in grant_types:
            return True
        return bool(super().allows_grant_type(*grant_types))

    def is_usable(self, request: object) -> bool:
        return self.enabled

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()
