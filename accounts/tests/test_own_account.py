"""What a person changes of the own account, and how they leave."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Consent, ConsentKind, Mail, Session, User
from payments.models import Payment, State
from reservations.models import Reservation
from tests.api import Api
from tests.factories import (
    ConsentFactory,
    DesignerFactory,
    MailFactory,
    PaymentFactory,
    ReservationFactory,
    SessionFactory,
    UserFactory,
    bearer,
)

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"
LEAVING = {"password": PASSWORD, "sure": "on"}


@pytest.fixture
def me():
    user = UserFactory(userid="hong", name="홍길동", email="hong@example.com")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def browser(me):
    browser = Browser()
    browser.force_login(me, backend="accounts.backends.RoleBackend")
    return browser


def words(answer):
    return answer.content.decode()


def test_the_profile_shows_what_there_is_and_changes_it(me, browser, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = words(browser.get("/my/profile/"))
    assert all(text in page for text in ('value="홍길동"', "hong@example.com", "1990. 5. 17.", "확인 전"))

    answer = browser.post("/my/profile/", {"name": "홍 길 동", "pn": "010-9999-8888"}, follow=True)

    assert "저장했어요" in words(answer)
    me.refresh_from_db()
    assert (me.name, me.pn, me.email) == ("홍 길 동", "+821099998888", "hong@example.com")


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "<b>\x00"}, {"name": "x" * 31}, {"pn": "12"}, {"pn": "9" * 99}]
)
def test_what_is_wrong_changes_nothing(wrong, me, browser):
    answer = browser.post("/my/profile/", {"name": "다른이름", "pn": "010-9999-8888"} | wrong)

    assert answer.status_code == 200
    assert 'role="alert"' in words(answer)
    me.refresh_from_db()
    assert me.name == "홍길동"


def test_a_new_address_needs_the_password_and_both_addresses_are_told(me, browser):
    User.objects.update(email_confirmed_at=timezone.now())

    browser.post("/my/profile/address/", {"email": "new@example.com", "password": PASSWORD})

    me.refresh_from_db()
    assert (me.email, me.email_confirmed_at) == ("new@example.com", None)
    assert set(Mail.objects.values_list("template", "to")) == {
        ("confirm_address", "new@example.com"), ("address_changed", "hong@example.com"),
    }  # fmt: skip


def test_without_the_password_the_address_stays_and_what_was_typed_too(me, browser):
    answer = browser.post("/my/profile/address/", {"email": "new@example.com", "password": "wrong"})

    assert "비밀번호가 맞지 않아요" in words(answer)
    assert 'value="new@example.com"' in words(answer)
    me.refresh_from_db()
    assert me.email == "hong@example.com"


@pytest.mark.parametrize("path", ["/my/profile/address/", "/my/withdrawal/"])
def test_wrong_passwords_are_counted_like_those_of_the_sign_in(path, me, browser):
    form = {"email": "new@example.com", "password": "wrong", "sure": "on"}

    answers = [browser.post(path, form).status_code for _ in range(10)]

    assert (answers[0], answers[-1]) == (200, 429)
    assert Browser().post("/login/", {"username": "hong", "password": PASSWORD}).status_code == 429


def test_the_confirming_mail_comes_again_but_not_every_minute(me, browser, clock):
    MailFactory(user=me, template="confirm_address")
    clock.shift(dt.timedelta(minutes=9))
    early = browser.post("/my/profile/confirm/", follow=True)
    clock.shift(dt.timedelta(minutes=2))

    late = browser.post("/my/profile/confirm/", follow=True)

    assert "방금 메일을 보냈어요" in words(early)
    assert "다시 보냈어요" in words(late)
    assert me.mails.filter(template="confirm_address").count() == 2


def test_a_confirmed_address_is_not_asked_again(me, browser):
    User.objects.update(email_confirmed_at=timezone.now())

    assert "확인 메일 다시 보내기" not in words(browser.get("/my/profile/"))
    browser.post("/my/profile/confirm/")

    assert not Mail.objects.exists()


def test_mail_of_offers_is_switched_on_and_off_and_both_are_kept(me, browser):
    ConsentFactory(kind=ConsentKind.MARKETING)  # a stranger's

    assert "받지 않음" in words(browser.get("/my/profile/"))
    browser.post("/my/profile/marketing/", {"wanted": "1"})
    browser.post("/my/profile/marketing/", {"wanted": "1"})
    assert "2026. 3. 3.에 동의하셨어요" in words(browser.get("/my/profile/"))
    browser.post("/my/profile/marketing/", {"wanted": "0"})
    browser.post("/my/profile/marketing/", {"wanted": "1"})

    assert me.consents.count() == 2
    assert me.consents.open().count() == 1
    assert Consent.objects.open().count() == 2


@pytest.mark.parametrize("reservations", [1, 3])
def test_before_leaving_one_reads_what_ends_and_what_comes_back(
    reservations, me, browser, django_assert_max_num_queries
):
    designer = DesignerFactory(user__name="김디자")
    for hour in range(reservations):
        booked = ReservationFactory(customer=me, designer=designer, time=dt.time(10 + hour))
        PaymentFactory(payer=me, reservation=booked, amount=10_000)
    tomorrow_morning = {"date": timezone.localdate() + dt.timedelta(days=1), "time": dt.time(8)}
    late = ReservationFactory(customer=me, designer=designer, **tomorrow_morning)
    PaymentFactory(payer=me, reservation=late, amount=77_000)
    ReservationFactory(designer__user__name="남의디자이너")

    with django_assert_max_num_queries(12):
        page = words(browser.get("/my/withdrawal/"))

    assert page.count("김디자") == reservations + 1
    assert f"{reservations * 10_000:,}원" in page
    assert "취소 기한이 지난 예약의 결제 77,000원은 돌려드리지 못해요" in page
    assert "남의디자이너" not in page


def test_who_leaves_is_signed_out_everywhere_and_forgotten(me, browser):
    booked = ReservationFactory(customer=me)
    ConsentFactory(user=me)
    SessionFactory(user=me)
    token = Api(token=bearer(me))
    stranger = SessionFactory()

    answer = browser.post("/my/withdrawal/", LEAVING, follow=True)

    assert answer.redirect_chain == [("/farewell/", 302)]
    assert "그동안 고마웠어요" in words(answer)
    assert browser.get("/my/profile/").status_code == 302
    assert token.get("/user", {"rule": "all"}).status == 401
    me.refresh_from_db()
    assert (me.name, me.pn, me.email, me.birth) == ("", "", "", None)
    assert me.withdrawn_at is not None
    assert not Reservation.objects.live().filter(pk=booked.pk).exists()
    assert not Consent.objects.exists()
    assert [session.pk for session in Session.objects.exclude(user=None)] == [stranger.pk]


@pytest.mark.parametrize(
    "given", [{"password": ""}, {"password": PASSWORD}, {"sure": "on"}, {"sure": "on", "password": "wrong"}]
)
def test_nobody_leaves_by_a_slip(given, me, browser):
    answer = browser.post("/my/withdrawal/", given)

    assert answer.status_code == 200
    assert 'role="alert"' in words(answer)
    me.refresh_from_db()
    assert me.withdrawn_at is None


def test_with_a_payment_in_doubt_nobody_leaves_and_it_is_said_before(me, browser):
    PaymentFactory(payer=me, pending=True)

    before = browser.get("/my/withdrawal/")
    after = browser.post("/my/withdrawal/", LEAVING)

    assert "확인 중인 결제가 있어서" in words(before)
    assert "확인 중인 결제가 있습니다" in words(after)
    me.refresh_from_db()
    assert me.withdrawn_at is None
    assert Payment.objects.get().state == State.PENDING


def test_the_last_administrator_is_told_that_they_stay():
    boss, browser = UserFactory(staff=True, userid="boss"), Browser()
    boss.set_password(PASSWORD)
    boss.save()
    browser.force_login(boss, backend="accounts.backends.RoleBackend")

    answer = browser.post("/my/withdrawal/", LEAVING)

    assert "마지막 관리자는" in words(answer)


def test_a_designer_whom_somebody_expects_stays():
    designer, browser = DesignerFactory(user__userid="kim"), Browser()
    designer.user.set_password(PASSWORD)
    designer.user.save()
    ReservationFactory(designer=designer)
    browser.force_login(designer.user, backend="accounts.backends.RoleBackend")

    answer = browser.post("/my/withdrawal/", LEAVING)

    assert "앞으로의 예약이 남아 있는 디자이너" in words(answer)
    assert User.objects.active().filter(pk=designer.user.pk).exists()


def test_a_virtual_accounts_money_wants_an_account_first(me, browser):
    PaymentFactory(payer=me, account=True, reservation=ReservationFactory(customer=me))

    assert "환불받을 계좌를 알려 주시려면" in words(browser.get("/my/withdrawal/"))


def test_a_name_is_escaped_wherever_it_stands(me, browser):
    User.objects.update(name="<img src=x>")

    assert "<img src=x>" not in words(browser.get("/my/profile/"))


@pytest.mark.parametrize("known", [True, False])
def test_a_forgotten_password_answers_the_same_for_any_address(known, me):
    User.objects.update(email_confirmed_at=timezone.now())
    email = "hong@example.com" if known else "nobody@example.com"

    answer = Browser().post("/password/", {"email": email})

    assert "메일을 확인해 주세요" in words(answer)
    assert email not in words(answer)
    assert Mail.objects.exists() == known
