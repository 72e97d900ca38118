"""The OAuth 2.0 server: what django-oauth-toolkit is told to do differently (R23, R24, R29)."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from oauth2_provider.models import get_refresh_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import SettingsScopes
from oauthlib.common import Request
from oauthlib.oauth2 import OAuth2Error

from accounts.lockout import forget_failures
from accounts.models import CUSTOMERS, Client, User
from cody_site.security_events import Event, note

ALL_SCOPES: dict[str, str] = settings.OAUTH2_PROVIDER["SCOPES"]  # type: ignore[assignment]  # a dict of all sorts
MACHINE_ONLY = {"introspection"}
SCOPES = tuple(scope for scope in ALL_SCOPES if scope not in MACHINE_ONLY)
"""Every scope that opens a route of the manual."""


GRANT_TYPES = {"client_credentials", "password", "authorization_code", "refresh_token"}
"""RFC 6749's grants that both token endpoints know; the library has more."""


RefreshToken = get_refresh_token_model()


def _family(code: str) -> uuid.UUID:
    """What all tokens share that one authorization code has led to."""
    return uuid.uuid5(uuid.NAMESPACE_OID, code)


class LockedOut(OAuth2Error):
    error = "too_many_attempts"
    status_code = 429
    description = "Too many failed attempts; try again later."


class ClientScopes(SettingsScopes):
    """A client may ask for the scopes written in its row, and gets all of them if it asks for none (R23)."""

    def get_available_scopes(
        self, application: Client | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        if application is None:
            return list(super().get_all_scopes())
        return application.scopes

    def get_default_scopes(
        self, application: Client | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application)


class Validator(OAuth2Validator):
    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        # The library's gate forbids the password grant altogether (RFC 9700); the manual wants it (R23),
        # so it is open to those clients alone that say so in their row.
        if grant_type == "password":
            return bool(request.client.password_grant)
        return bool(super().validate_grant_type(client_id, grant_type, client, request, *args, **kwargs))

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> Any:
        saved = super().save_bearer_token(token, request, *args, **kwargs)
        note(Event.TOKEN_ISSUED, user=request.user and request.user.pk, by=f"client:{request.client.pk}")
        return saved

    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any) -> None:
        super().revoke_token(token, token_type_hint, request, *args, **kwargs)
        note(Event.TOKEN_REVOKED, by=f"client:{request.client.pk}")

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A code that comes again may be stolen, and what it gave with it: all of that ends (RFC 6749, 4.1.2)."""
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return True
        family = _family(code)
        if RefreshToken.objects.filter(token_family=family, revoked=None).exists():
            RefreshToken.revoke_family(family)
            note(Event.TOKEN_REVOKED, by=f"client:{client.pk}", detail="code used twice")
        return False

    def _create_refresh_token(self, request: Request, *args: Any) -> Any:
        token = super()._create_refresh_token(request, *args)
        if request.grant_type == "authorization_code":
            token.token_family = _family(request.code)
            token.save(update_fields=["token_family"])
        return token

    def validate_user(
        self, username: str, password: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A person's own password: customers and test accounts; in development everybody (R23)."""
        http_request: HttpRequest = self.build_http_request(request)
        user = authenticate(http_request, username=username, password=password)
        if getattr(http_request, "axes_locked_out", False):
            raise LockedOut(request=request)
        if not isinstance(user, User):
            return False
        forget_failures(http_request, user.userid)
        if user.type not in CUSTOMERS and not settings.DEBUG:
            return False
        request.user = user
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """What was granted then, as far as the client may have it still."""
        granted = super().get_original_scopes(refresh_token, request, *args, **kwargs)
        granted = granted.split() if isinstance(granted, str) else granted
        return [scope for scope in granted if scope in request.client.scopes]

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return bool(super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)) and (
            request.user is None or request.user.is_active
        )
