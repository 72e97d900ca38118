"""The first screen: the day as the salon's people see it."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import make_aware as at

from accounts.models import Designer
from cody_site.back_office.tests.conftest import TODAY
from payments.models import State
from reservations.models import Reservation
from tests.factories import (
    ClientNoteFactory,
    CommentFactory,
    DesignerFactory,
    PaymentFactory,
    PhotoFactory,
    PostFactory,
    ReservationFactory,
    ReservationPhotoFactory,
    TimeOffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = reverse("back_office:day")


def cards(page):
    return {card.label: card.value for card in page.context["cards"]}


def words(page, tag):
    """What a reader of the page reads in these tags, without the markup in them."""
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", text).split()) for text in found]


def test_the_admin_begins_with_the_day(desk):
    page = desk.get("/admin/")

    assert page.status_code == 200
    assert words(page, "h1")[-1].startswith("2026년 3월 3일 화요일")
    assert reverse("admin:index") == DAY


def test_the_cards_count_the_day(desk, designer):
    day = {"designer": designer, "date": TODAY}
    ReservationFactory(**day, time=dt.time(10))
    ReservationFactory(**day, time=dt.time(11), status=2)
    paid = ReservationFactory(**day, time=dt.time(12), status=4)
    ReservationFactory(**day, time=dt.time(14), no_show_at=timezone.now())
    ReservationFactory(**day, time=dt.time(15), trashed=True)
    ReservationFactory(designer=designer, date=TODAY + dt.timedelta(days=1))
    PaymentFactory(reservation=paid, payer=paid.customer, amount=30_000, refunded_amount=10_000)
    waiting = Reservation.objects.get(date=TODAY, status=2)
    PaymentFactory(reservation=waiting, payer=waiting.customer, amount=50_000, account=True, state=State.READY)

    page = desk.get(DAY)

    assert cards(page) == {
        "전체": "4", "올 예약": "1", "상담중": "1", "완료": "1", "노쇼": "1", "취소": "1",
        "예상 금액": "70,000원", "결제된 금액": "20,000원",
    }  # fmt: skip
    assert all(desk.get(card.href).status_code == 200 for card in page.context["cards"])


def test_a_designer_sees_the_own_day_and_no_amounts(browser, designer):
    own = ReservationFactory(designer=designer, date=TODAY, customer__name="강예린", customer__pn="+821012345678")
    ReservationFactory(designer=DesignerFactory(user__name="이준호"), date=TODAY, customer__name="권나은")
    PaymentFactory(reservation=own, payer=own.customer, amount=30_000, state=State.PAID)

    page = browser(designer.user).get(f"{DAY}?designer={DesignerFactory().pk}")

    text = page.content.decode()
    assert cards(page) == {"전체": "1", "올 예약": "1", "상담중": "0", "완료": "0", "노쇼": "0", "취소": "0"}
    assert "강예린" in text
    assert "010-1234-5678" in text
    assert "결제됨" in text
    assert not [hidden for hidden in ("권나은", "이준호", "30,000", "확인이 필요한 돈") if hidden in text]


def test_a_block_tells_what_the_desk_must_know(desk, boss, designer):
    row = ReservationFactory(
        designer=designer, date=TODAY, time=dt.time(10), customer__name="강예린", customer__pn="+821012345678",
        note="앞머리 고민",
    )  # fmt: skip
    ReservationPhotoFactory(reservation=row, photo__uploader=row.customer)
    ClientNoteFactory(customer=row.customer, text="두피가 예민")
    ClientNoteFactory(customer=row.customer, reservation=row, text="이번에는 짧게")
    ClientNoteFactory(customer=row.customer, trashed_at=timezone.now(), text="지운 메모")
    ReservationFactory(customer=row.customer, date=dt.date(2026, 2, 3), no_show_at=timezone.now())

    block = words(desk.get(DAY), "article")[0]

    told = ["강예린", "예약완료", "도착", "노쇼 1", "사진 1", "메모", "미결제", "010-1234-5678", "앞머리 고민",
            "두피가 예민", "이번에는 짧게", "바로 시작", "옮기기", "취소", "고객 카드"]  # fmt: skip
    assert [word for word in told if word not in block] == []
    assert "지운 메모" not in block
    assert "첫 방문" not in block


def test_nobody_is_shown_a_block_that_was_made_for_another(browser, desk, designer):
    """Blocks are kept for two minutes: the same for those only who are shown the same."""
    row = ReservationFactory(designer=designer, date=TODAY, time=dt.time(10), note="짧게")
    payment = PaymentFactory(reservation=row, payer=row.customer, amount=30_000)
    own = browser(designer.user)

    assert "결제됨 30,000원" in words(desk.get(DAY), "article")[0]
    assert "30,000" not in words(own.get(DAY), "article")[0]
    Reservation.objects.update(note="길게", status=1)
    payment.refunded_amount = 10_000
    payment.save()
    block = words(desk.get(DAY), "article")[0]

    assert [word for word in ("길게", "상담준비", "환불 10,000원") if word not in block] == []


def test_consultation_mode_hides_what_is_not_for_clients_eyes(desk, designer):
    row = ReservationFactory(designer=designer, date=TODAY, note="고객이 쓴 말")
    ClientNoteFactory(customer=row.customer, text="까다로운 분")
    desk.post(reverse("back_office:consultation", args=[row.customer_id]))

    text = desk.get(DAY).content.decode()

    assert "고객이 쓴 말" in text
    assert "까다로운 분" not in text


def test_the_timeline_has_seats_closed_spans_and_links_to_empty_slots(desk, designer):
    designer.max_per_hour = 2
    designer.save()
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))
    TimeOffFactory(
        designer=designer, reason="병원",
        starts_at=at(dt.datetime(2026, 3, 3, 14)), ends_at=at(dt.datetime(2026, 3, 3, 15)),
    )  # fmt: skip

    page = desk.get(DAY)

    text = page.content.decode()
    rows = page.context["day"].rows
    assert [row.start.strftime("%H:%M") for row in rows][:2] == ["10:00", "10:30"]
    assert [(cell.closed, cell.height) for row in rows for cell in row.cells if cell.closed] == [
        ("휴게", 2), ("휴무: 병원", 2),
    ]  # fmt: skip
    assert words(page, "p").count("찬 자리 1/2") == 1
    assert f"/admin/book/?date=2026-03-03&amp;designer={designer.pk}&amp;time=10:30" in text
    assert "time=14:00" not in text


def test_the_line_of_the_present_stands_before_what_is_to_come(desk, designer, clock):
    clock.shift(2 * 3600 + 600)  # ten past eleven

    rows = desk.get(DAY).context["day"].rows

    assert [row.start.strftime("%H:%M") for row in rows if row.now] == ["11:30"]


def test_the_strip_tells_who_is_next_who_waits_and_who_is_late(desk, designer, clock):
    first = ReservationFactory(designer=designer, date=TODAY, time=dt.time(10), customer__name="강예린")
    desk.post(reverse("back_office:step", args=[first.pk]), {"status": 1})
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(11), customer__name="권나은")
    clock.shift(2 * 3600 + 600)

    lines = words(desk.get(DAY), "li")

    assert "김하늘 강예린 130분째 대기 11:00 권나은 10분 늦음 첫 방문" in lines


def test_what_needs_a_person_stands_beside_the_day(desk, designer):
    PaymentFactory(alarm="금액이 다릅니다.", payer__name="고민석", amount=10_000)
    PaymentFactory(account=True, state=State.READY, payer__name="나윤아", amount=20_000)
    PostFactory(title="답을 기다립니다")
    answered = PostFactory(title="답을 받았습니다")
    CommentFactory(post=answered, author=designer.user)
    PhotoFactory(uploading=True, filename="끊긴.png", created_at=timezone.now() - dt.timedelta(hours=1))
    row = ReservationFactory(designer=designer, date=dt.date(2026, 3, 5), time=dt.time(10), customer__name="배수아")
    TimeOffFactory(
        designer=None, reason="정전", starts_at=at(dt.datetime(2026, 3, 5)), ends_at=at(dt.datetime(2026, 3, 6))
    )  # fmt: skip

    groups = {group.title: [line.text for line in group.lines] for group in desk.get(DAY).context["day"].to_do}

    assert list(groups) == [
        "확인이 필요한 돈", "입금을 기다리는 가상계좌", "휴무와 겹치는 예약", "답을 기다리는 글", "실패한 사진 올리기",
    ]  # fmt: skip
    assert groups["확인이 필요한 돈"] == ["고민석 10,000원: 금액이 다릅니다."]
    assert groups["답을 기다리는 글"] == ["답을 기다립니다"]
    assert groups["휴무와 겹치는 예약"] == [f"3/5 10:00 배수아 · {row.designer.user.name}"]
    assert [
        line.href
        for group in desk.get(DAY).context["day"].to_do
        for line in group.lines
        if desk.get(line.href).status_code != 200
    ] == []


def test_what_was_just_done_is_offered_to_be_undone(desk, designer, clock):
    row = ReservationFactory(designer=designer, date=TODAY, time=dt.time(10), customer__name="강예린")
    desk.post(reverse("back_office:step", args=[row.pk]), {"status": 1})

    assert [done.told for done in desk.get(DAY).context["undoable"]] == ["09:00 강예린 · 예약완료 → 상담준비"]
    clock.shift(601)
    assert desk.get(DAY).context["undoable"] == []


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", "2026-03-03"), ("2026-03-10", "2026-03-10"), ("gestern", "2026-03-03"), ("2026-02-30", "2026-03-03"),
        ("9999-12-31", "2999-12-01"), ("0001-01-01", "2000-01-01"), ("\0", "2026-03-03"),
    ],
)  # fmt: skip
def test_any_day_can_be_asked_for(desk, designer, asked, shown):
    page = desk.get(DAY, {"date": asked})

    assert page.status_code == 200
    assert page.context["iso"] == shown


@pytest.mark.parametrize("asked", ["0", "x", "99999999999999999999", "-1", "\0", "１"])
def test_an_unknown_designer_is_everybody(desk, designer, asked):
    assert desk.get(DAY, {"designer": asked}).context["day"].designers == [designer]


def test_a_day_on_which_nobody_works_says_so(desk):
    assert "이날은 아무도 근무하지 않고 예약도 없습니다." in desk.get(DAY).content.decode()


def test_who_left_the_salon_keeps_a_column_for_who_is_still_expected(desk, designer):
    ReservationFactory(designer=designer, date=TODAY)
    Designer.objects.update(active=False)

    page = desk.get(DAY)

    assert page.context["day"].designers == [designer]
    assert words(page, "article") != []


@pytest.mark.parametrize("kind", [{"finance": True}, {"system": True}])
def test_who_only_sees_is_offered_nothing_to_do(browser, designer, kind):
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))

    text = browser(UserFactory(**kind)).get(DAY).content.decode()

    assert [word for word in ("formaction", "/admin/book/", "/admin/visits/", "draggable") if word in text] == []


def test_the_number_of_queries_is_constant(desk):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert desk.get(DAY).status_code == 200
        return len(caught)

    for number in range(4):
        designer = DesignerFactory()
        for hour in range(10, 13 if number else 11):
            row = ReservationFactory(designer=designer, date=TODAY, time=dt.time(hour), seat=1)
            ClientNoteFactory(customer=row.customer)
            PaymentFactory(reservation=row, payer=row.customer, state=State.PAID)
        if number == 0:
            desk.get(DAY)
            few = queries()

    assert (queries(), few <= 25) == (few, True)
