"""The manual's words for accounts: /user (section 7) and client registration (R24)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Case, CharField, F, When
from django.db.models.expressions import Combinable

from accounts.actors import Actor
from accounts.models import AccountType, UserQuerySet, seen_by
from accounts.oauth import SCOPES
from accounts.phone_numbers import PHONE_NUMBER, e164
from cody_site.api.params import (
    Birth,
    Integer,
    JSONObject,
    OneOf,
    Param,
    Params,
    Rule,
    Schema,
    Selection,
    String,
    Userid,
    UseridKey,
)
from cody_site.api.text import BirthText


class PhoneNumber(Param):
    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str):
            try:
                return e164(data)
            except ValueError:
                pass
        raise self.unfit

    def schema(self) -> Schema:
        return {
            "type": "string",
            "format": "phone",
            "pattern": f"^{PHONE_NUMBER.pattern}$",
            "examples": ["+821012345678", "010-1234-5678"],
        }


class Email(String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=50, line=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        email: str = super().to_internal_value(data)
        try:
            validate_email(email)
        except ValidationError:
            raise self.unfit from None
        return email

    def schema(self) -> Schema:
        return {"type": "string", "format": "email", "maxLength": self.max_length}


class Scopes(String):
    """Scopes that open a route, with spaces between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, line=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        scope: str = super().to_internal_value(data)
        if not set(scope.split()) <= set(SCOPES):
            raise self.unfit
        return scope

    def schema(self) -> Schema:
        one = f"({'|'.join(SCOPES)})"
        return {"type": "string", "maxLength": self.max_length, "pattern": f"^{one}( {one})*$"}


class UserFilter(Rule):
    userid = UseridKey(source="userid__lower")
    name = String(max_length=30)
    type = Integer()
    pn = PhoneNumber()
    email = String(max_length=50)


class UserData(JSONObject):
    name = String(max_length=30, line=True)
    type = OneOf(AccountType)
    pn = PhoneNumber()
    email = Email()


class ReadUsers(Params):
    rule = UserFilter()


class SignUp(Params):
    userid = Userid()
    pw = String(max_length=256, source="password")
    type = OneOf(AccountType)
    name = String(max_length=30, line=True)
    pn = PhoneNumber()
    email = Email()
    birth = Birth()


class ChangeUsers(Params):
    base = UserFilter()
    data = UserData()  # type: ignore[assignment]  # the manual's word; the serializer's own `data` is never read


class ClientWish(Params):
    name = String(max_length=255, line=True)
    scope = Scopes(required=False)


class TokenWish(Params):
    """RFC 6749's parameters, and beside them the manual's names of four of them."""

    grant_type = String(max_length=100, required=False)
    api_key = String(max_length=255, required=False)
    api_secret = String(max_length=255, required=False)
    client_id = String(max_length=255, required=False)
    client_secret = String(max_length=255, required=False)
    scope = String(max_length=1000, required=False)
    userid = String(max_length=30, required=False)
    pw = String(max_length=256, required=False)
    username = String(max_length=30, required=False)
    password = String(max_length=256, required=False)
    code = String(max_length=255, required=False)
    redirect_uri = String(max_length=2000, required=False)
    code_verifier = String(max_length=128, required=False)
    refresh_token = String(max_length=255, required=False)


USER: dict[str, Combinable] = {
    "userid": F("userid"),
    "type": F("type"),
    "name": F("name"),
    "pn": F("pn"),
    "email": F("email"),
    "birth": BirthText(F("birth")),
}


def user_row(actor: Actor) -> dict[str, Combinable]:
    """GET /user's row; what the caller may not see in a row is null there (R9)."""
    return {
        key: Case(
            When(seen_by(actor, key), then=value), default=None, output_field=None if key == "type" else CharField()
        )
        for key, value in USER.items()
    }


def seen_throughout(users: UserQuerySet, selection: Selection, actor: Actor) -> UserQuerySet:
    """Those of whom the caller may see every field that the rule names: what one may not see meets nothing (R9)."""
    for lookup in selection.lookups:
        users = users.filter(seen_by(actor, lookup.removesuffix("__lower")))
    return users
