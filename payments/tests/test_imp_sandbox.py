"""The IMP sandbox answers as IMP does: every call, field by field."""

import json
from pathlib import Path

import pytest
import requests

from payments.imp_sandbox import store, tokens
from payments.imp_sandbox.cards import luhn_valid
from payments.imp_sandbox.codes import standard_bank
from tests.clock import NOW
from tests.imp_sandbox import CARD, KEY, SECRET

DECLARED = json.loads((Path(__file__).parent / "imp_answers.json").read_text())
PYTHON_TYPES = {"string": str, "integer": int, "number": int, "boolean": bool, "array": list, "object": dict}
ANSWERED = {"code": 0, "message": None}

PAID_TWICE = "이미 주문이 이루어진 건입니다. (동일한 merchant_uid로 결제 또는 취소된 기록이 있습니다)"
NO_SUCH_CARD = "[F112]유효하지않은 카드번호를 입력하셨습니다. (card_bin 없음)"
DAY = 24 * 3600
LATER = int(NOW.timestamp()) + DAY


def fits(name, document):
    """Are exactly the declared keys there, with values of their types, null only where it may be?"""
    declared = DECLARED[name]
    assert set(document) == set(declared["types"])
    for key, kind in declared["types"].items():
        value = document[key]
        if value is None:
            assert key not in declared["required"], key
        else:
            assert type(value) is PYTHON_TYPES[kind], key
    for cancellation in document.get("cancel_history", []):
        fits("PaymentCancelAnnotation", cancellation)
    return document


def ok(answer, name, status=200):
    """The one document of a successful answer."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    body = answer.json()
    assert {"code": body["code"], "message": body["message"]} == ANSWERED
    assert set(body) == {"code", "message", "response"}
    return fits(name, body["response"])


def page_of(answer, name):
    body = answer.json()
    assert (answer.status_code, body["code"], body["message"]) == (200, 0, None)
    assert set(body["response"]) == set(DECLARED["PagedPaymentAnnotation"]["types"])
    for row in body["response"]["list"]:
        fits(name, row)
    return body["response"]


def refused(answer):
    """HTTP status, code and message of a refusal."""
    body = answer.json()
    assert set(body) == {"code", "message", "response"}
    assert body["response"] is None
    return answer.status_code, body["code"], body["message"]


def charge(imp, merchant_uid, amount=1000, **more):
    return ok(imp.charge(merchant_uid, amount, **more), "PaymentAnnotation")


def keep_card(imp, customer_uid, **more):
    answer = imp.call("POST", f"/subscribe/customers/{customer_uid}", CARD | more)
    return ok(answer, "CustomerAnnotation")


def open_account(imp, merchant_uid, **more):
    given = {"merchant_uid": merchant_uid, "amount": 30_000, "vbank_code": "088", "vbank_due": LATER} | more
    return ok(imp.call("POST", "/vbanks", given), "PaymentAnnotation")


def schedule(imp, customer_uid, *rows, **more):
    given = {"customer_uid": customer_uid, "schedules": [{"amount": 5000, "name": "염색"} | row for row in rows]} | more
    return imp.call("POST", "/subscribe/payments/schedule", given)


def run_schedules(imp, until, *merchant_uids):
    """The payments of these orders that came of it; other tests' orders may be due as well."""
    return [payment for payment in imp.run_schedules(until) if payment["merchant_uid"] in merchant_uids]


# ---------------------------------------------------------------- tokens


def test_a_token_is_the_same_for_everybody_until_it_is_over(imp_sandbox):
    first, second = (
        ok(requests.post(f"{imp_sandbox.url}/users/getToken", **how, timeout=5), "AuthAnnotation")
        for how in (
            {"json": {"imp_key": KEY, "imp_secret": SECRET}},
            {"data": {"imp_key": KEY, "imp_secret": SECRET}},
        )
    )

    assert first["access_token"] == second["access_token"]
    assert len(first["access_token"]) == 40
    assert first["expired_at"] == second["expired_at"]


