"""Who is reminded of what, when, and how often."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import mail
from accounts.actors import Actor, Door
from accounts.models import Mail
from reservations import reminders, services
from reservations.models import Reminder, Reservation
from tests.factories import ClientFactory, DesignerFactory, ReminderFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

SEOUL = ZoneInfo("Asia/Seoul")
TODAY = dt.date(2026, 3, 3)
TOMORROW = dt.date(2026, 3, 4)


def at(hour, minute=0, date=TODAY):
    return dt.datetime.combine(date, dt.time(hour, minute), SEOUL)


@pytest.fixture
def booked():
    """A reservation of long ago for tomorrow at 10, of somebody who can be mailed."""

    def make(**given):
        given = {"date": TOMORROW, "created_at": timezone.now() - dt.timedelta(days=5)} | given
        return ReservationFactory(**{"customer": UserFactory(name="홍길동", reachable=True), **given})

    return make


@pytest.fixture
def app():
    return Actor(Door.API, client=ClientFactory())


def change(by, row, **data):
    return services.change(by=by, reservations=Reservation.objects.filter(pk=row.pk), data=services.Change(**data))


def test_a_reservation_is_reminded_of_once_within_a_day_before_it(booked, clock, mailoutbox):
    row = booked(designer=DesignerFactory(user__name="민지"))
    clock.move_to(at(9, 59))
    assert reminders.remind() == 0

    clock.move_to(at(10))
    assert (reminders.remind(), reminders.remind(), mail.send_due()) == (1, 0, 1)

    (message,) = mailoutbox
    assert (message.to, message.subject) == ([row.customer.email], "곧 뵙겠습니다: 3월 4일 수요일 오전 10:00")
    assert "디자이너: 민지" in message.body
    assert f"/my/reservations/{row.pk}/" in message.body
    assert "무료 취소 기한이 지났습니다" in message.body


@pytest.mark.parametrize(
    "given",
    [
        {"trashed": True},
        {"status": 2},
        {"no_show_at": at(9)},
        {"customer__reachable": False},
        {"customer__gone": True, "customer__reachable": False},
        {"created_at": at(7, 1)},
        {"date": TODAY, "time": dt.time(11, 59)},
        {"time": dt.time(10, 30)},
    ],
    ids=["cancelled", "begun", "missed", "unconfirmed", "withdrawn", "just booked", "too near", "too far"],
)
def test_nobody_is_reminded_of(given, booked, clock):
    clock.move_to(at(10))
    ReservationFactory(**{"customer__reachable": True, "date": TOMORROW, "created_at": at(1)} | given)

    assert (reminders.remind(), Mail.objects.count()) == (0, 0)


def test_a_reminder_follows_every_move_and_comes_once_for_one_time(booked, app, clock, mailoutbox):
    row = booked()
    clock.move_to(at(10))
    reminders.remind()
    mail.send_due()

    change(app, row, time=dt.time(14))
    clock.move_to(at(14))
    reminders.remind()
    mail.send_due()
    change(app, row, time=dt.time(10))
    clock.move_to(at(18))
    reminders.remind()
    mail.send_due()

    assert [message.subject for message in mailoutbox if "곧 뵙겠습니다" in message.subject] == [
        "곧 뵙겠습니다: 3월 4일 수요일 오전 10:00",
        "곧 뵙겠습니다: 3월 4일 수요일 오후 2:00",
    ]


def test_an_unsent_reminder_goes_with_a_move_or_a_cancellation_and_can_come_again(booked, app, clock, mailoutbox):
    row, other = booked(), booked()
    clock.move_to(at(10))
    reminders.remind()
    assert Reminder.objects.count() == 2

    change(app, row, designer=DesignerFactory(user__name="서준"))
    services.cancel(by=app, reservations=Reservation.objects.filter(pk=other.pk))
    assert not Reminder.objects.exists()
    clock.move_to(at(13, 1))
    assert reminders.remind() == 1
    mail.send_due()

    (reminder,) = [message for message in mailoutbox if "곧 뵙겠습니다" in message.subject]
    assert "디자이너: 서준" in reminder.body


def test_what_was_just_moved_is_not_told_twice_but_a_note_changes_nothing(booked, app, clock):
    row = booked()
    clock.move_to(at(10))
    change(app, row, note="앞머리")
    assert reminders._due().count() == 1

    change(app, row, time=dt.time(10, 30))
    clock.move_to(at(12, 59))
    assert reminders.remind() == 0
    clock.move_to(at(13, 1))
    assert reminders.remind() == 1


def test_nobody_is_mailed_at_night_but_in_the_evening_before(booked, clock):
    early = booked(date=TOMORROW + dt.timedelta(days=1), time=dt.time(7, 30))
    late = booked(date=TOMORROW, time=dt.time(21, 30))

    for hour in (0, 7, 21, 23):
        clock.move_to(at(hour))
        assert reminders.remind() == 0, hour
    clock.move_to(at(19, 59))
    assert reminders.remind() == 0
    clock.move_to(at(20))
    assert reminders.remind() == 2
    assert set(Reminder.objects.values_list("reservation", flat=True)) == {early.pk, late.pk}


def test_the_database_admits_one_reminder_for_one_time():
    reminder = ReminderFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        ReminderFactory(reservation=reminder.reservation)


def test_many_are_reminded_at_once(booked, clock):
    for n in range(3):
        booked(time=dt.time(10 + n))
    clock.move_to(at(12))

    assert (reminders.remind(), reminders.remind(), Mail.objects.count()) == (3, 0, 3)
