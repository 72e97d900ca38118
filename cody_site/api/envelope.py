"""The envelope of section 1: `status`, `contents`, `errors` (and `error` in development)."""

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from itertools import islice, repeat
from typing import Any, TypeVar, cast

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from cody_site.api.walk import ROWS_AT_ONCE, Walk

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/json; charset=utf-8"
OPENING, CLOSING = b'{"status":200,"contents":[', b'],"errors":null}'
ROWS_A_CHUNK = ROWS_AT_ONCE - 1

Row = Mapping[str, Combinable]
"""The manual's keys, and what the database is asked for."""

Keys = Collection[str]
Rows = TypeVar("Rows", bound=QuerySet[Any])


def success(contents: object) -> dict[str, object]:
    return {"status": 200, "contents": contents, "errors": None}


def failure(status: int, message: str, *, contents: object = None, position: str = "") -> dict[str, object]:
    body: dict[str, object] = {"status": status, "contents": contents, "errors": message}
    if settings.DEBUG:
        body["error"] = {"position": position, "errors": message}
    return body


def failure_response(http_status: int, message: str, *, position: str = "") -> HttpResponse:
    """A failure told outside of REST framework: before any view, or instead of one."""
    body = orjson.dumps(failure(http_status, message, position=position))
    return HttpResponse(body, status=http_status, content_type=CONTENT_TYPE)


class EnvelopeRenderer(BaseRenderer):
    """Wraps what a view answers; what the exception handler answers is a failure() already."""

    media_type = "application/json"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        response = (renderer_context or {})["response"]
        return orjson.dumps(data if response.exception else success(data))


class OnlyJson(BaseContentNegotiation):
    """JSON whatever the Accept header says: a 406 would be an answer outside the manual."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        content_type = request.content_type.split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def told(rows: Rows, row: Row) -> Rows:
    """The rows as values of these columns, and the pk behind them for the cursor; a query with its model's words."""
    return cast(Rows, rows.values_list(*row.values(), "pk"))


def page(walk: Walk, keys: Keys, limit: int, after: int = 0) -> HttpResponse:
    """The first `limit` rows, and the cursor of the next page if there is one (R10)."""
    found = walk.first(limit + 1, after)
    response = HttpResponse(OPENING + _text(found[:limit], keys) + CLOSING, content_type=CONTENT_TYPE)
    if len(found) > limit:
        response["X-Next-Cursor"] = str(found[limit - 1][-1])
    return response


def whole(walk: Walk, keys: Keys, after: int = 0) -> HttpResponseBase:
    """All rows, in constant memory, however many there are (R10).

    Most lists are short and go out as they are. A long one is streamed: its first rows, fetched here, so that a failing
    query can still be answered as one, then the others by a cursor of the database. What fails later ends the body
    without its closing bytes: a cut answer never parses as a whole one.
    """
    first = walk.first(ROWS_A_CHUNK + 1, after)
    if len(first) <= ROWS_A_CHUNK:
        return HttpResponse(OPENING + _text(first, keys) + CLOSING, content_type=CONTENT_TYPE)
    first.pop()
    return StreamingHttpResponse(_chunks(first, walk.after(first[-1][-1]), keys), content_type=CONTENT_TYPE)


def _chunks(first: list[Any], query: QuerySet[Any], keys: Keys) -> Iterator[bytes]:
    rows: Any = query.iterator(chunk_size=ROWS_A_CHUNK)
    with closing(rows):  # and with it the database's cursor, also when the client has gone
        try:
            yield OPENING + _text(first, keys)
            while chunk := list(islice(rows, ROWS_A_CHUNK)):
                yield b"," + _text(chunk, keys)
        except Exception:
            logger.exception("a streamed answer was cut off")
            raise
        yield CLOSING


def _text(rows: list[Any], keys: Keys) -> bytes:
    """The rows as JSON objects, comma between them; what a row has behind its keys' values is its pk."""
    objects = map(dict, map(zip, repeat(keys), rows))  # a loop would take longer than the rows
    return orjson.dumps(list(objects))[1:-1]
