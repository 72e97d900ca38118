"""IMP's envelope: `{code, message, response}`."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    response: object = None
    code: int = 0
    message: str | None = None
    status: int = 200

    def body(self) -> bytes:
        return as_json({"code": self.code, "message": self.message, "response": self.response})


class Refused(Exception):
    """IMP says no. Raised, nothing has happened; its `answer` returned instead, what has happened stays."""

    def __init__(self, message: str, *, code: int = 1, status: int = 200) -> None:
        super().__init__()  # the message may repeat what was sent, and a traceback would print it
        self.answer = Answer(code=code, message=message, status=status)


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def missing(*names: str) -> Refused:
    return Refused(f"{', '.join(names)} 파라메터가 누락되었습니다.", status=400)


def unknown_payment() -> Refused:
    return Refused("존재하지 않는 결제정보입니다.", code=-1, status=404)
