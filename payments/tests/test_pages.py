"""Paying on the pages: a form that forgets cards, and every outcome that IMP may have."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from cody_site.logs import is_card_number
from payments import settling
from payments.models import IdempotencyKey, Payment, State
from reservations.models import Reservation
from tests.api import as_person
from tests.factories import (
    ConsultationTermsFactory,
    PaymentDueFactory,
    PaymentFactory,
    ProductFactory,
    ReservationFactory,
    UserFactory,
)
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "5361-4890-1234-1704"
PRICE = 30_000


def ending_in(digits):
    """A number with a right check digit; the sandbox judges by its end."""
    return next(
        number
        for middle in range(10)
        if is_card_number(number := f"536148901234{digits}".replace("34", f"3{middle}", 1))
    )


@pytest.fixture
def product():
    return ProductFactory(name="디자이너 상담", price=PRICE)


@pytest.fixture
def later(product):
    return ConsultationTermsFactory(when="later", product=product)


@pytest.fixture
def me():
    return UserFactory(name="홍길동")


@pytest.fixture
def row(me, later):
    return ReservationFactory(customer=me, date=dt.date(2026, 3, 10))


@pytest.fixture
def browser(me):
    return browser_of(me)


def browser_of(user):
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


def at(row, by="card"):
    return reverse("payments:pay", args=[row.pk]) + f"?by={by}"


def shown(page):
    """The text of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def form_of(browser, row, by="card", **typed):
    """What the page sends when this is typed into it."""
    page = browser.get(at(row, by))
    hidden = dict(re.findall(r'<input type="hidden" name="(key|amount)" value="([^"]+)"', page.content.decode()))
    told = {"bank": "004"} if by == "account" else {"card_number": GOOD, "expiry": "12/30", "pwd": "12"}
    return hidden | told | typed


def pay(browser, row, by="card", **typed):
    return browser.post(at(row, by), form_of(browser, row, by, **typed))


def page_of(payment):
    return reverse("payments:payment_page", args=[payment.payment_uid])


def errors(page):
    return re.findall(r'<ul class="errorlist[^"]*"[^>]*><li>([^<]+)', page.content.decode())


# ---------------------------------------------------------------- what the page shows


def test_the_page_tells_what_is_paid_and_how(browser, row):
    ProductFactory(name="디지털 펌", price=120_000)

    page = browser.get(at(row))

    text = shown(page)
    for words in [
        "3월 10일",
        "오전 10:00",
        "디자이너 상담",
        "30,000원 결제하기",
        "카드",
        "가상계좌",
        "방문하는 날 결제",
    ]:
        assert words in text
    assert "디지털 펌" not in text
    assert "남았어요" not in text
    assert 'autocomplete="cc-number"' in page.content.decode()


def test_what_must_be_paid_ahead_says_until_when_and_is_not_charged_on_the_day(browser, row, product):
    PaymentDueFactory(reservation=row, product=product, amount=25_000)

    text = shown(browser.get(at(row, "day")))

    assert "오전 9:20까지 결제해 주세요." in text
    assert "20분 남았어요." in text
    assert "25,000원 결제하기" in text
    assert "방문하는 날 결제" not in text


def test_a_visit_of_today_or_tomorrow_is_not_charged_on_its_day(browser, me, later):
    row = ReservationFactory(customer=me, date=dt.date(2026, 3, 4))

    assert "방문하는 날 결제" not in shown(browser.get(at(row)))


