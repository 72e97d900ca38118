"""GET /payment: whose payments one sees, and how they are found."""

import pytest

from payments.models import PaymentEvent, State
from tests.api import Api, as_app, as_person
from tests.factories import PaymentEventFactory, PaymentFactory, UserFactory

pytestmark = pytest.mark.django_db


def seen(api, rule="all"):
    return [row["payment_UID"] for row in api.get("/payment", {"rule": rule}).contents]


def test_own_for_payers_and_all_for_staff_and_app_clients():
    own, others = PaymentFactory(), PaymentFactory()

    assert seen(as_person(own.payer)) == [own.payment_uid]
    assert seen(as_person(own.payer), {"userid": others.payer.userid}) == []
    for api in (*(as_person(UserFactory(**{who: True})) for who in ("finance", "system", "staff")), as_app()):
        assert seen(api) == [own.payment_uid, others.payment_uid]
        assert seen(api, {"userid": own.payer.userid.upper()}) == [own.payment_uid]
    assert seen(as_person(UserFactory(type=2))) == []
    assert Api().get("/payment", {"rule": "all"}).http == 401
    assert as_person(own.payer, ["board:read"]).get("/payment", {"rule": "all"}).http == 403


def test_by_number_and_status():
    payer = UserFactory()
    rows = {
        "paid": PaymentFactory(payer=payer),
        "failed": PaymentFactory(payer=payer, failed=True),
        "pending": PaymentFactory(payer=payer, pending=True),
    }
    requested = PaymentFactory(payer=payer, state=State.REQUESTED, imp_uid="")
    api = as_person(payer)

    assert seen(api, {"status": "paid"}) == [rows["paid"].payment_uid]
    assert seen(api, {"status": "failed"}) == [rows["failed"].payment_uid]
    assert seen(api, {"status": "pending"}) == [rows["pending"].payment_uid, requested.payment_uid]
    assert seen(api, {"status": "scheduled"}) == []
    assert seen(api, {"payment_UID": requested.payment_uid}) == [requested.payment_uid]
    assert api.get("/payment", {"rule": {"status": "gone"}}).http == 400
    told = api.get("/payment", {"rule": {"payment_UID": requested.payment_uid}}).contents[0]
    assert (told["status"], told["IMP_UID"], told["paid_amount"], told["payCurr"]) == ("pending", None, 0, None)


def test_an_event_stays_as_it_was_written():
    event = PaymentEventFactory()

    with pytest.raises(Exception, match="append-only"):
        PaymentEvent.objects.filter(pk=event.pk).update(door="pages")
