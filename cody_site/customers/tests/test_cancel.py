"""Cancelling by oneself, with the money, against the sandbox."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.actors import Actor, Door
from payments.models import Payment, Refund, State
from reservations import services
from reservations.models import Reservation
from tests.factories import PaymentFactory, PolicyFactory, RefundFactory, UserFactory

pytestmark = pytest.mark.django_db

ACCOUNT = {"holder": "강예린", "bank": "088", "number": "110-123-456789"}


def url(row):
    return reverse("pages:cancel", args=[row.pk])


def page_of(row):
    return reverse("pages:reservation", args=[row.pk])


def send(browser, row, *, seen=None, **more):
    """What the page's form sends, as it was shown."""
    seen = browser.get(url(row)).context["seen"] if seen is None else seen
    return browser.post(url(row), {"seen": seen, "reason": "일정이 바뀜", "words": ""} | more, follow=True)


def told(page):
    return [str(message) for message in page.context["messages"]]


def refused(page):
    return page.context["form"].non_field_errors()


def pay(paying, row, **more):
    payment = PaymentFactory(reservation=row, payer=row.customer, amount=30_000, **more)
    if payment.method == "vbank":
        due = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp())
        given = {"merchant_uid": payment.payment_uid, "amount": 30_000, "vbank_code": "088", "pg": "nice_v2"}
        payment.imp_uid = paying.call("POST", "/vbanks", given | {"vbank_due": due}).json()["response"]["imp_uid"]
        paying.deposit(payment.imp_uid)
    else:
        payment.imp_uid = paying.charge(payment.payment_uid, 30_000).json()["response"]["imp_uid"]
    payment.save()
    return payment


def test_what_goes_back_is_shown_before_and_done_after_the_click(paying, browser, book):
    row = book()
    payment = pay(paying, row)

    before = browser.get(url(row)).content.decode()
    page = send(browser, row, words="다음 달에\n다시 올게요")

    assert "5361-4890-****-1704" in before
    assert "<strong>30,000원</strong>이 모두 돌아가요" in before
    assert "3월 4일 수요일 오전 10:00까지 무료로 취소할 수 있어요" in before
    assert page.redirect_chain == [(page_of(row), 302)]
    assert told(page) == ["예약을 취소했어요."]
    assert "30,000원의 카드 결제를 취소했어요" in page.content.decode()
    row.refresh_from_db()
    assert (row.trashed_by, row.cancel_reason) == (row.customer, "일정이 바뀜: 다음 달에 다시 올게요")
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_money_of_a_virtual_account_goes_to_the_account_that_is_told(paying, browser, book):
    row = book()
    pay(paying, row, account=True)

    page = send(browser, row, **ACCOUNT)

    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.account_number) == ("done", 30_000, "110123456789")
    assert "30,000원을 환불 계좌로 보냈어요" in page.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"holder": ""}, "holder"), ({"bank": ""}, "bank"), ({"bank": "999"}, "bank"), ({"number": "12 34"}, "number"),
        ({"number": ""}, "number"), ({"reason": ""}, "reason"), ({"reason": "x"}, "reason"),
        ({"words": "x" * 201}, "words"), ({"holder": "\0"}, "holder"),
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_cancels_nothing_and_says_where(browser, book, wrong, field):
    row = book()
    PaymentFactory(reservation=row, payer=row.customer, account=True)

    page = send(browser, row, **(ACCOUNT | wrong))

    assert list(page.context["form"].errors) == [field]
    assert Reservation.objects.live().filter(pk=row.pk).exists()


def test_a_card_is_asked_for_no_account(browser, book):
    row = book()
    PaymentFactory(reservation=row, payer=row.customer)

    assert "number" not in browser.get(url(row)).context["form"].fields


@pytest.mark.parametrize(
    ("payment", "told"),
    [
        (None, "결제한 금액이 없어"),
        ({"account": True, "state": State.READY}, "아직 입금하지 않으셨어요"),
        ({"pending": True}, "결제가 되었는지 확인하고 있어요"),
        ({"scheduled": True}, "예정된 결제는 취소되고"),
    ],
)
def test_what_becomes_of_money_that_has_not_come_is_told_too(browser, book, payment, told):
    row = book()
    if payment is not None:
        PaymentFactory(reservation=row, payer=row.customer, **payment)

    assert told in browser.get(url(row)).content.decode()
    assert send(browser, row).redirect_chain == [(page_of(row), 302)]