@pytest.mark.parametrize("by", ["card", "account", "day"])
def test_each_way_costs_the_same_few_queries(browser, row, by, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        assert browser.get(at(row, by)).status_code == 200


def test_instalments_are_offered_from_fifty_thousand_on(browser, row, product):
    assert "할부" not in shown(browser.get(at(row)))

    product.price = 50_000
    product.save()

    assert "12개월" in shown(browser.get(at(row)))


# ---------------------------------------------------------------- who may, and for what


def test_nobody_sees_another_persons_page(row):
    for stranger in (UserFactory(), UserFactory(staff=True), row.designer.user):
        browser = browser_of(stranger)
        assert browser.get(at(row)).status_code == 404
        assert browser.post(at(row), {}).status_code == 404
    assert Browser().get(at(row))["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("pk", ["0", "9" * 18, "9" * 30, "9" * 5000])
def test_what_is_no_reservation_is_found_nowhere(browser, later, pk):
    assert browser.get(f"/my/reservations/{pk}/pay/").status_code == 404


def test_what_is_free_or_cancelled_is_not_paid_for(browser, me):
    free, gone = ReservationFactory(customer=me), ReservationFactory(customer=me, trashed=True, time=dt.time(11))

    for row in (free, gone):
        for answer in (browser.get(at(row)), browser.post(at(row), {"card_number": GOOD})):
            assert answer["Location"] == reverse("pages:reservation", args=[row.pk])
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "payment",
    [{}, {"pending": True}, {"account": True, "state": State.READY}, {"scheduled": True}],
)
def test_what_pays_already_is_shown_instead_of_a_form(browser, row, payment):
    payment = PaymentFactory(payer=row.customer, reservation=row, **payment)

    for answer in (browser.get(at(row)), browser.post(at(row), {"card_number": GOOD})):
        assert answer["Location"] == page_of(payment)
    assert Payment.objects.count() == 1


# ---------------------------------------------------------------- a card


def test_a_card_pays_once_and_the_reservation_says_so(paying, browser, row, product):
    answer = pay(browser, row)

    assert answer["Location"] == reverse("pages:reservation", args=[row.pk])
    assert "결제했어요" in shown(browser.get(answer["Location"]))
    payment = Payment.objects.get()
    assert (payment.state, payment.reservation, payment.payer) == (State.PAID, row, row.customer)
    assert (payment.amount, payment.card_number, payment.ip) == (PRICE, "5361-4890-****-1704", "127.0.0.1")
    assert [(item.product, item.price) for item in payment.items.all()] == [(product, PRICE)]
    assert [event.door for event in payment.events.all()] == ["pages"] * 3
    assert paying.moved(payment.payment_uid) == [("charge", PRICE)]


def test_what_was_told_when_it_was_reserved_is_charged(paying, browser, row, product):
    PaymentDueFactory(reservation=row, product=product, amount=25_000)

    pay(browser, row)

    payment = Payment.objects.get()
    assert paying.moved(payment.payment_uid) == [("charge", 25_000)]
    assert not Payment.objects.mispriced().exists()


@pytest.mark.parametrize(
    "number", ["5361489012341704", "5361 4890 1234 1704", "５３６１-４８９０-１２３４-１７０４", f" {GOOD} "]
)
@pytest.mark.parametrize("expiry", ["12/30", "1230", "12 / 30", "12/2030", "122030", "１２／３０", "12-30"])
def test_people_type_cards_as_they_like(paying, browser, row, number, expiry):
    assert pay(browser, row, card_number=number, expiry=expiry)["Location"] == reverse(
        "pages:reservation", args=[row.pk]
    )


def test_the_card_of_somebody_else_is_told_by_its_owners_birth_date(paying, browser, row):
    row.customer.birth = None
    row.customer.save()
    assert "생년월일" in " ".join(errors(pay(browser, row))) or "필수" in " ".join(errors(pay(browser, row)))

    assert pay(browser, row, birth="900517").status_code == 302
    assert Payment.objects.get().state == State.PAID


def test_instalments_reach_imp(paying, browser, row, product):
    product.price = 60_000
    product.save()

    assert pay(browser, row, instalments="6").status_code == 302

    payment = Payment.objects.get()
    assert payment.instalment_months == 6
    assert paying.payments(payment.payment_uid)[0]["card_quota"] == 6


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("card_number", "", "필수"), ("card_number", "5361-4890-1234", "12자리"), ("card_number", "4" * 20, "20자리"),
        ("card_number", "5361-4890-1234-1705", "잘못 누른"), ("card_number", "오삼육일", "숫자로"),
        ("card_number", "1" * 41, "40"),
        ("expiry", "", "필수"), ("expiry", "13/30", "월/년"), ("expiry", "00/30", "월/년"), ("expiry", "x", "월/년"),
        ("expiry", "02/26", "지난"), ("expiry", "12/47", "순서"), ("pwd", "", "필수"), ("pwd", "1", "두 자리"),
        ("pwd", "ab", "두 자리"), ("birth", "19900517", "6"), ("birth", "901317", "여섯"), ("birth", "x", "여섯"),
        ("amount", "1", "금액이 바뀌었어요"), ("amount", "", "오래되었어요"), ("amount", "9" * 5000, "오래되었어요"),
        ("key", "", "오래되었어요"), ("key", "x" * 300, "오래되었어요"), ("key", "한글", "오래되었어요"),
        ("expiry", "12/3\x000", "문자"), ("instalments", "6", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_sent(paying, browser, row, field, typed, words):
    answer = pay(browser, row, **{field: typed})

    if field == "instalments":  # not offered for so little
        assert answer.status_code == 302
        return
    assert answer.status_code == 200
    assert words in shown(answer)
    assert not Payment.objects.exists()


def test_after_an_error_the_card_is_typed_again_and_all_else_is_kept(paying, browser, row):
    answer = pay(browser, row, card_number=ending_in("0113"), pwd="73", expiry="11/29", birth="771103")

    html = answer.content.decode()
    assert 'value="11/29"' in html
    assert 'value="771103"' in html
    assert "다시 입력해 주세요" in html
    assert books(html, ending_in("0113")) == []
    assert not re.search(r'name="pwd"[^>]*value=', html)


def books(text, number):
    digits = re.sub("[^0-9]", "", number)
    return [
        found
        for found in (digits, "-".join(re.findall("....", digits)), " ".join(re.findall("....", digits)))
        if found in text
    ]


def test_a_declined_card_is_told_in_its_companys_words(paying, browser, row):
    answer = pay(browser, row, card_number=ending_in("2116"))

    assert "한도금액 초과" in shown(answer)
    assert "다른 카드로 결제하시거나" in shown(answer)
    assert Payment.objects.get().state == State.FAILED
    assert pay(browser, row).status_code == 302  # another card may pay
    assert Reservation.objects.live().filter(pk=row.pk).exists()


def test_a_card_is_kept_nowhere(paying, browser, row, caplog):
    number = ending_in("2116")
    answer = pay(browser, row, card_number=number, pwd="73", birth="771103")

    stored = [str(list(model.objects.values())) for model in (Payment, IdempotencyKey)]
    stored += [str(dict(browser.session))]
    stored += [str(getattr(cache, "_cache", "")), caplog.text, answer.content.decode()]
    assert [books(text, number) for text in stored] == [[]] * len(stored)


# ---------------------------------------------------------------- twice


def test_a_second_click_shows_what_became_of_the_first(paying, browser, row):
    form = form_of(browser, row)
    browser.post(at(row), form)

    again = browser.post(at(row), form)

    payment = Payment.objects.get()
    assert again["Location"] == page_of(payment)
    assert paying.moved(payment.payment_uid) == [("charge", PRICE)]


def test_going_back_and_sending_the_same_page_shows_what_became_of_the_first(paying, browser, row):
    form = form_of(browser, row, card_number=ending_in("2116"))
    browser.post(at(row), form)

    again = browser.post(at(row), form | {"card_number": GOOD})

    assert "한도금액 초과" in shown(again)
    assert [payment.state for payment in Payment.objects.all()] == [State.FAILED]
    fresh = dict(re.findall(r'name="(key)" value="([^"]+)"', again.content.decode()))
    assert fresh["key"] != form["key"]
    assert browser.post(at(row), form | fresh | {"card_number": GOOD}).status_code == 302


def test_two_reservations_at_the_same_price_wait_for_each_other_while_one_is_in_doubt(paying, browser, row):
    other = ReservationFactory(customer=row.customer, date=dt.date(2026, 3, 11))
    paying.fault("timeout-before")
    pay(browser, other)

    answer = pay(browser, row)

    assert "다른 결제를 확인하고 있어요" in shown(answer)


# ---------------------------------------------------------------- in doubt, and what was not sent


@pytest.mark.parametrize(
    "fault",
    ["timeout-before", "timeout-after", "reset-after", "500-after", "malformed-after", "huge-after", "wrong-amount"],
)
def test_what_is_in_doubt_is_waited_for_and_not_paid_again(paying, browser, row, fault):
    paying.fault(fault)

    answer = pay(browser, row)

    payment = Payment.objects.get()
    assert answer["Location"] == page_of(payment)
    page = browser.get(page_of(payment))
    assert "확인" in shown(page)
    assert "다시 결제하지" in shown(page)
    assert ('http-equiv="refresh"' in page.content.decode()) == (fault != "wrong-amount")
    assert browser.post(at(row), {"card_number": GOOD})["Location"] == page_of(payment)
    assert Payment.objects.count() == 1


def test_the_page_that_waits_is_told_when_it_is_over(paying, browser, row):
    paying.fault("timeout-after")
    payment_page = pay(browser, row)["Location"]
    payment = Payment.objects.get()
    state = reverse("payments:payment_state", args=[payment.payment_uid])
    assert browser.get(state, {"was": payment.state}).status_code == 204

    settling.ask(payment, by=actors.system())

    answer = browser.get(state, {"was": payment.state})
    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
    page = browser.get(payment_page)
    assert "결제됨" in shown(page)
    assert 'http-equiv="refresh"' not in page.content.decode()
    assert "hx-trigger" not in page.content.decode()


def test_when_nothing_was_sent_no_money_is_gone_and_one_may_press_again(paying, browser, row, settings):
    settings.IMP_BASE_URL = f"http://127.0.0.1:{free_port()}"
    answer = pay(browser, row)

    assert "돈은 나가지 않았" in shown(answer)
    settings.IMP_BASE_URL = paying.url
    assert pay(browser, row).status_code == 302


def test_while_payments_are_off_the_page_says_so(browser, row, settings):
    settings.IMP_KEY = settings.IMP_SECRET = ""
    settings.IMP_CREDENTIALS_FILE = ""

    assert "지금은 결제할 수 없습니다." in shown(pay(browser, row))
    assert not Payment.objects.exists()


def test_when_imp_refuses_our_credentials_the_page_says_so(paying, browser, row, settings):
    settings.IMP_SECRET = "wrong"

    assert "결제사 인증에 실패했습니다" in shown(pay(browser, row))


def test_a_seat_given_up_meanwhile_is_not_paid_for(paying, browser, row):
    form = form_of(browser, row)
    Reservation.objects.filter(pk=row.pk).update(trashed_at=timezone.now())

    answer = browser.post(at(row), form)

    assert answer["Location"] == reverse("pages:reservation", args=[row.pk])
    assert not Payment.objects.exists()


# ---------------------------------------------------------------- too often


def test_pages_and_api_count_together(paying, browser, row, settings):
    settings.THROTTLE_PAYMENT = 2
    as_person(row.customer).get("/payment", {"rule": "all"})
    assert pay(browser, row, expiry="x").status_code == 200

    answer = pay(browser, row)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert not Payment.objects.exists()


def test_who_tries_cards_is_stopped_at_every_door(paying, browser, row, settings):
    settings.THROTTLE_REFUSED_CARDS = 1
    pay(browser, row, card_number=ending_in("2116"))

    assert "거절된 카드가 너무 많습니다" in shown(pay(browser, row))
    assert Payment.objects.count() == 1


# ---------------------------------------------------------------- a virtual account


def test_a_virtual_account_is_opened_and_tells_all_that_a_bank_asks_for(paying, browser, row):
    answer = pay(browser, row, "account")

    payment = Payment.objects.get()
    assert (payment.state, payment.reservation) == (State.READY, row)
    assert payment.vbank_due == timezone.now() + dt.timedelta(hours=24)
    assert answer["Location"] == page_of(payment)
    page = browser.get(page_of(payment))
    text = shown(page)
    for words in [payment.vbank_num, "KB국민은행", "홍길동", "3월 4일 수요일 오전 9:00", "30,000원", "입금 대기"]:
        assert words in text
    assert f'id="account-number">{payment.vbank_num}<' in page.content.decode()


def test_the_page_of_an_account_changes_when_the_money_has_come(paying, browser, row):
    pay(browser, row, "account")
    payment = Payment.objects.get()

    paying.deposit(payment.imp_uid)
    settling.ask(payment, by=actors.system())

    assert "결제됨" in shown(browser.get(page_of(payment)))


def test_what_is_paid_ahead_has_its_own_deadline_for_deposits(paying, browser, row, product):
    by = timezone.now() + dt.timedelta(hours=5)
    PaymentDueFactory(reservation=row, product=product, deposit_by=by)

    pay(browser, row, "account")

    assert Payment.objects.get().vbank_due == by


@pytest.mark.parametrize("bank", ["", "999", "\x00", "한글"])
def test_a_bank_is_one_of_those_that_the_gateway_knows(paying, browser, row, bank):
    assert pay(browser, row, "account", bank=bank).status_code == 200
    assert not Payment.objects.exists()


# ---------------------------------------------------------------- on the day


def test_a_card_is_charged_on_the_day_of_the_visit(paying, browser, row):
    answer = pay(browser, row, "day")

    payment = Payment.objects.get()
    assert (payment.state, payment.reservation) == (State.SCHEDULED, row)
    assert timezone.localtime(payment.due_at).replace(tzinfo=None) == dt.datetime(2026, 3, 10, 9)
    assert answer["Location"] == page_of(payment)
    text = shown(browser.get(page_of(payment)))
    assert "3월 10일 화요일 오전 9:00" in text
    assert "결제 예약 취소하기" in text
