"""kill -9 at every step of a charge and of a refund, in the site and in the worker: nobody pays twice."""

import pytest

from tests import imp_relay
from tests.races import money
from tests.races.desk import Desk, at_once
from tests.races.money import PRICE
from tests.races.salon import CREW, CUSTOMERS, day

pytestmark = pytest.mark.races

# where the site's process dies: (what is written then, what IMP has charged, what the next try with the same key is
# told) and (what becomes of it, what IMP has charged in the end, what the key is told)
CHARGE = {
    "before services._write": [(None, 0, 200), ("paid", 1, 200)],
    "after Payment.record in services._write": [(None, 0, 200), ("paid", 1, 200)],
    "after services._write": [("created", 0, 409), ("failed", 0, 400)],
    "after Payment.record in settling.request": [("created", 0, 409), ("failed", 0, 400)],
    "after settling.request": [("requested", 0, 409), ("failed", 0, 400)],
    "after _Http.endheaders in imp.charge": [("requested", 0, 409), ("failed", 0, 400)],
    "before _Http.getresponse in imp.charge": [("requested", 1, 409), ("paid", 1, 200)],
    "after imp.charge": [("requested", 1, 409), ("paid", 1, 200)],
    "after settling._pay": [("requested", 1, 409), ("paid", 1, 200)],
    "after settling.settle": [("paid", 1, 200), ("paid", 1, 200)],
}
REFUND = {
    "before refunds._write": [(None, 0, 200), ("done", 1, 200)],
    "after Payment.record in refunds._write": [(None, 0, 200), ("done", 1, 200)],
    "after refunds._write": [("requested", 0, 409), ("done", 1, 200)],
    "after _Http.endheaders in imp.cancel": [("requested", 0, 409), ("done", 1, 200)],
    "before _Http.getresponse in imp.cancel": [("requested", 1, 409), ("done", 1, 200)],
    "after imp.cancel": [("requested", 1, 409), ("done", 1, 200)],
    "after Payment.record in refunds._done": [("requested", 1, 409), ("done", 1, 200)],
    "after refunds._done": [("done", 1, 200), ("done", 1, 200)],
}
# where the worker dies: while it asks for a charge that was made, for one that was not, and for a refund
ASKING = [
    "before reconciling._claim",
    "after reconciling._claim",
    "after _Http.endheaders in imp.payments_of",
    "before _Http.getresponse in imp.payments_of",
    "after imp.payments_of",
    "after settling._pay",
    "after settling.settle",
    "after settling.postpone",
    "before reconciling._release",
]
GIVING_UP = ["after imp.payments_of", "after settling._fail", "after settling._found_nothing"]
REFUNDING = [
    "after reconciling._claim",
    "before _Http.getresponse in imp.payment",
    "after imp.payment",
    "before refunds.send",
    "after _Http.endheaders in imp.cancel",
    "before _Http.getresponse in imp.cancel",
    "after imp.cancel",
    "after Payment.record in refunds._done",
    "after refunds._done",
    "before reconciling._release",
]
# where the site dies while a card is scheduled: what is written then, and what becomes of it here and at IMP
SCHEDULING = {
    "after Payment.record in services._write": (None, None, None),
    "after services._write": ("created", "failed", None),
    "after settling.request": ("requested", "failed", None),
    "after _Http.endheaders in imp.schedule": ("requested", "failed", None),
    "before _Http.getresponse in imp.schedule": ("requested", "scheduled", "scheduled"),
    "after imp.schedule": ("requested", "scheduled", "scheduled"),
    "after Payment.record in settling.note": ("requested", "scheduled", "scheduled"),
    "after settling.note": ("scheduled", "scheduled", "scheduled"),
}
# where it dies while a schedule is revoked: IMP is told in the end, or by the payer's next try
REVOKING = {
    "after ending._write": ("scheduled", "revoked"),
    "after _Http.endheaders in imp.unschedule": ("scheduled", "revoked"),
    "before _Http.getresponse in imp.unschedule": ("scheduled", "revoked"),
    "after imp.unschedule": ("scheduled", "revoked"),
    "after settling.note": ("revoked", "revoked"),
}
# where the worker dies while it opens an account that is due: what is written then, and how many IMP has opened
OPENING = {
    "after reconciling._claim": ("scheduled", "ready"),
    "after Payment.record in settling.request": ("scheduled", "ready"),
    "after settling.request": ("requested", "failed"),
    "after _Http.endheaders in imp.open_account": ("requested", "failed"),
    "before _Http.getresponse in imp.open_account": ("requested", "ready"),
    "after imp.open_account": ("requested", "ready"),
    "after settling.settle": ("ready", "ready"),
    "before reconciling._release": ("ready", "ready"),
}
BEFORE, AFTER = (imp_relay.answering(500, passed=passed) for passed in (False, True))


