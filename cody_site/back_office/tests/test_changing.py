"""Moving, cancelling and a sudden absence."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor, Door
from accounts.models import TimeOff
from accounts.services import note_absence
from cody_site.back_office.tests.conftest import TODAY
from cody_site.errors import Forbidden
from payments.models import Payment
from reservations import services
from reservations.models import Reservation
from tests.factories import DesignerFactory, PaymentFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

SICK = reverse("back_office:sick_day")


def url(name, row):
    return reverse(f"back_office:{name}", args=[row.pk])


def told(page):
    return [str(message) for message in page.context["messages"]]


@pytest.fixture
def row(designer):
    return ReservationFactory(
        designer=designer, date=TODAY, time=dt.time(10), customer__name="강예린", customer__pn="+821012345678"
    )


# ---------------------------------------------------------------- moving


def test_only_free_times_are_listed_the_own_one_among_them(browser, designer, row):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(11))

    times = browser(designer.user).get(url("move", row)).context["times"]

    assert [choice.value for choice in times if choice.open][:3] == ["10:00", "10:30", "12:00"]


def test_a_reservation_is_moved(desk, designer, row):
    other = DesignerFactory(user__name="이준호")

    page = desk.post(url("move", row), {"designer": other.pk, "date": "2026-03-05", "time": "15:00"}, follow=True)

    row.refresh_from_db()
    assert (row.designer, row.start) == (other, dt.datetime(2026, 3, 5, 15))
    assert told(page) == ["강예린님의 예약을 옮겼습니다: 03-05 15:00"]
    assert page.redirect_chain == [(f"/admin/?date=2026-03-05#r{row.pk}", 302)]


def test_a_full_hour_is_taken_with_a_reason_only(desk, boss, designer, row):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(11))
    place = {"designer": designer.pk, "date": "2026-03-03", "time": "11:00"}

    assert told(desk.post(url("move", row), place)) == ["그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요."]
    desk.post(url("move", row), place | {"overbook_reason": "단골"})

    row.refresh_from_db()
    assert (row.time, row.overbooked_by, row.overbook_reason) == (dt.time(11), boss, "단골")


def test_a_designer_overbooks_nobody(browser, designer, row):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(11))
    place = {"designer": designer.pk, "date": "2026-03-03", "time": "11:00", "overbook_reason": "x"}

    page = browser(designer.user).post(url("move", row), place)

    assert told(page) == ["정원을 넘겨 예약할 권한이 없습니다."]


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"time": "x"},
        {"designer": "0"},
        {"designer": "9" * 30},
        {"date": "x"},
        {"date": "9999-12-31"},
        {"time": "03:00"},
    ],
)
def test_nonsense_moves_nothing(desk, designer, row, nonsense):
    place = {"designer": designer.pk, "date": "2026-03-03", "time": "15:00"} | nonsense if nonsense else {}

    assert desk.post(url("move", row), place).status_code == 200
    row.refresh_from_db()
    assert row.time == dt.time(10)


@pytest.mark.parametrize(
    "asked", [{"date": "x", "designer": "y"}, {"date": "2026-03-05", "designer": "9" * 30}, {"date": "1"}]
)
def test_another_day_is_looked_at_or_the_same_again(desk, row, asked):
    assert desk.get(url("move", row), asked).status_code == 200


# ---------------------------------------------------------------- cancelling


def test_the_refund_is_shown_before_and_made_after_the_click(paying, desk, designer):
    row = ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))
    payment = PaymentFactory(reservation=row, payer=row.customer, amount=30_000)
    payment.imp_uid = paying.charge(payment.payment_uid, 30_000).json()["response"]["imp_uid"]
    payment.save()

    page = desk.get(url("cancel", row))
    assert page.context["refund"] == "카드로 결제된 30,000원을 모두 환불합니다."
    page = desk.post(url("cancel", row), {"reason": "고객 요청"}, follow=True)

    row.refresh_from_db()
    assert (row.trashed_at is not None, row.cancel_reason) == (True, "고객 요청")
    assert told(page)[1] == "30,000원을 환불했습니다."
    assert paying.moved(payment.payment_uid) == [("charge", 30_000), ("refund", 30_000)]


def test_without_a_reason_nothing_is_cancelled(desk, row):
    page = desk.post(url("cancel", row), {"reason": " "})

    assert page.context["form"].errors == {"reason": ["이 필드는 필수 항목입니다."]}
    assert Reservation.objects.live().exists()


def test_a_designer_reads_that_it_goes_back_but_not_how_much(browser, designer, row):
    PaymentFactory(reservation=row, payer=row.customer, amount=30_000)

    page = browser(designer.user).get(url("cancel", row))

    assert page.context["refund"] == "결제된 금액은 모두 환불됩니다."
    assert "30,000" not in page.content.decode()


def test_a_designer_is_not_told_afterwards_either(paying, browser, designer):
    rows = [ReservationFactory(designer=designer, date=TODAY, time=dt.time(hour)) for hour in (10, 11)]
    for row in rows:
        payment = PaymentFactory(reservation=row, payer=row.customer, amount=30_000)
        payment.imp_uid = paying.charge(payment.payment_uid, 30_000).json()["response"]["imp_uid"]
        payment.save()
    own = browser(designer.user)

    one = own.post(url("cancel", rows[0]), {"reason": "x"}, follow=True)
    other = own.post(SICK, absence(designer, execute="1") | {f"plan-{rows[1].pk}": "cancel"})

    assert told(one)[1] == "결제를 환불했습니다."
    assert [shown.result for shown in other.context["touched"]] == ["취소했습니다. 결제를 환불했습니다."]
    assert "30,000" not in one.content.decode() + other.content.decode()


@pytest.mark.parametrize("name", ["move", "cancel"])
def test_what_was_cancelled_meanwhile_is_told(desk, boss, row, name):
    services.cancel(by=Actor(Door.API, user=boss), reservations=Reservation.objects.all())

    for answer in (desk.get(url(name, row), follow=True), desk.post(url(name, row), {"reason": "x"}, follow=True)):
        assert answer.redirect_chain == [(f"/admin/?date=2026-03-03#r{row.pk}", 302)]
        assert told(answer) == ["그 사이에 취소되었거나 바꿀 수 없게 된 예약입니다."]


def test_money_of_a_virtual_account_needs_all_of_an_account_or_waits(desk, row):
    PaymentFactory(reservation=row, payer=row.customer, amount=30_000, account=True)

    half = desk.post(url("cancel", row), {"reason": "x", "holder": "강예린"})
    assert half.context["form"].non_field_errors() == [
        "환불 계좌는 예금주, 은행, 계좌번호를 모두 적거나 모두 비워 주세요."
    ]
    page = desk.post(url("cancel", row), {"reason": "x"}, follow=True)
    assert told(page)[-1] == "환불이 아직 끝나지 않았습니다. ‘확인이 필요한 돈’에서 볼 수 있습니다."
    assert Payment.objects.alarming().count() == 1


def test_what_has_begun_only_an_administrator_cancels(browser, desk, designer, row):
    Reservation.objects.update(status=2)

    page = browser(designer.user).post(url("cancel", row), {"reason": "x"})
    assert page.context["form"].non_field_errors() == ["취소 마감이 지났습니다. 살롱에 전화해 주세요."]
    assert desk.post(url("cancel", row), {"reason": "x"}).status_code == 302


# ---------------------------------------------------------------- a sudden absence


def absence(designer, **more):
    return {
        "designer": designer.pk, "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T23:59", "reason": "몸살",
    } | more  # fmt: skip


def test_a_sick_day_is_previewed_and_carried_out_one_by_one(desk, designer):
    other = DesignerFactory(user__name="이준호", max_per_hour=1)
    moved, cancelled, left, stuck = (
        ReservationFactory(designer=designer, date=TODAY, time=dt.time(hour)) for hour in (10, 11, 12, 14)
    )
    ReservationFactory(designer=other, date=TODAY, time=dt.time(14))
    ReservationFactory(designer=designer, date=TODAY + dt.timedelta(days=1), time=dt.time(10))
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(15), trashed=True)
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(16), status=4)

    shown = desk.post(SICK, absence(designer)).context["touched"]
    assert [(one.row, one.others) for one in shown] == [
        (moved, [other]), (cancelled, [other]), (left, [other]), (stuck, []),
    ]  # fmt: skip
    assert not TimeOff.objects.exists()

    plans = {f"plan-{moved.pk}": f"move-{other.pk}", f"plan-{cancelled.pk}": "cancel",
             f"plan-{left.pk}": "leave", f"plan-{stuck.pk}": f"move-{other.pk}"}  # fmt: skip
    page = desk.post(SICK, absence(designer, execute="1", **plans))

    assert [one.result for one in page.context["touched"]] == [
        "이준호 디자이너에게 옮겼습니다.", "취소했습니다.", "그대로 두었습니다.",
        "그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요.",
    ]  # fmt: skip
    moved.refresh_from_db()
    cancelled.refresh_from_db()
    assert (moved.designer, cancelled.cancel_reason) == (other, "몸살")
    assert TimeOff.objects.get().reason == "몸살"


def test_an_absence_that_is_told_twice_is_written_once(desk, designer):
    for _ in range(2):
        desk.post(SICK, absence(designer, execute="1"))

    assert TimeOff.objects.count() == 1


def test_an_absence_is_written_by_whose_it_is_or_by_account_managers(designer):
    def note(by):
        starts_at = timezone.now()
        off = TimeOff(designer=designer, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=1), reason="몸살")
        note_absence(by=Actor(Door.ADMIN, user=by), absence=off)

    for stranger in (DesignerFactory().user, UserFactory(finance=True), UserFactory()):
        with pytest.raises(Forbidden):
            note(stranger)
    note(designer.user)
    assert TimeOff.objects.get().designer == designer


def test_one_that_fails_says_why_and_stops_nothing(desk, designer):
    other = DesignerFactory(max_per_hour=4)
    twice = ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))
    then = ReservationFactory(designer=designer, date=TODAY, time=dt.time(11))
    ReservationFactory(designer=other, date=TODAY, time=dt.time(10), customer=UserFactory())
    shown = desk.post(SICK, absence(designer)).context["touched"]
    assert [one.others for one in shown] == [[other], [other]]
    twice.customer.withdrawn_at = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    twice.customer.name = twice.customer.pn = twice.customer.email = ""
    twice.customer.birth = None
    twice.customer.save()

    plans = {f"plan-{row.pk}": f"move-{other.pk}" for row in (twice, then)}
    page = desk.post(SICK, absence(designer, execute="1", **plans))

    assert [(one.failed, one.row.pk) for one in page.context["touched"]] == [(True, twice.pk), (False, then.pk)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_at": "2026-03-03T08:00"}, "ends_at"), ({"starts_at": "x"}, "starts_at"), ({"reason": ""}, "reason"),
        ({"ends_at": "2026-12-03T08:00"}, "ends_at"), ({"designer": "0"}, "designer"),
        ({"designer": "9" * 30}, "designer"),
        ({"reason": "x" * 257}, "reason"),
        ({"starts_at": "2026-03-01T08:00", "ends_at": "2026-03-02T08:00"}, "ends_at"),
    ],
)  # fmt: skip
def test_an_absence_that_makes_no_sense_is_told(desk, designer, wrong, field):
    page = desk.post(SICK, absence(designer, execute="1") | wrong)

    assert list(page.context["form"].errors) == [field]
    assert not TimeOff.objects.exists()


def test_a_designer_is_absent_for_nobody_else(browser, designer):
    other = DesignerFactory()

    assert list(browser(designer.user).post(SICK, absence(other)).context["form"].errors) == ["designer"]
    assert browser(UserFactory(finance=True)).get(SICK).status_code == 403


def test_a_long_absence_takes_as_many_queries_as_a_short_one(desk, designer, django_assert_max_num_queries):
    DesignerFactory()
    for day in range(6):
        for hour in (10, 11, 12):
            ReservationFactory(designer=designer, date=TODAY + dt.timedelta(days=day), time=dt.time(hour))
    desk.get(SICK)

    with django_assert_max_num_queries(20):
        page = desk.post(SICK, absence(designer, ends_at="2026-03-20T10:00"))

    assert len(page.context["touched"]) == 18
