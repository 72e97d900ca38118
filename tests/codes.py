"""What the app on a person's phone does, and a browser in which somebody is signed in with both factors."""

import time
from binascii import unhexlify

from django.test import Client as Browser
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor


def code_of(key, at=None):
    """The code that an app with this key shows now."""
    totp = TOTP(unhexlify(key))
    totp.time = time.time() if at is None else at
    return f"{totp.token():06}"


def with_device(user):
    """The person's device and backup codes; the next half minute's code is the first that is not spent."""
    key = second_factor.new_key()
    return second_factor.enrol(user, key, code_of(key))


def signed_in(user):
    """A browser that has given the password and a code before."""
    device = TOTPDevice.objects.filter(user=user).first() or with_device(user)[0]
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    session = browser.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return browser
