"""Signing in with a phone besides the password: the second step, setting it up, and what becomes of it."""

import re
from base64 import b32decode
from binascii import hexlify
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor, services
from accounts.actors import Actor, Door
from accounts.errors import WrongCode
from accounts.models import User
from tests.api import in_session
from tests.codes import code_of, signed_in, with_device
from tests.factories import ClientFactory, DesignerFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a password of some length"
SECOND_STEP, ENROL = "/login/code/", "/login/device/"


@pytest.fixture
def enforced(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def person():
    def make(**traits):
        user = DesignerFactory(user__userid="hong").user if traits.get("designer") else None
        user = user or UserFactory(userid="hong", **(traits or {"staff": True}))
        user.set_password(PASSWORD)
        user.save()
        return user

    return make


def give_password(browser, path="/login/", **more):
    return browser.post(path, {"username": "hong", "password": PASSWORD} | more)


def give_code(browser, code, path=SECOND_STEP):
    return browser.post(path, {"code": code})


def is_signed_in(browser):
    return browser.get("/admin/").status_code == 200


def told(page):
    return re.findall(r'<ul class="errorlist"[^>]*><li>(.*?)</li>', page.content.decode())


def key_on(page):
    return hexlify(b32decode(re.search(r'class="secret">(.*?)<', page.content.decode()).group(1).replace(" ", "")))


# ---------------------------------------------------------------- the second step


@pytest.mark.parametrize("traits", [{"staff": True}, {"finance": True}, {"system": True}, {"designer": True}])
@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
def test_the_password_alone_signs_nobody_of_the_salon_in(path, traits, person, clock, enforced):
    device, _codes = with_device(person(**traits))
    browser = Browser()

    assert give_password(browser, path)["Location"] == SECOND_STEP
    assert not is_signed_in(browser)
    clock.shift(30)
    assert give_code(browser, code_of(device.key))["Location"] == "/admin/"
    assert is_signed_in(browser)


@pytest.mark.parametrize("traits", [{"tester": True}, {"type": 1}])
def test_customers_need_the_password_only(traits, person, enforced):
    person(**traits)

    assert give_password(Browser())["Location"] == "/"


def test_who_has_a_device_is_asked_for_it_even_where_nobody_has_to_have_one(person):
    with_device(person())

    assert give_password(Browser())["Location"] == SECOND_STEP


def test_without_a_device_the_password_is_enough_where_nobody_has_to_have_one(person):
    person()

    assert give_password(Browser())["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("next_page", "goes_to"),
    [
        ("/security/", "/security/"),
        ("docs", "docs"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example", "/admin/"),
    ],
)
def test_the_second_step_leads_where_one_wanted_but_never_off_the_site(next_page, goes_to, person, clock):
    device, _codes = with_device(person())
    browser = Browser()
    give_password(browser, next=next_page)
    clock.shift(30)

    assert give_code(browser, code_of(device.key))["Location"] == goes_to


@pytest.mark.parametrize(("next_page", "limited"), [("/oauth/authorize?scope=nope", False), ("/security/", True)])
def test_a_browser_lets_the_forms_of_signing_in_lead_to_the_app_that_asked_for_it(next_page, limited, person, clock):
    """Chromium follows no form to where `form-action` does not let it, not even by the second redirection."""
    with_device(person())
    browser = Browser()

    pages = [browser.get(path, {"next": next_page}) for path in ("/login/", "/admin/login/", "/join/")]
    pages.append(browser.post("/login/", {"username": "hong", "password": "wrong", "next": next_page}))
    give_password(browser, next=next_page)
    pages.append(browser.get(SECOND_STEP))

    assert ["form-action" in page["Content-Security-Policy"] for page in pages] == [limited] * 5


def test_the_session_gets_a_new_key_at_each_step(person, clock):
    device, _codes = with_device(person())
    browser = Browser()
    session = browser.session
    session["x"] = "y"
    session.save()
    keys = [session.session_key]

    give_password(browser)
    keys.append(browser.session.session_key)
    clock.shift(30)
    give_code(browser, code_of(device.key))
    keys.append(browser.session.session_key)

    assert len(set(keys)) == 3


def test_a_code_is_typed_as_people_type_it(person, clock):
    device, _codes = with_device(person())
    browser = Browser()
    give_password(browser)
    clock.shift(30)
    code = code_of(device.key)

    assert give_code(browser, f" {code[:3]}-{code[3:]} ").status_code == 302


@pytest.mark.parametrize(
    "code", ["", "abc", "12345", "1234567", "1" * 33, "-1", "１２３", "٣٣٣٣٣٣", "1\0", "12345678901"]
)
def test_what_is_no_code_is_told_on_the_form(code, person):
    with_device(person())
    browser = Browser()
    give_password(browser)

    page = give_code(browser, code)

    assert (page.status_code, len(told(page))) == (200, 1)
    assert not is_signed_in(browser)


def test_no_code_counts_twice(person, clock):
    device, _codes = with_device(person())
    clock.shift(30)
    code = code_of(device.key)
    first, second = Browser(), Browser()
    for browser in (first, second):
        give_password(browser)

    assert give_code(first, code).status_code == 302
    page = give_code(second, code)
    assert told(page) == ["코드가 맞지 않습니다. 앱에 지금 보이는 코드를 넣어 주세요. 쓴 코드는 다시 쓸 수 없습니다."]
    assert not is_signed_in(second)


def test_wrong_codes_are_counted_and_make_one_wait_longer_each_time(person, clock):
    device, _codes = with_device(person())
    browser = Browser()
    give_password(browser)
    clock.shift(60)

    for wrong in range(1, 9):
        page = give_code(browser, "000000")
        assert told(page)[0].startswith("코드가 맞지 않습니다")
        page = give_code(browser, code_of(device.key))  # right, but too soon
        wait = f"{2 ** (wrong - 1)}초" if wrong < 8 else "3분"
        assert told(page) == [f"틀린 코드가 이어져 잠시 막았습니다. {wait} 뒤에 다시 시도해 주세요."]
        device.refresh_from_db()
        assert device.throttling_failure_count == wrong
        clock.shift(2 ** (wrong - 1))

    assert give_code(browser, code_of(device.key)).status_code == 302


def test_a_backup_code_signs_in_once(person):
    _device, codes = with_device(person())
    first, second = Browser(), Browser()
    for browser in (first, second):
        give_password(browser)

    assert give_code(first, f"{codes[0][:5]} {codes[0][5:]}")["Location"] == "/admin/"
    assert is_signed_in(first)
    assert give_code(second, codes[0]).status_code == 200
    assert not is_signed_in(second)


def test_ten_minutes_after_the_password_it_is_asked_for_again(person, clock):
    device, _codes = with_device(person())
    browser = Browser()
    give_password(browser)
    clock.shift(601)

    assert give_code(browser, code_of(device.key))["Location"] == "/login/"
    assert not is_signed_in(browser)


def test_a_password_that_changed_meanwhile_opens_nothing(person, clock):
    user = person()
    device, _codes = with_device(user)
    browser = Browser()
    give_password(browser)
    user.set_password("quite another one")
    user.save()
    clock.shift(30)

    assert give_code(browser, code_of(device.key))["Location"] == "/login/"


def test_another_persons_code_opens_nothing(person, clock):
    with_device(person())
    thief, _codes = with_device(UserFactory(staff=True))
    browser = Browser()
    give_password(browser)
    clock.shift(30)

    assert give_code(browser, code_of(thief.key)).status_code == 200
    assert not is_signed_in(browser)


@pytest.mark.parametrize("path", [SECOND_STEP, ENROL])
def test_there_is_no_second_step_without_the_first(path):
    assert Browser().get(path)["Location"] == "/login/"
    assert Browser().post(path, {"code": "123456"})["Location"] == "/login/"


def test_wrong_passwords_are_counted_until_the_code_was_right_too(person, settings, clock):
    settings.THROTTLE_PASSWORD = 0
    device, _codes = with_device(person())
    browser = Browser()
    for _ in range(9):
        give_password(browser, password="wrong")
    give_password(browser)

    assert give_password(browser, password="wrong").status_code == 429
    assert device.user.userid == "hong"


def test_backup_codes_are_kept_so_that_who_reads_the_table_has_none(settings):
    user, other = UserFactory(staff=True), UserFactory(staff=True)
    _device, codes = with_device(user)
    with_device(other)
    rows = list(StaticToken.objects.filter(device__user=user).values_list("token", flat=True))

    for whose, typed in ((user, rows[0]), (other, codes[0])):
        with pytest.raises(WrongCode):
            second_factor.accept(whose, typed)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-" + "y" * 50
    settings.SECRET_KEY_FALLBACKS = [old]
    StaticDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert second_factor.accept(user, codes[0])
    with pytest.raises(WrongCode):
        second_factor.accept(user, codes[0])


def test_codes_that_were_kept_as_they_are_typed_are_hidden_and_good_still():
    user = UserFactory(staff=True)
    _device, codes = with_device(user)
    StaticToken.objects.filter(device__user=user).delete()
    kept = StaticToken.objects.create(device=StaticDevice.objects.get(user=user), token=codes[0])

    import_module("accounts.migrations.0012_backup_codes").hide(apps, None)

    kept.refresh_from_db()
    assert kept.token != codes[0]
    assert second_factor.accept(user, codes[0])


def test_codes_that_the_release_before_makes_on_the_new_tables_are_good_too():
    user = UserFactory(staff=True)
    with_device(user)
    StaticToken.objects.filter(device__user=user).delete()
    StaticToken.objects.create(device=StaticDevice.objects.get(user=user), token="1234567890")

    assert second_factor.accept(user, "1234567890")
    with pytest.raises(WrongCode):
        second_factor.accept(user, "1234567890")


# ---------------------------------------------------------------- setting it up


def test_the_first_time_a_phone_is_registered_and_backup_codes_are_shown_once(person, enforced):
    user = person()
    browser = Browser()
    give_password(browser, next="/security/")

    page = browser.get(SECOND_STEP, follow=True)
    assert page.redirect_chain == [(ENROL, 302)]
    assert 'src="data:image/svg+xml' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    key = key_on(page)
    shown = give_code(browser, code_of(key), ENROL)

    codes = re.findall(r"<code>(\d{5} \d{5})</code>", shown.content.decode())
    stored = StaticToken.objects.filter(device__user=user).values_list("token", flat=True)
    assert (len(set(codes)), len(set(stored))) == (10, 10)
    assert not any(row.isdecimal() for row in stored)
    assert 'href="/security/"' in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert is_signed_in(browser)
    assert give_code(browser, code_of(key), ENROL)["Location"] == "/security/"  # the page once more: no codes


def test_the_key_is_the_same_while_one_tries_and_another_in_another_browser(person, enforced):
    person()
    keys = []
    for _ in range(2):
        browser = Browser()
        give_password(browser)
        page = browser.get(ENROL)
        wrong = give_code(browser, "000000", ENROL)
        assert len(told(wrong)) == 1
        keys += [key_on(page), key_on(wrong)]

    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert not TOTPDevice.objects.exists()


def test_registering_a_phone_is_no_way_around_the_one_there_is(person, enforced):
    user = person()
    browser = Browser()
    give_password(browser)
    key = key_on(browser.get(ENROL))
    with_device(user)

    assert give_code(browser, code_of(key), ENROL)["Location"] == SECOND_STEP
    assert TOTPDevice.objects.filter(user=user).count() == 1


# ---------------------------------------------------------------- at each request


def test_a_session_older_than_the_switch_is_over_everywhere(settings):
    user = UserFactory(staff=True)
    ClientFactory(public=True, client_id="mobile")
    api, browser = in_session(user), Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    assert api.get("/reserv", {"rule": "all"}).http == 200
    assert is_signed_in(browser)

    settings.STAFF_SECOND_FACTOR = True

    assert api.get("/reserv", {"rule": "all"}).failure == (401, 401, "ERR: Authentication required.")
    page = browser.get("/admin/", follow=True)
    assert page.redirect_chain == [("/admin/login/?next=/admin/", 302)]
    assert "이제 휴대전화의 인증 코드가 있어야 합니다" in page.content.decode()
    for path in ("/oauth/authorize?client_id=mobile&response_type=code", "/security/", "/password/change/"):
        browser.force_login(user, backend="accounts.backends.RoleBackend")
        assert browser.get(path)["Location"].startswith("/login/?next=")


def test_a_session_of_both_factors_is_one_everywhere(enforced):
    user = UserFactory(staff=True)
    browser = signed_in(user)

    assert is_signed_in(browser)
    assert browser.get("/reserv", {"rule": "all"}).status_code == 200
    assert browser.get("/security/").status_code == 200


def test_another_persons_device_in_a_session_is_worth_nothing(enforced):
    device, _codes = with_device(UserFactory(staff=True))
    browser = Browser()
    browser.force_login(UserFactory(staff=True), backend="accounts.backends.RoleBackend")
    session = browser.session
    session["otp_device_id"] = device.persistent_id
    session.save()

    assert not is_signed_in(browser)


def test_customers_sessions_are_untouched(enforced):
    user = UserFactory()

    assert in_session(user).get("/reserv", {"rule": "all"}).http == 200


def test_a_promoted_customer_signs_in_anew_with_a_device(enforced):
    user = UserFactory()
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    User.objects.filter(pk=user.pk).update(type=4)

    assert not is_signed_in(browser)


# ---------------------------------------------------------------- the page 보안


def test_the_page_is_for_the_salons_people_only():
    browser = Browser()
    browser.force_login(UserFactory(), backend="accounts.backends.RoleBackend")

    for path in ("/security/", "/security/codes/", "/security/off/"):
        assert browser.post(path).status_code == 403
    assert browser.get(ENROL)["Location"] == "/login/"


def test_who_is_signed_in_turns_it_on(clock):
    user = UserFactory(staff=True)
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    assert "꺼져 있습니다" in browser.get("/security/").content.decode()

    shown = give_code(browser, code_of(key_on(browser.get(ENROL))), ENROL)

    assert len(re.findall(r"<code>(\d{5} \d{5})</code>", shown.content.decode())) == 10
    assert "켜져 있습니다. 남은 예비 코드는 10개입니다." in browser.get("/security/").content.decode()


def test_new_backup_codes_need_a_code_of_now_and_end_the_old_ones(clock):
    user = UserFactory(staff=True)
    device, old = with_device(user)
    browser = signed_in(user)
    assert len(told(browser.post("/security/codes/", {"code": "000000"}))) == 1
    assert second_factor.backup_codes_left(user) == 10
    clock.shift(30)

    page = browser.post("/security/codes/", {"code": code_of(device.key)}).content.decode()

    new = [code.replace(" ", "") for code in re.findall(r"<code>(\d{5} \d{5})</code>", page)]
    assert len(new) == 10
    assert not set(new) & set(old)
    assert second_factor.backup_codes_left(user) == 10
    assert second_factor.accept(user, new[0])
    with pytest.raises(WrongCode):
        second_factor.accept(user, old[0])


def test_it_is_turned_off_by_a_code_where_the_salon_allows_it(settings, clock):
    user = UserFactory(staff=True)
    device, _codes = with_device(user)
    here, elsewhere = signed_in(user), signed_in(user)
    clock.shift(30)

    settings.STAFF_SECOND_FACTOR = True
    assert "2단계 인증 끄기" not in here.get("/security/").content.decode()
    assert here.post("/security/off/", {"code": code_of(device.key)}).status_code == 403
    settings.STAFF_SECOND_FACTOR = False
    assert len(told(here.post("/security/off/", {"code": "000000"}))) == 1
    clock.shift(30)
    assert here.post("/security/off/", {"code": code_of(device.key)})["Location"] == "/security/"

    assert (TOTPDevice.objects.count(), StaticDevice.objects.count()) == (0, 0)
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)


# ---------------------------------------------------------------- a lost phone


def user_page(user, act=""):
    path = reverse("admin:accounts_user_change", args=[user.pk])
    return path.replace("/change/", f"/{act}/") if act else path


def test_an_administrator_forgets_the_phone_that_somebody_lost(enforced):
    designer, boss = DesignerFactory().user, UserFactory(staff=True)
    with_device(designer)
    theirs, browser = signed_in(designer), signed_in(boss)
    path = user_page(designer, "forget-second-factor")
    assert path in browser.get(user_page(designer)).content.decode()

    asked = browser.post(path)
    assert "본인이 맞는지 먼저 확인해 주세요" in asked.content.decode()
    assert second_factor.is_on(designer)
    assert browser.post(path, {"confirmed": "1"})["Location"] == user_page(designer)

    assert not second_factor.is_on(designer)
    assert not is_signed_in(theirs)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (boss, str(designer.pk), "2단계 인증을 지움")


@pytest.mark.parametrize("traits", [{"system": True}, {"finance": True}, {"designer": True}])
def test_nobody_else_forgets_a_phone(traits):
    somebody = UserFactory(staff=True)
    with_device(somebody)
    me = DesignerFactory().user if "designer" in traits else UserFactory(**traits)

    assert signed_in(me).post(user_page(somebody, "forget-second-factor"), {"confirmed": "1"}).status_code == 403
    assert second_factor.is_on(somebody)


@pytest.mark.parametrize("pk", ["0", "abc", "9" * 40, "own"])
def test_there_is_nothing_to_forget_of_oneself_or_of_nobody(pk):
    boss = UserFactory(staff=True)
    browser = signed_in(boss)
    path = user_page(boss, "forget-second-factor").replace(str(boss.pk), str(boss.pk) if pk == "own" else pk)

    assert browser.post(path, {"confirmed": "1"}).status_code == 403
    assert second_factor.is_on(boss)


def test_the_owner_who_is_locked_out_has_a_last_resort(person):
    user = person()
    with_device(user)

    call_command("forget_second_factor", "HONG")

    assert not second_factor.is_on(user)
    for userid in ("hong", "nobody"):
        with pytest.raises(CommandError):
            call_command("forget_second_factor", userid)


def test_devices_are_nowhere_in_the_admin():
    registered = {model._meta.app_label for model in admin.site._registry}

    assert registered & {"otp_totp", "otp_static"} == set()


def test_withdrawing_forgets_the_devices():
    user = UserFactory(staff=True)
    with_device(user)

    services.withdraw(by=Actor(Door.ADMIN, user=UserFactory(staff=True)), users=User.objects.filter(pk=user.pk))

    assert (TOTPDevice.objects.count(), StaticDevice.objects.count()) == (0, 0)


@pytest.mark.parametrize(("becomes", "left"), [(1, 0), (5, 0), (3, 1)])
def test_who_leaves_the_staff_leaves_the_devices(becomes, left):
    user = UserFactory(finance=True)
    with_device(user)
    by = Actor(Door.ADMIN, user=UserFactory(staff=True))

    services.change(by=by, users=User.objects.filter(pk=user.pk), data=services.UserChange(type=becomes))

    assert (TOTPDevice.objects.count(), StaticDevice.objects.count()) == (left, left)


def test_a_session_with_both_factors_costs_one_query_more(django_assert_num_queries):
    user = UserFactory(staff=True)
    plain, both = Browser(), signed_in(user)
    plain.force_login(user, backend="accounts.backends.RoleBackend")

    with django_assert_num_queries(2):
        plain.get("/favicon.ico")
    with django_assert_num_queries(3):
        both.get("/favicon.ico")