def test_a_token_lives_for_half_an_hour_and_five_minutes_more_if_asked_for_near_its_end(tmp_path):
    books = store.Store(tmp_path)
    with books.transaction() as db:
        token, end = tokens.issue(db, 1000)

        assert end == 1000 + 1800
        assert tokens.issue(db, end - 60) == (token, end)
        assert tokens.issue(db, end - 59) == (token, end + 300)
        assert tokens.valid(db, token, end + 299)
        assert not tokens.valid(db, token, end + 300)
        assert tokens.issue(db, end + 300)[0] != token
        assert not tokens.valid(db, token, end + 300)
    books.close()


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, (400, -1, "imp_key, imp_secret 파라메터가 누락되었습니다.")),
        ({"imp_key": KEY}, (400, -1, "imp_key, imp_secret 파라메터가 누락되었습니다.")),
        (
            {"imp_key": KEY, "imp_secret": "wrong"},
            (401, -1, "인증에 실패하였습니다. API키와 secret을 확인하세요."),
        ),
    ],
)
def test_a_token_needs_key_and_secret(imp_sandbox, given, refusal):
    assert refused(requests.post(f"{imp_sandbox.url}/users/getToken", json=given, timeout=5)) == refusal


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}"])
def test_a_token_is_sent_bare_or_as_bearer(imp_sandbox, form):
    headers = {"Authorization": form.format(imp_sandbox.token)}

    assert requests.get(f"{imp_sandbox.url}/cards", headers=headers, timeout=5).status_code == 200


@pytest.mark.parametrize("header", [None, "", "wrong", "Bearer ", "Basic {}"])
def test_nothing_is_answered_without_a_token(imp_sandbox, header):
    headers = {} if header is None else {"Authorization": header.format(imp_sandbox.token)}
    answer = requests.get(f"{imp_sandbox.url}/cards", headers=headers, timeout=5)

    assert refused(answer) == (401, -1, "Unauthorized")


def test_tokens_can_be_ended(tmp_path):
    books = store.Store(tmp_path)
    with books.transaction() as db:
        token, _end = tokens.issue(db, 1000)
        tokens.end_all(db)

        assert not tokens.valid(db, token, 1000)
    books.close()


# ---------------------------------------------------------------- charging


def test_a_card_is_charged(imp_sandbox):
    payment = charge(imp_sandbox, "charged", 12_000, name="커트", buyer_name="홍길동", custom_data="{}", card_quota="0")

    told = {
        "merchant_uid": "charged",
        "amount": 12_000,
        "status": "paid",
        "card_number": "53614890****1704",
        "name": "커트",
        "buyer_name": "홍길동",
        "custom_data": "{}",
        "currency": "KRW",
        "sandbox": True,
    }
    assert payment | told == payment
    assert payment["imp_uid"].startswith("imps_")
    assert payment["paid_at"] >= payment["started_at"] >= NOW.timestamp()
    assert payment["user_agent"].startswith("python-requests/")
    assert imp_sandbox.moved("charged") == [("charge", 12_000)]
    entry = imp_sandbox.ledger("charged")[0]
    assert entry == {
        "merchant_uid": "charged",
        "imp_uid": payment["imp_uid"],
        "kind": "charge",
        "amount": 12_000,
        "at": payment["paid_at"],
    }
    assert entry in imp_sandbox.ledger()


def test_forms_and_slashes_at_the_end_are_taken_too(imp_sandbox):
    answer = requests.post(
        f"{imp_sandbox.url}/subscribe/payments/onetime/",
        data=CARD | {"merchant_uid": "as a form", "amount": "1000"},
        headers={"Authorization": imp_sandbox.token},
        timeout=5,
    )

    assert ok(answer, "PaymentAnnotation")["amount"] == 1000


def test_what_public_clients_send_is_taken(imp_sandbox):
    """Slashes at the end, floats in forms, nulls for what is not meant, one name where several may be."""
    form = CARD | {"merchant_uid": "client form", "amount": "1000.0", "card_quota": "0", "vat": "90"}
    headers = {"Authorization": imp_sandbox.token}
    onetime = f"{imp_sandbox.url}/subscribe/payments/onetime"
    payment = requests.post(onetime, data=form, headers=headers, timeout=30).json()["response"]
    imp_sandbox.call("POST", "/subscribe/customers/client", CARD | {"customer_uid": "client"})
    again = {"customer_uid": "client", "merchant_uid": "client again", "amount": 10}
    row = {"merchant_uid": "client plan", "schedule_at": int(NOW.timestamp()) + DAY, "amount": 3000}
    planned = {"customer_uid": "client", "checking_amount": 0, "schedules": [row]}

    def answered(method, path, given=None):
        answer = imp_sandbox.call(method, path, given)
        assert (answer.status_code, answer.json()["code"]) == (200, 0), answer.text
        return answer.json()["response"]

    assert answered("GET", "/payments/find/client form/")["imp_uid"] == payment["imp_uid"]
    assert answered("GET", "/payments/findAll/client form/")["total"] == 1
    assert answered("GET", f"/payments?imp_uid[]={payment['imp_uid']}")[0]["amount"] == 1000
    assert answered("POST", "/subscribe/payments/again", again)["status"] == "paid"
    assert answered("POST", "/subscribe/payments/schedule/", planned)[0]["schedule_status"] == "scheduled"
    unplanned = {"customer_uid": "client", "merchant_uid": "client plan"}
    revoked = answered("POST", "/subscribe/payments/unschedule", unplanned)
    assert [schedule["schedule_status"] for schedule in revoked] == ["revoked"]
    whole = {"imp_uid": payment["imp_uid"], "merchant_uid": "other", "amount": None, "checksum": None, "tax_free": 0}
    assert answered("POST", "/payments/cancel/", whole)["cancel_amount"] == 1000


