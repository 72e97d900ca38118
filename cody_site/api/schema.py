"""The API's own description: OpenAPI 3.1, made from the routes, their access tables and their `operations`.

REST framework loads its renderers while this is imported: it must stay apart from envelope.py.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from oauth2_provider.scopes import get_scopes_backend

from cody_site.api import errors
from cody_site.api.operations import TEXT, Operation, record
from cody_site.api.params import Params, Schema, types
from cody_site.api.permissions import OPEN, Access
from cody_site.api.views import MissingKey, Paging
from cody_site.errors import Missing, Mistyped, Refusal

JSON = "application/json"
FILE_ANSWERS = (
    HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
)  # fmt: skip
"""Of the routes whose answer is a file."""

COMMON: dict[int, Schema] = {
    **{status: {"const": message} for status, message in (
        errors.MALFORMED, errors.UNAUTHENTICATED, errors.DENIED, errors.TOO_LARGE, errors.UNSUPPORTED, errors.TOO_MANY,
    )},
    500: {"pattern": rf"^{errors.INTERNAL} \([A-Za-z0-9-]{{8,64}}\)$"},
}  # fmt: skip
"""What every operation may answer."""

DESCRIPTION = """\
Every answer is one JSON object, the envelope: `status` (200 is success), `contents` (null on failure) and `errors` (the
message, null on success). The HTTP status is `status`, but 705 travels as 400, and where the manual answers 500 for a
user that cannot be found, that travels as 404. In development mode a failure has `error` besides.

Other methods on these paths are 405 `ERR: Method not allowed.`, unknown paths 404 `ERR: No such route.` Unknown
parameters are ignored, null and the empty text count as absent, a parameter given twice is 400. GET takes its
parameters in a JSON body, too.

Tokens come from `POST /payment/OAuth2.0/getToken`, in the envelope, or from plain OAuth 2.0 (RFC 6749, PKCE: 7636)
without it: `/oauth/authorize`, `/oauth/token`, `/oauth/revoke` (7009), `/oauth/introspect` (7662), described by
`/.well-known/oauth-authorization-server` (8414).
"""


class RouteSchema(AutoSchema):
    """One operation of the document, from the viewset's `access` and `operations` tables."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Schema:
        view: Any = self.view
        operation: Operation = view.operations[view.action]
        access: Access = view.access[view.action]
        params = operation.params()
        security = _security(access, method) if operation.security is None else operation.security
        found: Schema = {
            "operationId": f"{method.lower()}{re.sub('[^A-Za-z0-9]', '', path.title())}",
            "summary": operation.summary,
            "description": " ".join(filter(None, [operation.description, _who(access)])),
            "tags": [path.split("/")[1]],
            "security": security,
        }
        if method == "GET":
            found["parameters"] = _query(params, operation.example)
        elif method == "DELETE":  # here or there
            found["parameters"] = _query(params, {}, required=False)
            found["requestBody"] = _body(operation, params, operation.example, required=False)
        else:
            found["requestBody"] = _body(operation, params, operation.example)
        if operation.paged:
            found["parameters"] += _query(Paging(), {})
        refusals = [*_about(params, view.named_if_missing), *operation.refusals]
        return found | {"responses": _responses(operation, refusals)}


# ---------------------------------------------------------------- who may call


def _who(access: Access) -> str:
    if access is OPEN:
        return ""
    people = "everybody who has signed in"
    if access.types is not None:
        people = f"account types {', '.join(map(str, sorted(access.types)))}"
    callers = [people, *(["app clients"] if access.clients else []), *(["anybody"] if access.public else [])]
    return f"For {'; '.join(callers)}. A token needs the scope `{access.scope}`."


def _security(access: Access, method: str) -> Sequence[Schema]:
    if access is OPEN:
        return [{}]
    session: Schema = {"session": []} if method == "GET" else {"session": [], "csrf": []}
    return [{"oauth2": [access.scope]}, session, *([{}] if access.public else [])]


# ---------------------------------------------------------------- parameters


def _query(params: Params, example: Schema, *, required: bool = True) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "query",
            "required": kind.required and required,
            "schema": kind.in_text(),
            **({"example": _text(example[name])} if name in example else {}),
        }
        for name, kind in types(params).items()
    ]


def _body(operation: Operation, params: Params, example: Schema, *, required: bool = True) -> Schema:
    in_json, in_text = params.in_json(), params.in_text()
    if not required:
        del in_json["required"], in_text["required"]
    in_form = {"schema": in_text, "example": {name: _text(value) for name, value in example.items()}}
    content = dict.fromkeys(operation.takes, in_form) | (
        {JSON: {"schema": in_json, "example": example}} if JSON in operation.takes else {}
    )
    return {"required": "required" in in_json, "content": content}


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


# ---------------------------------------------------------------- answers


def _about(params: Params, named_if_missing: Iterable[str]) -> list[Refusal]:
    required = [name for name, kind in types(params).items() if kind.required]
    return [Mistyped(), *(MissingKey(name) if name in named_if_missing else Missing(name) for name in required)]


