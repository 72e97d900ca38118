"""IMP's calls, and the sandbox's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from payments.imp_sandbox import (
    cancellations,
    charges,
    codes,
    controls,
    customers,
    payments,
    prepared,
    schedules,
    tokens,
    vbanks,
)
from payments.imp_sandbox.calls import Call
from payments.imp_sandbox.faults import Faults


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    answer: Callable[[Call], object]
    moves_money: bool = False

    @property
    def control(self) -> bool:
        return self.path.startswith("/sandbox/")

    @property
    def needs_token(self) -> bool:
        return not self.control and self.path != "/users/getToken"

    def match(self, path: str) -> dict[str, str] | None:
        """The named parts of a path that is this route's, with or without a slash at its end."""
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path) + "/?", path)
        return {name: unquote(part) for name, part in found.groupdict().items()} if found else None


def routes(faults: Faults) -> list[Route]:
    """In the order in which they are tried."""
    money = partial(Route, moves_money=True)
    return [
        Route("POST", "/users/getToken", tokens.get_token),
        money("POST", "/subscribe/payments/onetime", charges.onetime),
        money("POST", "/subscribe/payments/again", charges.again),
        money("POST", "/subscribe/payments/schedule", schedules.register),
        Route("GET", "/subscribe/payments/schedule", schedules.of_period),
        Route("POST", "/subscribe/payments/unschedule", schedules.revoke),
        Route("GET", "/subscribe/payments/schedule/customers/{customer_uid}", schedules.of_customer),
        Route("GET", "/subscribe/payments/schedule/{merchant_uid}", schedules.one),
        Route("PUT", "/subscribe/payments/schedule/{merchant_uid}", schedules.move),
        money("POST", "/subscribe/payments/schedule/{merchant_uid}/reschedule", schedules.reschedule),
        money("POST", "/subscribe/payments/schedule/{merchant_uid}/retry", schedules.retry),
        Route("GET", "/subscribe/customers", customers.several),
        Route("POST", "/subscribe/customers/{customer_uid}", customers.issue),
        Route("GET", "/subscribe/customers/{customer_uid}", customers.one),
        Route("DELETE", "/subscribe/customers/{customer_uid}", customers.remove),
        Route("GET", "/subscribe/customers/{customer_uid}/payments", payments.of_customer),
        Route("GET", "/subscribe/customers/{customer_uid}/schedules", schedules.of_customer),
        money("POST", "/vbanks", vbanks.open_account),
        Route("GET", "/vbanks/holder", vbanks.holder),
        Route("PUT", "/vbanks/{imp_uid}", vbanks.change),
        Route("DELETE", "/vbanks/{imp_uid}", vbanks.close),
        money("POST", "/payments/cancel", cancellations.cancel),
        Route("POST", "/payments/prepare", prepared.announce),
        Route("PUT", "/payments/prepare", prepared.change),
        Route("GET", "/payments/prepare/{merchant_uid}", prepared.one),
        Route("GET", "/payments", payments.several),
        Route("GET", "/payments/find/{merchant_uid}", payments.find),
        Route("GET", "/payments/find/{merchant_uid}/{status}", payments.find),
        Route("GET", "/payments/findAll/{merchant_uid}", payments.find_all),
        Route("GET", "/payments/findAll/{merchant_uid}/{status}", payments.find_all),
        Route("GET", "/payments/status/{status}", payments.by_status),
        Route("GET", "/payments/{imp_uid}", payments.one),
        Route("GET", "/cards", codes.cards),
        Route("GET", "/cards/{code}", codes.card),
        Route("GET", "/banks", codes.banks),
        Route("GET", "/banks/{code}", codes.bank),
        Route("POST", "/sandbox/faults", partial(controls.inject_fault, faults)),
        Route("DELETE", "/sandbox/faults", partial(controls.clear_faults, faults)),
        Route("DELETE", "/sandbox/tokens", controls.end_tokens),
        Route("POST", "/sandbox/vbanks/{imp_uid}/deposit", controls.deposit),
        Route("POST", "/sandbox/schedules/run", controls.run_schedules),
        Route("GET", "/sandbox/ledger", controls.read_ledger),
        Route("GET", "/sandbox/receipts/{imp_uid}", controls.receipt),
    ]
