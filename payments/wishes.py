"""What somebody wants to pay: for whom, for what, by which means, and when."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from accounts.models import User
from payments.errors import UnappropriateAccess
from payments.models import Method, Product, total


@dataclass(frozen=True)
class Deposit:
    """Into a virtual account: at which bank (by the gateway's present code), in whose name, and until when."""

    bank: str
    holder: str
    due: dt.datetime | None = None
    """In three days, if nothing else is said."""


@dataclass(frozen=True)
class Wish:
    """By card, or by `deposit`; at once, or at `times`."""

    payer: User
    products: Sequence[tuple[Product, int]]
    instalment_months: int = 0
    reservation: int | None = None
    """The pk of the payer's own that this pays for."""

    ip: str | None = None
    deposit: Deposit | None = None
    times: Sequence[dt.datetime] = field(default=())

    @property
    def method(self) -> Method:
        return Method.CARD if self.deposit is None else Method.VIRTUAL_ACCOUNT

    @property
    def amount(self) -> int:
        return total(self.products)

    @property
    def basket(self) -> str:
        """The same for the same products."""
        listed = ",".join(f"{product.pk}x{quantity}" for product, quantity in self.products)
        return hashlib.sha256(listed.encode()).hexdigest()

    @property
    def name(self) -> str:
        return title((product.name, quantity) for product, quantity in self.products)


def title(items: Iterable[tuple[str, int]]) -> str:
    """What IMP and the card's statement call it: at most 40 characters."""
    listed = list(items)
    others = sum(quantity for _name, quantity in listed) - 1
    return f"{listed[0][0][:30]} 외 {others}건" if others else listed[0][0]


def products_named(ids: Iterable[int]) -> list[tuple[Product, int]]:
    """What is on sale under these ids, each with how often it stands there; or UnappropriateAccess."""
    wanted = Counter(ids)
    found = Product.objects.on_sale().filter(pk__in=wanted).order_by("pk")
    products = [(product, wanted[product.pk]) for product in found]
    if not wanted or len(products) != len(wanted):
        raise UnappropriateAccess
    return products
