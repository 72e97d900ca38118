import datetime as dt
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import DesignerFactory, PolicyFactory, ReservationFactory, TimeOffFactory

pytestmark = pytest.mark.django_db

RESERVE = "/reserve/"


def at(day, hour, minute=0):
    return timezone.make_aware(dt.datetime(2026, 3, day, hour, minute))


def seen(answer):
    """The words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def buttons(answer):
    """The times to choose, as they are read out."""
    found = re.findall(r'<button type="submit" class="time".*?</button>', answer.text, re.DOTALL)
    return [re.sub(r" ,", ",", " ".join(re.sub(r"<[^>]*>", " ", text).split())) for text in found]


@pytest.fixture
def hana():
    return DesignerFactory(user__name="김하나", max_per_hour=1, slot_minutes=30, hours=[(dt.time(11), dt.time(19))])


def test_it_opens_on_the_first_free_day_for_whoever_is_free(stranger, hana):
    TimeOffFactory(starts_at=at(3, 0), ends_at=at(4, 0))

    answer = stranger.get(RESERVE)

    assert answer.context["date"] == dt.date(2026, 3, 4)
    assert re.findall(r'aria-current="true">(.*?)</a>', answer.text) == ["누구나"]


def test_times_are_buttons_whose_names_are_read_out_whole(stranger, hana):
    answer = stranger.get(RESERVE, {"date": "2026-03-04"})

    assert buttons(answer)[:4] == [
        "3월 4일 수요일 오전 11시, 1자리",
        "3월 4일 수요일 오전 11시 30분, 1자리",
        "3월 4일 수요일 오후 12시, 1자리",
        "3월 4일 수요일 오후 12시 30분, 1자리",
    ]
    assert re.findall(r'<legend class="legend">(.*?)</legend>', answer.text) == ["오전", "오후", "저녁"]


def test_the_seats_of_all_are_counted_for_anyone_and_of_one_for_one(stranger, hana):
    other = DesignerFactory(max_per_hour=3, hours=[(dt.time(11), dt.time(12))])

    assert "3월 4일 수요일 오전 11시, 4자리" in buttons(stranger.get(RESERVE, {"date": "2026-03-04"}))
    alone = stranger.get(RESERVE, {"date": "2026-03-04", "designer": other.pk})
    assert buttons(alone) == ["3월 4일 수요일 오전 11시, 3자리", "3월 4일 수요일 오전 11시 30분, 3자리"]
    assert f'<input type="hidden" name="designer" value="{other.pk}">' in alone.text


def test_fourteen_days_are_links_with_counts_and_full_ones_can_still_be_read(stranger, hana):
    TimeOffFactory(starts_at=at(5, 0), ends_at=at(6, 0))
    for hour in range(11, 19):
        ReservationFactory(designer=hana, date=dt.date(2026, 3, 4), time=dt.time(hour))

    answer = stranger.get(RESERVE)

    days = answer.context["calendar"].days
    assert len(days) == 14
    assert [(day.date.day, day.free, day.is_full, day.works) for day in days[:4]] == [
        (3, 16, False, True),
        (4, 0, True, True),
        (5, 0, False, False),
        (6, 16, False, True),
    ]
    assert 'href="/reserve/?date=2026-03-06"' in answer.text
    assert 'href="/reserve/?date=2026-03-04"' in answer.text
    assert "3월 4일 수요일 수요일 4 마감 빈자리 알림을 신청할 수 있음" in seen(answer)
    assert 'href="/reserve/?date=2026-03-05"' not in answer.text
    assert "3월 5일 목요일 목요일 5 휴무" in seen(answer)


def test_one_can_go_on_until_the_policy_ends_and_back(stranger, hana):
    PolicyFactory(days_ahead=20)

    first = stranger.get(RESERVE)
    assert 'href="/reserve/?date=2026-03-17"' in first.text
    assert "앞선 2주" not in first.text

    second = stranger.get(RESERVE, {"date": "2026-03-17"})
    assert [day.date.day for day in second.context["calendar"].days] == list(range(17, 24))
    assert "다음 2주" not in second.text
    assert 'href="/reserve/?date=2026-03-03"' in second.text


def test_an_empty_day_says_when_the_next_free_time_is_and_who_else_is_free(stranger, hana):
    other = DesignerFactory()
    TimeOffFactory(designer=hana, starts_at=at(4, 0), ends_at=at(6, 0))

    answer = stranger.get(RESERVE, {"date": "2026-03-04", "designer": hana.pk})

    assert "이날은 쉬어요 가장 가까운 빈 시간: 3월 6일 금요일 오전 11:00" in seen(answer)
    assert f'href="/reserve/?designer={hana.pk}&amp;date=2026-03-06"' in answer.text
    assert "이날 다른 디자이너의 시간 18개" in seen(answer)
    assert f'href="/reserve/?designer={other.pk}&amp;date=2026-03-04"' in answer.text


def test_on_a_full_day_one_can_wait_and_on_a_closed_one_not(stranger, hana):
    TimeOffFactory(starts_at=at(5, 0), ends_at=at(6, 0))
    for hour in range(11, 19):
        ReservationFactory(designer=hana, date=dt.date(2026, 3, 4), time=dt.time(hour))

    full = stranger.get(RESERVE, {"date": "2026-03-04", "designer": hana.pk})
    closed = stranger.get(RESERVE, {"date": "2026-03-05", "designer": hana.pk})

    assert "이날은 자리가 없어요" in seen(full)
    assert f'href="{reverse("reservations:wait")}?designer={hana.pk}&amp;date=2026-03-04"' in full.text
    assert reverse("reservations:wait") not in closed.text


def test_after_the_last_free_day_the_way_leads_back(stranger, hana):
    PolicyFactory(days_ahead=3)
    TimeOffFactory(starts_at=at(4, 0), ends_at=at(9, 0))

    answer = stranger.get(RESERVE, {"date": "2026-03-06"})

    assert "가장 가까운 빈 시간: 오늘 오전 11:00" in seen(answer)


def test_where_nothing_is_free_at_all_the_page_says_so(stranger, hana):
    TimeOffFactory(designer=hana, starts_at=at(1, 0), ends_at=at(3, 0) + dt.timedelta(days=90))

    alone = stranger.get(RESERVE, {"designer": hana.pk})

    assert "지금은 예약할 수 있는 시간이 없어요" in seen(alone)
    assert "모든 디자이너의 시간 보기" in seen(alone)
    assert "모든 디자이너의 시간 보기" not in seen(stranger.get(RESERVE))


def test_a_salon_without_designers_says_so(stranger):
    assert "아직 예약을 받는 디자이너가 없습니다." in seen(stranger.get(RESERVE))


def test_a_designer_who_takes_no_reservations_is_replaced_by_anyone(stranger, hana):
    answer = stranger.get(RESERVE, {"designer": DesignerFactory(active=False).pk})

    assert "지금은 예약을 받지 않는 디자이너예요" in seen(answer)
    assert answer.context["designer"] is None


@pytest.mark.parametrize(
    "date", ["2026-03-02", "2027-03-03", "9999-12-31", "0001-01-01", "2026-02-30", "x\0", "20260304"]
)
@pytest.mark.parametrize("designer", ["", "0", "x\0", "9" * 100])
def test_whatever_is_asked_for_there_is_a_page(stranger, hana, date, designer):
    answer = stranger.get(RESERVE, {"date": date, "designer": designer})

    assert answer.status_code == 200
    assert answer.context["date"] == dt.date(2026, 3, 3)
    assert "그날은 예약을 받지 않아요" in seen(answer)


def test_the_page_is_the_same_for_htmx(stranger, hana):
    assert seen(stranger.get(RESERVE, headers={"HX-Request": "true"})) == seen(stranger.get(RESERVE))
