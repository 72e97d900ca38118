"""Telephone numbers as E.164 (R8)."""

import re
from functools import lru_cache

import phonenumbers

KOREA = 82
PHONE_NUMBER = re.compile(r"\+?[0-9][0-9 -]{6,18}[0-9]")


def e164(text: str) -> str:
    """`010-1234-5678` as `+821012345678` (R8); ValueError for what cannot be a telephone number."""
    if not PHONE_NUMBER.fullmatch(text):
        raise ValueError
    try:
        number = phonenumbers.parse(text, "KR")
    except phonenumbers.NumberParseException:
        raise ValueError from None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(formatted) > 15:
        raise ValueError
    return formatted


@lru_cache(maxsize=4096)
def spoken(number: str) -> str:
    """`+821012345678` as people here write it, `010-1234-5678`; what is no number as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    national = phonenumbers.PhoneNumberFormat.NATIONAL
    kind = national if parsed.country_code == KOREA else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, kind))
