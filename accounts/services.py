"""Changes to accounts that touch more than one row or must hold under concurrency."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language

from accounts import calendar_feeds, mail, second_factor
from accounts import consents as agreed
from accounts.actors import Actor
from accounts.app_consents import end_tokens
from accounts.clock import salon_today
from accounts.errors import (
    DuplicateUserid,
    GuardianConsentRequired,
    JustSent,
    LastAdministrator,
    LinkExpired,
    PaymentPending,
    UpcomingReservations,
    WeakPassword,
)
from accounts.models import (
    ACCOUNT_MANAGERS,
    STAFF,
    AccountType,
    ConsentKind,
    Designer,
    Language,
    TimeOff,
    User,
    UserQuerySet,
)
from cody_site.errors import Forbidden
from cody_site.security_events import Event, note_once_done
from cody_site.transactions import retried

CONFIRMING = "accounts.confirm_address"
CONFIRM_WITHIN = dt.timedelta(days=3)
RESET_PAUSE = CONFIRM_PAUSE = dt.timedelta(minutes=10)
WITHDRAWAL = "회원 탈퇴"
AGE_OF_CONSENT = 14  # Personal Information Protection Act, article 22-2 (R32)


@dataclass(frozen=True)
class Outcome:
    """How many rows a call matched, and how many of them are now different."""

    matched: int
    changed: int


@dataclass(frozen=True)
class UserChange:
    """What shall be different; None leaves a field alone."""

    name: str | None = None
    type: int | None = None
    pn: str | None = None
    email: str | None = None


def register(
    *,
    by: Actor,
    userid: str,
    password: str,
    type: int,  # noqa: A002 -- the manual's and the model's word
    name: str,
    pn: str,
    email: str,
    birth: dt.date,
    consents: Collection[ConsentKind] | None = None,
) -> User:
    """Open an account. `pn` is E.164; `consents` are what the person agreed to, None where nobody was asked here.

    Raises Forbidden (only account managers register other types than customers), ConsentRequired (asked, and without
    the necessary ones), DuplicateUserid, GuardianConsentRequired (under 14, R32) or WeakPassword.
    """
    if type != AccountType.CUSTOMER and by.account_type not in ACCOUNT_MANAGERS:
        raise Forbidden
    if consents is not None:
        agreed.refuse_without_the_required(consents)
    if User.objects.named(userid).exists():
        raise DuplicateUserid
    if age(birth) < AGE_OF_CONSENT:
        raise GuardianConsentRequired
    user = User(userid=userid, type=type, name=name, pn=pn, email=email, birth=birth)
    if by.user is None and (language := get_language()) in Language.values:
        user.language = language  # of the page that the person signs up on
    try:
        validate_password(password, user)
    except ValidationError:
        raise WeakPassword from None
    user.password = make_password(password)  # before the transaction: it takes its time
    return _insert(user, consents or ())


@retried
def _insert(user: User, consents: Collection[ConsentKind]) -> User:
    if User.objects.named(user.userid).exists():
        raise DuplicateUserid
    user.pk = None  # an attempt before may have left one
    user.save(force_insert=True)
    if user.type == AccountType.DESIGNER:
        Designer.objects.create(user=user)
    agreed.give(user, consents)
    _ask_to_confirm(user)
    return user


def age(birth: dt.date) -> int:
    """Completed years today, in the salon."""
    today = salon_today()
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


@retried
def change(*, by: Actor, users: UserQuerySet, data: UserChange) -> Outcome:
    """Change all these accounts or none.

    Raises Forbidden (a new type, by others than account managers), LastAdministrator or UpcomingReservations (a
    designer who has some stops being one).
    """
    if data.type is not None and by.account_type not in ACCOUNT_MANAGERS:
        raise Forbidden
    if data.type is not None:
        _lock_designers(users)
    administrators = _lock_administrators() if data.type is not None else 0
    demoted = 0
    rows = list(_locked(users))
    changed = 0
    for user in rows:
        was, old_email = user.type, user.email
        if not _apply(user, data):
            continue
        changed += 1
        if user.type != was:
            demoted += was == AccountType.ADMINISTRATOR
            _change_role(user, was)
            note_once_done(Event.ROLE_CHANGED, user=user.pk, by=by.key, detail=f"{was} to {user.type}")
        user.save(update_fields=["name", "type", "pn", "email", "email_confirmed_at"])
        if user.email != old_email:
            if user.email:
                _ask_to_confirm(user)
            if old_email:
                mail.post(user, "address_changed", to=old_email)
    if demoted and demoted == administrators:
        raise LastAdministrator
    return Outcome(len(rows), changed)


def _apply(user: User, data: UserChange) -> bool:
    before = user.name, user.type, user.pn, user.email
    if data.email not in (None, user.email):
        user.email_confirmed_at = None
    user.name = user.name if data.name is None else data.name
    user.type = user.type if data.type is None else data.type
    user.pn = user.pn if data.pn is None else data.pn
    user.email = user.email if data.email is None else data.email
    return before != (user.name, user.type, user.pn, user.email)


def _change_role(user: User, was: int) -> None:
    if user.type == AccountType.DESIGNER:
        Designer.objects.update_or_create(user=user, defaults={"active": True})
    if was == AccountType.DESIGNER:
        _retire(user)
    if not user.is_staff:
        second_factor.forget(user)
    calendar_feeds.revoke(user=user)
    end_tokens(user)  # they were given to somebody with other rights


def _retire(user: User) -> None:
    """Take a designer off the list; the row stays, for reservations of the past name it."""
    designer = Designer.objects.filter(user=user).first()
    if designer is None:
        return
    if designer.reservations.live().upcoming().exists():
        raise UpcomingReservations
    designer.active = False
    designer.save(update_fields=["active"])


def _ask_to_confirm(user: User) -> None:
    token = signing.dumps({"user": user.pk, "email": user.email}, salt=CONFIRMING)
    mail.post(user, "confirm_address", to=user.email, path=reverse("accounts:confirm_address", args=[token]))


@retried
def ask_again_to_confirm(*, by: Actor) -> None:
    """Mail the link once more to the caller's address, if that is not confirmed yet. Raises JustSent, or Forbidden."""
    user = _locked(User.objects.active().filter(pk=by.user_pk)).first()
    if user is None:
        raise Forbidden
    if user.email_confirmed_at is not None or not user.email:
        return
    if user.mails.filter(template="confirm_address", created_at__gt=timezone.now() - CONFIRM_PAUSE).exists():
        raise JustSent
    _ask_to_confirm(user)


