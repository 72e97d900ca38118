"""One photo on its way in: hashed while it goes to disk, refused at the first byte too many (R33)."""

from collections.abc import Mapping
from itertools import chain
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles

from media_store.errors import ManyFiles
from media_store.files import HashedFile

CHUNK = 64 * 1024
MAX_FIELDS, MAX_FIELD_BYTES = 100, 64 * 1024
AROUND_THE_FILE = MAX_FIELDS * 1024 + MAX_FIELD_BYTES
"""How much longer than its file a body may be."""


class UploadForm(BaseParser):
    """multipart/form-data with one file, which is never whole in memory.

    Django's own parser decodes base64 on the way, counts files after the fact and knows no hash.
    """

    media_type = "multipart/form-data"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles:
        _type, options = parse_options_header(media_type or "")
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        form = _Form()
        try:
            with PushMultipartParser(options.get("boundary", ""), length, max_segment_count=MAX_FIELDS) as parser:
                while not parser.closed:
                    for event in parser.parse(stream.read(min(CHUNK, length)) if length else b""):
                        form.take(event)
        except BaseException as error:
            form.throw_away()
            if isinstance(error, ParserLimitReached):
                raise RequestDataTooBig from None
            if isinstance(error, MultipartError | ValueError):
                raise ParseError from None
            raise
        return DataAndFiles(form.fields, form.files)


class _Form:
    """What has come so far."""

    def __init__(self) -> None:
        self.fields = QueryDict(mutable=True)
        self.files: MultiValueDict[str, UploadedFile] = MultiValueDict()
        self.name = ""
        self.file: HashedFile | None = None
        self.text = b""
        self.text_bytes = 0

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._finish()
        elif self.file:
            self.file.receive(bytes(event))
        else:
            self.text += event
            self.text_bytes += len(event)
            if self.text_bytes > MAX_FIELD_BYTES:
                raise RequestDataTooBig

    def throw_away(self) -> None:
        """Nothing more will come, and nobody gets what is here."""
        for file in filter(None, [self.file, *chain.from_iterable(files for _name, files in self.files.lists())]):
            file.close()

    def _begin(self, segment: MultipartSegment) -> None:
        if segment.header("Content-Transfer-Encoding", "binary").lower() not in ("binary", "8bit", "7bit"):
            raise ParseError
        self.name, self.text = segment.name, b""
        if segment.filename:  # a browser sends an empty one where no file was chosen
            if self.files:
                raise ManyFiles
            self.file = HashedFile(segment.filename, segment.content_type or "")

    def _finish(self) -> None:
        if self.file:
            self.file.seek(0)
            self.files.appendlist(self.name, self.file)
        else:
            self.fields.appendlist(self.name, self.text.decode(errors="strict"))
        self.file = None
