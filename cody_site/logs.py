"""One JSON object a line, under the request's id, without query strings or personal data."""

import contextvars
import logging
import re
from types import TracebackType
from typing import TypeAlias

from pythonjsonlogger.json import JsonFormatter

# Who called from which line and thread is in no line of ours, and takes long to find out.
logging._srcfile = None  # noqa: SLF001 -- as logging's manual tells for this purpose
logging.logThreads = logging.logMultiprocessing = False

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# To the end of the message, which may have lines of its own; a chained traceback goes on after it.
DETAIL = re.compile(r"\nDETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)

# Thirteen to nineteen digits, grouped or not, that stand for themselves; a card's if their check digit is right.
DIGITS = re.compile(r"(?<![0-9A-Za-z.])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
SECRETS = re.compile(
    r"""(["']?\b(?:cardnum|card_number|pwd|pwd_2digit|pw|password|expiry|birth|api_secret|client_secret|imp_secret"""
    r"""|access_token|refresh_token|authorization)\b["']?\s*[:=]\s*)(?:(["']).*?\2|(?:Bearer\s+)?[^\s,;&}\])"']+)""",
    re.IGNORECASE,
)
SCRUBBED = "****"

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")


class WithRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class Scrubbed(logging.Filter):
    """No card number and no secret's value gets past a handler, whoever logs it, in the message or its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = DETAIL.sub("", logging.Formatter().formatException(record.exc_info))
        record.exc_text = record.exc_text and scrub(record.exc_text)
        record.stack_info = record.stack_info and scrub(record.stack_info)
        for name, value in vars(record).items():
            if name not in PLAIN and isinstance(value, str | dict | list | tuple):
                setattr(record, name, scrub(str(value)))
        return True


PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "request_id"}


def scrub(text: str) -> str:
    text = SECRETS.sub(rf"\g<1>{SCRUBBED}", text)
    return DIGITS.sub(lambda found: SCRUBBED if is_card_number(found[0]) else found[0], text)


def is_card_number(text: str) -> bool:
    """Luhn's check digit."""
    digits = [int(digit) for digit in reversed(re.sub("[ -]", "", text))]
    return sum(digits[0::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


class WithoutPath(logging.Filter):
    """Django's own lines tell the path, and a path may hold the secret of a mailed link.

    What was answered knowingly (a 503 while IMP is away) is in the request's own line, and no error of ours.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "unforeseen error outside of the API", ()
        return getattr(record, "status_code", 500) == 500


class OnlyReason(logging.Filter):
    """Why a form was taken for forged, without the path that Django puts behind it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.msg, record.args = "forged, or too old: %s", record.args[:1]
        return True


class Suspicious(logging.Filter):
    """What Django takes for an attack and answers with 400: the logger's name says of which kind, and that is all.

    It is no fault of ours, and Django's words repeat what somebody typed.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args, record.exc_info = "suspicious request", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
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
        return scrub(DETAIL.sub("", logging.Formatter.formatException(self, ei)))
