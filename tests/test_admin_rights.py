"""Section 7 at the desk, as data: every account type at every page of the admin, and at each of its acts.

The tables are written from the manual and the salon's own division of work; nothing in them is computed from the code
that they test.
"""

import datetime as dt

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.forms.models import model_to_dict
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import TimeOff, User, WorkingHours
from payments.models import PaymentEvent
from reservations.models import Move, Reservation
from tests.codes import with_device
from tests.factories import (
    AccessLogFactory,
    ClientFactory,
    CommentFactory,
    ConsultationTermsFactory,
    DesignerFactory,
    MailFactory,
    MoveFactory,
    PaymentFactory,
    PhotoFactory,
    PolicyFactory,
    PostFactory,
    ProductFactory,
    ReservationFactory,
    ScheduleFactory,
    TimeOffFactory,
    UserFactory,
    WaitFactory,
)

pytestmark = pytest.mark.django_db

CALLERS = {"administrator": 4, "finance": 0, "system": 3, "designer": 2, "tester": 5, "customer": 1}

# A row of each page; the designer's are those that a designer has nothing to do with.
ROWS = {
    "accounts.user": UserFactory,
    "accounts.designer": DesignerFactory,
    "accounts.timeoff": lambda: TimeOffFactory(designer=DesignerFactory()),
    "accounts.policy": PolicyFactory,
    "accounts.client": ClientFactory,
    "accounts.mail": MailFactory,
    "axes.accessattempt": lambda: AccessAttempt.objects.create(username="x", failures_since_start=1),
    "cody_site.accesslog": AccessLogFactory,
    "reservations.reservation": ReservationFactory,
    "reservations.move": MoveFactory,
    "reservations.wait": lambda: WaitFactory(designer=DesignerFactory(), held=True),
    "media_store.photo": PhotoFactory,
    "board.post": PostFactory,
    "board.comment": CommentFactory,
    "payments.consultationterms": ConsultationTermsFactory,
    "payments.product": ProductFactory,
    "payments.payment": PaymentFactory,
    "payments.schedule": ScheduleFactory,
}

READ = {"view"}
WRITE = {"view", "add", "change"}
RIGHTS = {
    "accounts.user": {"administrator": WRITE, "finance": READ, "system": WRITE},
    "accounts.designer": {
        "administrator": {"view", "change"}, "finance": READ, "system": {"view", "change"}, "designer": READ,
    },
    "accounts.timeoff": {
        "administrator": {*WRITE, "delete"}, "finance": READ, "system": {*WRITE, "delete"},
        "designer": {"view", "add"},
    },
    "accounts.policy": {"administrator": {"view", "change"}, "finance": READ, "system": {"view", "change"}},
    "accounts.client": {"administrator": WRITE, "finance": READ, "system": WRITE},
    "accounts.mail": {"administrator": READ, "finance": READ, "system": READ},
    "axes.accessattempt": {"administrator": {"view", "delete"}, "finance": READ, "system": {"view", "delete"}},
    "cody_site.accesslog": {"administrator": READ, "finance": READ, "system": READ},
    "reservations.reservation": {"administrator": WRITE, "finance": READ, "system": READ, "designer": {"add"}},
    "reservations.move": {"administrator": READ, "finance": READ, "system": READ},
    "reservations.wait": {"administrator": READ, "finance": READ, "system": READ},
    "media_store.photo": {"administrator": READ, "finance": READ, "system": READ},
    "board.post": {"administrator": WRITE, "finance": READ, "system": READ},
    "board.comment": {"administrator": WRITE, "finance": READ, "system": READ},
    "payments.consultationterms": {
        "administrator": {"view", "change"}, "finance": {"view", "change"}, "system": READ,
    },
    "payments.product": {"administrator": WRITE, "finance": WRITE, "system": READ},
    "payments.payment": {"administrator": READ, "finance": READ, "system": READ},
    "payments.schedule": {"administrator": READ, "finance": READ, "system": READ},
}  # fmt: skip
# A designer's own rows, where these are more than anybody's.
OWN = {
    "accounts.designer": {"view", "change"},
    "accounts.timeoff": {"view", "add", "change", "delete"},
    "reservations.reservation": {"view", "add", "change"},
    "reservations.move": {"view"},
}

