"""What a stranger tried on the doors of the back-office."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.actors import Actor, Door
from cody_site.back_office.tests.conftest import TODAY
from reservations import services
from reservations.models import Move, Reservation
from reservations.undoing import undoable
from tests.factories import DesignerFactory, MoveFactory, ReservationFactory, TimeOffFactory, UserFactory

pytestmark = pytest.mark.django_db

MOVES = reverse("admin:reservations_move_changelist")
LIST = reverse("admin:reservations_reservation_changelist")
TIME_OFF = reverse("admin:accounts_timeoff_changelist")
HUGE = "9" * 30


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        (MOVES, "by__password__startswith"), (MOVES, "by__totpdevice__key__startswith"),
        (MOVES, "by__staticdevice__token_set__token"), (MOVES, "by__userid"), (MOVES, "at__gte"),
        (TIME_OFF, "designer__user__password__startswith"), (LIST, "designer__user__pn"), (LIST, "status__gt"),
        (LIST, "customer__pn__endswith"), (LIST, "date__year"), (LIST, "id__gt"),
    ],
)  # fmt: skip
def test_no_list_answers_what_no_filter_of_it_asks(browser, desk, designer, page, lookup):
    row = ReservationFactory(designer=designer, date=TODAY)
    MoveFactory(reservation=row, by=designer.user)
    TimeOffFactory(designer=designer)

    assert browser(designer.user).get(page, {lookup: "1"}).status_code == 400
    assert desk.get(page, {lookup: "1"}).status_code == 400


@pytest.mark.parametrize(
    ("page", "query"),
    [
        (LIST, {"designer": "abc"}), (LIST, {"designer": HUGE}), (TIME_OFF, {"designer": HUGE}), (MOVES, {"by": HUGE}),
        (LIST, {"id__in": HUGE}), (LIST, {"pk": HUGE}), (LIST, {"id__exact": "x"}), (LIST, {"stage": HUGE}),
        (reverse("admin:reservations_reservation_add"), {"customer": HUGE}),
        (reverse("admin:accounts_timeoff_add"), {"designer": HUGE}),
        (reverse("admin:payments_payment_changelist"), {"visit": "9999-99-99"}),
    ],
)  # fmt: skip
def test_a_link_with_nonsense_is_no_fault_of_ours(desk, page, query):
    assert desk.get(page, query).status_code in (200, 302, 400)


@pytest.mark.parametrize("picked", ["x", HUGE, "-1"])
def test_an_act_on_rows_that_there_cannot_be_is_refused(desk, picked):
    given = {"action": "advance", "_selected_action": picked, "index": "0"}

    assert desk.post(LIST, given).status_code == 400


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31", "1899-12-31"])
def test_time_off_before_or_after_all_calendars_is_told(desk, designer, start):
    given = {"designer": designer.pk, "starts_at_0": start, "starts_at_1": "10:00", "ends_at_0": start,
             "ends_at_1": "11:00", "reason": "x"}  # fmt: skip

    page = desk.post(reverse("admin:accounts_timeoff_add"), given)

    assert page.status_code == 200
    assert page.context["errors"]


@pytest.mark.parametrize("name", ["move", "cancel"])
@pytest.mark.parametrize("where", ["https://evil.example/", "javascript:alert(1)", "//evil.example/", "/x"])
def test_the_way_back_of_a_form_stays_in_the_back_office(desk, designer, name, where):
    row = ReservationFactory(designer=designer, date=TODAY)

    page = desk.get(reverse(f"back_office:{name}", args=[row.pk]), {"next": where})

    assert page.context["next"] == ""
    assert "evil" not in page.content.decode().split("<main")[-1].split("</form>")[-2]


def test_whom_a_designer_may_no_longer_know_has_no_telephone_number(browser, designer):
    old = ReservationFactory(designer=designer, date=dt.date(2026, 1, 5), customer__pn="+821012345678")
    own = browser(designer.user)

    page = own.get(reverse("back_office:day"), {"date": "2026-01-05"}).content.decode()

    assert old.customer.name in page
    assert "1234-5678" not in page
    assert list(own.get(LIST, {"q": "5678"}).context["cl"].result_list) == []


def test_other_words_of_a_note_stand_in_nobodys_way(boss, designer):
    row = ReservationFactory(designer=designer, date=TODAY)
    by = Actor(Door.ADMIN, user=boss)
    services.change(by=by, reservations=Reservation.objects.all(), data=services.Change(status=1))
    services.change(by=by, reservations=Reservation.objects.all(), data=services.Change(note="새 메모"))

    assert [move.after["status"] for move in undoable(Move.objects.filter(reservation=row))] == [1]


def test_what_was_missed_by_one_designer_is_not_told_to_another(browser, designer):
    row = ReservationFactory(designer=designer, date=TODAY)
    ReservationFactory(
        designer=DesignerFactory(), customer=row.customer, date=dt.date(2026, 2, 3),
        no_show_at=dt.datetime(2026, 2, 3, tzinfo=dt.UTC),
    )  # fmt: skip

    def visits(user):
        return browser(user).get(reverse("back_office:day")).context["day"].visits

    assert [(visit.no_shows, visit.first) for visit in visits(designer.user)] == [(0, False)]
    assert [(visit.no_shows, visit.first) for visit in visits(UserFactory(finance=True))] == [(1, False)]