def _responses(operation: Operation, refusals: Iterable[Refusal]) -> dict[str, Schema]:
    own: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in refusals:
        own[refusal.http_status].append(refusal)
    contents = {"status": {"const": 200}, "contents": operation.contents, "errors": {"type": "null"}}
    if operation.binary:
        succeeded = {str(http.value): _file(http) for http in FILE_ANSWERS}
    else:
        headers = ["X-Next-Cursor"] if operation.paged else []
        succeeded = {"200": _response(HTTPStatus.OK, record(**contents), *headers)}
    return {
        **succeeded,
        **{
            str(http): _failure(http, own[http], operation.failed if http in (400, 500) else None)
            if http in own
            else _ref("responses", HTTPStatus(http).name)
            for http in sorted(COMMON.keys() | own.keys())
        },
    }


def _file(http: HTTPStatus) -> Schema:
    body: Schema = {"type": "string", "format": "binary"}
    has_body = http in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)
    return {
        "description": http.phrase,
        "headers": {name: _ref("headers", name) for name in ("X-Request-ID", "ETag")},
        **({"content": {"*/*": {"schema": body}}} if has_body else {}),
    }


def _failure(http: int, refusals: Iterable[Refusal] = (), told_of: Schema | None = None) -> Schema:
    told = [*([COMMON[http]] if http in COMMON else []), *map(_message, refusals)]
    messages = [message for number, message in enumerate(told) if message not in told[:number]]
    statuses = {refusal.status for refusal in refusals} | ({http} & COMMON.keys())
    envelope = record(
        optional={"error": _ref("schemas", "Error")},
        status={"type": "integer", "enum": sorted(statuses)},
        contents=_contents(refusals) if told_of is None else {"anyOf": [{"type": "null"}, told_of]},
        errors={"type": "string", "anyOf": messages},
    )
    headers = {HTTPStatus.UNAUTHORIZED: ["WWW-Authenticate"], HTTPStatus.TOO_MANY_REQUESTS: ["Retry-After"]}
    response = _response(HTTPStatus(http), envelope, *headers.get(HTTPStatus(http), []))
    words = [message.get("const") or message["pattern"].strip("^$") for message in messages]
    return response | {"description": "; ".join(f"`{text}`" for text in words)}


def _contents(refusals: Iterable[Refusal]) -> Schema:
    """null, or what a refusal has as its example: texts, and booleans that are always the same."""
    told = [refusal.contents for refusal in refusals if isinstance(refusal.contents, dict)]
    shapes = [record(None, **{name: _like(value) for name, value in contents.items()}) for contents in told]
    return {"anyOf": [{"type": "null"}, *shapes]} if shapes else {"type": "null"}


def _like(value: str | bool) -> Schema:
    return {"const": value} if isinstance(value, bool) else {"type": "string", "examples": [value]}


def _message(refusal: Refusal) -> Schema:
    """Its words; of those that end in a value (R2) the pattern, and the value given as an example."""
    text, value = str(refusal), str(refusal.value)
    if refusal.pattern:
        return {"pattern": refusal.pattern, "examples": [text]}
    if refusal.value is not None and text.endswith(f": {value}"):
        return {"pattern": f"^{text.removesuffix(value)}", "examples": [text]}
    return {"const": text}


def _response(http: HTTPStatus, envelope: Schema, *headers: str) -> Schema:
    return {
        "description": http.phrase,
        "headers": {name: _ref("headers", name) for name in ("X-Request-ID", *headers)},
        "content": {"application/json": {"schema": envelope}},
    }


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


# ---------------------------------------------------------------- the document


class Document(SchemaGenerator):
    """The whole description, in English."""

    def get_schema(self, request: Any = None, public: bool = False) -> Schema:
        with translation.override("en"):
            document: Schema = super().get_schema(request, public)  # type: ignore[no-untyped-call]
            document["info"]["description"] = DESCRIPTION
            document["components"] = _components()
            return document


@cache
def document() -> Schema:
    return Document().get_schema(public=True)  # type: ignore[no-untyped-call]


def _components() -> Schema:
    scopes = {scope: str(meaning) for scope, meaning in get_scopes_backend().get_all_scopes().items()}
    token = {"tokenUrl": reverse("oauth2_provider:token"), "scopes": scopes}
    consent = token | {"authorizationUrl": reverse("oauth2_provider:authorize")}
    flows = {"clientCredentials": token, "authorizationCode": consent, "password": token}
    error = record(position=TEXT, errors=TEXT) | {"description": "In development mode: where the failure arose."}
    csrf = f"With a session: the value of the cookie `{settings.CSRF_COOKIE_NAME}`."
    return {
        "schemas": {"Error": error},
        "responses": {HTTPStatus(http).name: _failure(http) for http in COMMON},
        "headers": {
            "X-Request-ID": _header("The request's id in the server's log.", "^[A-Za-z0-9-]{8,64}$"),
            "X-Next-Cursor": _header("`after` for the next page, if there is one.", "^[0-9]+$") | {"required": False},
            "ETag": _header("The SHA-256 of the whole file.", '^"[0-9a-f]{64}"$'),
            "Retry-After": _header("Seconds to wait.", "^[0-9]+$"),
            "WWW-Authenticate": _header("What is asked for (RFC 6750).", "^(Bearer|Basic)"),
        },
        "securitySchemes": {
            "oauth2": {"type": "oauth2", "description": "A Bearer wins over a session.", "flows": flows},
            "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": csrf},
            "client": {"type": "http", "scheme": "basic", "description": "An app client's key and secret."},
        },
    }


def _header(description: str, pattern: str) -> Schema:
    return {"description": description, "required": True, "schema": {"type": "string", "pattern": pattern}}
