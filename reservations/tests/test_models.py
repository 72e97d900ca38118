import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.actors import Actor, Door, anonymous
from accounts.models import Designer
from reservations.models import Act, Move, Reservation
from tests.factories import DesignerFactory, MoveFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "broken",
    [
        {"seat": 0},
        {"seat": 5},
        {"status": 5},
        {"overbook_reason": "까닭 없이"},
        {"cancel_reason": "살아 있는데"},
        {"no_show_at": timezone.now(), "status": 2},
    ],
)
def test_the_database_refuses(broken):
    row = ReservationFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.filter(pk=row.pk).update(**broken)


@pytest.mark.parametrize("broken", [{"trashed_by": 1}, {"overbooked_by": 1}])
def test_the_database_refuses_half_a_story(broken):
    row = ReservationFactory()
    broken = dict.fromkeys(broken, UserFactory())

    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.filter(pk=row.pk).update(**broken)


def test_one_reservation_a_seat():
    row = ReservationFactory(time=dt.time(10))

    with pytest.raises(IntegrityError), transaction.atomic():
        ReservationFactory(designer=row.designer, time=dt.time(10, 30), seat=row.seat)
    ReservationFactory(designer=row.designer, time=dt.time(11), seat=row.seat)


def test_one_place_a_customer():
    row = ReservationFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        ReservationFactory(customer=row.customer)
    ReservationFactory(customer=row.customer, trashed=True)


def test_the_hour_follows_the_time_by_itself():
    row = ReservationFactory(time=dt.time(14, 30))
    Reservation.objects.filter(pk=row.pk).update(time=dt.time(9, 5))

    row.refresh_from_db()

    assert row.hour == 9


def test_history_is_append_only():
    move = MoveFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Move.objects.filter(pk=move.pk).update(act=Act.CANCELLED)
    if connection.vendor == "postgresql":
        with pytest.raises(IntegrityError), transaction.atomic():
            move.delete()


def test_an_act_is_a_known_one():
    with pytest.raises(IntegrityError), transaction.atomic():
        MoveFactory(act="vanished")


def test_upcoming_is_what_has_not_begun_and_is_not_over():
    now = ReservationFactory(date=dt.date(2026, 3, 3), time=dt.time(9, 1))
    later = ReservationFactory(date=dt.date(2026, 3, 4))
    ReservationFactory(date=dt.date(2026, 3, 3), time=dt.time(9))
    ReservationFactory(date=dt.date(2026, 3, 4), status=2)

    assert set(Reservation.objects.upcoming()) == {now, later}


def test_hours_are_counted_by_live_reservations():
    designer = DesignerFactory()
    for seat, hour in ((1, 10), (2, 10), (1, 15)):
        ReservationFactory(designer=designer, time=dt.time(hour), seat=seat)
    row = ReservationFactory(designer=designer, time=dt.time(15), trashed=True, seat=2)
    next_day = row.date + dt.timedelta(days=1)
    ReservationFactory(designer=designer, date=next_day)
    ReservationFactory(designer=designer, date=next_day + dt.timedelta(days=1))

    pk = designer.pk
    assert Designer.objects.taken_by_hour(row.date, next_day) == {
        (pk, row.date, 10): 2,
        (pk, row.date, 15): 1,
        (pk, next_day, 10): 1,
    }


def test_nobody_sees_reservations_without_a_name():
    ReservationFactory()

    assert list(Reservation.objects.visible_to(anonymous())) == []
    assert list(Reservation.objects.changeable_by(anonymous())) == []


def test_trash_says_who_and_why():
    row, boss = ReservationFactory(), UserFactory(staff=True)

    count = Reservation.objects.trash(by=Actor(Door.ADMIN, user=boss), reason="병가")

    row.refresh_from_db()
    assert (count, row.trashed_by, row.cancel_reason) == (1, boss, "병가")
    assert list(row.moves.values_list("act", "by", "door", "after")) == [
        (Act.CANCELLED, boss.pk, "admin", {"reason": "병가"})
    ]
