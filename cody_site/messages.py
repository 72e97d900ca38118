"""What the next page says first, kept by the browser meanwhile as Django does it."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class InCookie(CookieStorage):
    """A cookie that no other host of the domain can plant, as those of settings.py are."""

    cookie_name = "messages" if settings.DEBUG else "__Host-messages"


class Messages(FallbackStorage):
    storage_classes = (InCookie, SessionStorage)
