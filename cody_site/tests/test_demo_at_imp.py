"""The demo's payments as the IMP sandbox knows them: compared, refunded, written again."""

import contextlib
import sqlite3

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from cody_site.demo import at_imp
from payments.imp import exchange
from payments.models import Payment, State
from tests.api import as_person
from tests.clock import NOW
from tests.imp_sandbox import KEY, SECRET, running
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_the_sandbox(settings, tmp_path):
    """A developer's settings, with the sandbox's data in a folder of the test's own; the folder's parent."""
    settings.DEBUG = True
    settings.IMP_SANDBOX_PORT = free_port()
    settings.IMP_BASE_URL = f"http://127.0.0.1:{settings.IMP_SANDBOX_PORT}"
    settings.IMP_KEY, settings.IMP_SECRET, settings.IMP_TEST_CHANNEL = KEY, SECRET, True
    settings.IMP_SANDBOX_DATA = tmp_path / "data"
    exchange._Held.token = None
    return tmp_path


def options(settings):
    return ["--port", str(settings.IMP_SANDBOX_PORT)]


def known(folder):
    """All that the sandbox's data say of payments and of money."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "imp.sqlite3")) as db:
        return [
            db.execute("SELECT imp_uid, document FROM payment ORDER BY imp_uid").fetchall(),
            db.execute("SELECT merchant_uid, imp_uid, kind, amount, at FROM ledger ORDER BY at, id").fetchall(),
        ]


def test_what_was_paid_is_known_and_can_be_refunded(on_the_sandbox, settings, capsys):
    call_command("demo")
    wrong = Payment.objects.get(state=State.PENDING)
    by_choice = f"payment {wrong.payment_uid}: 0 is left here, 29900 at IMP (its alarm: {wrong.alarm})"

    with running(on_the_sandbox, *options(settings), now=NOW) as sandbox:
        capsys.readouterr()
        with pytest.raises(CommandError, match="1 violation"):
            call_command("verify", "--with-imp")
        assert capsys.readouterr().out == by_choice + "\n"
        assert [found["amount"] for found in sandbox.payments(wrong.payment_uid)] == [29_900]
        failed = Payment.objects.filter(state=State.FAILED).first()
        assert [found["fail_reason"] for found in sandbox.payments(failed.payment_uid)] == [failed.fail_reason]

        ahead = Payment.objects.filter(reservation__date__gt=NOW.date(), method="card").get()
        partly = Payment.objects.filter(state=State.PAID, refunded_amount__gt=0).first()
        for payment, by in [(ahead, ahead.payer), (partly, User.objects.get(userid="finance"))]:
            body = {"paym_id": payment.payment_uid, "userid": payment.payer.userid, "reason": "데모"}
            left = payment.left
            assert as_person(by).post("/payment/cancel", body).contents["canceled_Amount"] == left
            assert sum(amount for kind, amount in sandbox.moved(payment.payment_uid) if kind == "refund") == (
                payment.amount
            )
        for payment in Payment.objects.filter(state__in=["ready", "scheduled"]):
            body = {"paym_id": payment.payment_uid, "userid": payment.payer.userid, "reason": "데모"}
            assert as_person(payment.payer).post("/payment/cancel", body).http == 200
        assert not Payment.objects.filter(state__in=["ready", "scheduled"]).exists()
        capsys.readouterr()
        with pytest.raises(CommandError, match="1 violation"):
            call_command("verify", "--with-imp")
        assert capsys.readouterr().out == by_choice + "\n"


def test_a_sandbox_that_runs_is_told_too_and_keeps_what_else_it_knows(on_the_sandbox, settings):
    with running(on_the_sandbox, *options(settings), now=NOW) as sandbox:
        sandbox.charge("another")
        call_command("demo")
        at_imp.tell()
        charged = Payment.objects.filter(state=State.CANCELLED).first()

        assert sandbox.moved("another") == [("charge", 1000)]
        assert sandbox.moved(charged.payment_uid) == [("charge", charged.amount), ("refund", charged.amount)]

        at_imp.tell(start_over=True)
        assert sandbox.moved("another") == []
        assert sandbox.call("GET", "/payments/findAll/another").status_code == 404
        assert sandbox.charge("another").json()["response"]["status"] == "paid"


def test_it_is_the_same_every_time(on_the_sandbox):
    call_command("demo")
    once = known(on_the_sandbox)
    assert all(once)

    at_imp.tell()
    assert known(on_the_sandbox) == once
    at_imp.tell(start_over=True)
    assert known(on_the_sandbox) == once


def test_nothing_is_written_when_the_site_pays_elsewhere(on_the_sandbox, settings):
    settings.IMP_BASE_URL = "https://api.iamport.kr"

    call_command("demo")

    assert not (on_the_sandbox / "data").exists()
