"""Idempotency-Key: a request that is sent again is the same one (draft-ietf-httpapi-idempotency-key-header)."""

from dataclasses import dataclass

from cody_site.errors import Conflict
from payments.errors import KeyReused
from payments.models import IdempotencyKey, Method, Payment, Refund, RefundState, State


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key: of whom, for what, and of which body."""

    caller: str
    route: str
    text: str
    fingerprint: str


def known(key: Key | None) -> IdempotencyKey | None:
    """What the key was used for. Raises KeyReused for another body, Conflict while the act is under way."""
    if key is None:
        return None
    used = (
        IdempotencyKey.objects.select_related("payment__payer", "payment__schedule__payer", "refund__payment__payer")
        .filter(caller=key.caller, route=key.route, key=key.text)
        .first()
    )
    if used is None:
        return None
    if used.fingerprint != key.fingerprint:
        raise KeyReused
    ours = used.payment.schedule_id is not None and used.payment.method == Method.VIRTUAL_ACCOUNT
    if used.refund is None and used.payment.state in (State.CREATED, State.REQUESTED) and not ours:
        raise Conflict
    if used.refund is not None and used.refund.state == RefundState.REQUESTED:
        raise Conflict
    return used


def remember(key: Key | None, payment: Payment, refund: Refund | None = None) -> None:
    """In the transaction that writes what the key stands for."""
    if key is not None:
        IdempotencyKey.objects.create(
            caller=key.caller,
            route=key.route,
            key=key.text,
            fingerprint=key.fingerprint,
            payment=payment,
            refund=refund,
        )


def forget(payment: Payment) -> None:
    """Nothing was sent: the key may be used again."""
    IdempotencyKey.objects.filter(payment=payment).delete()
