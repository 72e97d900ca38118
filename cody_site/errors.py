"""What the rules turn down: the refusals that every app shares."""

from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Refusal(Exception):
    """A request that cannot be granted; `status` and `message` are the manual's, the value goes behind a colon (R2).

    Raised anywhere; the API answers it in the envelope, pages and the admin say `told`: what is the matter, for people.
    """

    status: ClassVar[int] = 400
    message: ClassVar[str] = ""
    told: "ClassVar[str | StrPromise]" = _("요청을 처리할 수 없습니다. 입력한 내용을 확인해 주세요.")

    pattern: ClassVar[str] = ""
    """Of the message, where it is not always the same and no value after a colon."""

    position: ClassVar[str] = ""
    """What developers are told instead of the place in the code."""

    contents: object = None
    """Of the envelope: null, but for the few failures that the manual gives contents (section 1)."""

    def __init__(self, value: object = None) -> None:
        self.value = value
        super().__init__(value)

    def __str__(self) -> str:
        return self.message if self.value is None else f"{self.message}: {self.value}"

    @property
    def http_status(self) -> int:
        """705 is no HTTP code and travels as 400 (R1)."""
        return self.status if self.status in set(HTTPStatus) else 400


class Mistyped(Refusal):
    """A value of the wrong type or form; `value` names the parameter and is never shown."""

    message = "Some of Information Type Not Match"
    told = _("입력한 값의 형식이 맞지 않습니다.")

    def __str__(self) -> str:
        return self.message


class Missing(Mistyped):
    """A required parameter is absent, null or empty (R7)."""

    message = "Some of Information Expected, but missed."
    told = _("꼭 필요한 값이 빠졌습니다.")


class Forbidden(Refusal):
    status, message = 403, "ERR: Permission denied."
    told = _("이 일을 할 권한이 없습니다.")


class UnknownUser(Refusal):
    message = "ERR: Cannot find user"
    told = _("그런 회원을 찾을 수 없습니다.")


class UnknownPhoto(Refusal):
    message = "ERR: Cannot find photo"
    told = _("그런 사진을 찾을 수 없습니다.")


class Conflict(Refusal):
    status, message = 409, "ERR: Conflict, try again."
    told = _("다른 사람이 동시에 바꾸고 있습니다. 잠시 후 다시 시도해 주세요.")
