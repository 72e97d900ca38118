"""Whoever tries cards until one pays is stopped: so many refusals an hour for each payer, address and card."""

import time
from typing import Protocol

from django.conf import settings
from django.core.cache import cache

from accounts.models import User
from cody_site.security_events import Event, note
from payments.cards import Card
from payments.errors import TooManyRefusedCards

HOUR = 3600
MOST_KEPT = 1000


class Attempt(Protocol):
    @property
    def payer(self) -> User: ...
    @property
    def ip(self) -> str | None: ...


def refuse_tried(attempt: Attempt, card: Card) -> None:
    """Raises TooManyRefusedCards."""
    most, now = settings.THROTTLE_REFUSED_CARDS, time.time()
    for refused in cache.get_many(_keys(attempt, card)).values():
        recent = _recent(refused, now)
        if most and len(recent) >= most:
            note(Event.CARDS_TRIED, user=attempt.payer.pk)
            raise TooManyRefusedCards(wait=int(recent[-most] + HOUR - now))


def count(attempt: Attempt, card: Card) -> None:
    """One more definite refusal. Of two in the same moment one may be lost: the next is counted again."""
    now = time.time()
    for key in _keys(attempt, card):
        cache.set(key, [*_recent(cache.get(key, []), now)[-MOST_KEPT:], now], HOUR)


def _recent(refused: list[float], now: float) -> list[float]:
    return [at for at in refused if at > now - HOUR]


def _keys(attempt: Attempt, card: Card) -> list[str]:
    who = [f"payer:{attempt.payer.pk}", f"card:{card.fingerprint}", *([f"ip:{attempt.ip}"] if attempt.ip else [])]
    return [f"refused-cards:{one}" for one in who]
