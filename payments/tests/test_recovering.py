"""manage.py reconcile against the sandbox: what only IMP knows, after an older dump was restored."""

import datetime as dt
import json
import time

import pytest
import requests
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from payments import imp, recovering
from payments.imp import exchange, wire
from payments.models import Payment, PaymentEvent, State
from tests.clock import NOW
from tests.factories import PaymentFactory, UserFactory
from tests.imp_sandbox import KEY, SECRET, running

pytestmark = pytest.mark.django_db
DAY = "2026-03-03"
NOTHING = "IMP knows no payment that is unknown here."
OVER_LIMIT = "5361-4890-1234-2116"


@pytest.fixture
def at_imp(tmp_path, settings, clock):
    """A sandbox that nobody has paid through yet; what it will be told lies in our past by an hour."""
    with running(tmp_path, now=NOW) as sandbox:
        settings.IMP_BASE_URL, settings.IMP_KEY, settings.IMP_SECRET = sandbox.url, KEY, SECRET
        exchange._Held.token = None
        clock.shift(dt.timedelta(hours=1))
        yield sandbox


@pytest.fixture
def reconcile(capsys):
    """Run it; the lines that it wrote, and its error if it failed."""

    def run(*arguments):
        capsys.readouterr()
        error = None
        try:
            call_command("reconcile", *arguments)
        except CommandError as failed:  # exit status 1
            error = str(failed)
        return capsys.readouterr().out.splitlines(), error

    return run


def charged(at_imp, amount=30_000, **more):
    """A payment of ours that IMP knows too; its row."""
    payment = PaymentFactory(amount=amount, **more)
    told = {"buyer_name": payment.payer.name, "name": "커트 상담"}
    answer = at_imp.charge(payment.payment_uid, amount, **told).json()["response"]
    if payment.state == State.PAID:
        payment.imp_uid = answer["imp_uid"]
        payment.save()
    return payment


def present(at_imp):
    """The sandbox's own time."""
    told = requests.post(f"{at_imp.url}/users/getToken", json={"imp_key": KEY, "imp_secret": SECRET}, timeout=5).json()
    return dt.datetime.fromtimestamp(told["response"]["now"], dt.UTC)


def cancelled(at_imp, payment, amount=None):
    """By somebody else than us."""
    at_imp.call("POST", "/payments/cancel", {"imp_uid": payment.imp_uid, "amount": amount})


def lose(*payments):
    """As an older dump has them: not at all."""
    with connection.cursor() as cursor:
        for payment in payments:
            cursor.execute("DELETE FROM payments_payment WHERE id = %s", [payment.pk])


def test_what_only_imp_knows_is_named(at_imp, reconcile):
    known, whole, part, gone = (charged(at_imp) for _ in range(4))
    cancelled(at_imp, part, 12_000)
    cancelled(at_imp, gone)
    refused = PaymentFactory(failed=True)
    at_imp.charge(refused.payment_uid, 1000, card_number=OVER_LIMIT)
    twin = UserFactory(name=whole.payer.name)
    lose(whole, part, gone, refused)

    lines, error = reconcile("--since", DAY)

    def line(payment, rest, userids):
        return (
            f"unknown {payment.payment_uid} {payment.imp_uid}: {rest}, paid 2026-03-03 09:00, "
            f"buyer {payment.payer.name} ({userids}), for 커트 상담, card 53614890****1704"
        )

    assert sorted(lines) == sorted(
        [
            line(whole, "30,000 of 30,000 KRW left", f"{whole.payer.userid}, {twin.userid}"),
            line(part, "18,000 of 30,000 KRW left", part.payer.userid),
            line(gone, "0 of 30,000 KRW left", gone.payer.userid),
        ]
    )
    assert error == "3 payments at IMP are unknown here; 48,000 won of them are left there."
    assert list(Payment.objects.all()) == [known]
    assert not PaymentEvent.objects.exists()


def test_nothing_unknown(at_imp, reconcile):
    charged(at_imp)
    PaymentFactory()  # which IMP does not know: verify's business

    assert reconcile("--since", DAY) == ([NOTHING], None)


def test_what_is_ours_is_brought_to_what_imp_knows(at_imp, reconcile):
    pending = charged(at_imp, pending=True)
    refused = PaymentFactory(pending=True)
    at_imp.charge(refused.payment_uid, 1000, card_number=OVER_LIMIT)
    elsewhere = charged(at_imp)
    cancelled(at_imp, elsewhere, 5_000)
    other_amount = PaymentFactory(pending=True)
    at_imp.charge(other_amount.payment_uid, 29_900)

    lines, error = reconcile("--since", DAY)

    still = "; IMP knows it otherwise still"
    different = [
        f"payment {other_amount.payment_uid}: pending here{still} (결제사의 결제가 다릅니다: 29,900 KRW)",
    ]
    settled = [
        f"payment {elsewhere.payment_uid}: paid here",
        f"payment {pending.payment_uid}: pending here, now paid",
        f"payment {refused.payment_uid}: pending here, now failed",
    ]
    assert (sorted(lines), error) == (sorted([NOTHING, *settled, *different]), None)
    states = [Payment.objects.get(pk=row.pk).state for row in (pending, refused, elsewhere, other_amount)]
    assert states == ["paid", "failed", "paid", "pending"]
    lines, error = reconcile("--since", DAY)
    assert (sorted(lines), error) == (sorted([NOTHING, *different]), None)
    assert [event.what for event in pending.events.all()] == ["paid"]


