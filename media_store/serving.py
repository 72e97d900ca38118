"""A stored file as an HTTP answer: ETag, ranges (RFC 9110), and a name that survives every browser (RFC 6266)."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from media_store.models import Photo, Rendition
from media_store.names import extension
from media_store.sniffing import INLINE
from media_store.storage import Stretch, photos, rest_of_file

RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
BINARY = "application/octet-stream"


@dataclass(frozen=True)
class Sent:
    """Which bytes are sent, and under which name."""

    storage_key: str
    sha256: str
    size: int
    content_type: str
    filename: str

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


def original(photo: Photo) -> Sent:
    return Sent(photo.storage_key, photo.sha256, photo.size, photo.content_type, photo.filename)


def rendered(photo: Photo, rendition: Rendition) -> Sent:
    """A rendition has the photo's name, with the extension of what it is."""
    filename = photo.filename
    if rendition.content_type != photo.content_type:
        stem = filename.removesuffix(f".{filename.rpartition('.')[2]}") if extension(filename) else filename
        filename = f"{stem}.{rendition.content_type.rpartition('/')[2].replace('jpeg', 'jpg')}"
    return Sent(rendition.storage_key, rendition.sha256, rendition.size, rendition.content_type, filename)


def respond(request: HttpRequest, sent: Sent, *, inline: bool) -> HttpResponseBase:
    """The file, a part of it, or that the caller has it already. FileNotFoundError if the storage has it not."""
    if _has(request, sent):
        return _with_headers(HttpResponseNotModified(), sent, inline=inline)
    if settings.X_ACCEL_LOCATION and not settings.S3_BUCKET:
        response = HttpResponse()
        response["X-Accel-Redirect"] = settings.X_ACCEL_LOCATION.rstrip("/") + "/" + quote(sent.storage_key)
        return _with_headers(response, sent, inline=inline)
    part = _range(request, sent)
    if part is not None and not part:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{sent.size}"
        return _with_headers(response, sent, inline=inline)
    wanted = range(sent.size) if part is None else part
    if request.method == "HEAD":
        answer: HttpResponseBase = HttpResponse()
    else:
        answer = _streamed(photos().read(sent.storage_key, wanted.start, len(wanted)))
    answer["Content-Length"] = str(len(wanted))
    if part is not None:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{sent.size}"
    return _with_headers(answer, sent, inline=inline)


def _streamed(stretch: Stretch) -> HttpResponseBase:
    """The kernel sends a file's end by itself, where the server can; `FileResponse` knows no other stretches."""
    file = rest_of_file(stretch)
    return StreamingHttpResponse(stretch) if file is None else FileResponse(file)


def _has(request: HttpRequest, sent: Sent) -> bool:
    """Compared weakly (RFC 9110, 13.1.2): nginx makes an ETag weak when it compresses."""
    etags = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return "*" in etags or any(etag.removeprefix("W/") == sent.etag for etag in etags)


def _range(request: HttpRequest, sent: Sent) -> range | None:
    """Which bytes are asked for, none if the file has no such bytes; None for the whole.

    The whole goes to who asks for several ranges, in no known form, or has another version (RFC 9110, 14.2, 13.1.5).
    """
    match = RANGE.fullmatch(request.META.get("HTTP_RANGE", ""))
    if not match or request.META.get("HTTP_IF_RANGE", sent.etag) != sent.etag:
        return None
    first, last = match.groups()
    if first:
        end = min(int(last) + 1, sent.size) if last else sent.size
        return None if last and int(last) < int(first) else range(int(first), end)
    return range(max(0, sent.size - int(last)), sent.size) if last else None


def _with_headers(response: HttpResponseBase, sent: Sent, *, inline: bool) -> HttpResponseBase:
    shown = inline and sent.content_type in INLINE
    response["Content-Type"] = sent.content_type or BINARY
    response["Content-Disposition"] = disposition(sent.filename, attachment=not shown)
    response["ETag"] = sent.etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=0, must-revalidate, no-transform"
    response["Vary"] = "Authorization, Cookie"
    # Whatever the bytes are, they execute nothing and nobody embeds them (see docs/adr/0008-photos.md).
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def disposition(filename: str, *, attachment: bool) -> str:
    """The name in ASCII for the old, and beside it in full where ASCII is not enough (RFC 6266, 4.3)."""
    header = content_disposition_header(attachment, filename) or ""
    if filename.isascii():
        return header
    ext = extension(filename)
    fallback = f"photo.{ext}" if ext.isascii() and ext.isalnum() else "photo"
    kind, _, full = header.partition("; ")
    return f'{kind}; filename="{fallback}"; {full}'