def test_a_refund_that_is_in_doubt_is_on_its_way(paying, browser, book):
    row = book()
    pay(paying, row)
    paying.fault("timeout-after")

    page = send(browser, row)

    assert "30,000원을 환불하고 있어요" in page.content.decode()


def test_what_cannot_go_back_now_somebody_calls_about(browser, book):
    row = book()
    payment = PaymentFactory(reservation=row, payer=row.customer)
    RefundFactory(payment=payment, state="requested", amount=1_000)

    page = send(browser, row)

    assert Payment.objects.alarming().get() == payment
    assert page.status_code == 200


def test_after_the_deadline_nothing_is_offered_and_nothing_cancelled(browser, book):
    PolicyFactory(cancel_notice_minutes=24 * 60)
    row = book(days=1, hour=9)  # at this very minute of tomorrow: the last moment
    late = book(days=0, hour=12)

    assert browser.get(url(row)).context["leeway"].may_cancel
    text = browser.get(url(late)).content.decode()
    assert "3월 2일 월요일 오후 12:00에 끝났어요. 취소하시려면 살롱에 전화해 주세요." in text
    assert "<form" not in text.partition("<main")[2].partition("</main>")[0]
    assert refused(send(browser, late)) == ["취소 마감이 지났습니다. 살롱에 전화해 주세요."]
    assert Reservation.objects.live().count() == 2


def test_what_has_begun_is_not_cancelled(browser, book):
    row = book(days=0, hour=9, status=2)

    assert "이미 시작했거나 지난 예약" in browser.get(url(row)).content.decode()
    assert refused(send(browser, row))


def test_twice_is_once(browser, book):
    row = book()
    seen = browser.get(url(row)).context["seen"]

    send(browser, row, seen=seen)
    page = send(browser, row, seen=seen)

    assert told(page) == ["이미 취소된 예약이에요."]
    assert page.redirect_chain == [(page_of(row), 302)]
    assert row.moves.filter(act="cancelled").count() == 1


def test_what_the_desk_cancelled_meanwhile_is_told(browser, book):
    row = book()
    seen = browser.get(url(row)).context["seen"]
    desk = Actor(Door.ADMIN, user=UserFactory(staff=True))
    services.cancel(by=desk, reservations=Reservation.objects.all())

    page = send(browser, row, seen=seen)

    assert told(page) == ["이미 취소된 예약이에요."]
    assert "살롱에서 예약을 취소했어요." in page.content.decode()


def test_what_the_desk_moved_meanwhile_is_shown_again_before_it_is_cancelled(browser, book):
    row = book()
    seen = browser.get(url(row)).context["seen"]
    Reservation.objects.update(time=dt.time(15))

    page = send(browser, row, seen=seen)

    assert refused(page) == ["그 사이에 예약이나 결제가 바뀌었어요. 아래 내용을 다시 확인하고 취소해 주세요."]
    assert "오후 3:00" in page.content.decode()
    assert send(browser, row, seen=page.context["seen"]).redirect_chain == [(page_of(row), 302)]


def test_money_that_came_meanwhile_is_shown_before_it_goes_back(browser, book):
    row = book()
    seen = browser.get(url(row)).context["seen"]
    PaymentFactory(reservation=row, payer=row.customer)

    page = send(browser, row, seen=seen)

    assert "<strong>30,000원</strong>이 모두 돌아가요" in page.content.decode()
    assert Reservation.objects.live().exists()


def test_nobody_cancels_anybody_elses(browser, book):
    row = book(customer=UserFactory())

    assert browser.get(url(row)).status_code == browser.post(url(row), {"reason": "일정이 바뀜"}).status_code == 404
    assert Reservation.objects.live().exists()


def test_the_page_takes_few_queries(browser, book, django_assert_max_num_queries):
    row = book()
    RefundFactory(payment=PaymentFactory(reservation=row, payer=row.customer), amount=1_000)

    with django_assert_max_num_queries(12):
        browser.get(url(row))
