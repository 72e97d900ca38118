"""/user (section 7), and where app clients get their keys and tokens (section 8, R23, R24)."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.http.response import HttpResponseBase
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.errors import CannotConfirmUser, TokenRefused
from accounts.lockout import cool_off_seconds
from accounts.models import ACCOUNT_MANAGERS, STAFF, AccountType, Client, User, UserQuerySet
from accounts.oauth import GRANT_TYPES, SCOPES
from accounts.schema import CLIENTS, TOKENS, USER
from accounts.serializers import (
    ChangeUsers,
    ClientWish,
    ReadUsers,
    SignUp,
    TokenWish,
    seen_throughout,
    user_row,
)
from accounts.throttles import PasswordsPerAddress, PasswordsPerUserid, SignUps
from cody_site.api.envelope import told
from cody_site.api.params import Selection, decoded
from cody_site.api.permissions import OPEN, Access
from cody_site.api.views import Route
from cody_site.api.walk import walk
from cody_site.errors import Forbidden, Mistyped
from cody_site.security_events import Event, note

NOT_FINANCE = frozenset(AccountType) - {AccountType.FINANCE_MANAGER}


class UserViewSet(Route):
    access = {
        "list": Access("users:read", public=True),
        "create": Access("users:write", types=NOT_FINANCE, public=True),
        "partial_update": Access("users:write", types=NOT_FINANCE),
        "destroy": Access("users:write", types=NOT_FINANCE),
    }
    operations = USER
    throttles = {"create": [SignUps]}
    named_if_missing = frozenset({"rule"})

    def list(self, request: Request) -> HttpResponseBase:
        rule: Selection = self.parsed(ReadUsers)["rule"]
        row = user_row(self.actor)
        scoped = not (self.actor.is_app_client or self.actor.account_type in STAFF)
        users = told(seen_throughout(User.objects.visible_to(self.actor), rule, self.actor), row)
        return self.answer_list(walk(users, rule.lookups, scoped=scoped), row)

    def create(self, request: Request) -> Response:
        services.register(by=self.actor, **self.parsed(SignUp))
        return Response(True)

    def partial_update(self, request: Request) -> Response:
        given = self.parsed(ChangeUsers)
        base: Selection = given["base"]
        data = services.UserChange(**given["data"])
        if data.type is not None and self.actor.account_type not in ACCOUNT_MANAGERS:
            raise Forbidden
        outcome = services.change(by=self.actor, users=self.changeable(base), data=data)
        if outcome.matched == 0 and "userid__lower" in base.lookups:
            self.confirm(decoded(self.given["base"])["userid"])
        return self.answer_change("updateInfo", base, matched=outcome.matched, changed=outcome.changed)

    def destroy(self, request: Request) -> Response:
        rule: Selection = self.parsed(ReadUsers)["rule"]
        if "userid__lower" not in rule.lookups and not self.is_for_oneself:
            raise Mistyped("rule")  # nobody withdraws everybody by a slip
        outcome = services.withdraw(by=self.actor, users=self.changeable(rule))
        return self.answer_change("delInfo", rule, matched=outcome.matched, changed=outcome.changed)

    @property
    def is_for_oneself(self) -> bool:
        return not self.actor.is_app_client and self.actor.account_type not in ACCOUNT_MANAGERS

    def changeable(self, selection: Selection) -> UserQuerySet:
        users = seen_throughout(User.objects.changeable_by(self.actor), selection, self.actor)
        return users.filter(**selection.lookups)

    def confirm(self, userid: str) -> None:
        """R19: a base.userid that names nobody in the caller's scope is an error, every other miss is 0 rows."""
        if not User.objects.changeable_by(self.actor).named(userid).exists():
            raise CannotConfirmUser(userid)


class ClientViewSet(Route):
    """POST /payment/OAuth2.0/api"""

    access = {"create": Access("payment", types=ACCOUNT_MANAGERS, clients=False)}
    operations = CLIENTS

    def create(self, request: Request) -> Response:
        wish = self.parsed(ClientWish)
        own = [scope for scope in SCOPES if self.actor.has_scope(scope)]
        wanted = list(dict.fromkeys(wish["scope"].split())) if "scope" in wish else own
        if not set(wanted) <= set(own):
            raise Forbidden  # a token gives away no more than it may do itself (R29)
        secret = generate_client_secret()
        client = Client.objects.create(
            name=wish["name"],
            scope=" ".join(wanted),
            user=self.actor.user,
            client_type=Client.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
            client_secret=secret,
        )
        note(Event.CLIENT_SECRET_MADE, by=self.actor.key, detail=f"client:{client.pk}")
        return Response({"api_key": client.client_id, "api_secret": secret, "scope": client.scope})


class TokenViewSet(Route):
    """POST /payment/OAuth2.0/getToken: RFC 6749 behind the manual's names (R23)."""

    access = {"create": OPEN}
    operations = TOKENS
    authentication_classes = []
    throttles = {"create": [PasswordsPerUserid, PasswordsPerAddress]}

    NAMES = {"api_key": "client_id", "api_secret": "client_secret", "userid": "username", "pw": "password"}

    def create(self, request: Request) -> Response:
        core = get_oauthlib_core()
        given = core.extract_headers(request._request)  # noqa: SLF001 -- REST framework's own way to Django's request
        headers, body, status = core.server.create_token_response(
            request.path, "POST", urlencode(self.translated()), given, None
        )
        contents: dict[str, Any] = orjson.loads(body)
        if status == 429:
            raise Throttled(wait=cool_off_seconds())
        if status != 200:
            note(Event.TOKEN_REFUSED, detail=contents["error"])
            raise TokenRefused(status, contents["error"], headers.get("WWW-Authenticate"))
        return Response(contents, headers={"Pragma": "no-cache"})

    def translated(self) -> dict[str, str]:
        """The parameters under RFC 6749's names; `grant_type` defaults to client_credentials."""
        try:
            given = self.parsed(TokenWish)
        except Mistyped:
            raise TokenRefused(400, "invalid_request") from None
        translated: dict[str, str] = {}
        for name, value in given.items():
            if translated.setdefault(self.NAMES.get(name, name), value) != value:
                raise TokenRefused(400, "invalid_request")
        translated.setdefault("grant_type", "client_credentials")
        if translated["grant_type"] not in GRANT_TYPES:
            raise TokenRefused(400, "unsupported_grant_type")
        return translated