def test_an_order_is_paid_once(imp_sandbox):
    charge(imp_sandbox, "once")

    assert refused(imp_sandbox.charge("once")) == (200, 1, PAID_TWICE)
    assert imp_sandbox.moved("once") == [("charge", 1000)]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("4000-0000-0000-0112", NO_SUCH_CARD),
        ("4000000000000113", "[F113]거래거절 카드번호틀림"),
        ("5361-4890-1234-1701", NO_SUCH_CARD),  # a wrong check digit
        ("0", NO_SUCH_CARD),
        ("카드", NO_SUCH_CARD),
    ],
)
def test_a_card_that_fails_its_check_leaves_nothing(imp_sandbox, number, message):
    answer = imp_sandbox.charge("unchecked", card_number=number)

    assert refused(answer) == (200, -1, f"카드정보 인증에 실패하였습니다. {message}")
    assert imp_sandbox.payments("unchecked") == []
    assert imp_sandbox.moved("unchecked") == []


def test_a_card_over_its_limit_leaves_a_failed_payment(imp_sandbox):
    answer = imp_sandbox.charge("over limit", card_number="4000-0000-0000-2116")

    message = "결제승인에 실패하였습니다. [2116]개인 월 한도금액 초과"
    assert refused(answer) == (200, -1, message)
    [payment] = imp_sandbox.payments("over limit")
    assert (payment["status"], payment["fail_reason"], payment["paid_at"]) == ("failed", message, 0)
    assert imp_sandbox.moved("over limit") == []
    assert charge(imp_sandbox, "over limit")["status"] == "paid"  # a failure does not use the order up


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"expiry": "202712"}, "카드정보 인증에 실패하였습니다. [3021]유효기간 오류"),
        ({"birth": "1990"}, "카드정보 인증에 실패하였습니다. [F113]거래거절 주민OR사업자등록번호오류"),
        ({"pwd_2digit": "1"}, "카드정보 인증에 실패하였습니다. [F113]거래거절 비밀번호틀림"),
        ({"card_quota": 3}, "결제승인에 실패하였습니다. [3024]할부 최소금액 오류(50000미만)"),
        ({"card_quota": 1, "amount": 50_000}, "결제승인에 실패하였습니다. [3022]할부개월오류"),
        ({"card_quota": 25, "amount": 50_000}, "결제승인에 실패하였습니다. [3023]할부개월 한도 초과"),
    ],
)
def test_what_an_issuer_refuses(imp_sandbox, given, message):
    asked = CARD | {"merchant_uid": "declined", "amount": 1000} | given
    answer = imp_sandbox.call("POST", "/subscribe/payments/onetime", asked)

    assert refused(answer) == (200, -1, message)


def test_instalments_from_50000_won_on(imp_sandbox):
    assert charge(imp_sandbox, "in instalments", 50_000, card_quota=12)["card_quota"] == 12


@pytest.mark.parametrize("broken", [{"amount": None}, {"amount": "x"}, {"amount": 0}, {"merchant_uid": "x" * 41}])
def test_a_charge_needs_an_order_and_an_amount(imp_sandbox, broken):
    given = CARD | {"merchant_uid": "incomplete", "amount": 1000} | broken

    assert imp_sandbox.call("POST", "/subscribe/payments/onetime", given).status_code == 400


# ---------------------------------------------------------------- reading payments


def test_a_test_channels_payment_is_found_by_imp_uid_only_if_asked_for(imp_sandbox):
    payment = charge(imp_sandbox, "on the test channel")
    path = f"/payments/{payment['imp_uid']}"

    assert refused(imp_sandbox.call("GET", path)) == (404, -1, "존재하지 않는 결제정보입니다.")
    assert ok(imp_sandbox.call("GET", path, params={"include_sandbox": "true"}), "PaymentAnnotation") == payment
    assert ok(imp_sandbox.call("GET", "/payments/find/on the test channel"), "PaymentAnnotation") == payment


