"""Payments in the back-office: to read, with all that happened."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from tests.factories import PaymentEventFactory, PaymentFactory, PaymentItemFactory, RefundFactory, UserFactory

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
