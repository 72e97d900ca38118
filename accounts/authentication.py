"""Bearer before session; either way `request.auth` is the Actor."""

import hashlib
from copy import copy
from typing import Any

from django.http import HttpRequest, QueryDict
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.actors import Actor, Door
from accounts.models import User
from cody_site.prepared import Prepared

AccessToken = get_access_token_model()

NEEDED = (
    *("user_id", "expires", "scope", "resource"),
    *(f"application__{name}" for name in ("client_id", "name", "scope", "enabled")),
    *(f"user__{field.name}" for field in User._meta.concrete_fields),  # noqa: SLF001 -- documented in spite of its name
)
# Tokens are stored as their SHA-256 only (COMPLIANT_BCP_RFC9700_TOKEN_STORAGE).
TOKENS = Prepared(
    lambda checksum: (
        AccessToken.objects.filter(token_checksum=checksum).select_related("user", "application").only(*NEEDED)
    )
)


class Bearer(BaseAuthentication):
    """RFC 6750, header only. A token that does not hold is 401 on public routes too (R33)."""

    def authenticate(self, request: Request) -> tuple[User | None, Actor] | None:
        token = presented(request)
        if token is None:
            return None
        found = living(token)
        if found is None or (found.resource and not found.allows_audience(request.build_absolute_uri(request.path))):
            raise AuthenticationFailed
        return found.user, Actor(Door.API, user=found.user, client=found.application, scopes=scopes_of(found))

    def authenticate_header(self, request: Request) -> str:
        challenge = 'Bearer realm="cdeday"'
        return challenge if presented(request) is None else f'{challenge}, error="invalid_token"'


def living(token: str) -> Any:
    """The stored access token of that text, if it holds: neither over, nor of an app or a person who may no longer."""
    found = TOKENS.first(hashlib.sha256(token.encode(errors="replace")).hexdigest())
    if (
        found is None
        or found.is_expired()
        or not found.application.enabled
        or (found.user is not None and not found.user.is_active)
    ):
        return None
    return found


def scopes_of(token: Any) -> frozenset[str]:
    """What was granted, as far as the app may have it still."""
    return frozenset(token.scope.split()) & frozenset(token.application.scopes)


def presented(request: HttpRequest | Request) -> str | None:
    """The token of an `Authorization: Bearer` header, whatever it is worth; None without such a header."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class Session(SessionAuthentication):
    """The browser's session; unsafe methods need the CSRF token, whatever the content type.

    With an upload it comes in the header: Django would read the whole body first to look for it there (R33).
    """

    def enforce_csrf(self, request: Request) -> None:
        plain: Any = request._request  # noqa: SLF001 -- Django's own request, as the toolkit passes it on
        if plain.content_type == "multipart/form-data":
            plain = copy(plain)
            plain.POST = QueryDict()
        super().enforce_csrf(plain)

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        found = super().authenticate(request)
        return found and (found[0], Actor(Door.API, user=found[0]))
