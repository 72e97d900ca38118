"""Who goes is asked once, told what becomes of everything, and gone."""

import pytest
from django.urls import reverse

from tests.factories import ReservationFactory

expect = pytest.importorskip("playwright.sync_api", reason="no browser: Playwright is not installed").expect

PASSWORD = "a password of some length"


def test_a_customer_leaves_and_what_was_to_come_is_cancelled(sign_in, open_salon):
    yerin = open_salon.yerin
    yerin.set_password(PASSWORD)
    yerin.save()
    visit = ReservationFactory(customer=yerin, designer=open_salon.soyul)
    page = sign_in(yerin)
    page.goto(reverse("accounts:withdrawal"))
    expect(page.get_by_text("다가오는 예약 1건이 취소돼요.")).to_be_visible()

    page.get_by_label("지금 비밀번호").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="탈퇴하기").click()

    page.wait_for_url(f"**{reverse('accounts:farewell')}")
    yerin.refresh_from_db()
    visit.refresh_from_db()
    assert yerin.withdrawn_at
    assert visit.trashed_at
    page.goto(reverse("pages:my"))
    page.wait_for_url("**/login/**")
