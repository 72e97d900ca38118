"""JSON as strict as the manual: no key twice, no NaN, no bottomless nesting."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from cody_site.errors import Mistyped


class StrictJSON(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = loads(stream.read())
        if not isinstance(body, dict):
            raise ParseError
        return body


def loads(text: bytes | str) -> Any:
    """Parse JSON text; ParseError if it is none, Mistyped if an object has a key twice (R5)."""
    try:
        if isinstance(text, bytes):
            text = text.decode()
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ParseError from None
    if _depth(value) > settings.API_MAX_JSON_DEPTH:
        raise ParseError
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Mistyped
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _depth(value: Any) -> int:
    """How deep objects and arrays are nested, without recursion."""
    depth, level = 0, [value]
    while level := [
        child
        for parent in level
        if isinstance(parent, dict | list)
        for child in (parent.values() if isinstance(parent, dict) else parent)
    ]:
        depth += 1
    return depth
