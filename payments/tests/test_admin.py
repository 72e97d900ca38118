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


def test_designers_see_no_money():
    browser = Browser()
    browser.force_login(UserFactory(type=2), backend="accounts.backends.RoleBackend")

    assert browser.get(reverse("admin:payments_payment_changelist")).status_code == 403
