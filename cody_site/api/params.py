"""The manual's parameters (section 2): where they are read, and their strict types (R5 to R8, R34).

REST framework's own fields are more generous than the manual ("1.0" is an integer to them, " a " is trimmed), so the
types here check the type and a full-match pattern first and parse then.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from cody_site.api.parsers import loads
from cody_site.errors import Missing, Mistyped

INTEGER = re.compile(r"-?[0-9]{1,18}")
DATE = re.compile(r"[0-9]{8}")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
WHEN = re.compile(r"[0-9]{8}-[0-9]{2}:[0-9]{2}")
BIRTH = re.compile(r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}")
USERID = re.compile(r"[A-Za-z0-9._@+-]{1,30}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Text(str):
    """A value from a form or a query string: a JSON parameter is JSON text here (R5)."""

    __slots__ = ()


# ---------------------------------------------------------------- reading


def gather(request: Request) -> dict[str, Any]:
    """All parameters of a request, by name, from the body and (GET, DELETE) the query string.

    Raises Mistyped for a key given twice, or in both places with different values (R5).
    """
    found: dict[str, Any] = {}
    if request.method in ("GET", "HEAD", "DELETE"):
        found = _texts(request.query_params)
    body = _body(request)
    for key, value in (_texts(body) if isinstance(body, QueryDict) else body).items():
        if key in found and not _same(found[key], value):
            raise Mistyped(key)
        found.setdefault(key, value)
    return found


def _body(request: Request) -> Mapping[str, Any]:
    if request.method in ("GET", "HEAD") and not request.content_type.startswith("application/json"):
        return {}
    body: Mapping[str, Any] = request.data  # type: ignore[assignment]  # StrictJSON takes objects only
    return body


class _Unfit:
    """Stands for a key given twice, or a file: no type accepts it, and a key that nobody asks for stays ignored."""


def _texts(query: QueryDict) -> dict[str, Any]:
    return {
        key: Text(values[0]) if len(values) == 1 and isinstance(values[0], str) else _Unfit()
        for key, values in query.lists()
    }


def _same(text: Any, value: Any) -> bool:
    if isinstance(value, str) or not isinstance(text, str):
        return bool(text == value)
    try:
        return bool(loads(text) == value)
    except ParseError:
        return False


# ---------------------------------------------------------------- types


class Param(serializers.Field):
    """One value of a strict type; whatever does not fit is Mistyped, without saying more."""

    unfit = serializers.ValidationError("Wrong type or form.")

    def to_representation(self, value: Any) -> Any:
        return value


class Integer(Param):
    """A JSON integer, or ASCII digits in text (R7)."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and INTEGER.fullmatch(data):
            return int(data)
        if isinstance(data, int) and not isinstance(data, bool) and abs(data) < 10**18:
            return data
        raise self.unfit


class String(Param):
    """Text of at most `max_length` characters; `line` forbids control characters, `blank` allows none at all."""

    def __init__(self, *, max_length: int, line: bool = False, blank: bool = False, **kwargs: Any) -> None:
        self.max_length, self.line, self.blank = max_length, line, blank
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if (
            not isinstance(data, str)
            or len(data) > self.max_length
            or UNSTORABLE.search(data)
            or (self.line and CONTROL.search(data))
            or not (self.blank or data.strip())
        ):
            raise self.unfit
        return str(data)


class Userid(String):
    """30 of `[A-Za-z0-9._@+-]`; as given, for userids are told as they were written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        userid: str = super().to_internal_value(data)
        if not USERID.fullmatch(userid):
            raise self.unfit
        return userid


class UseridKey(Userid):
    """A userid to look for: userids match without regard to case (R21), so it is lowered."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class _Pattern(Param):
    """Text of a full-match pattern that `strptime` then understands."""

    pattern: ClassVar[re.Pattern[str]]
    format: ClassVar[str]

    def parse(self, data: Any) -> dt.datetime:
        if isinstance(data, str) and self.pattern.fullmatch(data):
            try:
                return dt.datetime.strptime(data, self.format)
            except ValueError:  # 20261331, 25:00
                pass
        raise self.unfit


class Date(_Pattern):
    """`YYYYMMDD` (R8)."""

    pattern, format = DATE, "%Y%m%d"

    def to_internal_value(self, data: Any) -> dt.date:
        return self.parse(data).date()


class Time(_Pattern):
    """`HH:MM` (R8)."""

    pattern, format = TIME, "%H:%M"

    def to_internal_value(self, data: Any) -> dt.time:
        return self.parse(data).time()


class When(_Pattern):
    """`YYYYMMDD-HH:MM`: a naive datetime on the salon's wall clock."""

    pattern, format = WHEN, "%Y%m%d-%H:%M"

    def to_internal_value(self, data: Any) -> dt.datetime:
        return self.parse(data)


class Birth(_Pattern):
    """`YYYY.MM.DD` (R8)."""

    pattern, format = BIRTH, "%Y.%m.%d"

    def to_internal_value(self, data: Any) -> dt.date:
        return self.parse(data).date()


class Array(Param):
    """A JSON array of strings, or its stringified form (R7), of at most `max_items`."""

    def __init__(self, *, max_items: int, **kwargs: Any) -> None:
        self.max_items = max_items
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, str):
            try:
                data = loads(data)
            except ParseError:
                raise self.unfit from None
        if (
            not isinstance(data, list)
            or len(data) > self.max_items
            or any(not isinstance(item, str) or UNSTORABLE.search(item) for item in data)
        ):
            raise self.unfit
        return [str(item) for item in data]


# ---------------------------------------------------------------- objects


class Params(serializers.Serializer[Any]):
    """A route's parameters. null and "" count as absent (R7); unknown keys are ignored (R5)."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = {key: value for key, value in data.items() if value is not None and value != ""}
        parsed: dict[str, Any] = super().to_internal_value(given)
        return parsed


class JSONObject(serializers.Serializer[Any]):
    """A JSON object of known keys, none of them required, at least one given (R6)."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        data = decoded(data)
        if not isinstance(data, Mapping) or not data or data.keys() - self.fields.keys():
            raise serializers.ValidationError({self.field_name or "": "Not an object of the known keys."})
        parsed: dict[str, Any] = super().to_internal_value(data)
        return parsed


def decoded(data: Any) -> Any:
    """In forms and query strings a JSON parameter is JSON text (R5)."""
    if not isinstance(data, Text):
        return data
    try:
        return loads(data)
    except ParseError:
        raise serializers.ValidationError({"": "Not JSON."}) from None


@dataclass(frozen=True)
class Selection:
    """Which rows a `rule` or `base` names: all of them, or those that meet every lookup."""

    everything: bool
    lookups: dict[str, Any]
    text: str
    """The parameter as it was given, as text (R35: `baseChange`)."""


class Rule(JSONObject):
    """A `rule` or `base`: the string `all`, or an object whose fields' `source` are ORM lookups (R6)."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is serializers.empty:
            return super().run_validation(data)
        if isinstance(data, str) and data == "all":
            return Selection(everything=True, lookups={}, text="all")
        lookups = super().run_validation(data)
        text = str(data) if isinstance(data, Text) else orjson.dumps(data).decode()
        return Selection(everything=False, lookups=lookups, text=text)


def parse(params: type[Params], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parameters as Python values; raises Missing before Mistyped (R33)."""
    serializer = params(data=given)
    if not serializer.is_valid():
        codes = serializer.errors
        for name, errors in codes.items():
            if isinstance(errors, list) and any(error.code == "required" for error in errors):
                raise Missing(name)
        raise Mistyped(next(iter(codes)))
    return dict(serializer.validated_data)
