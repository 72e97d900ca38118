"""People whom the desk knows by name and telephone number only, and how they come to an account of their own.

A guest cannot sign in: the password is one that nobody has. Django makes each such password anew, so it is also the
mark of the newest invitation: another invitation, or the password that the person sets, ends all links before it.
"""

import datetime as dt
import secrets
from collections.abc import Collection

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts import consents as agreed
from accounts import mail
from accounts.actors import Actor
from accounts.errors import AlreadySignsIn, DuplicateUserid, GuardianConsentRequired, LinkExpired, WeakPassword
from accounts.models import HOSTS, ConsentKind, User
from accounts.services import AGE_OF_CONSENT, age
from cody_site.errors import Forbidden
from cody_site.transactions import retried

INVITING = "accounts.invitation"
INVITED_FOR = dt.timedelta(days=7)
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read out wrongly on the telephone


@retried
def welcome(*, by: Actor, name: str, pn: str) -> User:
    """Open an account for somebody at the desk or on the telephone, who can sign in once invited. `pn` is E.164.

    Somebody else may have that number: `User.objects.reached_at(pn)` tells a form, which asks whether it is the same
    person. Raises Forbidden (administrators, system managers and designers do this).
    """
    return welcome_within(by=by, name=name, pn=pn)


def welcome_within(*, by: Actor, name: str, pn: str) -> User:
    """The same in the caller's own transaction, for an act without which nobody is welcomed."""
    if by.account_type not in HOSTS:
        raise Forbidden
    guest = User(userid=new_userid(), name=name, pn=pn)
    guest.set_unusable_password()
    guest.save(force_insert=True)
    return guest


def new_userid() -> str:
    """Short enough to be read out; one that is taken already is met by the next attempt's."""
    return "guest-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


@retried
def invite(*, by: Actor, user: User, email: str) -> None:
    """Mail a link by which this client makes the account their own; it ends every link before it.

    Raises Forbidden (whose client this is not, or who does not open accounts) or AlreadySignsIn.
    """
    guest = User.objects.active().clients_of(by).select_for_update(of=("self",), no_key=True).filter(pk=user.pk).first()
    if by.account_type not in HOSTS or guest is None:
        raise Forbidden
    if guest.has_usable_password():
        raise AlreadySignsIn
    if guest.email != email:
        guest.email, guest.email_confirmed_at = email, None
    guest.set_unusable_password()
    guest.save(update_fields=["email", "email_confirmed_at", "password"])
    token = signing.dumps({"user": guest.pk, "email": email, "mark": guest.password}, salt=INVITING)
    mail.post(guest, "invitation", to=email, path=reverse("accounts:invitation", args=[token]))


def invited(token: str) -> User:
    """Whom the link invites. Raises LinkExpired: it is old, used, followed by another, or the address has changed."""
    try:
        told = signing.loads(token, salt=INVITING, max_age=INVITED_FOR)
    except signing.BadSignature:
        raise LinkExpired from None
    guest = User.objects.active().filter(pk=told["user"], email=told["email"], password=told["mark"]).first()
    if guest is None:
        raise LinkExpired
    return guest


def accept(
    *,
    token: str,
    userid: str,
    password: str,
    name: str,
    pn: str,
    birth: dt.date,
    consents: Collection[ConsentKind],
) -> User:
    """Make the invited account the person's own; the address is theirs, since the link came back. `pn` is E.164.

    Raises LinkExpired, ConsentRequired, DuplicateUserid, GuardianConsentRequired (under 14, R32) or WeakPassword.
    """
    guest = invited(token)
    agreed.refuse_without_the_required(consents)
    if age(birth) < AGE_OF_CONSENT:
        raise GuardianConsentRequired
    guest.userid, guest.name, guest.pn, guest.birth = userid, name, pn, birth
    try:
        validate_password(password, guest)
    except ValidationError:
        raise WeakPassword from None
    guest.password = make_password(password)  # before the transaction: it takes its time
    return _settle_in(guest, token, consents)


@retried
def _settle_in(guest: User, token: str, consents: Collection[ConsentKind]) -> User:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=guest.pk)
    invited(token)  # still: the same link may be open twice
    if User.objects.named(guest.userid).exclude(pk=guest.pk).exists():
        raise DuplicateUserid
    guest.email_confirmed_at = timezone.now()
    guest.save(update_fields=["userid", "name", "pn", "birth", "password", "email_confirmed_at"])
    agreed.give(guest, consents)
    return guest