def test_payments_are_found_by_order(imp_sandbox):
    imp_sandbox.charge("found", card_number="4000000000002116")
    paid = charge(imp_sandbox, "found")

    everything = page_of(imp_sandbox.call("GET", "/payments/findAll/found/"), "PaymentAnnotation")
    assert (everything["total"], everything["previous"], everything["next"]) == (2, 0, 0)
    assert [payment["status"] for payment in everything["list"]] == ["paid", "failed"]
    assert ok(imp_sandbox.call("GET", "/payments/find/found"), "PaymentAnnotation") == paid
    failed = page_of(imp_sandbox.call("GET", "/payments/findAll/found/failed"), "PaymentAnnotation")
    assert [payment["status"] for payment in failed["list"]] == ["failed"]
    second = imp_sandbox.call("GET", "/payments/findAll/found?page=2&limit=1&sorting=started")
    assert page_of(second, "PaymentAnnotation") == {"total": 2, "previous": 1, "next": 0, "list": [paid]}


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/payments/imps_0", (404, -1, "존재하지 않는 결제정보입니다.")),
        ("/payments/find/nothing", (404, -1, "존재하지 않는 결제정보입니다.")),
        ("/payments/findAll/nothing", (404, -1, "존재하지 않는 결제정보입니다.")),
        ("/payments/status/odd", (400, -1, "지원되지 않는 상태값입니다.")),
        ("/payments/status/all?from=1&to=9000000", (400, -1, "최대 90일간 검색이 가능합니다.")),
        ("/payments/status/all?sorting=odd", (400, -1, "지원되지 않는 정렬규칙입니다.")),
        ("/payments/status/all?page=1000000", (400, -1, "유효하지 않은 page 또는 limit입니다.")),
        ("/nothing", (404, -1, "존재하지 않는 API입니다.")),
    ],
)
def test_what_is_not_there(imp_sandbox, path, refusal):
    assert refused(imp_sandbox.call("GET", path)) == refusal


def test_several_payments_at_once(imp_sandbox):
    one, two = charge(imp_sandbox, "several 1"), charge(imp_sandbox, "several 2")

    both = imp_sandbox.call("GET", f"/payments?imp_uid[]={one['imp_uid']}&merchant_uid[]=several 2")
    some = imp_sandbox.call("GET", f"/payments?imp_uid[]={one['imp_uid']}&imp_uid[]=imps_0")
    none = imp_sandbox.call("GET", "/payments?imp_uid[]=imps_0")

    assert (both.status_code, both.json()["response"]) == (200, [one, two])
    assert (some.status_code, some.json()["response"]) == (207, [one])
    assert none.status_code == 404


def test_payments_by_status(imp_sandbox):
    waiting = open_account(imp_sandbox, "by status")

    found = page_of(imp_sandbox.call("GET", "/payments/status/ready?limit=1000"), "PaymentAnnotation")

    assert waiting in found["list"]
    assert {payment["status"] for payment in found["list"]} == {"ready"}


# ---------------------------------------------------------------- cancelling


def test_a_payment_is_cancelled_in_parts_and_then_wholly(imp_sandbox):
    charge(imp_sandbox, "in parts", 1000)
    path = "/payments/cancel"

    part = ok(imp_sandbox.call("POST", path, {"merchant_uid": "in parts", "amount": 400}), "PaymentAnnotation")
    rest = ok(imp_sandbox.call("POST", path, {"imp_uid": part["imp_uid"], "reason": "변심"}), "PaymentAnnotation")
    once_more = imp_sandbox.call("POST", path, {"merchant_uid": "in parts"})

    assert (part["status"], part["amount"], part["cancel_amount"]) == ("cancelled", 1000, 400)
    assert (rest["status"], rest["cancel_amount"], rest["cancel_reason"]) == ("cancelled", 1000, "변심")
    assert [(c["amount"], c["reason"]) for c in rest["cancel_history"]] == [(400, "취소요청api"), (600, "변심")]
    assert refused(once_more) == (200, 1, "이미 전액취소된 주문입니다.")
    assert imp_sandbox.moved("in parts") == [("charge", 1000), ("refund", 400), ("refund", 600)]
    assert refused(imp_sandbox.charge("in parts")) == (200, 1, PAID_TWICE)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"amount": 1001}, (200, -1, "결제취소에 실패하였습니다. [2032]취소금액이 취소가능금액보다 큼")),
        ({"amount": -1}, (200, -1, "결제취소에 실패하였습니다. [2010]취소 요청금액 0원 이하")),
        ({"checksum": 999}, (200, 1, "취소 가능 금액이 checksum과 일치하지 않습니다.")),
        ({"imp_uid": "imps_0"}, (200, 1, "취소할 결제건이 존재하지 않습니다.")),
        ({"merchant_uid": "nothing"}, (200, 1, "취소할 결제건이 존재하지 않습니다.")),
        ({"merchant_uid": ""}, (200, 1, "취소할 imp_uid 또는 merchant_uid를 지정해주셔야합니다.")),
    ],
)
def test_cancellations_that_are_refused_move_nothing(imp_sandbox, given, refusal):
    uid = f"kept for {given}"[:40]
    charge(imp_sandbox, uid, 1000)

    assert refused(imp_sandbox.call("POST", "/payments/cancel", {"merchant_uid": uid} | given)) == refusal
    assert imp_sandbox.moved(uid) == [("charge", 1000)]


