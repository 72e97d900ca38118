"""What somebody has paid, pays and gets back, on the pages."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from payments import settling
from payments.models import Payment, Refund, RefundState, State
from payments.tests.test_pages import browser_of, ending_in, page_of, pay, shown
from tests.factories import (
    ConsultationTermsFactory,
    DesignerFactory,
    PaymentDueFactory,
    PaymentFactory,
    PaymentItemFactory,
    ProductFactory,
    RefundFactory,
    ReservationFactory,
    UserFactory,
)
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)

PRICE = 30_000
PAGES = ["payment_page", "payment_state", "refund", "end"]
MINE = "/my/payments/"


@pytest.fixture
def me():
    return UserFactory(name="홍길동")


@pytest.fixture
def browser(me):
    return browser_of(me)


@pytest.fixture
def row(me):
    ConsultationTermsFactory(when="later", product=ProductFactory(name="디자이너 상담", price=PRICE))
    return ReservationFactory(customer=me, date=dt.date(2026, 3, 10))


def at(payment, name):
    return reverse(f"payments:{name}", args=[payment.payment_uid])


def refund(browser, payment, **typed):
    return browser.post(at(payment, "refund"), {"left": payment.left, **typed})


ACCOUNT = {"holder": "홍길동", "bank": "004", "number": "123-456-789012"}


# ---------------------------------------------------------------- who


@pytest.mark.parametrize("name", PAGES)
def test_rows_of_others_are_found_nowhere(name, me):
    payment = PaymentFactory(scheduled=True)

    for stranger in (me, UserFactory(staff=True), DesignerFactory().user):
        browser = browser_of(stranger)
        assert browser.get(at(payment, name)).status_code == 404
        assert browser.post(at(payment, name), {}).status_code == 404
    assert Browser().get(at(payment, name))["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("uid", ["A" * 17, "A" * 16, "a" * 17, "%00" * 17, "../x", "한" * 17])
def test_what_is_no_payment_is_found_nowhere(browser, uid):
    assert browser.get(f"{MINE}{uid}/").status_code == 404


# ---------------------------------------------------------------- the list


def test_the_list_tells_of_ones_own_the_latest_first(browser, me, row):
    first = PaymentItemFactory(payment=PaymentFactory(payer=me, reservation=row), name="디자이너 상담").payment
    second = PaymentFactory(payer=me, failed=True)
    PaymentItemFactory(payment=second, name="커트")
    PaymentItemFactory(payment=second, name="두피 케어")
    PaymentItemFactory(name="남의 것")

    page = browser.get(MINE)

    text = shown(page)
    assert "남의 것" not in text
    assert text.index("커트 외 1건") < text.index("디자이너 상담")
    for words in ["결제 안 됨", "결제됨", "30,000원", "3월 10일 화요일 오전 10:00", row.designer.user.name]:
        assert words in text
    assert page_of(first) in page.content.decode()


def test_the_list_goes_on_page_by_page(browser, me):
    payments = [PaymentItemFactory(payment=PaymentFactory(payer=me, amount=number)).payment for number in range(1, 26)]

    first = browser.get(MINE)
    assert f"?before={payments[5].pk}" in first.content.decode()
    second = shown(browser.get(MINE, {"before": payments[5].pk}))

    assert " 6원" in shown(first)
    assert " 5원" not in shown(first)
    assert (" 5원" in second, " 6원" in second, "더 예전 결제" in second) == (True, False, False)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "\x00", "①", ""])
def test_a_cursor_that_makes_no_sense_is_the_first_page(browser, me, before):
    PaymentItemFactory(payment=PaymentFactory(payer=me), name="커트")

    assert "커트" in shown(browser.get(MINE, {"before": before}))


def test_who_has_paid_nothing_is_told_so(browser):
    assert "결제한 것이 없어요" in shown(browser.get(MINE))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(browser, me, rows, django_assert_num_queries):
    for number in range(rows):
        reservation = ReservationFactory(customer=me, time=dt.time(10 + number))
        PaymentItemFactory(payment=PaymentFactory(payer=me, reservation=reservation))

    with django_assert_num_queries(4):
        browser.get(MINE)


# ---------------------------------------------------------------- one payment


def test_a_payment_tells_all_of_itself(browser, me, row):
    payment = PaymentFactory(
        payer=me, reservation=row, refunded_amount=10_000, instalment_months=3, receipt_url="https://imp.example/r"
    )
    PaymentItemFactory(payment=payment, name="디자이너 상담", quantity=2)
    RefundFactory(payment=payment, settled_at=timezone.now())
    RefundFactory(payment=payment, state=RefundState.FAILED, amount=5_000)

    page = browser.get(page_of(payment))

    text = shown(page)
    for words in [
        "일부 환불됨", "5361-4890-****-1704", "3개월", "디자이너 상담 × 2", "환불됨", "10,000원", "환불 안 됨",
        "5,000원", "20,000원 환불받기", payment.payment_uid, "3월 3일 화요일 오전 9:00",
    ]:  # fmt: skip
        assert words in text
    assert '<a href="https://imp.example/r" target="_blank" rel="noopener noreferrer">' in page.content.decode()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://imp.example/r", "//imp.example", 'x" onclick="x'])
def test_only_a_secure_receipt_is_a_link(browser, me, url):
    payment = PaymentFactory(payer=me, receipt_url=url)

    page = browser.get(page_of(payment)).content.decode()

    assert "영수증 보기" not in page
    assert url not in page


@pytest.mark.parametrize(
    ("payment", "words", "absent"),
    [
        ({"pending": True}, "확인 중입니다", "환불받기"),
        ({"pending": True, "alarm": "결제사의 결제가 다릅니다"}, "살롱에서 이 결제를 확인", "결제사의 결제가 다릅니다"),
        ({"account": True, "state": State.READY}, "계좌 닫기", "환불받기"),
        ({"account": True, "state": State.READY, "ending_at": True}, "취소하는 중", "계좌 닫기"),
        ({"account": True, "state": State.EXPIRED}, "입금하지 마세요", "계좌 닫기"),
        ({"account": True, "state": State.CANCELLED}, "입금하지 마세요", "계좌 닫기"),
        ({"scheduled": True}, "결제 예약 취소하기", "환불받기"),
        ({"scheduled": True, "state": State.REVOKED}, "나간 돈은 없습니다", "결제 예약 취소하기"),
        ({"failed": True}, "결제승인에 실패하였습니다.", "환불받기"),
        ({"late_at": True}, "자동으로 환불해 드려요", "환불받기"),
        ({"account": True, "late_at": True}, "살롱이 환불 계좌를", "환불받기"),
    ],
)  # fmt: skip
def test_each_state_is_told_in_words(browser, me, payment, words, absent):
    payment |= {name: timezone.now() for name in ("late_at", "ending_at") if name in payment}

    text = shown(browser.get(page_of(PaymentFactory(payer=me, **payment))))

    assert words in text
    assert absent not in text


def test_what_came_to_nothing_may_be_paid_again_while_its_reservation_lives(browser, me, row):
    payment = PaymentFactory(payer=me, reservation=row, failed=True)
    assert "다시 결제하기" in shown(browser.get(page_of(payment)))

    PaymentFactory(payer=me, reservation=row)

    assert "다시 결제하기" not in shown(browser.get(page_of(payment)))


def test_a_payment_costs_few_queries(browser, me, row, django_assert_max_num_queries):
    payment = PaymentFactory(payer=me, reservation=row, refunded_amount=10_000)
    PaymentItemFactory.create_batch(3, payment=payment)
    RefundFactory.create_batch(3, payment=payment)

    with django_assert_max_num_queries(8):
        browser.get(page_of(payment))


# ---------------------------------------------------------------- refunds


@pytest.fixture
def paid(paying, browser, row):
    """By card, for a reservation that stays."""
    pay(browser, row)
    return Payment.objects.get()


def test_money_goes_back_to_the_card_once(paying, browser, paid):
    assert "30,000원을 환불할까요?" in shown(browser.get(at(paid, "refund")))

    answer = refund(browser, paid)
    again = refund(browser, paid)

    assert answer["Location"] == again["Location"] == page_of(paid)
    text = shown(browser.get(page_of(paid)))
    assert "30,000원을 환불했어요." in text
    assert "환불됨" in text
    assert paying.moved(paid.payment_uid) == [("charge", PRICE), ("refund", PRICE)]
    assert Refund.objects.get().by == paid.payer


def test_another_amount_than_was_shown_does_not_go_back(paying, browser, paid):
    answer = browser.post(at(paid, "refund"), {"left": 1})

    assert "금액이 바뀌었어요" in shown(answer)
    assert not Refund.objects.exists()


def test_what_was_paid_into_an_account_goes_to_one_that_is_told(paying, browser, row):
    pay(browser, row, "account")
    payment = Payment.objects.get()
    paying.deposit(payment.imp_uid)
    settling.ask(payment, by=actors.system())
    payment.refresh_from_db()

    for wrong in ({}, ACCOUNT | {"number": "12"}, ACCOUNT | {"bank": "x"}, ACCOUNT | {"holder": ""}):
        assert refund(browser, payment, **wrong).status_code == 200
    assert not Refund.objects.exists()
    assert refund(browser, payment, **ACCOUNT)["Location"] == page_of(payment)

    done = Refund.objects.get()
    assert (done.state, done.account_number, done.account_bank) == (RefundState.DONE, "123456789012", "004")


def test_a_refund_in_doubt_is_under_way(paying, browser, paid):
    paying.fault("timeout-after")

    answer = refund(browser, paid)

    text = shown(browser.get(answer["Location"]))
    assert "환불을 접수했어요" in text
    assert "환불 중" in text
    assert "환불받기" not in text


def test_a_refund_that_was_not_sent_may_be_asked_for_again(paying, browser, paid, settings):
    settings.IMP_BASE_URL = f"http://127.0.0.1:{free_port()}"
    assert "환불하지 못했어요" in shown(refund(browser, paid))

    settings.IMP_BASE_URL = paying.url
    assert refund(browser, paid).status_code == 302
    paid.refresh_from_db()
    assert paid.state == State.CANCELLED


def test_after_the_cancel_deadline_nothing_is_offered_or_given_back(paying, browser, paid, row):
    row.date = timezone.localdate()
    row.time = dt.time(19)
    row.save()

    assert "환불받기" not in shown(browser.get(page_of(paid)))
    assert refund(browser, paid)["Location"] == page_of(paid)
    assert not Refund.objects.exists()


def test_what_is_paid_ahead_goes_back_with_its_reservation(paying, browser, paid, row):
    PaymentDueFactory(reservation=row)

    text = shown(browser.get(page_of(paid)))
    answer = refund(browser, paid)

    assert "예약 취소하고 30,000원 환불받기" in text
    assert answer["Location"] == reverse("pages:cancel", args=[row.pk])
    assert not Refund.objects.exists()


# ---------------------------------------------------------------- ending


def test_a_scheduled_charge_is_revoked(paying, browser, row):
    pay(browser, row, "day")
    payment = Payment.objects.get()
    assert "결제 예약을 취소할까요?" in shown(browser.get(at(payment, "end")))

    answer = browser.post(at(payment, "end"))

    assert answer["Location"] == page_of(payment)
    payment.refresh_from_db()
    assert payment.state == State.REVOKED
    assert "나간 돈은 없습니다" in shown(browser.get(page_of(payment)))
    assert browser.post(at(payment, "end"))["Location"] == page_of(payment)


def test_an_account_is_closed(paying, browser, row):
    pay(browser, row, "account")
    payment = Payment.objects.get()
    assert payment.vbank_num in shown(browser.get(at(payment, "end")))

    browser.post(at(payment, "end"))

    payment.refresh_from_db()
    assert payment.state == State.CANCELLED
    assert pay(browser, row).status_code == 302  # another way is open again


def test_what_imp_has_not_heard_of_yet_is_ended_by_the_worker(paying, browser, row, settings):
    pay(browser, row, "day")
    payment = Payment.objects.get()
    settings.IMP_BASE_URL = f"http://127.0.0.1:{free_port()}"

    answer = browser.post(at(payment, "end"))

    text = shown(browser.get(answer["Location"]))
    assert "취소를 접수했어요" in text
    assert "취소하는 중" in text


def test_a_page_may_be_read_without_anything_being_sent(paying, browser, row):
    pay(browser, row, "day", card_number=ending_in("1704"))
    payment = Payment.objects.get()

    browser.get(at(payment, "end"))

    payment.refresh_from_db()
    assert payment.ending_at is None
