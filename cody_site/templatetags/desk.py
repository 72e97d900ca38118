"""How the back-office writes amounts and telephone numbers."""

from django import template

from accounts.phone_numbers import spoken
from payments import money

register = template.Library()


@register.filter
def won(amount: int | None) -> str:
    """`30,000원`; nothing for what is no amount."""
    return "" if amount is None else money.won(amount)


@register.filter
def phone(pn: str) -> str:
    """`010-1234-5678`."""
    return spoken(pn)
