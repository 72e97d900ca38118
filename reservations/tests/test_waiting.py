"""Waiting for a seat: who is offered one, and who gets it meanwhile."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import mail
from accounts import services as account_services
from accounts.actors import Actor, Door
from accounts.hours import Availability
from accounts.models import Designer, Mail, User
from cody_site.errors import Forbidden
from reservations import services, tasks, waiting
from reservations.errors import (
    AddressNotConfirmed,
    HourFull,
    NotAvailable,
    StillFree,
    TimePassed,
    TooFarAhead,
    TooManyWaits,
)
from reservations.models import PASSING_ON, Reservation, Wait
from reservations.undoing import undo
from tests.factories import (
    ClientFactory,
    DesignerFactory,
    PolicyFactory,
    ReservationFactory,
    TimeOffFactory,
    UserFactory,
    WaitFactory,
)

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 5)
TEN = dt.time(10)
SEOUL = ZoneInfo("Asia/Seoul")


def book(customer, designer, *, by=None, door=Door.PAGES, time=TEN):
    return services.book(by=Actor(door, user=by or customer), customer=customer, designer=designer, date=DAY, time=time)


# ---------------------------------------------------------------- what may be true


@pytest.mark.parametrize(
    "broken",
    [
        {"offered_at": timezone.now()},
        {"offered_time": dt.time(10), "offered_until": timezone.now()},
        {"ended_at": timezone.now()},
        {"ended_as": "left"},
        {"ended_at": timezone.now(), "ended_as": "vanished"},
    ],
)
def test_the_database_refuses(broken):
    wait = WaitFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Wait.objects.filter(pk=wait.pk).update(**broken)


def test_one_live_wait_for_a_day_and_a_designer_or_for_anyone():
    ours, hers = WaitFactory(), WaitFactory(designer=DesignerFactory())

    for wait in (ours, hers):
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitFactory(customer=wait.customer, designer=wait.designer)
        WaitFactory(customer=wait.customer, designer=wait.designer, over=True)


def test_one_offer_at_a_time_for_a_customer_and_a_day_and_of_whom_was_asked_for():
    wait = WaitFactory(held=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        WaitFactory(customer=wait.customer, designer=DesignerFactory(), held=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitFactory(designer=DesignerFactory(), held=True, offered_designer=DesignerFactory())


# ---------------------------------------------------------------- a seat that is held


def test_a_held_seat_is_its_customers_alone_for_as_long_as_the_offer_holds(clock):
    designer = DesignerFactory(max_per_hour=2)
    ReservationFactory(designer=designer, date=DAY)
    wait = WaitFactory(designer=designer, held=True, date=DAY)

    with pytest.raises(HourFull):
        book(UserFactory(), designer, time=dt.time(10, 30))
    mine = book(wait.customer, designer)

    assert (mine.seat, mine.capacity) == (2, 2)


def test_a_held_seat_is_everybodys_once_the_offer_is_over(clock):
    designer = DesignerFactory(max_per_hour=1)
    WaitFactory(designer=designer, held=True, date=DAY)
    clock.shift(dt.timedelta(minutes=30))

    assert book(UserFactory(), designer).seat == 1


def test_nobody_moves_into_a_held_seat_but_the_desk_takes_it_knowingly():
    designer, boss = DesignerFactory(max_per_hour=1), UserFactory(staff=True)
    WaitFactory(designer=designer, held=True, date=DAY)
    row = ReservationFactory(designer=designer, date=DAY, time=dt.time(15))
    change = {"reservations": type(row).objects.filter(pk=row.pk), "data": services.Change(time=TEN)}

    for by in (Actor(Door.PAGES, user=row.customer), Actor(Door.API, user=boss)):
        with pytest.raises(HourFull):
            services.change(by=by, **change)
    assert services.change(by=Actor(Door.ADMIN, user=boss), **change).changed == 1


def test_held_seats_are_counted_by_hour_but_for_ones_own(django_assert_num_queries):
    designer = DesignerFactory()
    wait = WaitFactory(designer=designer, held=True, date=DAY)
    WaitFactory(designer=designer, held=True, date=DAY, offered_time=dt.time(10, 30))
    WaitFactory(designer=designer, held=True, date=DAY, offered_until=timezone.now())
    WaitFactory(designer=designer, held=True, date=DAY, over=True)
    WaitFactory(designer=designer, held=True, date=DAY + dt.timedelta(days=1))

    with django_assert_num_queries(1):
        assert Designer.objects.all().held_by_hour(DAY, DAY) == {(designer.pk, DAY, 10): 2}
    assert Designer.objects.all().held_by_hour(DAY, DAY, but_for=wait.customer) == {(designer.pk, DAY, 10): 1}
    assert Availability([designer]).left(designer, dt.datetime.combine(DAY, TEN)) == 2
    assert Availability([designer], wait.customer).left(designer, dt.datetime.combine(DAY, TEN)) == 3


# ---------------------------------------------------------------- standing in line


@pytest.fixture
def full():
    """A designer with one hour a day and one seat in it, which is taken."""
    designer = DesignerFactory(max_per_hour=1, slot_minutes=60, hours=[(TEN, dt.time(11))], user__name="민지")
    designer.taken = ReservationFactory(designer=designer, date=DAY)
    return designer


@pytest.fixture
def me():
    return UserFactory(name="홍길동", reachable=True)


def join(customer, designer=None, date=DAY):
    return waiting.join(by=Actor(Door.PAGES, user=customer), date=date, designer=designer)


def give_back(designer):
    app = Actor(Door.API, client=ClientFactory())
    services.cancel(by=app, reservations=Reservation.objects.filter(pk=designer.taken.pk))


def test_a_customer_stands_in_line_once_for_a_day_and_whom(me, full):
    for_anyone, again, for_her = join(me), join(me), join(me, full)

    assert for_anyone == again != for_her
    assert list(me.waits.in_line()) == [for_anyone, for_her]


@pytest.mark.parametrize(
    ("date", "refusal"),
    [
        (dt.date(2026, 3, 2), TimePassed),
        (dt.date(1, 1, 1), TimePassed),
        (dt.date(2026, 5, 3), TooFarAhead),
        (dt.date(9999, 12, 31), TooFarAhead),
        (DAY + dt.timedelta(days=1), StillFree),
    ],
)
def test_only_for_a_day_that_one_could_reserve_and_that_is_full(date, refusal, me, full):
    for designer in (full, None):
        with pytest.raises(refusal):
            join(me, designer, date)


def test_nobody_waits_for_a_designer_who_does_not_work_that_day(me, full):
    with pytest.raises(NotAvailable):
        join(me, DesignerFactory(hours=[]))


def test_five_waits_at_a_time_and_only_by_customers_who_can_be_mailed(me, full):
    ReservationFactory(designer=full, date=DAY + dt.timedelta(days=1), seat=1)
    for n in range(waiting.MOST):
        WaitFactory(customer=me, date=DAY + dt.timedelta(days=2 + n))

    with pytest.raises(TooManyWaits):
        join(me)
    with pytest.raises(AddressNotConfirmed):
        join(UserFactory())
    with pytest.raises(Forbidden):
        join(UserFactory(staff=True, reachable=True))


# ---------------------------------------------------------------- offers


def test_who_is_first_in_line_is_offered_what_becomes_free_and_it_is_held(me, full, mailoutbox):
    first = join(me)
    join(UserFactory(reachable=True), full)
    assert waiting.offer_seats() == 0
    give_back(full)

    assert (waiting.offer_seats(), waiting.offer_seats()) == (1, 0)

    first.refresh_from_db()
    assert (first.offered_designer, first.offered_start) == (full, dt.datetime.combine(DAY, TEN))
    assert first.answer_by == timezone.now() + dt.timedelta(minutes=30)
    mail.send_due()
    message = next(message for message in mailoutbox if "빈자리" in message.subject)
    assert (message.to, message.subject) == ([me.email], "빈자리가 났습니다: 3월 5일 목요일 오전 10:00")
    assert f"/my/waits/{first.pk}/" in message.body
    assert "3월 3일 화요일 오전 9:30까지 예약하지 않으시면" in message.body
    with pytest.raises(HourFull):
        book(UserFactory(), full)
    assert book(me, full).seat == 1
    first.refresh_from_db()
    assert first.ended_as == "booked"


def test_an_offer_that_lapses_passes_to_the_next_and_nobody_slips_in_between(me, full, clock):
    first, second = join(me, full), join(UserFactory(reachable=True))
    give_back(full)
    waiting.offer_seats()

    clock.shift(dt.timedelta(minutes=30, seconds=59))  # the beat comes each minute
    with pytest.raises(HourFull):
        book(UserFactory(), full)
    assert waiting.offer_seats() == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ended_as, first.is_offered, second.is_offered) == ("lapsed", False, True)
    clock.shift(dt.timedelta(minutes=30) + PASSING_ON)
    assert book(UserFactory(), full)  # also when no worker comes


def test_who_leaves_passes_the_seat_on_and_gets_no_mail_any_more(me, full):
    wait, second = join(me), join(UserFactory(reachable=True))
    give_back(full)
    waiting.offer_seats()
    assert Mail.objects.filter(template="wait_offer", user=me).exists()

    waiting.leave(by=Actor(Door.PAGES, user=UserFactory()), wait=wait)
    assert me.waits.live().exists()
    waiting.leave(by=Actor(Door.PAGES, user=me), wait=wait)
    waiting.leave(by=Actor(Door.PAGES, user=me), wait=wait)

    assert not Mail.objects.filter(template="wait_offer", user=me).exists()
    assert waiting.offer_seats() == 1
    second.refresh_from_db()
    assert second.is_offered


def test_the_offer_is_shorter_when_the_time_is_near_and_none_when_it_is_too_near(me, full, clock):
    wait = WaitFactory(customer=me, date=DAY)
    give_back(full)
    clock.move_to(dt.datetime(2026, 3, 5, 8, 56, tzinfo=SEOUL))  # at 9 the salon takes no more reservations for 10
    assert waiting.offer_seats() == 0

    clock.move_to(dt.datetime(2026, 3, 5, 8, 40, tzinfo=SEOUL))
    assert waiting.offer_seats() == 1
    wait.refresh_from_db()
    assert wait.answer_by == dt.datetime(2026, 3, 5, 9, 0, tzinfo=SEOUL)


@pytest.mark.parametrize("now", [dt.datetime(2026, 3, 3, 22), dt.datetime(2026, 3, 4, 7, 59)])
def test_what_is_offered_at_night_can_be_taken_in_the_morning(now, me, full, clock):
    wait = WaitFactory(customer=me, date=DAY)
    give_back(full)
    clock.move_to(now.replace(tzinfo=SEOUL))

    waiting.offer_seats()

    wait.refresh_from_db()
    assert wait.answer_by == dt.datetime(2026, 3, 4, 8, 30, tzinfo=SEOUL)


def test_as_many_are_offered_as_there_are_seats_and_each_customer_one_a_day(me, clock):
    designer = DesignerFactory(max_per_hour=2, slot_minutes=60, hours=[(TEN, dt.time(11))])
    for wait in [WaitFactory(customer=me, date=DAY, designer=who) for who in (None, designer)]:
        assert wait
    WaitFactory(date=DAY)
    WaitFactory(date=DAY)

    assert waiting.offer_seats() == 2
    assert Wait.objects.holding().values("customer").distinct().count() == 2


@pytest.mark.parametrize("cause", ["time off removed", "limit raised", "moved away", "withdrawal"])
def test_whatever_frees_a_seat_leads_to_an_offer(cause, me, full):
    off = TimeOffFactory(
        designer=full, starts_at=dt.datetime(2026, 3, 4, tzinfo=SEOUL), ends_at=dt.datetime(2026, 3, 7, tzinfo=SEOUL)
    )
    wait = WaitFactory(customer=me, designer=full, date=DAY)
    assert waiting.offer_seats() == 0

    if cause != "time off removed":
        off.delete()
        assert waiting.offer_seats() == 0
    if cause == "limit raised":
        Designer.objects.update(max_per_hour=2)
    elif cause == "moved away":
        app = Actor(Door.API, client=ClientFactory())
        data = services.Change(date=DAY + dt.timedelta(days=1))
        services.change(by=app, reservations=Reservation.objects.filter(pk=full.taken.pk), data=data)
    elif cause == "withdrawal":
        leaver = full.taken.customer
        account_services.withdraw(by=Actor(Door.PAGES, user=leaver), users=User.objects.filter(pk=leaver.pk))
    else:
        give_back(full)
        assert waiting.offer_seats() == 0
        off.delete()

    assert waiting.offer_seats() == 1
    wait.refresh_from_db()
    assert wait.is_offered


@pytest.mark.parametrize(
    "why", ["too many reservations", "is elsewhere then", "not confirmed any more", "designer gone", "day over"]
)
def test_who_could_not_take_it_is_passed_over(why, me, full, clock):
    wait = WaitFactory(customer=me, designer=full, date=DAY)
    other = WaitFactory(designer=full, date=DAY)
    give_back(full)
    if why == "too many reservations":
        PolicyFactory(open_reservations=1)
        ReservationFactory(customer=me, date=DAY + dt.timedelta(days=1))
    elif why == "is elsewhere then":
        ReservationFactory(customer=me, date=DAY)
    elif why == "not confirmed any more":
        User.objects.filter(pk=me.pk).update(email_confirmed_at=None)
    elif why == "designer gone":
        Wait.objects.filter(pk=wait.pk).update(designer=DesignerFactory(active=False))
    else:
        Wait.objects.filter(pk=wait.pk).update(date=dt.date(2026, 3, 2))

    assert waiting.offer_seats() == 1
    wait.refresh_from_db()
    other.refresh_from_db()
    assert (wait.is_offered, other.is_offered) == (False, True)
    assert wait.ended_as == ("over" if why == "day over" else "")


@pytest.mark.parametrize("how", ["booked", "moved there", "booked at the desk"])
def test_a_seat_on_that_day_however_got_ends_the_wait(how, me, full):
    other = DesignerFactory()
    waits = {who: WaitFactory(customer=me, designer=who, date=DAY) for who in (None, full, other)}
    boss = UserFactory(staff=True)
    if how == "booked":
        book(me, other)
    elif how == "booked at the desk":
        book(me, other, by=boss, door=Door.ADMIN)
    else:
        row = ReservationFactory(customer=me, designer=other, date=DAY + dt.timedelta(days=2))
        services.change(
            by=Actor(Door.PAGES, user=me),
            reservations=Reservation.objects.filter(pk=row.pk),
            data=services.Change(date=DAY),
        )

    for wait in waits.values():
        wait.refresh_from_db()
    assert [wait.ended_as for wait in waits.values()] == ["booked", "", "booked"]


def test_who_withdraws_waits_for_nothing(me):
    WaitFactory(customer=me, held=True)

    account_services.withdraw(by=Actor(Door.PAGES, user=me), users=User.objects.filter(pk=me.pk))

    assert not Wait.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_tells_the_worker_to_look_when_somebody_waits(full, monkeypatch):
    sent = []
    monkeypatch.setattr(waiting.current_app, "send_task", lambda name, **options: sent.append(name))
    give_back(full)
    assert "reservations.tasks.offer_seats" not in sent

    WaitFactory(date=DAY)
    full.taken = ReservationFactory(designer=full, date=DAY)
    give_back(full)
    assert "reservations.tasks.offer_seats" in sent


def test_who_waits_for_a_full_day_keeps_nobody_from_being_offered_another(full, monkeypatch):
    """However many do, and for however long."""
    tried = []
    monkeypatch.setattr(waiting, "AT_ONCE", 2)
    for _ in range(3):
        WaitFactory(date=DAY)
        WaitFactory(date=DAY + dt.timedelta(days=1), customer__email_confirmed_at=None)
    last = WaitFactory(date=DAY + dt.timedelta(days=1))
    offer = waiting.offer
    monkeypatch.setattr(waiting, "offer", lambda **given: tried.append(given["wait"]) or offer(**given))

    assert waiting.offer_seats() == 1

    assert tried == [last]


def test_who_loses_a_held_seat_to_the_desk_stands_where_they_stood(me, full):
    """Cancelled at the desk, offered, and taken back at the desk."""
    desk = Actor(Door.ADMIN, user=UserFactory(staff=True))
    wait, behind = WaitFactory(customer=me, date=DAY), WaitFactory(date=DAY)
    services.cancel(by=desk, reservations=Reservation.objects.filter(pk=full.taken.pk))
    assert waiting.offer_seats() == 1

    undo(by=desk, move=full.taken.moves.select_related("reservation").latest("pk"))

    wait.refresh_from_db()
    assert (wait.is_offered, wait.offered_at, wait.ended_as) == (False, None, "")
    assert not Mail.objects.filter(template="wait_offer").exists()
    assert waiting.offer_seats() == 0
    give_back(full)
    waiting.offer_seats()
    assert list(Wait.objects.holding()) == [wait] != [behind]


def test_the_desk_takes_the_seat_of_whom_it_is_offered_to_from_nobody(me):
    designer = DesignerFactory(max_per_hour=2)
    mine = WaitFactory(customer=me, designer=designer, held=True, date=DAY)
    other = WaitFactory(designer=designer, held=True, date=DAY)
    boss = UserFactory(staff=True)

    book(me, designer, by=boss, door=Door.ADMIN)
    book(UserFactory(), designer, by=boss, door=Door.ADMIN)

    for wait in (mine, other):
        wait.refresh_from_db()
    assert (mine.ended_as, other.ended_as, other.offered_at) == ("booked", "", None)


@pytest.mark.parametrize("count", [1, 3])
def test_looking_takes_a_constant_number_of_queries_while_nothing_is_free(count, full, django_assert_num_queries):
    for _ in range(count):
        WaitFactory(date=DAY)

    with django_assert_num_queries(11):
        assert waiting.offer_seats() == 0


def test_waits_for_days_long_over_are_forgotten():
    old = dt.date(2025, 12, 1)
    kept = [WaitFactory(date=DAY, over=True), WaitFactory(date=old)]
    WaitFactory(date=old, over=True)

    tasks.keep_house()

    assert list(Wait.objects.all()) == kept
