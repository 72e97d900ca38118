"""Amounts as the back-office writes them."""

from django.utils.translation import gettext as _


def won(amount: int) -> str:
    """`30,000원`."""
    return _("{amount}원").format(amount=f"{amount:,}")