def test_the_checksum_is_what_is_left(imp_sandbox):
    charge(imp_sandbox, "checked", 1000)
    half = {"merchant_uid": "checked", "amount": 500, "checksum": 1000}

    assert imp_sandbox.call("POST", "/payments/cancel", half).json()["code"] == 0
    assert imp_sandbox.call("POST", "/payments/cancel", half).json()["code"] == 1
    assert imp_sandbox.call("POST", "/payments/cancel", half | {"checksum": 500}).json()["code"] == 0


# ---------------------------------------------------------------- stored cards


def test_a_stored_card_is_charged_again(imp_sandbox):
    customer = keep_card(imp_sandbox, "kim", customer_name="김하나")
    path = "/subscribe/customers/kim"

    payment = ok(
        imp_sandbox.call(
            "POST", "/subscribe/payments/again", {"customer_uid": "kim", "merchant_uid": "again", "amount": 700}
        ),
        "PaymentAnnotation",
    )

    assert (customer["customer_name"], customer["card_number"]) == ("김하나", "53614890****1704")
    assert customer["inserted"] == customer["updated"]
    assert (payment["customer_uid"], payment["customer_uid_usage"]) == ("kim", "payment")
    assert imp_sandbox.moved("again") == [("charge", 700)]
    assert ok(imp_sandbox.call("GET", path), "CustomerAnnotation") == customer
    assert page_of(imp_sandbox.call("GET", f"{path}/payments"), "PaymentAnnotation")["list"] == [payment]
    assert imp_sandbox.call("GET", "/subscribe/customers?customer_uid[]=kim&customer_uid[]=no").status_code == 207
    assert ok(imp_sandbox.call("DELETE", path), "CustomerAnnotation") == customer
    unknown = (200, 1, "요청하신 customer_uid(kim)로 등록된 정보를 찾을 수 없습니다.")
    assert refused(imp_sandbox.call("GET", path)) == unknown
    assert refused(imp_sandbox.call("DELETE", path)) == unknown


def test_a_charge_stores_its_card_if_it_names_a_customer(imp_sandbox):
    charge(imp_sandbox, "first of lee", customer_uid="lee", buyer_name="이둘")

    assert ok(imp_sandbox.call("GET", "/subscribe/customers/lee"), "CustomerAnnotation")["customer_name"] == "이둘"


def test_stored_cards_that_are_refused(imp_sandbox):
    bad = imp_sandbox.call("POST", "/subscribe/customers/bad", CARD | {"card_number": "4000000000000112"})
    unknown = imp_sandbox.call(
        "POST", "/subscribe/payments/again", {"customer_uid": "bad", "merchant_uid": "bad", "amount": 700}
    )
    keep_card(imp_sandbox, "limited", card_number="4000000000002116")
    limited = imp_sandbox.call(
        "POST", "/subscribe/payments/again", {"customer_uid": "limited", "merchant_uid": "limited", "amount": 700}
    )

    assert refused(bad) == (200, -1, f"카드정보 인증 및 빌키 발급에 실패하였습니다. {NO_SUCH_CARD}")
    assert refused(unknown) == (200, 1, "등록되지 않은 구매자입니다.")
    assert refused(limited) == (200, -1, "결제승인에 실패하였습니다. [2116]개인 월 한도금액 초과")


# ---------------------------------------------------------------- virtual accounts


def test_a_virtual_account_is_paid_into_and_refunded(imp_sandbox):
    account = open_account(imp_sandbox, "account", vbank_holder="매일코디")
    without = {"imp_uid": account["imp_uid"]}
    refund = without | {"refund_holder": "홍길동", "refund_bank": "020", "refund_account": "1234"}

    assert (account["status"], account["paid_at"], account["vbank_date"]) == ("ready", 0, LATER)
    assert (account["vbank_code"], account["vbank_name"], account["vbank_holder"]) == ("088", "신한은행", "매일코디")
    assert imp_sandbox.moved("account") == []
    assert refused(imp_sandbox.call("POST", "/payments/cancel", refund)) == (
        200, 1, "취소할 결제건이 존재하지 않습니다.",
    )  # fmt: skip

    paid = fits("PaymentAnnotation", imp_sandbox.deposit(account["imp_uid"]))

    assert (paid["status"], paid["vbank_num"]) == ("paid", account["vbank_num"])
    assert imp_sandbox.moved("account") == [("deposit", 30_000)]
    assert imp_sandbox.call("POST", "/payments/cancel", without).json()["code"] == 1
    assert imp_sandbox.call("POST", "/payments/cancel", refund | {"refund_bank": "BK20"}).json()["code"] == -1
    back = ok(imp_sandbox.call("POST", "/payments/cancel", refund | {"amount": 10_000}), "PaymentAnnotation")
    assert back["cancel_amount"] == 10_000
    assert imp_sandbox.moved("account") == [("deposit", 30_000), ("refund", 10_000)]


