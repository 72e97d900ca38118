"""What can come of a call, when it is no answer."""

from cody_site.logs import scrub

MOST_TOLD = 1000  # characters of a message


def told(text: object) -> str:
    """IMP's words as they may be kept: should a gateway repeat a card's number, not that."""
    return scrub(str(text or "").replace("\x00", "")[:MOST_TOLD])


class ImpError(Exception):
    """Carries IMP's own code and message, if it gave any, and the HTTP status; its text tells neither."""

    def __init__(self, message: str = "", code: int = 0, status: int = 0) -> None:
        super().__init__()
        self.message, self.status = told(message), status
        self.code = max(-(2**31), min(code, 2**31 - 1))

    def __str__(self) -> str:
        return f"code {self.code}"


class Declined(ImpError):
    """IMP has answered no, and nothing has moved."""


class Unreachable(ImpError):
    """Nothing was sent."""


class UnknownOutcome(ImpError):
    """It was sent; what became of it IMP must be asked."""


class AuthenticationFailed(ImpError):
    """IMP refuses our key, or did not give us a token; nothing has moved."""


class NotConfigured(ImpError):
    """No credentials are set."""


class UnreadableCredentials(ImpError):
    """A file of credentials is named, and cannot be read."""


class Busy(ImpError):
    """As many calls are under way as this process allows itself; nothing was sent."""


class Unauthorized(ImpError):
    """401: the token has ended, or was never one; nothing was done."""


class NotFound(Declined):
    """404."""
