"""Which apps act for a person, and how that ends."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_grant_model, get_refresh_token_model

from accounts.actors import Actor
from accounts.models import User
from accounts.oauth import ALL_SCOPES
from cody_site.transactions import retried

AccessToken, RefreshToken, Grant = get_access_token_model(), get_refresh_token_model(), get_grant_model()


@dataclass
class ConnectedApp:
    """An OAuth client that holds a token of this person."""

    pk: int
    name: str
    since: dt.datetime
    used_at: dt.datetime
    """When it last got a token; it needs one every hour that it is used."""

    live: bool = False
    scopes: set[str] = field(default_factory=set)

    @property
    def may(self) -> list[str]:
        """In words."""
        return [str(words) for scope, words in ALL_SCOPES.items() if scope in self.scopes]


def connected_to(user: User) -> list[ConnectedApp]:
    """The apps that can act for this person now or by refreshing, the last used first."""
    now = timezone.now()
    renewable_since = now - dt.timedelta(seconds=float(str(settings.OAUTH2_PROVIDER["REFRESH_TOKEN_EXPIRE_SECONDS"])))
    rows = [
        *_by_app(AccessToken.objects.filter(user=user), models.Q(expires__gt=now), "scope"),
        *_by_app(RefreshToken.objects.filter(user=user), models.Q(revoked=None, created__gt=renewable_since)),
    ]
    apps: dict[int, ConnectedApp] = {}
    for row in rows:
        pk, since, used_at = row["application"], row["since"], row["used_at"]
        app = apps.setdefault(pk, ConnectedApp(pk, row["application__name"], since, used_at))
        app.since, app.used_at = min(app.since, since), max(app.used_at, used_at)
        app.live |= bool(row["live"])
        app.scopes |= set(row.get("scope", "").split())
    return sorted((app for app in apps.values() if app.live), key=lambda app: app.used_at, reverse=True)


def _by_app(tokens: models.QuerySet[Any], holds: models.Q, *columns: str) -> Iterable[dict[str, Any]]:
    counted: Iterable[dict[str, Any]] = tokens.values("application", "application__name", *columns).annotate(
        since=models.Min("created"), used_at=models.Max("created"), live=models.Count("pk", filter=holds)
    )
    return counted


@retried
def disconnect(*, by: Actor, app: int) -> None:
    """All that this app holds of the caller ends at once; it may ask for consent again."""
    if by.user is not None:
        end_tokens(by.user, application=app)


def end_tokens(user: User, **of: int) -> None:
    """In the caller's transaction: all tokens and codes of this person, or those `of` one application."""
    # A refresh under way holds its token's lock; once it is through, what it has written is seen here.
    list(RefreshToken.objects.select_for_update().filter(user=user, **of).order_by("pk"))
    for tokens in (RefreshToken, AccessToken, Grant):
        tokens.objects.filter(user=user, **of).delete()
