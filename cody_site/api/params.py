"""The manual's parameters (section 2): where they are read, and their strict types (R5 to R8, R34).

REST framework's own fields are more generous than the manual ("1.0" is an integer to them, " a " is trimmed), so the
types here check the type and a full-match pattern first and parse then. Each type tells its JSON Schema beside the
code that enforces it, for the API's document (cody_site/api/schema.py).
"""

import datetime as dt
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import orjson
from django.core.exceptions import ValidationError
from django.db.models import IntegerChoices
from django.http import QueryDict
from django.utils.ipv6 import clean_ipv6_address
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
LARGEST = 10**18 - 1
EXAMPLE = dt.datetime(2020, 1, 9, 10, 30)  # the manual's own day

Schema = dict[str, Any]
"""A JSON Schema."""

ALL: Schema = {"type": "string", "const": "all"}


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
    if request.method in ("GET", "HEAD") and request.content_type.split(";")[0].strip().lower() != "application/json":
        return {}
    body: Mapping[str, Any] = request.data  # type: ignore[assignment]  # StrictJSON takes objects only
    return body


class Repeated:
    """Stands for a key given twice: no type accepts it, and a key that nobody asks for stays ignored."""


def _texts(query: QueryDict) -> dict[str, Any]:
    return {
        key: Repeated() if len(values) > 1 else Text(values[0]) if isinstance(values[0], str) else values[0]
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

    def schema(self) -> Schema:
        """The type as the manual means it, and as it is answered."""
        raise NotImplementedError

    def in_json(self) -> Schema:
        """What is taken in a JSON body."""
        return self.schema()

    def in_text(self) -> Schema:
        """What is taken in a form or a query string."""
        return self.schema()


class Integer(Param):
    """A JSON integer, or ASCII digits in text (R7), between `least` and `most`."""

    def __init__(self, *, least: int = -LARGEST, most: int = LARGEST, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and INTEGER.fullmatch(data):
            data = int(data)
        if isinstance(data, int) and not isinstance(data, bool) and self.least <= data <= self.most:
            return data
        raise self.unfit

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def in_json(self) -> Schema:
        return {"anyOf": [self.schema(), {"type": "string", "pattern": _whole(INTEGER)}]}


class OneOf(Integer):
    """One of the numbers of these choices."""

    def __init__(self, choices: type[IntegerChoices], **kwargs: Any) -> None:
        self.choices = choices
        super().__init__(least=min(choices), most=max(choices), **kwargs)

    def to_internal_value(self, data: Any) -> int:
        number = super().to_internal_value(data)
        if number not in self.choices.values:
            raise self.unfit
        return number

    def schema(self) -> Schema:
        meanings = ", ".join(f"{number} {label}" for number, label in self.choices.choices)
        return {"type": "integer", "enum": self.choices.values, "description": meanings}

    def in_json(self) -> Schema:
        return {"anyOf": [self.schema(), {"type": "string", "enum": [str(number) for number in self.choices.values]}]}


class String(Param):
    """Text of at most `max_length` characters; `line` forbids control characters, `blank` allows none at all.

    With `measured_later` a longer one is no matter of type: the service has the manual's words for it (705).
    """

    def __init__(
        self, *, max_length: int, line: bool = False, blank: bool = False, measured_later: bool = False, **kwargs: Any
    ) -> None:
        self.max_length, self.line, self.blank, self.measured_later = max_length, line, blank, measured_later
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if (
            not isinstance(data, str)
            or (len(data) > self.max_length and not self.measured_later)
            or UNSTORABLE.search(data)
            or (self.line and CONTROL.search(data))
            or not (self.blank or data.strip())
        ):
            raise self.unfit
        return str(data)

    def schema(self) -> Schema:
        unfit = r"\x00-\x1f\x7f-\x9f\u2028\u2029" if self.line else r"\x00"
        pattern = f"^[^{unfit}]*$" if self.blank else rf"^[^{unfit}]*[^\s{unfit}][^{unfit}]*$"
        return {"type": "string", "maxLength": self.max_length, "pattern": pattern}


class Userid(String):
    """30 of `[A-Za-z0-9._@+-]`; as given, for userids are told as they were written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        userid: str = super().to_internal_value(data)
        if not USERID.fullmatch(userid):
            raise self.unfit
        return userid

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _whole(USERID), "examples": ["hong"]}


class UseridKey(Userid):
    """A userid to look for: userids match without regard to case (R21), so it is lowered."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class _Pattern(Param):
    """Text of a full-match pattern that `strptime` then understands; `notation` is the manual's."""

    pattern: ClassVar[re.Pattern[str]]
    format: ClassVar[str]
    notation: ClassVar[str]

    def read(self, data: str) -> dt.datetime:
        """ValueError if there is no such day or time."""
        return dt.datetime.strptime(data, self.format)

    def schema(self) -> Schema:
        example = f"{EXAMPLE:{self.format}}"
        return {"type": "string", "format": self.notation, "pattern": _whole(self.pattern), "examples": [example]}

    def parse(self, data: Any) -> dt.datetime:
        if isinstance(data, str) and self.pattern.fullmatch(data):
            try:
                return self.read(data)
            except ValueError:  # 20261331, 25:00
                pass
        raise self.unfit


class Date(_Pattern):
    """`YYYYMMDD` (R8)."""

    pattern, format, notation = DATE, "%Y%m%d", "YYYYMMDD"

    def to_internal_value(self, data: Any) -> dt.date:
        return self.parse(data).date()


class Time(_Pattern):
    """`HH:MM` (R8)."""

    pattern, format, notation = TIME, "%H:%M", "HH:MM"

    def to_internal_value(self, data: Any) -> dt.time:
        return self.parse(data).time()


class When(_Pattern):
    """`YYYYMMDD-HH:MM`: a naive datetime on the salon's wall clock."""

    pattern, format, notation = WHEN, "%Y%m%d-%H:%M", "YYYYMMDD-HH:MM"

    def read(self, data: str) -> dt.datetime:
        return dt.datetime.fromisoformat(data)  # ten times as fast

    def to_internal_value(self, data: Any) -> dt.datetime:
        return self.parse(data)


class Birth(_Pattern):
    """`YYYY.MM.DD` (R8)."""

    pattern, format, notation = BIRTH, "%Y.%m.%d", "YYYY.MM.DD"

    def to_internal_value(self, data: Any) -> dt.date:
        return self.parse(data).date()


class IPAddress(Param):
    """An IPv4 or IPv6 address, as it is stored."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return clean_ipv6_address(data, unpack_ipv4=True) if ":" in data else str(ipaddress.IPv4Address(data))
        except (TypeError, ValueError, ValidationError):
            raise self.unfit from None

    def schema(self) -> Schema:
        return {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}


class Array(Param):
    """A JSON array of strings, or its stringified form (R7), of at most `max_items`; `measured_later` as for String."""

    def __init__(self, *, max_items: int, measured_later: bool = False, **kwargs: Any) -> None:
        self.max_items, self.measured_later = max_items, measured_later
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, str):
            try:
                data = loads(data)
            except ParseError:
                raise self.unfit from None
        if (
            not isinstance(data, list)
            or (len(data) > self.max_items and not self.measured_later)
            or any(not isinstance(item, str) or UNSTORABLE.search(item) for item in data)
        ):
            raise self.unfit
        return [str(item) for item in data]

    def schema(self) -> Schema:
        items = {"type": "string", "pattern": r"^[^\x00]*$"}
        return {"type": "array", "items": items, "maxItems": self.max_items}

    def in_json(self) -> Schema:
        return {"anyOf": [self.schema(), self.in_text()]}

    def in_text(self) -> Schema:
        return stringified(self.schema())


# ---------------------------------------------------------------- objects


class Params(serializers.Serializer[Any]):
    """A route's parameters. null and "" count as absent (R7); unknown keys are ignored (R5)."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = {key: value for key, value in data.items() if value is not None and value != ""}
        parsed: dict[str, Any] = super().to_internal_value(given)
        return parsed

    def in_json(self) -> Schema:
        return self._object({name: kind.in_json() for name, kind in types(self).items()})

    def in_text(self) -> Schema:
        return self._object({name: kind.in_text() for name, kind in types(self).items()})

    def _object(self, properties: Schema) -> Schema:
        required = [name for name, kind in types(self).items() if kind.required]
        return {"type": "object", "properties": properties} | ({"required": required} if required else {})


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

    def in_json(self) -> Schema:
        return {
            "title": type(self).__name__,
            "type": "object",
            "properties": {name: kind.in_json() for name, kind in types(self).items()},
            "additionalProperties": False,
            "minProperties": 1,
        }

    def in_text(self) -> Schema:
        return stringified(self.in_json())


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

    def in_json(self) -> Schema:
        return {"anyOf": [ALL, super().in_json()]}

    def in_text(self) -> Schema:
        return {"anyOf": [ALL, stringified(super().in_json())]}


def parse(params: type[Params], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parameters as Python values; raises Missing before Mistyped (R33)."""
    try:
        parsed: dict[str, Any] = _parser(params).run_validation(given)
    except serializers.ValidationError as invalid:
        codes: Any = invalid.detail
        for name, errors in codes.items():
            if isinstance(errors, list) and any(error.code == "required" for error in errors):
                raise Missing(name) from None
        raise Mistyped(next(iter(codes))) from None
    return dict(parsed)


@cache
def _parser(params: type[Params]) -> Params:
    """One for all requests: it keeps nothing of what it parses, and REST framework copies every field for each anew."""
    return params()


def types(params: Params | JSONObject) -> dict[str, Any]:
    """Each parameter's type: a Param or a JSONObject."""
    return dict(params.fields)


def stringified(schema: Schema) -> Schema:
    """JSON text of such a value."""
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^{pattern.pattern}$"
