"""Do our books say what IMP's ledger says, and is no card in them?"""

import re

from django.db import connection

from payments.models import Payment, Refund, RefundState, State


def agree(sandbox, payment):
    """At most one charge, ours is IMP's, and no more went back than came in."""
    moved = sandbox.moved(payment.payment_uid)
    charges, refunds = ([amount for kind, amount in moved if kind == wanted] for wanted in ("charge", "refund"))
    done = Refund.objects.filter(payment=payment, state=RefundState.DONE).values_list("amount", flat=True)
    assert len(charges) <= 1
    assert sum(refunds) <= sum(charges)
    assert (payment.paid_amount, payment.refunded_amount) == (sum(charges), sum(refunds))
    assert sorted(done) == sorted(refunds)
    assert payment.state in (State.PAID, State.FAILED, State.CANCELLED)


def all_agree(sandbox):
    for payment in Payment.objects.all():
        agree(sandbox, payment)


def stored():
    """Every value of every table, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return "\n".join(map(repr, rows))


def cards_in(text, *, number, expiry, birth=""):
    """What of this card stands in the text."""
    digits = re.sub("[ -]", "", number)
    grouped = "[ -]?".join(digits[:15])
    found = re.findall(rf"{grouped}|{re.escape(expiry)}", text)
    return found + (re.findall(rf"(?<![\w.]){birth}(?!\w)", text) if birth else [])
