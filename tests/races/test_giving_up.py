"""Seats that are paid ahead: paid in the moment in which they are given up, and given up by a worker that dies."""

import pytest

from tests import imp_relay
from tests.races import databases, money
from tests.races.money import OPEN, PRICE

pytestmark = pytest.mark.races

BEFORE, AFTER = (imp_relay.answering(500, passed=passed) for passed in (False, True))
TASK = "give_up_unpaid"
STEPS = [
    "before booking._give_up",
    "after Move.by_actor in booking._give_up",
    "after Payment.record in booking._give_up",
]
DUES = """
import datetime as dt
from django.utils import timezone
from accounts.models import User
from payments.models import Product
from tests.factories import DesignerFactory, PaymentDueFactory, ReservationFactory, UserFactory
for name in {names!r}:
    designer = DesignerFactory(user=UserFactory(userid='d-' + name, type=2, pn='+82109' + name[5:].zfill(7)))
    row = ReservationFactory(customer=User.objects.get(userid=name), designer=designer)
    PaymentDueFactory(
        reservation=row, product=Product.objects.get(pk=1), pay_by=timezone.now() + dt.timedelta(minutes={minutes}),
        deposit_by=timezone.now() + dt.timedelta(minutes={minutes} + {deposit}),
    )
"""


def reserved(selling, payers, *, minutes, deposit=0):
    """Each payer's reservation by its number; it is to be paid within so many minutes from now."""
    code = DUES.format(names=payers, minutes=minutes, deposit=deposit)
    selling.site.prepare("shell", "-c", code)
    return {payer: seat(selling, payer)[0] for payer in payers}


def seat(selling, payer):
    """The payer's reservation, and why it was cancelled, if it was."""
    (row,) = databases.read(
        selling.site.database_url,
        "SELECT r.id, r.trashed_at IS NOT NULL, r.cancel_reason FROM reservations_reservation r "
        f"JOIN accounts_user u ON u.id = r.customer_id WHERE u.userid = '{payer}'",
    )
    return row


def is_live(selling, payer):
    return not seat(selling, payer)[1]


def give_up(selling, minutes=30, dies=""):
    """Whether the worker came to its end; False if it was killed."""
    return selling.worker.wait(selling.worker.start(minutes, dies, TASK))


def paid_while_given_up(selling, site, count):
    """What became of so many seats whose payers pay at `site` in the moment in which a worker gives them up."""
    payers = [selling.payer() for _ in range(count)]
    rows = reserved(selling, payers, minutes=-1)

    paying = []
    for number, payer in enumerate(payers):
        paying.append(selling.beside(site.pay, payer, reserv_id=rows[payer]))
        if number == count // 3:
            worker = selling.worker.start(0, task=TASK)
    told = [answer.result() for answer in paying]
    assert selling.worker.wait(worker)
    for payer, answer in zip(payers, told, strict=True):
        if answer.status_code == 503:  # all lines to IMP were taken, and nothing was written
            selling.pay(payer, reserv_id=rows[payer])
    selling.worker.settle()
    return [
        (is_live(selling, payer), selling.state(payer), selling.moved(payer, "charge") - selling.moved(payer, "refund"))
        for payer in payers
    ]


def test_who_pays_while_the_seat_is_given_up_has_paid_for_it_or_not_at_all(selling):
    ends = paid_while_given_up(selling, selling, 24)

    assert set(ends) <= {(True, "paid", 1), (False, None, 0)}
    assert selling.site.verify() == ""


def test_some_pay_for_a_seat_that_is_gone_unprotected(selling):
    """The control."""
    with money.without_protection(selling) as careless:
        assert any((False, "paid", 1) in paid_while_given_up(selling, careless, 24) for _ in range(20))


@pytest.mark.parametrize(("fault", "live", "state"), [(AFTER, True, "paid"), (BEFORE, False, "failed")])
def test_what_is_in_doubt_holds_its_seat_until_it_is_known(selling, fault, live, state):
    payer = selling.payer()
    rows = reserved(selling, [payer], minutes=20)
    selling.relay.spoil(fault)
    assert selling.pay(payer, reserv_id=rows[payer]).json()["contents"]["status"] == "pending"

    assert give_up(selling)
    assert is_live(selling, payer)
    selling.worker.settle(31)
    assert give_up(selling, 60)

    assert (is_live(selling, payer), selling.state(payer)) == (live, state)


def test_a_charge_that_appears_after_the_seat_was_given_up_goes_back(selling):
    payer = selling.payer()
    rows = reserved(selling, [payer], minutes=20)
    selling.relay.spoil(BEFORE)
    selling.pay(payer, reserv_id=rows[payer])
    selling.worker.settle(31)
    assert give_up(selling, 60)

    selling.sandbox.charge(selling.uid(payer), PRICE)  # what IMP did after all
    selling.tell(payer)
    selling.worker.settle(70)

    assert (is_live(selling, payer), selling.state(payer)) == (False, "cancelled")
    assert (selling.moved(payer, "charge"), selling.moved(payer, "refund")) == (1, 1)


@pytest.mark.parametrize("step", STEPS)
def test_a_seat_is_given_up_once_wherever_the_worker_is_killed(selling, step):
    payer = selling.payer()
    rows = reserved(selling, [payer], minutes=20)
    account = selling.send(OPEN, {"userid": payer, "p_array": [1], "bank": "088", "reserv_id": rows[payer]})
    assert account.json()["contents"]["status"] == "ready"

    # A quarter of an hour after its account's time nobody waits for a deposit of the last moment any more.
    assert not give_up(selling, 60, dies=step)
    assert is_live(selling, payer)
    assert give_up(selling, 60)
    assert give_up(selling, 60)
    selling.worker.settle(61)

    assert seat(selling, payer)[1:] in [(True, "결제 시간 초과"), (1, "결제 시간 초과")]
    assert (selling.state(payer), selling.events(payer, "closed")) == ("cancelled", 1)