def confirm_address(token: str) -> User:
    """The address that the token was sent to is this person's, since the token came back. Raises LinkExpired."""
    try:
        told = signing.loads(token, salt=CONFIRMING, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        raise LinkExpired from None
    confirmed = User.objects.active().filter(pk=told["user"], email=told["email"])
    if not confirmed.update(email_confirmed_at=timezone.now()):
        raise LinkExpired  # it has changed since
    return confirmed.get()


def send_reset_links(email: str) -> None:
    """To everybody whose confirmed address this is; to nobody else, and without telling whether there was anybody."""
    with transaction.atomic(durable=True):
        for user in User.objects.active().filter(email__iexact=email).exclude(email_confirmed_at=None):
            if user.mails.filter(template="password_reset", created_at__gt=timezone.now() - RESET_PAUSE).exists():
                continue  # the link is on its way; nobody fills another's mailbox
            uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
            path = reverse("accounts:new_password", args=[uid, token])
            mail.post(user, "password_reset", to=user.email, path=path)


def reset_password(*, user: User, password: str) -> None:
    """By the link that was mailed; sessions and tokens of the old password end.

    Who does this in a session and shall stay in it gets a new one by `update_session_auth_hash`.
    """
    user.set_password(password)
    with transaction.atomic(durable=True):
        user.save(update_fields=["password"])
        user.sessions.all().delete()
        end_tokens(user)
        note_once_done(Event.PASSWORD_CHANGED, user=user.pk)


def refuse_password(*, by: Actor, user: User, password: str) -> None:
    """Raise Forbidden or WeakPassword if `by` may not give this person this password.

    A system manager may not take over an account of the salon's staff in this way.
    """
    if by.account_type != AccountType.ADMINISTRATOR and (
        by.account_type != AccountType.SYSTEM_MANAGER or user.type in STAFF
    ):
        raise Forbidden
    try:
        validate_password(password, user)
    except ValidationError:
        raise WeakPassword from None


def set_password(*, by: Actor, user: User, password: str) -> None:
    """Give somebody a new password; sessions and tokens of the old one end. Raises WeakPassword or Forbidden."""
    refuse_password(by=by, user=user, password=password)
    reset_password(user=user, password=password)


@retried
def withdraw(*, by: Actor, users: UserQuerySet) -> Outcome:
    """Close all these accounts or none (R22): sign-ins end, upcoming reservations are cancelled, personal data erased.

    What is paid for reservations that may still be cancelled goes back; what waits to be paid is closed or revoked.
    Raises LastAdministrator, UpcomingReservations for a designer who still has some, or PaymentPending.
    """
    _lock_designers(users)
    administrators = _lock_administrators()
    rows = list(_locked(users))
    if administrators and administrators == sum(user.type == AccountType.ADMINISTRATOR for user in rows):
        raise LastAdministrator
    for user in rows:
        if user.type == AccountType.DESIGNER:
            _retire(user)
        _settle_up(user, by)
        user.photos.erase()
        user.client_notes.erase()
        user.waits.erase()
        user.posts.forget_ips()
        user.comments.forget_ips()
        _erase(user)
    return Outcome(len(rows), len(rows))


@retried
def note_absence(*, by: Actor, absence: TimeOff) -> None:
    """Write down, once, that a designer is away; whoever is booking there has done so before, or is refused.

    Raises Forbidden: account managers write everybody's, designers their own.
    """
    if by.account_type not in ACCOUNT_MANAGERS and absence.designer_id != by.user_pk:
        raise Forbidden
    list(Designer.objects.select_for_update(of=("self",), no_key=True).filter(pk=absence.designer_id))
    same = TimeOff.objects.filter(designer=absence.designer_id, starts_at=absence.starts_at, ends_at=absence.ends_at)
    if not same.exists():
        absence.pk = None  # an attempt before may have left one
        absence.save(force_insert=True)


def _settle_up(user: User, by: Actor) -> None:
    """Nobody is expected who has left, and no money moves that need not."""
    upcoming = user.reservations.live().upcoming()
    refundable = set(upcoming.in_time_to_cancel().values_list("pk", flat=True))
    upcoming.trash(by=by, reason=WITHDRAWAL)
    payments = list(user.payments.live().locked())
    if any(row.is_in_doubt for row in payments):
        raise PaymentPending
    for row in payments:
        if row.is_waiting or row.reservation_id in refundable:
            row.stop(by=by, reason=WITHDRAWAL)


def _erase(user: User) -> None:
    end_tokens(user)
    named = ContentType.objects.get_for_models(User, Designer).values()
    # The admin's history had the name in it.
    LogEntry.objects.filter(content_type__in=named, object_id=str(user.pk)).update(object_repr=user.userid)
    user.name = user.pn = user.email = ""
    user.birth = user.email_confirmed_at = None
    user.set_unusable_password()  # sessions hang on the password's hash
    user.withdrawn_at = timezone.now()
    user.save()
    user.mails.all().delete()
    user.consents.all().delete()
    user.sessions.all().delete()
    calendar_feeds.revoke(user=user)
    if user.is_staff:
        second_factor.forget(user)
    user.groups.clear()
    user.user_permissions.clear()


def _locked(users: UserQuerySet) -> UserQuerySet:
    return users.select_for_update(of=("self",), no_key=True).order_by("pk")


def _lock_designers(users: UserQuerySet) -> None:
    """Designers are locked before users, here as when seats are given out; or each would wait for the other."""
    list(Designer.objects.select_for_update(of=("self",), no_key=True).filter(user__in=users).order_by("pk"))


def _lock_administrators() -> int:
    """How many administrators there are; nobody else can change that number until the transaction ends."""
    return len(_locked(User.objects.active().administrators()))