MONEY = {"administrator", "finance"}
ACCOUNTS = {"administrator", "system"}
BOSS = {"administrator"}
# Acts of the lists, on the rows that one has marked there.
ACTS = {
    "accounts.user": {"withdraw": ACCOUNTS},
    "accounts.timeoff": {"delete_selected": ACCOUNTS | {"designer"}},
    "accounts.client": {"renew_secret": ACCOUNTS},
    "accounts.mail": {"try_again": ACCOUNTS},
    "axes.accessattempt": {"delete_selected": ACCOUNTS},
    "reservations.reservation": dict.fromkeys(["advance", "miss", "unmiss", "cancel"], BOSS | {"designer"})
    | {"restore": ACCOUNTS},
    "media_store.photo": {"trash": BOSS, "restore": ACCOUNTS},
    "board.post": {"trash": BOSS, "restore": ACCOUNTS},
    "board.comment": {"trash": BOSS, "restore": ACCOUNTS},
    "payments.payment": dict.fromkeys(["acknowledge", "ask_again", "end", "undo"], MONEY),
}
# Acts of a row's own page, on a row with which there is something to do.
ACTS_OF_ONE = {
    ("accounts.user", "forget-second-factor"): (BOSS, lambda: UserFactory(staff=True)),
    ("reservations.reservation", "advance"): (BOSS, ReservationFactory),
    ("reservations.reservation", "no-show"): (BOSS, lambda: ReservationFactory(date=dt.date(2026, 3, 2))),
    ("reservations.reservation", "cancel"): (BOSS, ReservationFactory),
    ("reservations.reservation", "restore"): (ACCOUNTS, lambda: ReservationFactory(trashed=True)),
    ("payments.payment", "refund"): (MONEY, PaymentFactory),
    ("payments.payment", "end"): (MONEY, lambda: PaymentFactory(scheduled=True)),
    ("payments.payment", "ask"): (MONEY, PaymentFactory),
    ("payments.payment", "acknowledge"): (MONEY, lambda: PaymentFactory(alarm="x")),
    ("payments.payment", "undo"): (MONEY, lambda: PaymentFactory(pending=True, alarm="x")),
}


def somebody(caller):
    return DesignerFactory().user if caller == "designer" else UserFactory(type=CALLERS[caller])


def browser_of(user):
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


def at(label, page, *args):
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


def opens(browser, path):
    return browser.get(path).status_code == 200


def rights(browser, label, row):
    """What the pages let this person do, found by asking them."""
    change = at(label, "change", row.pk)
    found = {
        "view": opens(browser, change),
        "add": opens(browser, at(label, "add")),
        "change": browser.post(change, {"nothing": "valid"}).status_code in (200, 302) and opens(browser, change),
        "delete": opens(browser, at(label, "delete", row.pk)),
    }
    return {right for right, has in found.items() if has}


def acts(browser, label):
    page = browser.get(at(label, "changelist"), follow=True)
    form = page.context.get("action_form") if page.status_code == 200 else None
    return {name for name, _title in form.fields["action"].choices if name} if form else set()


def test_the_tables_name_every_page_and_every_act():
    pages = {model._meta.label_lower: at_desk for model, at_desk in admin.site._registry.items()}

    assert set(ROWS) == set(RIGHTS) == set(pages)
    offered = {label: set(at_desk.actions or ()) for label, at_desk in pages.items()}
    assert {label: set(names) - {"delete_selected"} for label, names in ACTS.items()} == {
        label: names for label, names in offered.items() if names or label in ACTS
    }
    of_one = {
        (label, at_desk.get_unfold_action(name).path.strip("/"))
        for label, at_desk in pages.items()
        for name in at_desk.actions_detail or ()
    }
    assert of_one == set(ACTS_OF_ONE)


@pytest.mark.parametrize("label", ROWS)
@pytest.mark.parametrize("caller", CALLERS)
def test_what_each_account_type_may_do_on_each_page(caller, label):
    row = ROWS[label]()

    assert rights(browser_of(somebody(caller)), label, row) == RIGHTS[label].get(caller, set())


@pytest.mark.parametrize("label", OWN)
def test_what_a_designer_may_do_with_the_own_rows(label):
    me = DesignerFactory()
    mine = ReservationFactory(designer=me)
    row = {
        "accounts.designer": lambda: me,
        "accounts.timeoff": lambda: TimeOffFactory(designer=me),
        "reservations.reservation": lambda: mine,
        "reservations.move": lambda: MoveFactory(reservation=mine),
    }[label]()

    assert rights(browser_of(me.user), label, row) == OWN[label]


@pytest.mark.parametrize("label", ACTS)
@pytest.mark.parametrize("caller", CALLERS)
def test_which_acts_each_account_type_is_offered(caller, label):
    ROWS[label]()
    me = somebody(caller)
    if caller == "designer":
        ReservationFactory(designer=me.designer)

    assert acts(browser_of(me), label) == {name for name, who in ACTS[label].items() if caller in who}


