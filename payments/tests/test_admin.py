"""Payments in the back-office: with all that happened, refunds, and what a person must decide."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from payments.models import State
from tests.factories import (
    DesignerFactory,
    PaymentEventFactory,
    PaymentFactory,
    PaymentItemFactory,
    RefundFactory,
    ReservationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("trait", ["finance", "staff", "system"])
def test_staff_read_payments_with_their_events(trait):
    payment = PaymentFactory(alarm="결제사의 결제가 다릅니다")
    PaymentItemFactory(payment=payment, name="뿌리 염색")
    RefundFactory(payment=payment, reason="고객이 마음을 바꿈")
    PaymentEventFactory(payment=payment)
    browser = Browser()
    browser.force_login(UserFactory(**{trait: True}), backend="accounts.backends.RoleBackend")

    listed = browser.get(reverse("admin:payments_payment_changelist")).content.decode()
    shown = browser.get(reverse("admin:payments_payment_change", args=[payment.pk])).content.decode()

    assert payment.payment_uid in listed
    assert "결제사의 결제가 다릅니다" in listed
    assert all(text in shown for text in ("뿌리 염색", "고객이 마음을 바꿈", payment.card_number))
    assert 'name="_save"' not in shown
    change = reverse("admin:payments_payment_change", args=[payment.pk])
    assert browser.post(change, {"state": "failed"}).status_code == 403


@pytest.mark.parametrize(("trait", "allowed"), [("finance", True), ("staff", True), ("system", False)])
def test_who_writes_money_takes_an_alarm_off_a_payment(trait, allowed):
    payment, other = PaymentFactory(alarm="결제사의 환불액이 다릅니다"), PaymentFactory()
    browser = Browser()
    browser.force_login(UserFactory(**{trait: True}), backend="accounts.backends.RoleBackend")

    listed = reverse("admin:payments_payment_changelist")
    browser.post(listed, {"action": "acknowledge", "_selected_action": [payment.pk, other.pk]})

    payment.refresh_from_db()
    assert (payment.alarm == "") == allowed
    told = [(event.what, event.detail, event.door) for event in payment.events.all()]
    assert told == ([("acknowledged", {"alarm": "결제사의 환불액이 다릅니다"}, "admin")] if allowed else [])
    assert not other.events.exists()


def test_designers_see_no_money():
    browser = Browser()
    browser.force_login(UserFactory(type=2), backend="accounts.backends.RoleBackend")

    assert browser.get(reverse("admin:payments_payment_changelist")).status_code == 403


# ---------------------------------------------------------------- refunds and decisions


def signed_in(**trait):
    browser = Browser()
    browser.force_login(UserFactory(**trait), backend="accounts.backends.RoleBackend")
    return browser


def charged(paying, **more):
    """A payment that IMP knows too."""
    payment = PaymentFactory(**more)
    payment.imp_uid = paying.charge(payment.payment_uid, payment.amount).json()["response"]["imp_uid"]
    payment.save()
    return payment


def refund_page(payment):
    return reverse("admin:payments_payment_refund", args=[payment.pk])


def act(browser, action, *payments, confirmed="1"):
    """From the list, having said yes on the page that asks first."""
    given = {"action": action, "_selected_action": [payment.pk for payment in payments]}
    given |= {"confirmed": confirmed} if confirmed else {}
    return browser.post(reverse("admin:payments_payment_changelist"), given, follow=True).content.decode()


def test_a_refund_by_a_form_once_though_it_is_sent_twice(paying):
    payment = charged(paying)
    browser = signed_in(finance=True)
    assert "30,000원" in browser.get(refund_page(payment)).content.decode()
    given = {"left": 30_000, "amount": 12_000, "reason": "시술 변경"}

    assert browser.post(refund_page(payment), given).status_code == 302
    again = browser.post(refund_page(payment), given).content.decode()

    assert "잔액이 바뀌었습니다" in again
    payment.refresh_from_db()
    assert payment.refunded_amount == 12_000
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 12_000)]
    too_much = browser.post(refund_page(payment), {"left": 18_000, "amount": 18_001, "reason": "x"}).content.decode()
    assert "환불할 수 있는 금액은 18,000원입니다" in too_much


def test_a_virtual_accounts_money_goes_to_an_account(paying):
    payment = PaymentFactory(account=True)
    given = {"merchant_uid": payment.payment_uid, "amount": 30_000, "vbank_code": "088", "vbank_due": 2_000_000_000}
    payment.imp_uid = paying.call("POST", "/vbanks", given).json()["response"]["imp_uid"]
    payment.save()
    paying.deposit(payment.imp_uid)
    browser = signed_in(staff=True)
    page = browser.get(refund_page(payment)).content.decode()
    assert all(text in page for text in ("예금주", "카카오뱅크", "계좌번호"))

    lacking = {"left": 30_000, "amount": 30_000, "reason": "x"}
    assert browser.post(refund_page(payment), lacking).status_code == 200
    whole = lacking | {"holder": "홍길동", "bank": "090", "number": "3333-01-1234567"}
    assert browser.post(refund_page(payment), whole).status_code == 302

    assert paying.moved(payment.payment_uid) == [("deposit", 30_000), ("refund", 30_000)]


def test_what_the_gateway_refuses_is_told_and_nothing_typed_is_lost(paying):
    payment = charged(paying)
    paying.call("POST", "/payments/cancel", {"imp_uid": payment.imp_uid, "amount": 1_000})  # by somebody else

    page = signed_in(staff=True).post(refund_page(payment), {"left": 30_000, "amount": 30_000, "reason": "시술 변경"})

    assert "결제사가 거절했습니다" in page.content.decode()
    assert "시술 변경" in page.content.decode()


def test_what_moves_money_asks_first(paying):
    wrong, scheduled = PaymentFactory(pending=True, alarm="x"), PaymentFactory(scheduled=True, account=True)
    browser = signed_in(staff=True)

    assert "29,900" not in act(browser, "undo", wrong, confirmed="")
    assert scheduled.payment_uid in act(browser, "end", scheduled, confirmed="")
    assert "할 수 있는 것이 없습니다" in act(browser, "end", wrong, confirmed="")
    for path in ("end", "ask", "undo"):
        browser.get(f"/admin/payments/payment/{scheduled.pk}/{path}/")

    scheduled.refresh_from_db()
    assert scheduled.state == State.SCHEDULED
    assert [event.what for event in wrong.events.all()] == []


def test_one_payment_is_dealt_with_on_its_page(paying):
    scheduled = PaymentFactory(scheduled=True, account=True, alarm="예약 결제가 제때 실행되지 않았습니다.")
    browser = signed_in(finance=True)
    page = browser.get(reverse("admin:payments_payment_change", args=[scheduled.pk])).content.decode()
    assert "/end/" in page
    assert "/refund/" not in page

    browser.post(f"/admin/payments/payment/{scheduled.pk}/acknowledge/", {"confirmed": "1"})
    answer = browser.post(f"/admin/payments/payment/{scheduled.pk}/end/", {"confirmed": "1"}, follow=True)

    scheduled.refresh_from_db()
    assert (scheduled.state, scheduled.alarm) == (State.REVOKED, "")
    assert "1건을 취소했습니다" in answer.content.decode()
    assert browser.get(f"/admin/payments/payment/{scheduled.pk}/end/").status_code == 403


@pytest.mark.parametrize(("trait", "status"), [({"system": True}, 403), ({"type": 2}, 403), ({"type": 1}, 302)])
def test_who_may_not_refund(trait, status):
    payment = PaymentFactory()

    assert signed_in(**trait).get(refund_page(payment)).status_code == status
    act(signed_in(system=True), "undo", payment)
    assert not payment.refunds.exists()


def test_nothing_to_refund():
    failed = PaymentFactory(failed=True)

    assert signed_in(staff=True).get(refund_page(failed)).status_code == 403
    for nobody in (10**9, "abc"):
        assert signed_in(staff=True).get(f"/admin/payments/payment/{nobody}/refund/").status_code in (403, 404)


def test_another_amount_than_asked_is_given_back_at_imp(paying):
    payment = PaymentFactory(pending=True)
    paying.charge(payment.payment_uid, 29_900)
    browser = signed_in(finance=True)
    act(browser, "ask_again", payment)
    payment.refresh_from_db()
    assert "29,900" in payment.alarm

    assert payment.payment_uid in act(browser, "undo", payment, confirmed="")
    act(browser, "undo", payment)

    payment.refresh_from_db()
    assert (payment.state, payment.alarm) == (State.FAILED, "")
    assert paying.moved(payment.payment_uid) == [("charge", 29_900), ("refund", 29_900)]


def test_an_account_is_closed_and_a_schedule_revoked_from_the_list(paying):
    scheduled = PaymentFactory(scheduled=True, account=True)

    act(signed_in(staff=True), "end", scheduled, PaymentFactory())

    scheduled.refresh_from_db()
    assert scheduled.state == State.REVOKED


def test_what_needs_a_person_is_one_click_away():
    alarming, calm = PaymentFactory(alarm="결제사의 환불액이 다릅니다"), PaymentFactory()
    browser = signed_in(staff=True)

    home = browser.get(reverse("admin:index")).content.decode()
    listed = browser.get(reverse("admin:payments_payment_changelist"), {"needs": "person"}).content.decode()

    assert "확인이 필요한 돈" in home
    assert alarming.payment_uid in listed
    assert calm.payment_uid not in listed
    designer = Browser()
    designer.force_login(DesignerFactory().user, backend="accounts.backends.RoleBackend")
    assert "확인이 필요한 돈" not in designer.get(reverse("admin:index")).content.decode()


def test_a_reservation_shows_what_is_paid_for_it_to_those_who_see_money():
    reservation = ReservationFactory()
    payment = PaymentFactory(payer=reservation.customer, reservation=reservation)
    page = reverse("admin:reservations_reservation_change", args=[reservation.pk])
    designer = Browser()
    designer.force_login(reservation.designer.user, backend="accounts.backends.RoleBackend")

    assert payment.payment_uid in signed_in(staff=True).get(page).content.decode()
    assert payment.payment_uid not in designer.get(page).content.decode()


def test_a_reservation_cancelled_at_the_desk_is_refunded_in_one_step(paying):
    reservation = ReservationFactory()
    payment = charged(paying, payer=reservation.customer, reservation=reservation)
    given = {"action": "cancel", "_selected_action": [reservation.pk]}
    listed, browser = reverse("admin:reservations_reservation_changelist"), signed_in(staff=True)
    assert "30,000원 환불" in browser.post(listed, given).content.decode()
    assert paying.moved(payment.payment_uid) == [("charge", 30_000)]

    page = browser.post(listed, given | {"confirmed": "1"}, follow=True)

    assert "30,000원을 환불했습니다" in page.content.decode()
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


@pytest.mark.parametrize("count", [1, 3])
def test_schedules_are_listed_with_their_payments(count, django_assert_max_num_queries):
    payments = PaymentFactory.create_batch(count, scheduled=True)
    browser = signed_in(finance=True)
    listed, page = (
        reverse("admin:payments_schedule_changelist"),
        reverse("admin:payments_schedule_change", args=[payments[0].schedule_id]),
    )
    assert payments[0].payment_uid in browser.get(page).content.decode()

    with django_assert_max_num_queries(9):
        browser.get(listed)


@pytest.mark.parametrize(
    ("url", "link"), [("https://iamport.example/receipt/1", True), ("javascript:alert(1)", False), ("", False)]
)
def test_a_receipt_is_a_link_and_nothing_but_a_web_address_is_one(url, link):
    payment = PaymentFactory(receipt_url=url)

    page = signed_in(staff=True).get(reverse("admin:payments_payment_change", args=[payment.pk])).content.decode()

    assert ((f'href="{url}"' in page) if url else ("영수증" in page)) == link
    assert reverse("admin:payments_payment_history", args=[payment.pk]) not in page  # it would be empty


def test_payments_open_with_the_last_thirty_days_and_whatever_needs_a_person_however_old():
    listed, browser = reverse("admin:payments_payment_changelist"), signed_in(staff=True)
    now, old = PaymentFactory(), PaymentFactory(alarm="오래된 일", created_at=timezone.now() - dt.timedelta(days=40))

    def shown(**query):
        return list(browser.get(listed, query).context["cl"].result_list)

    assert (shown(), shown(created_at="all"), shown(needs="person")) == ([now], [now, old], [old])
