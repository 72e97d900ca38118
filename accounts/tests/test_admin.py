"""The admin as a door to the same rules: who sees what, and that every act goes through its service."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Designer, Mail, Policy, TimeOff, User, WorkingHours
from tests.factories import (
    ClientFactory,
    DesignerFactory,
    MailFactory,
    PolicyFactory,
    ReservationFactory,
    TimeOffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MODELS = ["user", "designer", "timeoff", "client"]


@pytest.fixture
def desk():
    def open_for(user):
        browser = Browser()
        browser.force_login(user, backend="accounts.backends.RoleBackend")
        return browser

    return open_for


@pytest.fixture
def boss(desk):
    return desk(UserFactory(staff=True))


def url(name, *args):
    return reverse(f"admin:accounts_{name}", args=args)


NEW_USER = {
    "userid": "park",
    "type": 1,
    "name": "박손님",
    "pn": "010-2222-3333",
    "email": "p@example.com",
    "birth": "1990-01-01",
    "password": "a password of some length",
}


def test_the_desk_registers_customers(boss):
    answer = boss.post(url("user_add"), NEW_USER)

    assert answer.status_code == 302
    user = User.objects.named("park").get()
    assert (user.pn, user.check_password(NEW_USER["password"])) == ("+821022223333", True)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"userid": "PARK2"}, "이미 쓰고 있는 아이디입니다"),
        ({"pn": "12"}, "전화번호를 다시 확인해 주세요"),
        ({"password": "short"}, "비밀번호가 너무 쉽습니다"),
        ({"birth": "2020-01-01"}, "만 14세가 되면"),
    ],
)
def test_what_the_rules_refuse_is_told_on_the_form_and_nothing_is_lost(wrong, told, boss):
    UserFactory(userid="park2")

    page = boss.post(url("user_add"), NEW_USER | wrong).content.decode()

    assert told in page
    assert 'value="박손님"' in page
    assert not User.objects.named("park").exists()


def test_the_desk_changes_an_account(boss):
    user = UserFactory()
    form = {"type": 5, "name": "새이름", "pn": user.pn, "email": "new@example.com", "password": ""}

    assert boss.post(url("user_change", user.pk), form).status_code == 302
    user.refresh_from_db()
    assert (user.type, user.name, user.email) == (5, "새이름", "new@example.com")


def test_a_new_password_is_for_those_who_may_give_it(desk, boss):
    customer, manager = UserFactory(), UserFactory(system=True)
    system = desk(UserFactory(system=True))

    def give(browser, user):
        form = {
            "type": user.type,
            "name": user.name,
            "pn": user.pn,
            "email": user.email,
            "password": "quite another one",
        }
        browser.post(url("user_change", user.pk), form)
        user.refresh_from_db()
        return user.check_password("quite another one")

    assert give(system, customer) is True
    assert give(system, manager) is False
    assert give(boss, manager) is True


def test_withdrawal_asks_first_and_then_erases(boss):
    user = UserFactory(name="지울이름")
    row = ReservationFactory(customer=user)
    LogEntry.objects.log_actions(UserFactory().pk, User.objects.filter(pk=user.pk), 2, single_object=True)
    form = {"action": "withdraw", "_selected_action": user.pk}

    asked = boss.post(url("user_changelist"), form).content.decode()
    user.refresh_from_db()
    assert ("되돌릴 수 없습니다" in asked, user.withdrawn_at) == (True, None)

    boss.post(url("user_changelist"), form | {"confirmed": "1"})
    for gone in (user, row):
        gone.refresh_from_db()
    assert (user.name, row.trashed_at is not None) == ("", True)
    assert not LogEntry.objects.filter(object_repr__contains="지울이름").exists()


def test_nobody_deletes_accounts(boss):
    assert boss.post(reverse("admin:accounts_user_delete", args=[UserFactory().pk])).status_code == 403


def hours_form(designer, *spans):
    rows = {"hours-TOTAL_FORMS": len(spans), "hours-INITIAL_FORMS": 0}
    for number, (weekday, start, end) in enumerate(spans):
        rows |= {
            f"hours-{number}-weekday": weekday,
            f"hours-{number}-start": start,
            f"hours-{number}-end": end,
            f"hours-{number}-designer": designer.pk,
        }
    return {"max_per_hour": 3, "slot_minutes": 20, "introduction": "안녕", "order": 1, "active": "on"} | rows


def test_a_designers_hours_have_several_spans_a_day(boss):
    designer = DesignerFactory(hours=[])

    answer = boss.post(
        url("designer_change", designer.pk), hours_form(designer, (1, "10:00", "13:00"), (1, "14:00", "20:00"))
    )

    assert answer.status_code == 302
    designer.refresh_from_db()
    assert (designer.max_per_hour, designer.slot_minutes, designer.hours.count()) == (3, 20, 2)


def test_overlapping_hours_are_refused(boss):
    designer = DesignerFactory(hours=[])

    page = boss.post(
        url("designer_change", designer.pk), hours_form(designer, (1, "10:00", "14:30"), (1, "14:00", "20:00"))
    )

    assert "같은 요일의 근무 시간이 겹칩니다" in page.content.decode()
    assert not WorkingHours.objects.exists()


def test_the_policy_is_one_form(boss):
    Policy.objects.all().delete()

    assert boss.get(url("policy_changelist"))["Location"] == url("policy_change", 1)
    form = {
        "reserve_notice_minutes": 30,
        "change_notice_minutes": 60,
        "cancel_notice_minutes": 60,
        "days_ahead": 5,
        "open_reservations": 2,
    }
    boss.post(url("policy_change", 1), form)
    assert Policy.current().open_reservations == 2


def test_a_clients_secret_is_told_once_and_never_typed(boss):
    form = {
        "name": "키오스크",
        "client_type": "confidential",
        "authorization_grant_type": "client-credentials",
        "redirect_uris": "",
        "scope": "users:read  reservations:read",
        "enabled": "on",
    }

    page = boss.post(url("client_add"), form, follow=True).content.decode()

    client = Client.objects.get()
    assert client.scope == "users:read reservations:read"
    assert client.client_id in page
    assert "지금 한 번만 보입니다" in page
    assert client.client_secret not in page
    assert "client_secret" not in boss.get(url("client_change", client.pk)).content.decode()


def test_an_unknown_scope_is_refused(boss):
    form = {
        "name": "키오스크",
        "client_type": "confidential",
        "authorization_grant_type": "client-credentials",
        "scope": "nope",
    }

    assert "없는 scope입니다: nope" in boss.post(url("client_add"), form).content.decode()


def test_time_off_is_the_salons_without_a_designer(boss):
    form = {
        "designer": "",
        "starts_at_0": "2026-03-10",
        "starts_at_1": "00:00",
        "ends_at_0": "2026-03-11",
        "ends_at_1": "00:00",
        "reason": "정기 휴무",
    }

    assert boss.post(url("timeoff_add"), form).status_code == 302
    assert str(TimeOff.objects.get()) == "살롱 전체: 정기 휴무"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_a_constant_number_of_queries(model, count, boss, django_assert_max_num_queries):
    PolicyFactory()
    for _ in range(count):
        designer = DesignerFactory()
        TimeOffFactory(designer=designer)
        ClientFactory()
    boss.get(url(f"{model}_changelist"))

    with django_assert_max_num_queries(9):
        page = boss.get(url(f"{model}_changelist"))

    assert page.status_code == 200
    assert len(page.context["cl"].result_list) >= count


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        ("user", "password__startswith"),
        ("user", "user_permissions__codename"),
        ("client", "client_secret__startswith"),
        ("mail", "text__contains"),
        ("mail", "user__password__startswith"),
    ],
)
def test_no_list_tells_a_secret_letter_by_letter(model, lookup, boss):
    MailFactory()

    assert boss.get(url(f"{model}_changelist"), {lookup: "a"}).status_code == 400
    assert boss.get(url(f"{model}_changelist")).status_code == 200


def test_a_mails_words_are_shown_to_nobody(boss):
    posted = MailFactory(text="https://secret.example/", html="https://secret.example/")

    for page in (url("mail_changelist"), url("mail_change", posted.pk)):
        assert "secret.example" not in boss.get(page).content.decode()


def test_a_mail_that_failed_is_sent_again_by_hand(boss):
    posted = MailFactory(failed_at=timezone.now(), attempts=12)

    boss.post(url("mail_changelist"), {"action": "try_again", "_selected_action": posted.pk})

    assert list(Mail.objects.due(timezone.now())) == [posted]


@pytest.mark.parametrize("model", ["user", "designer", "timeoff", "client"])
def test_search_finds(model, boss):
    designer = DesignerFactory(user__userid="findme")
    TimeOffFactory(designer=designer)
    ClientFactory(name="findme")
    UserFactory()

    page = boss.get(url(f"{model}_changelist"), {"q": "findme"})

    assert len(page.context["cl"].result_list) == 1


@pytest.mark.parametrize(
    ("trait", "sees", "writes"),
    [
        ("finance", {"user", "designer", "timeoff", "client", "policy"}, set()),
        ("system", {"user", "designer", "timeoff", "client", "policy"}, {"user", "timeoff", "client"}),
        ("designer", {"designer", "timeoff"}, {"timeoff"}),
        ("customer", set(), set()),
    ],
)
def test_what_each_account_type_sees_and_writes(trait, sees, writes, desk):
    PolicyFactory()
    user = {"designer": lambda: DesignerFactory().user, "customer": UserFactory}.get(
        trait, lambda: UserFactory(**{trait: True})
    )()
    browser = desk(user)

    seen = {
        model
        for model in [*MODELS, "policy"]
        if browser.get(url(f"{model}_changelist"), follow=True).status_code == 200
    }
    written = {model for model in ("user", "timeoff", "client") if browser.get(url(f"{model}_add")).status_code == 200}

    if trait == "customer":
        assert browser.get(url("user_changelist"))["Location"].startswith("/admin/login/")
    else:
        assert (seen, written) == (sees, writes)
    assert Designer.objects.filter(user=user).exists() == (trait == "designer")


@pytest.mark.parametrize(("path", "more"), [("accounts_timeoff", {}), ("reservations_reservation", {"date": "all"})])
def test_every_choice_of_a_filter_filters(path, more, boss):
    row = ReservationFactory()
    TimeOffFactory(designer=row.designer)
    ReservationFactory()
    TimeOffFactory()
    changelist = reverse(f"admin:{path}_changelist")

    for spec in boss.get(changelist).context["cl"].filter_specs:
        for choice in spec.choices(boss.get(changelist).context["cl"]):
            assert boss.get(changelist + choice["query_string"]).status_code == 200
    assert len(boss.get(changelist, {"designer": row.designer.pk} | more).context["cl"].result_list) == 1


def test_a_change_with_a_weak_password_changes_nothing(boss):
    user = UserFactory(name="그대로")
    form = {"type": 1, "name": "바뀐이름", "pn": user.pn, "email": user.email, "password": "short"}

    assert "비밀번호가 너무 쉽습니다" in boss.post(url("user_change", user.pk), form).content.decode()
    user.refresh_from_db()
    assert user.name == "그대로"


def test_who_is_no_designer_any_more_is_not_put_back_by_a_form(boss):
    designer = DesignerFactory(active=False)
    User.objects.filter(pk=designer.pk).update(type=1)

    assert boss.post(url("designer_change", designer.pk), hours_form(designer)).status_code == 403
