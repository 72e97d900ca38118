"""What a caller sends: JSON or a form, numbers as numbers or as text, arrays as arrays or as `name[]`."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from payments.imp_sandbox.answers import Refused, missing

MERCHANT_UID_LENGTH = 40


def read(query: str, content_type: str, body: bytes) -> "Parameters":
    """The query's and the body's parameters; the body's count where both have one."""
    values = nested(parse_qsl(query, keep_blank_values=True))
    text = body.decode(errors="replace").strip()
    if "json" in content_type or text.startswith("{"):
        try:
            sent = json.loads(text or "{}")
        except ValueError:
            raise Refused("요청 본문이 올바른 JSON이 아닙니다.", status=400) from None
        if not isinstance(sent, dict):
            raise Refused("요청 본문이 JSON 객체가 아닙니다.", status=400)
    else:
        sent = nested(parse_qsl(text, keep_blank_values=True))
    return Parameters(values | sent)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[]=1&a[]=2&b[0][c]=3` as `{"a": {"0": "1", "1": "2"}, "b": {"0": {"c": "3"}}}`."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        first, *inner = [part.removesuffix("]") for part in key.split("[")]
        place, name = root, first
        for part in inner:
            if not isinstance(place.get(name), dict):
                place[name] = {}
            place = place[name]
            name = part or str(len(place))
        place[name] = value
    return root


class Parameters:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """None if absent or empty."""
        value = self.values.get(name)
        if value is None or isinstance(value, (dict, list)):
            return None
        return str(value) or None

    def needed(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def whole(self, name: str) -> int | None:
        """A whole number, as a number or as text."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            number = float("nan") if isinstance(value, (bool, dict, list)) else float(value)
        except ValueError:
            number = float("nan")
        if not number.is_integer():
            raise Refused(f"{name} 파라메터가 올바르지 않습니다.", status=400)
        return int(number)

    def needed_whole(self, name: str) -> int:
        value = self.whole(name)
        if value is None:
            raise missing(name)
        return value

    def amount(self) -> int:
        """What is to be paid, in won."""
        amount = self.needed_whole("amount")
        if amount <= 0:
            raise Refused("결제금액이 올바르지 않습니다.", status=400)
        return amount

    def merchant_uid(self) -> str:
        uid = self.needed("merchant_uid")
        if len(uid) > MERCHANT_UID_LENGTH:
            raise Refused(f"merchant_uid는 {MERCHANT_UID_LENGTH}자를 넘을 수 없습니다.", status=400)
        return uid

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, 1, "1", "true", "True")

    def texts(self, name: str) -> list[str]:
        """One or several: text, an array, or `name[]` of a form or a query."""
        return [str(value) for value in self._several(name) if value not in (None, "")]

    def each(self, name: str) -> list["Parameters"]:
        """An array of objects."""
        rows = self._several(name)
        if not rows:
            raise missing(name)
        if not all(isinstance(row, dict) for row in rows):
            raise Refused(f"{name} 파라메터가 올바르지 않습니다.", status=400)
        return [Parameters(row) for row in rows]

    def only(self, names: Iterable[str]) -> dict[str, Any]:
        """These parameters as they were sent; nothing else of them may be kept."""
        return {name: self.values[name] for name in names if name in self.values}

    def with_amount(self, amount: int) -> "Parameters":
        return Parameters(self.values | {"amount": amount})

    def with_rows(self, name: str, rows: list["Parameters"]) -> "Parameters":
        return Parameters(self.values | {name: [row.values for row in rows]})

    def _several(self, name: str) -> list[Any]:
        value = self.values.get(name, self.values.get(f"{name}[]"))
        if value is None:
            return []
        if isinstance(value, dict):
            return list(value.values())
        return value if isinstance(value, list) else [value]