def test_an_unpaid_account_is_closed(imp_sandbox):
    account = open_account(imp_sandbox, "closed")
    path = f"/vbanks/{account['imp_uid']}"

    assert ok(imp_sandbox.call("DELETE", path), "PaymentAnnotation")["status"] == "cancelled"
    assert refused(imp_sandbox.call("DELETE", path)) == (400, 1, "입금대기 상태의 가상계좌가 아닙니다.")
    assert imp_sandbox.call("DELETE", "/vbanks/imps_0").status_code == 404
    with pytest.raises(RuntimeError, match="입금대기"):
        imp_sandbox.deposit(account["imp_uid"])
    assert imp_sandbox.moved("closed") == []


def test_an_account_can_be_changed_where_the_gateway_allows_it(imp_sandbox):
    here, there = open_account(imp_sandbox, "fixed"), open_account(imp_sandbox, "movable", pg="settle")
    change = {"amount": 20_000, "vbank_due": LATER + DAY}

    changed = ok(imp_sandbox.call("PUT", f"/vbanks/{there['imp_uid']}", change), "PaymentAnnotation")

    assert (changed["amount"], changed["vbank_date"]) == (20_000, LATER + DAY)
    assert imp_sandbox.call("PUT", f"/vbanks/{here['imp_uid']}", change).status_code == 400


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"vbank_due": int(NOW.timestamp()) - 1}, "가상계좌 발급에 실패하였습니다. [4102]가상계좌 입금예정일 오류"),
        ({"vbank_code": "026"}, "가상계좌 발급에 실패하였습니다. [4104]가상계좌 정보 오류"),
        ({"vbank_code": "88", "pg": "kcp"}, "가상계좌 발급에 실패하였습니다. [4104]가상계좌 정보 오류"),
    ],
)
def test_accounts_that_are_not_opened(imp_sandbox, given, message):
    asked = {"merchant_uid": "unopened", "amount": 30_000, "vbank_code": "088", "vbank_due": LATER} | given

    assert refused(imp_sandbox.call("POST", "/vbanks", asked)) == (200, -1, message)


@pytest.mark.parametrize(
    ("provider", "code", "standard"),
    [
        ("nice_v2", "088", "088"),
        ("tosspayments", "088", "088"),
        ("kicc", "026", None),
        ("html5_inicis", "88", "088"),
        ("html5_inicis", "088", None),
        ("inicis", "53", None),
        ("kcp", "BK27", "027"),
        ("kcp_billing", "BK12", "012"),
        ("kcp", "27", None),
        ("daou", "10", "088"),
        ("daou", "088", None),
    ],
)
def test_each_gateway_has_its_own_bank_codes(provider, code, standard):
    assert standard_bank(provider, code) == standard


def test_who_holds_an_account(imp_sandbox):
    answer = imp_sandbox.call("GET", "/vbanks/holder?bank_code=088&bank_num=1234")

    assert ok(answer, "VbankHolderAnnotation") == {"bank_holder": "홍길동"}
    assert imp_sandbox.call("GET", "/vbanks/holder?bank_code=088").status_code == 400
    assert imp_sandbox.call("GET", "/vbanks/holder?bank_code=999&bank_num=1").status_code == 404


# ---------------------------------------------------------------- schedules


def test_a_schedule_is_registered_and_runs(imp_sandbox):
    keep_card(imp_sandbox, "park", customer_name="박셋")

    answer = schedule(imp_sandbox, "park", {"merchant_uid": "s1", "schedule_at": LATER})
    [registered] = answer.json()["response"]
    ran = run_schedules(imp_sandbox, LATER, "s1")
    done = ok(imp_sandbox.call("GET", "/subscribe/payments/schedule/s1"), "ScheduleResultAnnotation")

    assert answer.status_code == 200
    fits("ScheduleResultAnnotation", registered)
    assert (registered["schedule_status"], registered["payment_status"], registered["imp_uid"]) == (
        "scheduled", None, None,
    )  # fmt: skip
    assert registered["buyer_name"] == "박셋"
    [payment] = ran
    fits("PaymentAnnotation", payment)
    assert (payment["status"], payment["customer_uid_usage"]) == ("paid", "payment.scheduled")
    assert done | {"schedule_status": "executed", "payment_status": "paid", "imp_uid": payment["imp_uid"]} == done
    assert done["executed_at"] > 0
    assert imp_sandbox.moved("s1") == [("charge", 5000)]
    assert run_schedules(imp_sandbox, LATER, "s1") == []


