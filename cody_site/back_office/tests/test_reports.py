"""Each report against a small salon whose numbers were worked out by hand."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.actors import Actor, Door, system
from cody_site.back_office.reports import attendance, cancellations, clients, lead_time, revenue, revenue_by, seats
from cody_site.back_office.reports.catalogue import REPORTS
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Card, Figure, Kind
from payments.models import RefundState, State
from reservations.models import Reservation
from tests.factories import (
    ClientFactory,
    DesignerFactory,
    PaymentFactory,
    PolicyFactory,
    RefundFactory,
    ReservationFactory,
    TimeOffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
WEEK = Period(dt.date(2026, 2, 23), dt.date(2026, 3, 1))
TWO_DAYS = Period(dt.date(2026, 2, 28), dt.date(2026, 3, 1))  # a Saturday and a Sunday
SATURDAY, SUNDAY = TWO_DAYS.first, TWO_DAYS.last


def at(date, hour=12, minute=0):
    return timezone.make_aware(dt.datetime.combine(date, dt.time(hour, minute)))


def visit(date, designer, time="10:00", **more):
    more = {"capacity": 9} | more  # the factory numbers the seats of a day, not of an hour
    return ReservationFactory(date=date, designer=designer, time=dt.time.fromisoformat(time), **more)


def paid(amount, when, reservation=None, back=0, **more):
    state = State.CANCELLED if back == amount else State.PAID
    return PaymentFactory(
        amount=amount,
        paid_amount=amount,
        paid_at=when,
        reservation=reservation,
        refunded_amount=back,
        state=state,
        **more,
    )


def refund(payment, amount, when, **more):
    return RefundFactory(payment=payment, amount=amount, settled_at=when, **more)


def figures(report, period):
    return [(str(figure.title), figure.value) for figure in report.figures(period)]


def rows(table):
    return [tuple(str(cell) if number == 0 else cell for number, cell in enumerate(row)) for row in table.rows]


# ---- revenue


@pytest.fixture
def salon():
    """Saturday: 50,000 paid at 00:30, 20,000 of it refunded on Sunday. Sunday: 30,000 paid at 23:59 and all of it
    refunded on Monday at 00:00; 10,000 without a reservation. The visits are the other way round."""
    kim = DesignerFactory(user__name="김하늘", order=1)
    lee = DesignerFactory(user__name="이준호", order=2)
    early = paid(50_000, at(SATURDAY, 0, 30), visit(SUNDAY, kim, "14:00"), back=20_000)
    refund(early, 20_000, at(SUNDAY))
    late = paid(30_000, at(SUNDAY, 23, 59), visit(SATURDAY, lee), back=30_000)
    refund(late, 30_000, at(MONDAY, 0, 0))
    paid(10_000, at(SUNDAY))
    # nothing of these counts
    paid(7_000, at(SATURDAY - dt.timedelta(days=1), 23, 59))
    paid(9_000, at(MONDAY, 0, 0))
    PaymentFactory(failed=True, amount=99_000)
    refund(early, 5_000, at(SUNDAY), state=RefundState.FAILED)
    return kim, lee


@pytest.mark.usefixtures("salon")
def test_revenue_by_payment_date_is_what_came_on_a_day_less_what_went_on_it():
    table = revenue.BY_PAYMENT_DATE.table(TWO_DAYS)

    assert rows(table) == [
        ("2026-02-28", 1, 50_000, 0, 50_000),
        ("2026-03-01", 2, 40_000, 20_000, 20_000),
    ]
    assert table.total == [3, 90_000, 20_000, 70_000]
    assert figures(revenue.BY_PAYMENT_DATE, TWO_DAYS) == [("순매출", 70_000), ("결제액", 90_000), ("환불액", 20_000)]


@pytest.mark.usefixtures("salon")
def test_a_refund_counts_on_its_own_day_though_nothing_was_paid_on_it():
    monday = Period(MONDAY, MONDAY)

    assert rows(revenue.BY_PAYMENT_DATE.table(monday)) == [("2026-03-02", 1, 9_000, 30_000, -21_000)]


@pytest.mark.usefixtures("salon")
def test_revenue_by_visit_date_is_what_is_left_paid_for_the_visits_of_a_day():
    table = revenue.BY_VISIT_DATE.table(TWO_DAYS)

    assert rows(table) == [
        ("2026-02-28", 1, 30_000, 30_000, 0),
        ("2026-03-01", 1, 50_000, 20_000, 30_000),
    ]
    assert table.total == [2, 80_000, 50_000, 30_000]
    assert figures(revenue.BY_VISIT_DATE, TWO_DAYS) == [("순매출", 30_000), ("결제한 예약", 2)]


def test_money_left_with_a_cancelled_reservation_is_no_revenue_of_its_visit_date():
    row = visit(SATURDAY, DesignerFactory(), trashed=True)
    paid(50_000, at(SATURDAY), row)

    assert revenue.BY_VISIT_DATE.table(TWO_DAYS).total == [0, 0, 0, 0]
    assert revenue.BY_PAYMENT_DATE.table(TWO_DAYS).total == [1, 50_000, 0, 50_000]


def test_of_one_designer_only_that_designers_money_counts(salon):
    kim, lee = salon

    of_kim, of_lee = (Period(SATURDAY, MONDAY, designer) for designer in (kim, lee))
    assert revenue.BY_PAYMENT_DATE.table(of_kim).total == [1, 50_000, 20_000, 30_000]
    assert revenue.BY_PAYMENT_DATE.table(of_lee).total == [1, 30_000, 30_000, 0]
    assert revenue.BY_VISIT_DATE.table(of_kim).total == [1, 50_000, 20_000, 30_000]


@pytest.mark.usefixtures("salon")
def test_revenue_is_divided_by_designer_weekday_and_hour():
    assert rows(revenue_by.BY_DESIGNER.table(TWO_DAYS)) == [
        ("김하늘", 1, 50_000, 20_000, 30_000),
        ("이준호", 1, 30_000, 30_000, 0),
    ]
    assert rows(revenue_by.BY_WEEKDAY.table(TWO_DAYS)) == [
        *((day, 0, 0, 0, 0) for day in ("월요일", "화요일", "수요일", "목요일", "금요일")),
        ("토요일", 1, 30_000, 30_000, 0),
        ("일요일", 1, 50_000, 20_000, 30_000),
    ]
    assert rows(revenue_by.BY_HOUR.table(TWO_DAYS)) == [
        ("10:00–10:59", 1, 30_000, 30_000, 0),
        ("11:00–11:59", 0, 0, 0, 0),
        ("12:00–12:59", 0, 0, 0, 0),
        ("13:00–13:59", 0, 0, 0, 0),
        ("14:00–14:59", 1, 50_000, 20_000, 30_000),
    ]


def test_a_designer_who_has_left_and_a_customer_who_has_withdrawn_still_count():
    gone = DesignerFactory(user__gone=True, user__userid="old.hand", active=False)
    paid(40_000, at(SATURDAY), visit(SATURDAY, gone, customer=UserFactory(gone=True)))

    assert rows(revenue_by.BY_DESIGNER.table(TWO_DAYS)) == [("탈퇴한 디자이너 (old.hand)", 1, 40_000, 0, 40_000)]


def test_long_periods_are_told_month_by_month():
    paid(10_000, at(dt.date(2026, 1, 31), 23, 59))
    paid(20_000, at(dt.date(2026, 2, 1), 0, 0))

    assert rows(revenue.BY_PAYMENT_DATE.table(Period(dt.date(2026, 1, 1), dt.date(2026, 3, 4)))) == [
        ("2026-01-01", 1, 10_000, 0, 10_000),
        ("2026-02-01", 1, 20_000, 0, 20_000),
        ("2026-03-01", 0, 0, 0, 0),
    ]


# ---- seats


def test_utilisation_is_booked_seats_of_open_ones():
    kim = DesignerFactory(user__name="김하늘", max_per_hour=2, order=1)  # nine hours a day
    off = DesignerFactory(user__name="이준호", max_per_hour=1, order=2, hours=[(dt.time(10), dt.time(12))])
    # Saturday 10:00–11:15 off: at 10 nothing can begin, at 11 a consultation can at 11:30
    TimeOffFactory(designer=kim, starts_at=at(SATURDAY, 10), ends_at=at(SATURDAY, 11, 15))
    TimeOffFactory(designer=None, starts_at=at(SUNDAY, 14), ends_at=at(MONDAY, 0))  # Sunday afternoon, for both
    visit(SATURDAY, kim, "11:30")
    visit(SUNDAY, kim, "10:00")
    visit(SUNDAY, kim, "10:30")
    visit(SUNDAY, kim, "10:30", overbooked_by=UserFactory(staff=True), overbook_reason="단골")
    visit(SUNDAY, kim, "11:00", trashed=True)
    visit(SUNDAY, kim, "12:00", no_show_at=at(SUNDAY, 13))
    visit(SATURDAY, off, "10:00")

    # 김하늘: (9 - 1) × 2 on Saturday, 3 × 2 on Sunday; 이준호: 2 on each day
    assert rows(seats.BY_DESIGNER.table(TWO_DAYS)) == [("김하늘", 22, 4, 4 / 22), ("이준호", 4, 1, 1 / 4)]
    assert seats.BY_DESIGNER.table(TWO_DAYS).total == [26, 5, 5 / 26]
    assert figures(seats.BY_DESIGNER, TWO_DAYS) == [("가동률", 5 / 26), ("예약된 자리", 5), ("열린 자리", 26)]
    assert rows(seats.BY_WEEKDAY.table(TWO_DAYS)) == [("토요일", 18, 2, 2 / 18), ("일요일", 8, 3, 3 / 8)]
    by_hour = rows(seats.BY_HOUR.table(TWO_DAYS))
    assert by_hour[:3] == [("10:00–10:59", 4, 4, 1.0), ("11:00–11:59", 6, 1, 1 / 6), ("12:00–12:59", 4, 0, 0.0)]
    assert [row[1:] for row in by_hour[3:]] == [(2, 0, 0.0)] * 6  # Saturday's afternoon


def test_an_overbooked_hour_is_more_than_full():
    kim = DesignerFactory(max_per_hour=1, hours=[(dt.time(10), dt.time(11))])
    visit(SATURDAY, kim)
    visit(SATURDAY, kim, "10:30", overbooked_by=UserFactory(staff=True), overbook_reason="단골")

    assert seats.BY_DESIGNER.table(Period(SATURDAY, SATURDAY)).total == [1, 2, 2.0]


def test_who_takes_no_reservations_any_more_has_no_seats_and_fills_none():
    retired = DesignerFactory(active=False)
    visit(SATURDAY, retired)

    assert seats.BY_DESIGNER.table(TWO_DAYS).rows == []
    assert seats.BY_DESIGNER.table(TWO_DAYS).total == [0, 0, None]
    assert seats.BY_DESIGNER.table(Period(SATURDAY, SUNDAY, retired)).total == [0, 1, None]


# ---- attendance


def test_no_shows_and_late_cancellations_by_the_policys_notice(clock):
    PolicyFactory(cancel_notice_minutes=24 * 60)
    kim = DesignerFactory(user__name="김하늘", max_per_hour=9)
    clock.move_to(at(SUNDAY, 12, 30))
    visit(SATURDAY, kim)
    visit(SATURDAY, kim, no_show_at=at(SATURDAY, 11))
    visit(SUNDAY, kim, "12:30")
    visit(SUNDAY, kim, "13:00")  # is still to come
    visit(SUNDAY, kim, "00:30", trashed_at=at(SATURDAY, 0, 30))  # exactly a day before
    visit(SUNDAY, kim, "00:30", trashed_at=at(SATURDAY, 0, 31))
    visit(SUNDAY, kim, "10:00", trashed_at=at(SUNDAY, 12), trashed_by=UserFactory(staff=True))

    assert rows(attendance.REPORT.table(TWO_DAYS)) == [("김하늘", 3, 1, 1 / 3, 7, 2, 2 / 7)]
    assert figures(attendance.REPORT, TWO_DAYS) == [
        ("노쇼율", 1 / 3), ("늦은 취소율", 2 / 7), ("노쇼", 1), ("늦은 취소", 2),
    ]  # fmt: skip


# ---- clients


def test_new_clients_came_for_the_first_time_and_returning_ones_had_come_before():
    kim, lee = DesignerFactory(max_per_hour=9), DesignerFactory(max_per_hour=9)
    regular, fresh, missed = UserFactory(), UserFactory(), UserFactory()
    visit(SATURDAY - dt.timedelta(days=30), lee, customer=regular)
    visit(SATURDAY - dt.timedelta(days=30), kim, customer=missed, no_show_at=at(SATURDAY))
    visit(SATURDAY - dt.timedelta(days=30), kim, customer=fresh, trashed=True)
    visit(SATURDAY, kim, customer=regular)
    visit(SATURDAY, kim, customer=fresh)
    visit(SATURDAY, kim, "11:00", customer=fresh)
    visit(SUNDAY, kim, customer=fresh)
    visit(SUNDAY, kim, customer=missed)
    visit(SUNDAY, kim, customer=UserFactory(gone=True))
    visit(SUNDAY, kim, customer=UserFactory(), no_show_at=at(SUNDAY))
    visit(SUNDAY, kim, customer=UserFactory(), trashed=True)

    assert rows(clients.REPORT.table(TWO_DAYS)) == [("2026-02-28", 3, 1, 2), ("2026-03-01", 3, 2, 1)]
    assert figures(clients.REPORT, TWO_DAYS) == [("새 고객", 3), ("다시 온 고객", 1), ("방문한 고객", 4)]


# ---- lead time


def test_lead_time_is_counted_in_days_of_the_salons_calendar():
    kim = DesignerFactory(max_per_hour=9)
    for created in (
        at(SUNDAY, 0, 30),  # in UTC the day before
        at(SATURDAY, 23, 30),
        at(SUNDAY - dt.timedelta(days=3)),
        at(SUNDAY - dt.timedelta(days=40)),
        at(MONDAY),  # written down afterwards
    ):
        visit(SUNDAY, kim, customer=UserFactory(), created_at=created)
    visit(SUNDAY, kim, trashed=True, created_at=at(SATURDAY))

    assert [(row[0], row[1]) for row in rows(lead_time.REPORT.table(TWO_DAYS))] == [
        ("당일", 2), ("1일 전", 1), ("2–3일 전", 1), ("4–7일 전", 0), ("8–14일 전", 0), ("15–30일 전", 0),
        ("31일보다 전", 1),
    ]  # fmt: skip
    assert figures(lead_time.REPORT, TWO_DAYS) == [("예약에서 방문까지(중앙값)", 1.0)]


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle():
    kim = DesignerFactory(max_per_hour=9)
    for days in (0, 1, 4, 9):
        visit(SUNDAY, kim, customer=UserFactory(), created_at=at(SUNDAY - dt.timedelta(days=days)))

    assert figures(lead_time.REPORT, TWO_DAYS) == [("예약에서 방문까지(중앙값)", 2.5)]


# ---- cancellations


def test_who_cancels_is_the_customer_the_salon_an_app_or_nobody(clock):
    kim = DesignerFactory(max_per_hour=9)
    boss = UserFactory(staff=True)
    mine, *others = (visit(MONDAY + dt.timedelta(days=3), kim, customer=UserFactory()) for _ in range(5))
    clock.move_to(at(SATURDAY, 0, 30))  # in UTC the day before
    for row, by in zip(
        [mine, *others],
        [Actor(Door.PAGES, user=mine.customer), Actor(Door.ADMIN, user=boss), Actor(Door.ADMIN, user=kim.user),
         Actor(Door.API, client=ClientFactory()), system()],
        strict=True,
    ):  # fmt: skip
        Reservation.objects.filter(pk=row.pk).trash(by=by)
    clock.move_to(at(SUNDAY, 23, 59))
    late = visit(MONDAY, kim, customer=UserFactory())
    Reservation.objects.filter(pk=late.pk).trash(by=Actor(Door.ADMIN, user=boss))
    clock.move_to(at(MONDAY, 0, 0))
    next_day = visit(TUESDAY, kim)
    Reservation.objects.filter(pk=next_day.pk).trash(by=Actor(Door.ADMIN, user=boss))

    assert rows(cancellations.REPORT.table(TWO_DAYS)) == [
        ("고객", 1, 1 / 6, 0), ("살롱", 3, 3 / 6, 1), ("연결된 앱", 1, 1 / 6, 0), ("자동", 1, 1 / 6, 0),
    ]  # fmt: skip
    assert cancellations.REPORT.table(TWO_DAYS).total == [6, 1.0, 1]
    assert figures(cancellations.REPORT, TWO_DAYS) == [("취소", 6), ("고객이 취소", 1 / 6)]


# ---- all of them


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_a_salon_without_anything_has_empty_reports(report):
    table = report.table(WEEK)

    assert table.is_empty
    assert [figure.value or 0 for figure in report.figures(WEEK)] == [0] * len(list(report.figures(WEEK)))


@pytest.mark.parametrize(
    ("kind", "now", "before", "change"),
    [
        (Kind.WON, 1_120_000, 1_000_000, "+12 %"),
        (Kind.WON, 500_000, 1_000_000, "-50 %"),
        (Kind.COUNT, 3, 3, "±0"),
        (Kind.COUNT, 3, 0, ""),
        (Kind.WON, 3, -5, ""),
        (Kind.SHARE, 0.5, 0.475, "+2.5 %p"),
        (Kind.SHARE, 0.5, None, ""),
        (Kind.DAYS, 2.5, 4.0, "-1.5일"),
    ],
)
def test_a_figure_is_compared_with_the_period_before(kind, now, before, change):
    assert Card(Figure("", kind, now), Figure("", kind, before)).change == change


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2026-02-01", "2026-02-28", "2026-01-01 – 2026-01-31"),
        ("2026-03-01", "2026-03-03", "2026-02-26 – 2026-02-28"),
        ("2026-02-23", "2026-03-01", "2026-02-16 – 2026-02-22"),
    ],
)
def test_before_a_month_comes_a_month_and_before_days_as_many_days(first, last, before):
    assert str(Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last)).before) == before
