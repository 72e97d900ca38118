"""The customers' pages about money: paying for a reservation, what was paid, and what goes back."""

from payments.pages.mine import mine, payment_page, payment_state
from payments.pages.pay import pay
from payments.pages.undoing import end, refund

__all__ = ["end", "mine", "pay", "payment_page", "payment_state", "refund"]
