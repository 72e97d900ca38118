import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from reservations.models import Act, Reservation, Status
from tests.factories import DesignerFactory, ReservationFactory, UserFactory, WaitFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:reservations_reservation_changelist")
ADD = reverse("admin:reservations_reservation_add")
DAY = dt.date(2026, 3, 5)


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


def change(row):
    return reverse("admin:reservations_reservation_change", args=[row.pk])


def form(row=None, **more):
    told = [f"{rows}-{count}_FORMS" for rows in ("moves", "payments") for count in ("TOTAL", "INITIAL")]
    history = dict.fromkeys(told, 0) if row else {}
    if row:
        more = {"customer": row.customer_id, "designer": row.designer_id, "status": row.status, "note": row.note} | more
        more = {"date": row.date.isoformat(), "time": row.time.isoformat()} | more
    return more | history


def act(browser, action, *rows):
    given = {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "1"}
    page = browser.post(LIST, given, follow=True)
    return [str(message) for message in page.context["messages"]]


def new(**more):
    return (
        form(
            customer=UserFactory().pk,
            designer=DesignerFactory(max_per_hour=1).pk,
            date="2026-03-05",
            time="10:00",
            note="",
        )
        | more
    )


def test_the_desk_reserves_through_the_service(boss):
    assert boss.post(ADD, new(note="전화 예약")).status_code == 302

    row = Reservation.objects.get()
    assert (row.date, row.time, row.seat, row.note) == (DAY, dt.time(10), 1, "전화 예약")
    assert (row.moves.get().act, row.moves.get().door) == (Act.BOOKED, "admin")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"time": "13:00"}, "디자이너가 예약을 받지 않는 시간입니다"),
        ({"date": "2026-03-01"}, "이미 지난 시간입니다"),
        ({"date": ""}, "필수 항목"),
    ],
)
def test_what_the_rules_refuse_is_told_on_the_form_and_nothing_is_lost(wrong, told, boss):
    page = boss.post(ADD, new(note="잃지 말 것") | wrong)

    assert told in page.content.decode()
    assert "잃지 말 것" in page.content.decode()
    assert not Reservation.objects.exists()


def test_overbooking_needs_a_reason_and_the_permission(boss, desk):
    designer = DesignerFactory(max_per_hour=1)
    ReservationFactory(designer=designer, date=DAY)

    def book(browser, reason):
        return browser.post(ADD, new(designer=designer.pk, overbook_reason=reason)).content.decode()

    assert "그 시간에는 빈자리가 없습니다" in book(boss, "")
    assert "권한이 없습니다" in book(desk(designer.user), "급해요")
    book(boss, "단골 손님의 결혼식")
    row = Reservation.objects.get(seat=2)
    assert (row.capacity, row.overbook_reason, row.overbooked_by.type) == (1, "단골 손님의 결혼식", 4)


def test_overbooking_where_there_is_room_is_a_plain_reservation(boss):
    boss.post(ADD, new(overbook_reason="혹시 몰라서"))

    row = Reservation.objects.get()
    assert (row.seat, row.overbooked_by, row.overbook_reason) == (1, None, "")


def test_nobody_overbooks_a_customer_into_two_places(boss):
    row = ReservationFactory(date=DAY)

    page = boss.post(ADD, new(customer=row.customer_id, overbook_reason="급해요")).content.decode()

    assert "그 시간에 이미 예약이 있는 고객입니다" in page


def test_a_designer_given_the_permission_may_overbook(desk):
    designer = DesignerFactory(max_per_hour=1)
    first = ReservationFactory(designer=designer, date=DAY)
    known = ReservationFactory(designer=designer, date=DAY, time=dt.time(12), seat=1)
    designer.user.user_permissions.add(Permission.objects.get(codename="overbook_reservation"))

    desk(designer.user).post(ADD, new(designer=designer.pk, customer=known.customer_id, overbook_reason="부탁"))

    assert Reservation.objects.get(seat=2).hour == first.hour


def test_the_desk_moves_and_corrects(boss):
    row = ReservationFactory(date=DAY, status=Status.DONE)

    answer = boss.post(change(row), form(row, time="11:30", status=Status.RESERVED, note="다시"))

    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.time, row.status, row.note) == (dt.time(11, 30), Status.RESERVED, "다시")
    move = row.moves.get()
    assert (move.before["status"], move.after["status"], move.door) == (4, 0, "admin")


def test_designers_see_and_change_theirs(desk):
    mine, other = ReservationFactory(), ReservationFactory()
    browser = desk(mine.designer.user)

    listed = list(browser.get(LIST, {"date": "all"}).context["cl"].result_list)
    browser.post(change(mine), form(mine, note="준비"))
    foreign = browser.post(change(other), form(other, note="준비"))

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (listed, mine.note, other.note) == ([mine], "준비", "")
    assert foreign.status_code == 302  # to the list, "does not exist"


def test_designers_do_not_correct_a_status(desk):
    row = ReservationFactory(status=Status.DONE)

    page = desk(row.designer.user).post(change(row), form(row, status=Status.RESERVED)).content.decode()

    assert "그 상태로 바꿀 수 없습니다" in page


