"""Cards. A number lives in a Card for the length of one call; what is kept is the Means: masked number and issuer."""

import re
from dataclasses import dataclass

from payments.imp_sandbox.answers import missing
from payments.imp_sandbox.codes import CARD_ISSUERS
from payments.imp_sandbox.parameters import Parameters

NO_SUCH_CARD = "[F112]유효하지않은 카드번호를 입력하셨습니다. (card_bin 없음)"
WRONG_NUMBER = "[F113]거래거절 카드번호틀림"
WRONG_PASSWORD = "[F113]거래거절 비밀번호틀림"  # noqa: S105 -- what an issuer says
WRONG_BIRTH = "[F113]거래거절 주민OR사업자등록번호오류"
WRONG_EXPIRY = "[3021]유효기간 오류"
OVER_LIMIT = "[2116]개인 월 한도금액 초과"
INSTALMENT_MONTHS = "[3022]할부개월오류"
INSTALMENT_TOO_LONG = "[3023]할부개월 한도 초과"
INSTALMENT_TOO_SMALL = "[3024]할부 최소금액 오류(50000미만)"

LONGEST_INSTALMENT = 24  # months
SMALLEST_INSTALMENT = 50_000  # won


@dataclass(frozen=True)
class Means:
    """What pays, as far as it may be known afterwards."""

    card_number: str
    card_code: str
    over_limit: bool
    customer_uid: str | None = None

    @classmethod
    def of_masked(cls, card_number: str, *, over_limit: bool = False, customer_uid: str | None = None) -> "Means":
        """Which issuer's it is, its first six digits say."""
        issuers = sorted(CARD_ISSUERS)
        return cls(card_number, issuers[int(card_number[:6]) % len(issuers)], over_limit, customer_uid)

    @property
    def card_name(self) -> str:
        return f"{CARD_ISSUERS[self.card_code]}카드"

    def declines(self, amount: int, instalment_months: int) -> str | None:
        """Why this charge is not approved, if it is not."""
        if instalment_months == 1 or instalment_months < 0:
            return INSTALMENT_MONTHS
        if instalment_months > LONGEST_INSTALMENT:
            return INSTALMENT_TOO_LONG
        if instalment_months and amount < SMALLEST_INSTALMENT:
            return INSTALMENT_TOO_SMALL
        return OVER_LIMIT if self.over_limit else None


class Card:
    """A card as it was typed. Shows nothing of itself."""

    __slots__ = ("_birth", "_expiry", "_number", "_password")

    def __init__(self, given: Parameters) -> None:
        if not given.text("card_number") or not given.text("expiry"):
            raise missing("card_number", "expiry")
        self._number = re.sub(r"[- ]", "", given.needed("card_number"))
        self._expiry = given.needed("expiry")
        self._birth = given.text("birth")
        self._password = given.text("pwd_2digit")

    def __repr__(self) -> str:
        return "<Card ****>"

    def refused(self) -> str | None:
        """What the check of the card's data complains of, if anything.

        The numbers to be refused count whatever their check digit is.
        """
        if self._number.endswith("0112"):
            return NO_SUCH_CARD
        if self._number.endswith("0113"):
            return WRONG_NUMBER
        if not re.fullmatch(r"[0-9]{13,19}", self._number) or not (self._over_limit or luhn_valid(self._number)):
            return NO_SUCH_CARD
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", self._expiry):
            return WRONG_EXPIRY
        if self._birth and not re.fullmatch(r"[0-9]{6}|[0-9]{10}", self._birth):
            return WRONG_BIRTH
        if self._password and not re.fullmatch(r"[0-9]{2}", self._password):
            return WRONG_PASSWORD
        return None

    def means(self, customer_uid: str | None = None) -> Means:
        shown = 8 if len(self._number) >= 16 else 6
        masked = self._number[:shown] + "*" * (len(self._number) - shown - 4) + self._number[-4:]
        return Means.of_masked(masked, over_limit=self._over_limit, customer_uid=customer_uid)

    @property
    def _over_limit(self) -> bool:
        return self._number.endswith("2116")


def luhn_valid(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[0::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0
