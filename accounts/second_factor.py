"""The second factor of staff and designers: an authenticator app, and backup codes for the day the phone is lost.

The devices are django-otp's, and so is what it promises of them: no code counts twice, and each wrong one is counted
and makes the next try wait twice as long.
"""

import secrets
from base64 import b32encode, urlsafe_b64encode
from binascii import unhexlify

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from accounts.errors import AlreadyEnrolled, TryCodeLater, WrongCode
from accounts.models import User
from cody_site.security_events import Event, note, note_once_done

CODE_DIGITS = 6
BACKUP_CODES = 10
BACKUP_CODE_DIGITS = 10
"""Digits only: a phone's numeric keyboard is what the field for codes opens."""


def is_asked_of(user: User) -> bool:
    """Is a password alone not enough for this person? Who has a device is always asked for it."""
    return user.is_staff and (settings.STAFF_SECOND_FACTOR or is_on(user))


def is_on(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def still_holds(user: User, device_id: str | None) -> bool:
    """Does a session with this device (none: opened by a password alone) still count?"""
    if device_id is None:
        return not settings.STAFF_SECOND_FACTOR
    device = Device.from_persistent_id(device_id)
    return device is not None and bool(device.confirmed) and device.user_id == user.pk


def new_key() -> str:
    """The secret of a device to be, in hex."""
    return str(default_key())


def typed_key(key: str) -> str:
    """The same as authenticator apps take it by hand: base32, in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def qr_code(user: User, key: str) -> str:
    """The same as they take it by the camera: an SVG, as a data: URI."""
    # Dark on light in every colour scheme: many cameras read nothing else.
    image = segno.make(TOTPDevice(user=user, key=key).config_url, error="m")
    return image.svg_data_uri(scale=5, dark="black", light="white")


def enrol(user: User, key: str, code: str) -> tuple[TOTPDevice, list[str]]:
    """Once a code shows that the app knows the key: the device, and the backup codes, which nobody is told again.

    Raises WrongCode or AlreadyEnrolled.
    """
    totp = TOTP(unhexlify(key))
    if len(code) != CODE_DIGITS or not totp.verify(int(code), tolerance=1):
        raise WrongCode
    with transaction.atomic():
        _lock(user)
        if is_on(user):
            raise AlreadyEnrolled
        forget(user)  # what an unfinished import may have left
        device = TOTPDevice.objects.create(user=user, key=key, last_t=totp.t(), drift=totp.drift)
        note_once_done(Event.SECOND_FACTOR_SET_UP, user=user.pk)
        return device, _new_backup_codes(user)


def accept(user: User, code: str) -> Device:
    """The device that this code is of; the code is spent.

    Raises WrongCode, or TryCodeLater with the seconds to wait because of wrong ones before.
    """
    model = TOTPDevice if len(code) == CODE_DIGITS else StaticDevice
    with transaction.atomic():  # refused after it, or the count of wrong codes would be rolled back
        # Locked: of two requests with the same code one finds it spent.
        device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            raise WrongCode
        allowed, why = device.verify_is_allowed()
        right = allowed and device.verify_token(code if model is TOTPDevice else _as_it_is_kept(device, code))
    if not allowed:
        raise TryCodeLater((why["locked_until"] - timezone.now()).total_seconds())
    if not right:
        note(Event.WRONG_SECOND_FACTOR, user=user.pk)
        raise WrongCode
    return device


def renew_backup_codes(user: User) -> list[str]:
    """New ones; the old ones are worth nothing from now on."""
    with transaction.atomic():
        _lock(user)
        return _new_backup_codes(user)


def backup_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def forget(user: User) -> None:
    """Without its devices the sessions that they opened are over, at the next request."""
    StaticDevice.objects.filter(user=user).delete()
    if TOTPDevice.objects.filter(user=user).delete()[0]:
        note_once_done(Event.SECOND_FACTOR_FORGOTTEN, user=user.pk)


def _new_backup_codes(user: User) -> list[str]:
    device, _created = StaticDevice.objects.get_or_create(user=user)
    device.token_set.all().delete()
    codes: set[str] = set()
    while len(codes) < BACKUP_CODES:
        codes.add(f"{secrets.randbelow(10**BACKUP_CODE_DIGITS):0{BACKUP_CODE_DIGITS}}")
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(user.pk, code)) for code in codes)
    return sorted(codes)


def _kept(user_pk: int, code: str, secret: str | None = None) -> str:
    """A backup code as its row has it: worth nothing to who reads the table, or a copy, without the site's secret key.

    Sixteen characters are what the column holds, 96 bits. (accounts/migrations/0012_backup_codes.py does the same.)
    """
    mac = salted_hmac("accounts.second_factor.backup_code", f"{user_pk}:{code}", secret=secret, algorithm="sha256")
    return urlsafe_b64encode(mac.digest()[:12]).decode()


def _as_it_is_kept(device: StaticDevice, code: str) -> str:
    """Made under the secret key of today, or as it is there: under one of those before it, or plain.

    Plain ones come from a site of the release before, which may still be serving when the tables are migrated already.
    """
    possible = [_kept(device.user_id, code, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    if code.isdecimal():  # what is kept is no code itself
        possible.append(code)
    there = device.token_set.filter(token__in=possible).values_list("token", flat=True).first()
    return there or possible[0]


def _lock(user: User) -> None:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
