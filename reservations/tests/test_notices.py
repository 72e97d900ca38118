"""What customers are told of their reservations, when, and what they are spared."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import mail
from accounts import services as account_services
from accounts.actors import Actor, Door, system
from accounts.models import Mail, User
from payments.cancelling import cancel_reservation
from reservations import services
from reservations.models import UNDO_WITHIN, Reservation
from reservations.undoing import undo
from tests.factories import ClientFactory, DesignerFactory, PolicyFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 6)  # a Friday
TEN, ELEVEN, TWO = dt.time(10), dt.time(11), dt.time(14)


@pytest.fixture
def customer():
    return UserFactory(name="홍길동", reachable=True)


@pytest.fixture
def designer():
    return DesignerFactory(user__name="민지")


@pytest.fixture
def desk():
    return Actor(Door.ADMIN, user=UserFactory(staff=True))


@pytest.fixture
def app():
    return Actor(Door.API, client=ClientFactory())


def own(customer, door=Door.PAGES):
    return Actor(door, user=customer)


def book(by, customer, designer, time=TEN, date=DAY):
    return services.book(by=by, customer=customer, designer=designer, date=date, time=time)


def change(by, row, **data):
    rows = Reservation.objects.filter(pk=row.pk)
    return services.change(by=by, reservations=rows, data=services.Change(**data))


def cancel(by, row, reason=""):
    return services.cancel(by=by, reservations=Reservation.objects.filter(pk=row.pk), reason=reason)


def take_back(by, row):
    return undo(by=by, move=row.moves.select_related("reservation__customer").latest("pk"))


@pytest.fixture
def arrived(mailoutbox):
    """What has come since the last look."""
    seen = 0

    def look():
        nonlocal seen
        mail.send_due()
        new, seen = mailoutbox[seen:], len(mailoutbox)
        return new

    return look


@pytest.fixture
def subjects(arrived):
    return lambda: [message.subject for message in arrived()]


# ---------------------------------------------------------------- what is told


def test_a_booking_is_confirmed_with_all_that_one_needs_to_know(customer, designer, arrived):
    row = book(own(customer), customer, designer)

    (message,) = arrived()

    assert message.to == [customer.email]
    assert message.subject == "예약했습니다: 3월 6일 금요일 오전 10:00"
    link = f"/my/reservations/{row.pk}/"
    for words in (
        "홍길동님",
        f"예약 번호: #{row.pk}",
        "일시: 3월 6일 금요일 오전 10:00",
        "디자이너: 민지",
        "상담 시간: 30분",
        "무료 취소: 3월 5일 목요일 오전 10:00까지",
        f"{link}\n",
        f"{link}move/\n",
        f"{link}cancel/\n",
        f"{link}calendar.ics",
    ):
        assert words in message.body + "\n", words
    html = message.alternatives[0][0]
    assert all(f'{link}{page}"' in html for page in ("", "move/", "cancel/", "calendar.ics"))


def test_what_cannot_be_changed_any_more_has_no_link_to_it(customer, designer, arrived):
    PolicyFactory(change_notice_minutes=60)

    book(own(customer), customer, designer, date=dt.date(2026, 3, 3))

    (message,) = arrived()
    assert ("move/" in message.body, "cancel/" in message.body) == (False, False)
    assert "무료 취소 기한이 지났습니다" in message.body


@pytest.mark.parametrize("door", [Door.PAGES, Door.API])
def test_ones_own_acts_are_confirmed_at_once(door, customer, designer, subjects):
    by = own(customer, door)

    row = book(by, customer, designer)
    assert subjects() == ["예약했습니다: 3월 6일 금요일 오전 10:00"]
    change(by, row, time=ELEVEN)
    assert subjects() == ["예약을 바꾸었습니다: 3월 6일 금요일 오전 11:00"]
    cancel(by, row)
    assert subjects() == ["예약을 취소했습니다: 3월 6일 금요일 오전 11:00"]


def test_what_an_app_of_the_salon_does_is_told_at_once_with_old_and_new(customer, designer, app, arrived):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)

    change(app, row, time=TWO, designer=DesignerFactory(user__name="서준"))

    (message,) = arrived()
    assert message.subject == "예약이 바뀌었습니다: 3월 6일 금요일 오후 2:00"
    assert "살롱에서 예약을 바꾸었습니다" in message.body
    assert "이전: 3월 6일 금요일 오전 10:00, 민지" in message.body
    assert "디자이너: 서준" in message.body


def test_a_cancellation_by_the_salon_comes_with_its_reason(customer, designer, app, arrived):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)

    cancel(app, row, reason="<b>독감</b> & 휴무")

    (message,) = arrived()
    assert message.subject == "예약이 취소되었습니다: 3월 6일 금요일 오전 10:00"
    assert "사유: <b>독감</b> & 휴무" in message.body
    assert "사유: &lt;b&gt;독감&lt;/b&gt; &amp; 휴무" in message.alternatives[0][0]
    assert "/reserve/" in message.body


def test_what_the_desk_writes_of_a_cancellation_is_for_the_desk(customer, designer, desk, clock, arrived):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)

    cancel(desk, row, reason="디자이너 독감")
    clock.shift(UNDO_WITHIN)

    (message,) = arrived()
    assert "독감" not in message.body + message.alternatives[0][0]


def test_the_notice_is_in_the_customers_language(customer, designer, arrived):
    User.objects.filter(pk=customer.pk).update(language="en")

    book(own(customer), customer, designer)

    (message,) = arrived()
    assert "Friday" in message.subject
    assert 'lang="en"' in message.alternatives[0][0]


def test_steps_notes_and_no_shows_are_not_told(customer, designer, desk, clock, subjects):
    row = ReservationFactory(customer=customer, designer=designer, date=dt.date(2026, 3, 3))
    change(desk, row, status=1, note="조금 늦으십니다")
    clock.shift(dt.timedelta(hours=2))
    services.mark_no_show(by=desk, reservation=row)
    take_back(desk, row)
    clock.shift(UNDO_WITHIN)

    assert subjects() == []
    assert not Mail.objects.exists()


def test_what_is_over_is_not_told(customer, designer, desk, app, clock, subjects):
    old = ReservationFactory(customer=customer, designer=designer, date=dt.date(2026, 3, 2))
    boss = Actor(Door.API, user=desk.user)
    cancel(boss, old)
    services.book(
        by=desk, customer=customer, designer=designer, date=dt.date(2026, 3, 3), time=dt.time(10), walk_in=True
    )
    Mail.objects.all().delete()
    clock.move_to(dt.datetime(2026, 3, 3, 14, 10).astimezone())
    services.book(
        by=desk, customer=customer, designer=designer, date=dt.date(2026, 3, 3), time=dt.time(14), walk_in=True
    )

    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "person",
    [{"email_confirmed_at": None}, {"gone": True}],
    ids=["not confirmed", "withdrawn"],
)
def test_who_has_not_confirmed_an_address_is_not_mailed(person, designer, app):
    row = ReservationFactory(customer=UserFactory(**person), designer=designer, date=DAY)

    cancel(app, row)

    assert not Mail.objects.exists()


def test_who_withdraws_is_told_nothing_of_what_that_cancels(customer, designer):
    ReservationFactory(customer=customer, designer=designer, date=DAY)

    account_services.withdraw(by=own(customer), users=User.objects.filter(pk=customer.pk))

    assert not Mail.objects.exists()


# ---------------------------------------------------------------- the desk's ten minutes


def test_the_desks_acts_are_told_when_they_cannot_be_undone_any_more(customer, designer, desk, clock, subjects):
    book(desk, customer, designer)

    clock.shift(UNDO_WITHIN - dt.timedelta(seconds=1))
    assert subjects() == []
    clock.shift(dt.timedelta(seconds=1))
    assert subjects() == ["예약했습니다: 3월 6일 금요일 오전 10:00"]


def test_booked_by_telephone_and_moved_is_one_confirmation(customer, designer, desk, clock, subjects):
    row = book(desk, customer, designer)
    clock.shift(dt.timedelta(minutes=5))
    change(desk, row, time=TWO)
    clock.shift(dt.timedelta(minutes=6))
    assert subjects() == []  # the ten minutes are those of the latest act

    clock.shift(dt.timedelta(minutes=4))
    assert subjects() == ["예약했습니다: 3월 6일 금요일 오후 2:00"]


def test_moved_twice_tells_the_whole_way(customer, designer, desk, clock, arrived):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)
    change(desk, row, time=ELEVEN)
    change(desk, row, time=TWO)
    clock.shift(UNDO_WITHIN)

    (message,) = arrived()
    assert "이전: 3월 6일 금요일 오전 10:00" in message.body
    assert "일시: 3월 6일 금요일 오후 2:00" in message.body


def test_moved_and_moved_back_or_undone_is_nothing(customer, designer, desk, clock, subjects):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)
    change(desk, row, time=ELEVEN)
    change(desk, row, time=TEN)
    change(desk, row, time=TWO)
    take_back(desk, row)
    clock.shift(UNDO_WITHIN)

    assert subjects() == []
    assert not Mail.objects.exists()


@pytest.mark.parametrize("act", ["cancelled", "booked", "restored"])
def test_what_was_undone_was_never_told(act, customer, designer, desk, clock):
    if act == "booked":
        row = book(desk, customer, designer)
    elif act == "cancelled":
        row = ReservationFactory(customer=customer, designer=designer, date=DAY)
        cancel_reservation(by=desk, reservation=row, reason="고객 요청")
    else:
        row = ReservationFactory(customer=customer, designer=designer, date=DAY, trashed=True)
        services.restore(by=desk, reservation=row)
    assert Mail.objects.count() == 1

    take_back(desk, row)

    assert not Mail.objects.exists()


def test_booked_and_cancelled_at_the_desk_is_nothing(customer, designer, desk):
    row = book(desk, customer, designer)
    cancel(desk, row)

    assert not Mail.objects.exists()


def test_cancelled_and_restored_later_is_both(customer, designer, desk, clock, subjects):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)
    cancel(desk, row, reason="휴무")
    clock.shift(UNDO_WITHIN)
    assert subjects() == ["예약이 취소되었습니다: 3월 6일 금요일 오전 10:00"]

    services.restore(by=desk, reservation=row)
    clock.shift(UNDO_WITHIN)
    assert subjects() == ["취소되었던 예약을 다시 잡았습니다: 3월 6일 금요일 오전 10:00"]


def test_what_has_gone_already_is_followed_by_the_next(customer, designer, desk, clock, subjects):
    row = book(desk, customer, designer)
    clock.shift(UNDO_WITHIN)
    subjects()
    change(desk, row, time=TWO)
    change(own(customer), row, time=ELEVEN)  # before the desk's was told: from what the customer knew

    assert subjects() == ["예약을 바꾸었습니다: 3월 6일 금요일 오전 11:00"]
    clock.shift(UNDO_WITHIN)
    assert subjects() == []


def test_a_reservation_that_is_handed_over_is_told_to_both(customer, designer, desk, clock, arrived):
    heir, third = UserFactory(reachable=True), UserFactory(reachable=True)
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)
    change(desk, row, customer=heir)
    change(desk, row, customer=third)
    clock.shift(UNDO_WITHIN)

    assert sorted((message.to[0], message.subject[:5]) for message in arrived()) == sorted(
        [(customer.email, "예약이 취"), (third.email, "예약했습니")]
    )


def test_what_the_worker_is_sending_right_now_counts_as_told(customer, designer, app, arrived):
    row = book(app, customer, designer)
    booked = Mail.objects.get()
    lease = mail.claim(booked.pk)

    change(app, row, time=TWO)
    mail.put_back(booked.pk, lease, OSError())  # the server was away: it must not go out any more

    (message,) = arrived()
    assert message.subject == "예약이 바뀌었습니다: 3월 6일 금요일 오후 2:00"
    booked.refresh_from_db()
    assert (booked.last_error, booked.context, booked.failed_at) == ("withdrawn", None, timezone.now())


def test_the_system_tells_too(customer, designer, subjects):
    row = ReservationFactory(customer=customer, designer=designer, date=DAY)

    cancel(system(), row, reason="결제 기한이 지났습니다.")

    assert subjects() == ["예약이 취소되었습니다: 3월 6일 금요일 오전 10:00"]


# ---------------------------------------------------------------- many at once


def test_many_notices_take_as_many_queries_as_one(app, designer):
    def asked_for(count):
        for n in range(count):
            customer = UserFactory(reachable=True)
            ReservationFactory(customer=customer, designer=designer, date=DAY, time=dt.time(10 + n))
        with CaptureQueriesContext(connection) as asked:
            assert services.cancel(by=app, reservations=Reservation.objects.all(), skipping=True).changed == count
        return len(asked)

    assert asked_for(1) == asked_for(3)
    assert Mail.objects.count() == 4
