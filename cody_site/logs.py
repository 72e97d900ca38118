"""One JSON object a line, under the request's id, without query strings or personal data."""

import contextvars
import logging
import re
from types import TracebackType
from typing import TypeAlias

from pythonjsonlogger.json import JsonFormatter

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# To the end of the message, which may have lines of its own; a chained traceback goes on after it.
DETAIL = re.compile(r"\nDETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")


class WithRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class WithoutPath(logging.Filter):
    """Django's own lines tell the path, and a path may hold the secret of a mailed link."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "unforeseen error outside of the API", ()
        return True


class JsonLine(JsonFormatter):
    """`ts level logger request_id message` and the record's extras."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{request_id}{message}",
            style="{",
            timestamp="ts",
            rename_fields={"levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
            reserved_attrs=[
                *logging.makeLogRecord({}).__dict__,
                "message",
                "asctime",
                "taskName",
                "request",
                "server_time",
            ],
        )

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 -- logging's own name
        """PostgreSQL tells the whole refused row after DETAIL: somebody's name and telephone number."""
        return DETAIL.sub("", logging.Formatter.formatException(self, ei))
