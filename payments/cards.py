"""A card on its way from the parser to IMP: it shows nothing of itself, and nothing keeps it."""

import re
from typing import NamedTuple, NoReturn

from django.utils.crypto import salted_hmac

NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){12,18}")


class Revealed(NamedTuple):
    number: str
    expiry: str
    password: str
    birth: str


class Card:
    """Number, expiry, the first two digits of the password, and the owner's birth date if it is not the payer's."""

    __slots__ = ("__data",)

    def __init__(self, *, number: str, expiry: str, password: str, birth: str = "") -> None:
        self.__data = Revealed(re.sub("[ -]", "", number), expiry, password, birth)

    def __repr__(self) -> str:
        return "<Card ****>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a card is not kept")

    def reveal(self) -> Revealed:
        """For payments.imp alone."""
        return self.__data

    @property
    def masked(self) -> str:
        """`5361-4890-****-1703`; of another length the first six and the last four (R26)."""
        number = self.__data.number
        if len(number) == 16:
            return f"{number[:4]}-{number[4:8]}-****-{number[12:]}"
        return number[:6] + "*" * (len(number) - 10) + number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for the same number; without the site's secret nobody finds the number by trying."""
        return salted_hmac("payments.card", self.__data.number, algorithm="sha256").hexdigest()