# where the site dies while a sick day moves one visit, cancels one with its refund and moves another: what has become
# of each then
SICK_DAY = {
    "before Move.by_actor": [[], [], []],
    "before cancelling._write": [["changed"], [], []],
    "before Move.by_actor in cancelling._write": [["changed"], [], []],
    "after cancelling._write": [["changed"], ["cancelled"], []],
    "before _Http.getresponse in imp.cancel": [["changed"], ["cancelled"], []],
    "after imp.cancel": [["changed"], ["cancelled"], []],
}


def test_a_charge_is_made_once_wherever_the_site_is_killed(selling):
    payers, told = {step: selling.payer() for step in CHARGE}, {}
    for step, payer in payers.items():
        assert selling.pay(payer, key=payer, dies=step) is None, step
        expected = CHARGE[step][0][1]
        found = selling.state(payer), selling.moved(payer, "charge", expected)
        told[step] = [(*found, selling.pay(payer, key=payer).status_code)]

    selling.worker.settle()

    for step, payer in payers.items():
        told[step] += [
            (selling.state(payer), selling.moved(payer, "charge"), selling.pay(payer, key=payer).status_code)
        ]
    assert told == CHARGE


def test_a_refund_is_made_once_wherever_the_site_is_killed(selling):
    payers, told = {step: selling.payer() for step in REFUND}, {}
    for step, payer in payers.items():
        assert selling.pay(payer).ok
        assert selling.cancel(payer, key=payer, dies=step) is None, step
        expected = REFUND[step][0][1]
        found = selling.refund_state(payer), selling.moved(payer, "refund", expected)
        told[step] = [(*found, selling.cancel(payer, key=payer).status_code)]

    selling.worker.settle()

    for step, payer in payers.items():
        done = selling.refund_state(payer), selling.moved(payer, "refund")
        told[step] += [(*done, selling.cancel(payer, key=payer).status_code)]
    assert told == REFUND


@pytest.mark.parametrize(
    ("steps", "fault", "minutes", "state", "charges"),
    [(ASKING, AFTER, 6, "paid", 1), (GIVING_UP, BEFORE, 20, "failed", 0)],
    ids=["that was made", "that was not"],
)
def test_a_charge_is_settled_wherever_the_worker_is_killed(selling, steps, fault, minutes, state, charges):
    payers = [selling.payer() for _ in steps]
    selling.relay.spoil(fault, times=len(payers))
    for payer in payers:
        assert selling.pay(payer).json()["contents"]["status"] == "pending"

    survived = [step for step in steps if selling.worker.reconcile(minutes, dies=step)]
    selling.worker.settle(minutes + 6)

    assert survived == []
    assert {(selling.state(payer), selling.moved(payer, "charge")) for payer in payers} == {(state, charges)}
    assert {selling.alarm(payer) for payer in payers} == {""}


def test_a_refund_is_sent_again_and_made_once_wherever_the_worker_is_killed(selling):
    payers = [selling.payer() for _ in REFUNDING]
    for payer in payers:
        assert selling.pay(payer).ok
    selling.relay.spoil(BEFORE, times=len(payers))
    for payer in payers:
        assert selling.cancel(payer).status_code == 400

    survived = [step for step in REFUNDING if selling.worker.reconcile(6, dies=step)]
    selling.worker.settle(12)

    assert survived == []
    assert {(selling.refund_state(payer), selling.moved(payer, "refund")) for payer in payers} == {("done", 1)}
    assert {selling.alarm(payer) for payer in payers} == {""}


def test_a_card_is_scheduled_once_or_not_at_all_wherever_the_site_is_killed(selling):
    payers, told = {step: selling.payer() for step in SCHEDULING}, {}
    for step, payer in payers.items():
        assert selling.schedule(payer, dies=step) is None, step
        told[step] = [selling.state(payer)]

    selling.worker.settle()

    for step, payer in payers.items():
        told[step] += [selling.state(payer), selling.schedule_at_imp(payer)]
    assert {step: tuple(found) for step, found in told.items()} == SCHEDULING


