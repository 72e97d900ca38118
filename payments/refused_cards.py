"""Whoever tries cards until one pays is stopped: so many refusals an hour for each payer, address and card."""

from typing import Protocol

from django.conf import settings
from django.core.cache import cache

from accounts.models import User
from payments.cards import Card
from payments.errors import TooManyRefusedCards

HOUR = 3600


class Attempt(Protocol):
    @property
    def payer(self) -> User: ...
    @property
    def ip(self) -> str | None: ...


def refuse_tried(attempt: Attempt, card: Card) -> None:
    """Raises TooManyRefusedCards."""
    most = settings.THROTTLE_REFUSED_CARDS
    if most and any(count >= most for count in cache.get_many(_keys(attempt, card)).values()):
        raise TooManyRefusedCards


def count(attempt: Attempt, card: Card) -> None:
    """One more definite refusal; forgotten an hour after the first."""
    for key in _keys(attempt, card):
        if not cache.add(key, 1, HOUR):
            try:
                cache.incr(key)
            except ValueError:  # forgotten just now
                cache.add(key, 1, HOUR)


def _keys(attempt: Attempt, card: Card) -> list[str]:
    who = [f"payer:{attempt.payer.pk}", f"card:{card.fingerprint}", *([f"ip:{attempt.ip}"] if attempt.ip else [])]
    return [f"refused-cards:{one}" for one in who]