def test_designers_reserve_for_customers_they_know(desk):
    row = ReservationFactory()
    stranger = UserFactory()
    choices = desk(row.designer.user).get(ADD).context["adminform"].form.fields

    assert list(choices["customer"].queryset) == [row.customer]
    assert list(choices["designer"].queryset) == [row.designer]
    assert stranger not in choices["customer"].queryset


@pytest.mark.parametrize("trait", ["finance", "system"])
def test_the_other_managers_only_look(trait, desk):
    row = ReservationFactory()
    browser = desk(UserFactory(**{trait: True}))

    assert browser.get(change(row)).status_code == 200
    assert browser.post(change(row), form(row, note="x")).status_code == 403
    assert browser.get(ADD).status_code == 403


def test_steps_no_shows_cancelling_and_restoring(boss):
    row = ReservationFactory(date=dt.date(2026, 3, 3), time=dt.time(8))
    missed = ReservationFactory(date=dt.date(2026, 3, 3), time=dt.time(8))

    assert act(boss, "advance", row) == ["1건의 상태를 바꾸었습니다."]
    assert act(boss, "miss", missed) == ["1건을 노쇼로 표시했습니다."]
    assert act(boss, "cancel", row, missed) == ["2건을 취소했습니다. 휴지통에서 되살릴 수 있습니다."]
    assert act(boss, "restore", row, missed) == ["2건을 되살렸습니다."]
    assert act(boss, "unmiss", missed) == ["1건의 노쇼 표시를 지웠습니다."]

    row.refresh_from_db()
    missed.refresh_from_db()
    assert (row.status, row.trashed_at, missed.no_show_at) == (Status.PREPARING, None, None)
    assert list(row.moves.values_list("act", flat=True)) == [Act.CHANGED, Act.CANCELLED, Act.RESTORED]


def test_who_is_yet_to_come_has_not_missed_anything(boss):
    row = ReservationFactory()

    assert act(boss, "miss", row) == [f"{row}: 이 일을 할 권한이 없습니다."]


def test_a_restored_reservation_needs_a_free_seat(boss):
    designer = DesignerFactory(max_per_hour=1)
    row = ReservationFactory(designer=designer, trashed=True)
    ReservationFactory(designer=designer)

    assert act(boss, "restore", row) == [f"{row}: 그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요."]


def test_a_restored_reservation_needs_a_free_customer(boss):
    row = ReservationFactory(trashed=True)
    ReservationFactory(customer=row.customer)

    assert act(boss, "restore", row) == [f"{row}: 그 시간에 이미 예약이 있는 고객입니다."]


def test_a_withdrawn_customers_reservation_stays_cancelled(boss):
    gone = UserFactory(name="", pn="", email="", birth=None, withdrawn_at=timezone.now())
    row = ReservationFactory(customer=gone, trashed=True)

    assert act(boss, "restore", row) == [f"{row}: 그런 회원을 찾을 수 없습니다."]


def test_system_managers_restore_from_the_trash(desk):
    row = ReservationFactory(trashed=True)

    assert act(desk(UserFactory(system=True)), "restore", row) == ["1건을 되살렸습니다."]


def test_cancelled_rows_are_not_changed(boss):
    row = ReservationFactory(trashed=True)

    assert boss.post(change(row), form(row, note="x")).status_code == 403


@pytest.mark.parametrize("name", ["reservation", "move", "wait"])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_a_constant_number_of_queries(name, count, boss, django_assert_max_num_queries):
    for row in ReservationFactory.create_batch(count):
        row.moves.create(act=Act.BOOKED, door="api", by=row.customer)
        WaitFactory(customer=row.customer, designer=row.designer, held=True)
    path = reverse(f"admin:reservations_{name}_changelist") + ("?date=all" if name == "reservation" else "")
    boss.get(path)

    with django_assert_max_num_queries(9):
        page = boss.get(path)

    assert len(page.context["cl"].result_list) == count


@pytest.mark.parametrize("query", ["findme", "김찾음", "8765"])
def test_search_finds_by_userid_name_and_phone_end(query, boss):
    wanted = ReservationFactory(customer__userid="findme", customer__name="김찾음", customer__pn="+821012348765")
    ReservationFactory()

    assert list(boss.get(LIST, {"q": query}).context["cl"].result_list) == [wanted]


@pytest.mark.parametrize(("stands", "found"), [("line", 1), ("offered", 1), ("ended", 1), ("x", 3), ("", 3)])
def test_waits_are_found_by_where_they_stand(stands, found, boss):
    for state in ({}, {"held": True}, {"over": True}):
        WaitFactory(**state)

    page = boss.get(reverse("admin:reservations_wait_changelist"), {"stands": stands})

    assert len(page.context["cl"].result_list) == found


def test_history_is_read_only(boss):
    row = ReservationFactory()
    move = row.moves.create(act=Act.BOOKED, door="api")
    path = reverse("admin:reservations_move_change", args=[move.pk])

    assert boss.get(path).status_code == 200
    assert boss.post(path, {"act": "changed"}).status_code == 403


def test_a_reservation_with_a_designer_who_has_left_stays_cancelled(boss):
    row = ReservationFactory(trashed=True)
    type(row.designer.user).objects.filter(pk=row.designer.pk).update(type=1)

    assert act(boss, "restore", row) == [f"{row}: 디자이너가 예약을 받지 않는 시간입니다."]