def test_a_schedule_is_revoked_wherever_the_site_is_killed(selling):
    payers, told = {step: selling.payer() for step in REVOKING}, {}
    for step, payer in payers.items():
        assert selling.schedule(payer).ok
        assert selling.end(payer, dies=step) is None, step
        told[step] = [selling.state(payer)]

    selling.worker.settle()

    for step, payer in payers.items():
        told[step] += [selling.state(payer)]
        assert selling.schedule_at_imp(payer) == "revoked", step
    assert {step: tuple(found) for step, found in told.items()} == REVOKING


def test_a_due_account_is_opened_once_wherever_the_worker_is_killed(selling):
    told = {}
    for step in OPENING:
        payer = selling.payer()
        assert selling.schedule_account(payer, minutes=2).ok
        assert not selling.worker.reconcile(4, dies=step), step
        found = selling.state(payer)
        selling.worker.settle(10)
        told[step] = found, selling.state(payer)
        accounts = selling.sandbox.payments(selling.uid(payer))
        assert len(accounts) == (told[step][1] == "ready"), step
    assert told == OPENING


def sick_day(selling, number):
    """Three visits, of which the second is paid, and what the desk sends about them."""
    desk, payer = Desk(selling.site), selling.payer()
    ill, colleague, whole_day = CREW[10], CREW[11], f"{day(31 + number)}-10:00"
    visits = [
        desk.reserved(who, ill, f"{day(31 + number)}-{hour}:00")
        for who, hour in [(CUSTOMERS[0], 10), (payer, 11), (CUSTOMERS[0], 12)]
    ]
    assert selling.pay(payer, reserv_id=visits[1]).ok
    move = f"move-{desk.pks[colleague]}"
    plans = dict(zip(visits, [move, "cancel", move], strict=True))
    return desk, payer, visits, lambda: desk.sick_day(ill, whole_day, plans, hours=8)


def what_became_of(desk, pk):
    """By the row; the history must say the same."""
    ((designer, trashed_at),) = desk.read(
        f"SELECT designer_id, trashed_at FROM reservations_reservation WHERE id = {pk}"
    )
    moved = ["changed"] if designer == desk.pks[CREW[11]] else []
    return moved + (["cancelled"] if trashed_at else [])


def test_a_sick_day_is_carried_out_visit_by_visit_wherever_the_site_is_killed(selling):
    days = {step: sick_day(selling, number) for number, step in enumerate(SICK_DAY)}
    for step, (desk, _payer, visits, sent) in days.items():
        desk.dies_of(sent(), step)
        assert [what_became_of(desk, pk) for pk in visits] == SICK_DAY[step], step
        assert [desk.acts(pk) for pk in visits] == SICK_DAY[step], step
    assert selling.site.verify() == ""

    for step, (desk, _payer, visits, sent) in days.items():  # the rest, by the same form again
        assert at_once([sent()]) == ["done"], step
        assert [desk.acts(pk) for pk in visits] == [["changed"], ["cancelled"], ["changed"]], step
    selling.worker.settle()

    for _desk, payer, _visits, _sent in days.values():
        assert (selling.state(payer), selling.moved(payer, "refund", 1)) == ("cancelled", 1)
    assert selling.site.verify() == ""


def test_without_transactions_a_killed_sick_day_has_moved_somebody_of_whom_no_history_tells(selling):
    """The control."""
    with money.without_protection(selling) as careless:
        desk, _payer, visits, sent = sick_day(careless, len(SICK_DAY))
        desk.dies_of(sent(), "before Move.by_actor")
        assert (what_became_of(desk, visits[0]), desk.acts(visits[0])) == (["changed"], [])


def test_without_the_write_ahead_a_killed_process_costs_the_payer_twice(selling):
    """The control."""
    payer, ledger = selling.payer(), len(selling.sandbox.ledger())

    with money.without_write_ahead(selling) as careless:
        assert careless.pay(payer, key=payer, dies="before _Http.getresponse in imp.charge") is None
        assert careless.state(payer) is None
        assert careless.pay(payer, key=payer).ok

    assert [(entry["kind"], entry["amount"]) for entry in selling.sandbox.ledger()[ledger:]] == [("charge", PRICE)] * 2