def state(label, row):
    model = type(row)
    found = model.objects.filter(pk=row.pk).first()
    return found and model_to_dict(found), Move.objects.count(), PaymentEvent.objects.count()


@pytest.mark.parametrize("label", ACTS)
@pytest.mark.parametrize("caller", CALLERS)
def test_an_act_that_is_not_offered_cannot_be_forged(caller, label):
    """A designer is offered acts, but for the own rows only; this one is somebody else's."""
    row = ROWS[label]()
    browser = browser_of(somebody(caller))
    before = state(label, row)

    for name, who in ACTS[label].items():
        if caller not in who or caller == "designer":
            form = {"action": name, "_selected_action": row.pk, "confirmed": "1", "post": "yes"}
            browser.post(at(label, "changelist"), form)
            assert state(label, row) == before, name


@pytest.mark.parametrize(("label", "act"), ACTS_OF_ONE)
@pytest.mark.parametrize("caller", CALLERS)
def test_which_acts_of_one_row_each_account_type_may_do(caller, label, act):
    who, make = ACTS_OF_ONE[label, act]
    row = make()
    if label == "accounts.user":
        with_device(row)
    path = at(label, "change", row.pk).replace("/change/", f"/{act}/")

    answer = browser_of(somebody(caller)).get(path)

    if caller in ("customer", "tester"):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")
    else:
        assert answer.status_code == (200 if caller in who else 403)


# ---------------------------------------------------------------- at once


def test_a_changed_type_counts_from_the_next_request_on():
    user = UserFactory(staff=True)
    PaymentFactory()
    browser = browser_of(user)
    product, hours = at("payments.product", "add"), at("accounts.timeoff", "add")
    assert (opens(browser, product), opens(browser, hours)) == (True, True)

    for account_type, may in [(0, (True, False)), (3, (False, True)), (1, (False, False)), (4, (True, True))]:
        User.objects.filter(pk=user.pk).update(type=account_type)
        assert (opens(browser, product), opens(browser, hours)) == may


# ---------------------------------------------------------------- a designer and strangers


@pytest.fixture
def me():
    return DesignerFactory()


@pytest.fixture
def browser(me):
    return browser_of(me.user)


def hours_of(designer, *, designer_field=None, pk="", start="10:00", delete=False):
    row = {"id": pk, "designer": designer_field or designer.pk, "weekday": 0, "start": start, "end": "12:00"}
    row |= {"DELETE": "on"} if delete else {}
    form = {"hours-TOTAL_FORMS": 1, "hours-INITIAL_FORMS": int(bool(pk)), "max_per_hour": 9, "introduction": "바뀜"}
    return form | {f"hours-0-{name}": value for name, value in row.items()}


def test_a_designer_writes_the_own_hours_and_nothing_else_of_the_own_row(browser, me):
    WorkingHours.objects.all().delete()
    before = model_to_dict(me)

    assert browser.post(at("accounts.designer", "change", me.pk), hours_of(me)).status_code == 302
    row = WorkingHours.objects.get()
    me.refresh_from_db()
    assert (row.designer, row.start, model_to_dict(me)) == (me, dt.time(10), before)

    changed = hours_of(me, pk=row.pk, start="11:00")
    assert browser.post(at("accounts.designer", "change", me.pk), changed).status_code == 302
    assert WorkingHours.objects.get().start == dt.time(11)
    assert (
        browser.post(at("accounts.designer", "change", me.pk), hours_of(me, pk=row.pk, delete=True)).status_code == 302
    )
    assert not WorkingHours.objects.exists()


def test_a_designer_writes_nobody_elses_hours(browser, me):
    stranger = DesignerFactory()
    theirs = stranger.hours.first()
    before = list(WorkingHours.objects.order_by("pk").values())

    assert browser.post(at("accounts.designer", "change", stranger.pk), hours_of(stranger)).status_code == 403
    # by the own page: a stranger as the designer, a stranger's row as one of the own
    for form in (hours_of(me, designer_field=stranger.pk), hours_of(me, pk=theirs.pk, delete=True)):
        browser.post(at("accounts.designer", "change", me.pk), form)
    assert list(WorkingHours.objects.order_by("pk").values()) == before


def off(designer=None):
    return {
        "designer": "" if designer is None else designer.pk, "reason": "휴가",
        "starts_at_0": "2026-03-10", "starts_at_1": "10:00", "ends_at_0": "2026-03-11", "ends_at_1": "10:00",
    }  # fmt: skip


def test_a_designer_is_offered_nobody_else_for_time_off(browser, me):
    DesignerFactory()

    page = browser.get(at("accounts.timeoff", "add"))

    field = page.context["adminform"].form.fields["designer"]
    assert list(field.choices) == [(field.prepare_value(me), str(me))]