def test_a_schedule_may_bring_its_card(imp_sandbox):
    answer = schedule(imp_sandbox, "choi", {"merchant_uid": "s2", "schedule_at": LATER + 10 * DAY}, **CARD)

    assert answer.json()["code"] == 0
    assert imp_sandbox.call("GET", "/subscribe/customers/choi").json()["code"] == 0


def test_schedules_are_registered_all_or_none(imp_sandbox):
    keep_card(imp_sandbox, "jung")
    row = {"merchant_uid": "s3", "schedule_at": LATER + 10 * DAY}

    assert refused(schedule(imp_sandbox, "jung", row, row)) == (200, 1, "이미 등록된 merchant_uid입니다.")
    assert imp_sandbox.call("GET", "/subscribe/payments/schedule/s3").status_code == 404


@pytest.mark.parametrize(
    ("customer_uid", "row", "more", "message"),
    [
        ("nobody", {}, {}, "등록된 고객정보가 없습니다."),
        ("nobody", {}, CARD | {"card_number": "4000000000000112"}, f"카드정보 확인에 실패하였습니다. {NO_SUCH_CARD}"),
        ("han", {"schedule_at": 1}, {}, "예약시각(schedule_at)은 현재 시각 이후여야 합니다."),
    ],
)
def test_schedules_that_are_refused(imp_sandbox, customer_uid, row, more, message):
    keep_card(imp_sandbox, "han")

    answer = schedule(imp_sandbox, customer_uid, {"merchant_uid": "s4", "schedule_at": LATER} | row, **more)

    assert refused(answer) == (200, 1, message)
    assert imp_sandbox.call("GET", "/subscribe/payments/schedule/s4").status_code == 404


def test_schedules_are_revoked_one_by_one_or_all(imp_sandbox):
    keep_card(imp_sandbox, "yoon")
    at = LATER + 20 * DAY
    schedule(imp_sandbox, "yoon", *({"merchant_uid": f"y{n}", "schedule_at": at + n} for n in range(4)))
    path = "/subscribe/payments/unschedule"

    one = imp_sandbox.call("POST", path, {"customer_uid": "yoon", "merchant_uid": "y0"}).json()["response"]
    two = imp_sandbox.call("POST", path, {"merchant_uid": ["y1", "y0"]}).json()["response"]
    rest = imp_sandbox.call("POST", path, {"customer_uid": "yoon"}).json()["response"]

    assert [[row["merchant_uid"] for row in rows] for rows in (one, two, rest)] == [["y0"], ["y1"], ["y2", "y3"]]
    assert {row["schedule_status"] for row in [*one, *two, *rest]} == {"revoked"}
    assert fits("ScheduleResultAnnotation", one[0])["revoked_at"] > 0
    nothing = imp_sandbox.call("POST", path, {"customer_uid": "yoon"})
    assert refused(nothing) == (200, 1, "취소할 예약결제 기록이 존재하지 않습니다.")
    assert imp_sandbox.call("POST", path, {}).status_code == 400
    assert run_schedules(imp_sandbox, at + 10, "y0", "y1", "y2", "y3") == []


def test_schedules_are_listed(imp_sandbox):
    keep_card(imp_sandbox, "kang")
    at = LATER + 45 * DAY
    schedule(imp_sandbox, "kang", *({"merchant_uid": f"k{n}", "schedule_at": at + n} for n in range(3)))
    period = f"schedule_from={at}&schedule_to={at + 2}"

    of_period = page_of(imp_sandbox.call("GET", f"/subscribe/payments/schedule?{period}"), "ScheduleResultAnnotation")
    oldest_first = imp_sandbox.call("GET", f"/subscribe/payments/schedule?{period}&sorting=scheduled&limit=1")
    paths = ["/subscribe/payments/schedule/customers/kang", "/subscribe/customers/kang/schedules"]
    of_customer = [
        page_of(imp_sandbox.call("GET", f"{path}?from={at}&to={at + 9}"), "ScheduleResultAnnotation") for path in paths
    ]

    assert [row["merchant_uid"] for row in of_period["list"]] == ["k1", "k0"]
    assert [row["merchant_uid"] for row in oldest_first.json()["response"]["list"]] == ["k0"]
    assert of_customer[0] == of_customer[1]
    assert [row["merchant_uid"] for row in of_customer[0]["list"]] == ["k2", "k1", "k0"]
    assert imp_sandbox.call("GET", "/subscribe/payments/schedule").status_code == 400
    assert imp_sandbox.call("GET", f"/subscribe/payments/schedule?schedule_from=1&schedule_to={at}").status_code == 400


