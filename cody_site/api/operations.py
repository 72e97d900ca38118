"""The words in which an app tells the API's document of its routes (cody_site/api/schema.py makes it of them)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cody_site.api.params import Param, Params, Schema
from cody_site.errors import Refusal


@dataclass(frozen=True)
class Operation:
    """What the document tells of a route's action, besides who may call it."""

    summary: str
    params: type[Params]
    contents: Schema
    refusals: Sequence[Refusal] = ()
    """One of each kind that the action may answer, beyond those that every action may; a value is an example."""

    example: Schema = field(default_factory=dict)
    """The parameters of a whole request."""

    description: str = ""
    paged: bool = False

    takes: Sequence[str] = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    """Which types of body."""

    binary: bool = False
    """The answer is a file; `contents` of the envelope do not come."""

    failed: Schema | None = None
    """The contents that failures of the action itself (400, 500) may have."""

    security: Sequence[Schema] | None = None
    """Instead of what the access table says, for routes that identify their caller by themselves."""


# ---------------------------------------------------------------- contents


def record(optional: dict[str, Schema] | None = None, **members: Param | Schema) -> Schema:
    """An object that has all of these keys, perhaps the optional ones, and no other."""
    properties = {name: _schema(value) for name, value in members.items()}
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def listed(row: Schema) -> Schema:
    return {"type": "array", "items": row}


def nullable(value: Param | Schema) -> Schema:
    return {"anyOf": [_schema(value), {"type": "null"}]}


COUNT: Schema = {"type": "integer", "minimum": 0}
TRUE: Schema = {"type": "boolean", "const": True}
TEXT: Schema = {"type": "string"}


def changed(key: str, **more: Schema) -> Schema:
    """The contents of PATCH and DELETE (R35)."""
    base = {"type": "string", "description": "The base or rule, as it was given.", "examples": ["all"]}
    message = {"type": "string", "pattern": "^Rows matched: [0-9]+  Changed: [0-9]+$"}
    return record(res=TRUE, **{key: record(baseChange=base, affected=COUNT, message=message, **more)})


def _schema(value: Param | Schema) -> Schema:
    return value.schema() if isinstance(value, Param) else value