def test_a_designer_takes_and_changes_and_takes_back_the_own_time_off(browser, me):
    assert browser.post(at("accounts.timeoff", "add"), off(me)).status_code == 302
    row = TimeOff.objects.get()
    assert row.designer == me

    assert browser.post(at("accounts.timeoff", "change", row.pk), off(me) | {"reason": "병원"}).status_code == 302
    assert TimeOff.objects.get().reason == "병원"
    assert browser.post(at("accounts.timeoff", "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not TimeOff.objects.exists()


def test_a_designer_closes_neither_the_salon_nor_another(browser, me):
    for whose in (None, DesignerFactory()):
        page = browser.post(at("accounts.timeoff", "add"), off(whose))
        assert set(page.context["adminform"].form.errors) == {"designer"}
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize("whose", ["salon", "stranger"])
def test_a_designer_touches_nobody_elses_time_off(whose, browser, me):
    row = TimeOffFactory(designer=None if whose == "salon" else DesignerFactory())
    own = TimeOffFactory(designer=me)
    before = model_to_dict(row)

    assert browser.post(at("accounts.timeoff", "change", row.pk), off(me)).status_code == 403
    assert browser.post(at("accounts.timeoff", "delete", row.pk), {"post": "yes"}).status_code == 403
    forged = {"action": "delete_selected", "_selected_action": [row.pk, own.pk], "post": "yes"}
    assert browser.post(at("accounts.timeoff", "changelist"), forged).status_code == 403
    # nor is the own one given away
    browser.post(at("accounts.timeoff", "change", own.pk), off(row.designer))
    assert model_to_dict(TimeOff.objects.get(pk=row.pk)) == before
    assert TimeOff.objects.get(pk=own.pk).designer == me


def test_a_strangers_reservation_does_not_exist_for_a_designer(browser, me):
    row = ReservationFactory(customer__name="남의손님")
    ReservationFactory(designer=me)

    page = browser.get(at("reservations.reservation", "change", row.pk), follow=True)
    assert page.redirect_chain[0][0] == "/admin/"
    assert "남의손님" not in browser.get(at("reservations.reservation", "changelist")).content.decode()
    assert "남의손님" not in browser.get(at("reservations.reservation", "changelist"), {"q": "남의"}).content.decode()
    assert browser.get(at("accounts.user", "change", row.customer.pk)).status_code == 403


def test_a_designer_reserves_for_no_stranger_and_with_nobody_else(browser, me):
    mine, stranger = ReservationFactory(designer=me).customer, UserFactory()
    form = {"date": "2026-03-10", "time": "10:00", "note": ""}

    for customer, designer, wrong in [(stranger, me, {"customer"}), (mine, DesignerFactory(), {"designer"})]:
        page = browser.post(
            at("reservations.reservation", "add"), form | {"customer": customer.pk, "designer": designer.pk}
        )
        assert set(page.context["adminform"].form.errors) == wrong
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize(("field", "model"), [("customer", "reservation"), ("author", "post"), ("designer", "timeoff")])
def test_the_fields_that_search_as_one_types_tell_a_designer_of_no_customer(field, model, browser):
    UserFactory(name="남의손님")
    app = {"reservation": "reservations", "post": "board", "timeoff": "accounts"}[model]
    query = {"term": "남의", "app_label": app, "model_name": model, "field_name": field}

    assert "남의손님" not in browser.get(reverse("admin:autocomplete"), query).content.decode()


@pytest.mark.parametrize(("paid", "told"), [(True, 'alt="True"'), (False, 'alt="False"')])
def test_of_money_a_designer_learns_whether_it_is_paid(paid, told, browser, me):
    row = ReservationFactory(designer=me)
    if paid:
        PaymentFactory(reservation=row, payer=row.customer, amount=123_456)

    page = browser.get(at("reservations.reservation", "change", row.pk)).content.decode()
    asked = browser.post(
        at("reservations.reservation", "changelist"), {"action": "cancel", "_selected_action": row.pk}
    ).content.decode()

    assert page.count("결제됨") == 1
    assert ("결제를 환불" in asked) == paid
    for text in (page, asked):
        assert "123,456" not in text
        assert "123456" not in text
        assert "/admin/payments/" not in text


@pytest.mark.parametrize("caller", CALLERS)
def test_who_may_add_notes_about_clients(caller):
    user = somebody(caller)

    salon = caller not in ("customer", "tester")
    assert user.has_perm("reservations.add_clientnote") == salon
    assert user.has_perm("reservations.view_clientnote") == salon
