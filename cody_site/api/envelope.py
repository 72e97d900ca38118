"""The envelope of section 1: `status`, `contents`, `errors` (and `error` in development)."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/json; charset=utf-8"
OPENING, CLOSING = b'{"status":200,"contents":[', b'],"errors":null}'
ROWS_A_CHUNK = 1000

Row = Mapping[str, Combinable]


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


def page(rows: QuerySet[Any], row: Row, limit: int) -> HttpResponse:
    """The first `limit` rows, and the cursor of the next page if there is one (R10)."""
    found = list(rows.values_list("pk", *row.values())[: limit + 1])
    response = HttpResponse(OPENING + _text(found[:limit], tuple(row)) + CLOSING, content_type=CONTENT_TYPE)
    if len(found) > limit:
        response["X-Next-Cursor"] = str(found[limit - 1][0])
    return response


def stream(rows: QuerySet[Any], row: Row) -> StreamingHttpResponse:
    """All rows, in constant memory and one query, however many there are (R10).

    The first chunk is fetched here, so that a failing query can still be answered as one. What fails later ends the
    body without its closing bytes: a cut answer never parses as a whole one.
    """
    body = _chunks(rows.values_list("pk", *row.values()), tuple(row))
    next(body)
    return StreamingHttpResponse(body, content_type=CONTENT_TYPE)


def _chunks(query: QuerySet[Any, Any], keys: tuple[str, ...]) -> Iterator[bytes]:
    rows: Any = query.iterator(chunk_size=ROWS_A_CHUNK)
    with closing(rows):  # and with it the database's cursor, also when the client has gone
        chunk = list(islice(rows, ROWS_A_CHUNK))
        yield b""  # stream() stops here
        before = OPENING
        try:
            while chunk:
                yield before + _text(chunk, keys)
                before = b","
                chunk = list(islice(rows, ROWS_A_CHUNK))
        except Exception:
            logger.exception("a streamed answer was cut off")
            raise
        yield (OPENING if before is OPENING else b"") + CLOSING


def _text(rows: list[Any], keys: tuple[str, ...]) -> bytes:
    """The rows as JSON objects, comma between them; each row's first value is its pk, for the cursor."""
    return orjson.dumps([dict(zip(keys, values[1:], strict=True)) for values in rows])[1:-1]