def test_a_schedule_is_moved_retried_and_fails_without_its_card(imp_sandbox):
    keep_card(imp_sandbox, "shin")
    at, path = LATER + 40 * DAY, "/subscribe/payments/schedule/moved"
    schedule(imp_sandbox, "shin", {"merchant_uid": "moved", "schedule_at": at})

    moved = ok(imp_sandbox.call("PUT", path, {"schedule_at": at + 60}), "ScheduleResultAnnotation")
    early = imp_sandbox.call("POST", f"{path}/retry", {})
    past = imp_sandbox.call("PUT", path, {"schedule_at": 1})
    imp_sandbox.call("DELETE", "/subscribe/customers/shin")
    before = run_schedules(imp_sandbox, at + 59, "moved")
    [failed] = run_schedules(imp_sandbox, at + 60, "moved")
    after = ok(imp_sandbox.call("GET", path), "ScheduleResultAnnotation")
    keep_card(imp_sandbox, "shin")
    again = ok(imp_sandbox.call("POST", f"{path}/reschedule", {"schedule_at": at}), "ScheduleResultAnnotation")
    imp_sandbox.call("POST", "/subscribe/payments/unschedule", {"merchant_uid": "moved"})
    paid = ok(imp_sandbox.call("POST", f"{path}/retry", {}), "PaymentAnnotation")

    assert moved["schedule_at"] == at + 60
    assert (early.status_code, past.status_code) == (400, 400)
    assert before == []
    assert (failed["status"], failed["fail_reason"]) == ("failed", "등록되지 않은 구매자입니다.")
    assert (after["schedule_status"], after["payment_status"], after["fail_reason"]) == (
        "executed", "failed", "등록되지 않은 구매자입니다.",
    )  # fmt: skip
    assert (again["schedule_status"], again["payment_status"]) == ("scheduled", None)
    assert paid["status"] == "paid"
    assert imp_sandbox.moved("moved") == [("charge", 5000)]
    assert imp_sandbox.call("PUT", path, {"schedule_at": at}).status_code == 400


# ---------------------------------------------------------------- the rest


def test_amounts_are_announced(imp_sandbox):
    path, given = "/payments/prepare", {"merchant_uid": "announced", "amount": 1000}

    posted = ok(imp_sandbox.call("POST", path, given), "PaymentPrepareAnnotation")
    twice = imp_sandbox.call("POST", path, given)
    changed = ok(imp_sandbox.call("PUT", path, given | {"amount": 2000}), "PaymentPrepareAnnotation")

    assert posted == {"merchant_uid": "announced", "amount": 1000, "currency": "KRW"}
    assert refused(twice) == (200, 1, "결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다).")
    assert ok(imp_sandbox.call("GET", f"{path}/announced"), "PaymentPrepareAnnotation") == changed
    unknown = (404, -1, "사전등록된 결제정보가 존재하지 않습니다.")
    assert refused(imp_sandbox.call("GET", f"{path}/nothing")) == unknown
    assert refused(imp_sandbox.call("PUT", path, given | {"merchant_uid": "nothing"})) == unknown


@pytest.mark.parametrize(("path", "code", "name"), [("/cards", "365", "삼성"), ("/banks", "088", "신한은행")])
def test_codes(imp_sandbox, path, code, name):
    everything = imp_sandbox.call("GET", path).json()["response"]

    assert ok(imp_sandbox.call("GET", f"{path}/{code}"), "StandardCodeAnnotation") == {"code": code, "name": name}
    assert {"code": code, "name": name} in everything
    assert imp_sandbox.call("GET", f"{path}/nothing").status_code == 404


def test_a_receipt_leads_somewhere(imp_sandbox):
    payment = charge(imp_sandbox, "receipt", name="커트")

    assert requests.get(payment["receipt_url"], timeout=5).json()["name"] == "커트"


@pytest.mark.parametrize(
    ("number", "valid"), [("4111111111111111", True), ("4111111111111112", False), ("371449635398431", True)]
)
def test_the_check_digit(number, valid):
    assert luhn_valid(number) == valid


@pytest.mark.parametrize("body", ["{", "[]", '"x"'])
def test_bodies_that_are_no_object_are_refused(imp_sandbox, body):
    answer = requests.post(
        f"{imp_sandbox.url}/payments/cancel",
        data=body,
        headers={"Authorization": imp_sandbox.token, "Content-Type": "application/json"},
        timeout=5,
    )

    assert answer.status_code == 400