def test_money_that_came_late_goes_back_by_itself(at_imp, reconcile):
    payment = charged(at_imp, failed=True)

    lines, _error = reconcile("--since", DAY)
    assert lines[0] == f"payment {payment.payment_uid}: failed here, now paid"
    assert reconcile() == ([], None)

    payment.refresh_from_db()
    assert (payment.state, payment.refunded_amount) == (State.CANCELLED, 30_000)


def test_a_virtual_account_that_waits_is_named_and_one_that_was_closed_is_not(at_imp, reconcile):
    def opened(merchant_uid):
        given = {"merchant_uid": merchant_uid, "amount": 7000, "vbank_code": "004", "vbank_holder": "x"}
        due = int((timezone.now() + dt.timedelta(days=3)).timestamp())
        return at_imp.call("POST", "/vbanks", given | {"vbank_due": due}).json()["response"]["imp_uid"]

    waiting, closed = opened("waiting"), opened("closed")
    at_imp.call("DELETE", f"/vbanks/{closed}")

    lines, error = reconcile("--since", DAY)

    known = "0 of 7,000 KRW left, ready 2026-03-03 09:00, buyer - (nobody of that name), for -, card -"
    assert lines == [f"unknown waiting {waiting}: {known}"]
    assert error == "1 payments at IMP are unknown here; 0 won of them are left there."


def test_more_than_one_page_and_more_than_one_window(at_imp, reconcile, clock):
    for number in range(2 * imp.PAGE + 1):
        at_imp.charge(f"page{number}", 1000)
    clock.shift(dt.timedelta(days=200))

    lines, error = reconcile("--since", "2025-12-01")

    assert sorted(line.split()[1] for line in lines) == sorted(f"page{number}" for number in range(21))
    assert error == "21 payments at IMP are unknown here; 21,000 won of them are left there."
    assert reconcile("--since", "2026-03-04") == ([NOTHING], None)


def test_what_changes_meanwhile_hides_nothing(at_imp, clock):
    for number in range(2 * imp.PAGE + 1):
        at_imp.charge(f"moving{number}", 1000)
    until = present(at_imp)
    clock.move_to(until, tick=False)

    told = recovering.compare(until - dt.timedelta(hours=1))
    first = next(told)
    while present(at_imp) <= until:
        time.sleep(0.1)
    at_imp.call("POST", "/payments/cancel", {"merchant_uid": "moving3"})  # it is no longer among these
    found = {unknown.at_imp.payment.merchant_uid for unknown in [first, *told]}

    assert found == {f"moving{number}" for number in range(2 * imp.PAGE + 1)} - {"moving3"}


@pytest.mark.parametrize("until", [0, 1, imp.LONGEST_SEARCH - 1, imp.LONGEST_SEARCH, 3 * imp.LONGEST_SEARCH + 5])
def test_windows_are_at_most_ninety_days_and_leave_no_gap(until):
    found = list(recovering.windows(0, until))

    assert (found[0][0], found[-1][1]) == (0, until)
    assert all(start <= end < start + 90 * 24 * 3600 for start, end in found)
    assert [start for start, _end in found[1:]] == [end + 1 for _start, end in found[:-1]]


def test_a_page_of_long_payments_is_not_too_long(at_imp, reconcile):
    long = {"buyer_name": "가" * 16, "name": "가" * 40, "buyer_addr": "가" * 128, "buyer_email": "a" * 64}
    for number in range(imp.PAGE):
        at_imp.charge(f"long{number}", 1000, **long)
        for _ in range(2):
            given = {"merchant_uid": f"long{number}", "amount": 1, "reason": "가" * 256}
            at_imp.call("POST", "/payments/cancel", given)

    lines, _error = reconcile("--since", DAY)

    assert len(lines) == imp.PAGE
    size = len(json.dumps(at_imp.payments("long0")[0], ensure_ascii=False).encode())
    assert 2 * 2048 < size < wire.MOST_BYTES // imp.PAGE


def test_without_since_it_is_the_workers_tick(at_imp, reconcile):
    payment = charged(at_imp, pending=True, ask_at=timezone.now())
    at_imp.charge("unknown", 1000)

    assert reconcile() == ([], None)

    payment.refresh_from_db()
    assert payment.state == State.PAID


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("IMP_BASE_URL", "http://127.0.0.1:9", "Unreachable"),
        ("IMP_SECRET", "wrong", "AuthenticationFailed"),
        ("IMP_KEY", "", "NotConfigured"),
    ],
)
def test_imp_cannot_be_asked(at_imp, reconcile, settings, setting, value, told):
    setattr(settings, setting, value)

    assert reconcile("--since", DAY) == ([], f"IMP could not be asked ({told}); run it again.")


@pytest.mark.parametrize("day", ["3rd of March", "2026-02-30", "20260303"])
def test_what_is_no_day(day):
    with pytest.raises(CommandError, match="--since"):
        call_command("reconcile", "--since", day)


def test_a_day_to_come(reconcile):
    assert reconcile("--since", "2026-03-05") == ([], "--since is in the future.")
