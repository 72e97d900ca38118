import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import DesignerFactory, PortraitFactory, PostFactory, ReservationFactory, TimeOffFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 3)


def at(day, hour, minute=0):
    return timezone.make_aware(dt.datetime(2026, 3, day, hour, minute))


def test_todays_free_times_lead_straight_to_the_last_word(stranger):
    DesignerFactory(user__name="김하늘", slot_minutes=60)

    page = stranger.get("/").text

    assert "오늘 바로 예약할 수 있어요" in page
    assert f'action="{reverse("pages:check")}"' in page
    assert '<input type="hidden" name="date" value="2026-03-03">' in page
    assert 'value="14:00"' in page


def test_when_today_is_full_the_first_day_that_is_not_is_shown(stranger):
    TimeOffFactory(starts_at=at(3, 0), ends_at=at(5, 0), reason="실내 공사")
    DesignerFactory()

    page = stranger.get("/").text

    assert "가장 빠른 날은 3월 5일 목요일이에요" in page
    assert "오늘은 쉬어요" in page
    assert "실내 공사" in page
    assert '<input type="hidden" name="date" value="2026-03-05">' in page


def test_a_salon_without_designers_has_a_first_page_too(stranger):
    answer = stranger.get("/")

    assert answer.status_code == 200
    assert "아직 예약을 받는 디자이너가 없습니다." in answer.text


def test_a_salon_without_a_free_time_says_so(stranger):
    DesignerFactory(hours=[])

    page = stranger.get("/").text

    assert "지금은 예약할 수 있는 시간이 없어요" in page
    assert "지금은 빈 시간이 없어요" in page


def test_designers_are_shown_with_their_next_free_time(stranger):
    designer = DesignerFactory(user__name="김하늘", introduction="<b>천천히</b>")
    gone = DesignerFactory(active=False)

    for address in ("/", reverse("pages:designers")):
        page = stranger.get(address).text
        assert "김하늘" in page
        assert "다음 빈 시간 오늘 오전 10:00" in page
        assert "&lt;b&gt;천천히&lt;/b&gt;" in page
        assert reverse("pages:designer", args=[designer.pk]) in page
        assert reverse("pages:designer", args=[gone.pk]) not in page


def test_a_designers_page_leads_to_their_times(stranger):
    designer = DesignerFactory(user__name="김하늘", max_per_hour=1, slot_minutes=60)
    ReservationFactory(designer=designer, date=TODAY, time=dt.time(10))

    page = stranger.get(reverse("pages:designer", args=[designer.pk])).text

    assert f'{reverse("pages:reserve")}?designer={designer.pk}"' in page
    assert "다음 빈 시간 오늘 오전 11:00" in page
    assert f'<input type="hidden" name="designer" value="{designer.pk}">' in page


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999999", "9" * 5000])
def test_who_is_no_designer_is_not_found(stranger, pk):
    assert stranger.get(f"/designers/{pk}/").status_code == 404


def test_who_takes_no_reservations_is_not_found(stranger):
    assert stranger.get(reverse("pages:designer", args=[DesignerFactory(active=False).pk])).status_code == 404


def test_opening_hours_join_those_of_all_less_what_the_salon_is_off(stranger):
    DesignerFactory(hours=[(dt.time(10), dt.time(13))])
    DesignerFactory(hours=[(dt.time(12), dt.time(18))])
    TimeOffFactory(starts_at=at(4, 0), ends_at=at(4, 15), reason="교육")
    TimeOffFactory(designer=DesignerFactory(hours=[]), starts_at=at(5, 0), ends_at=at(6, 0), reason="병원")

    page = " ".join(stranger.get("/").text.split())

    assert "10:00–18:00" in page
    assert "15:00–18:00" in page
    assert "교육" in page
    assert "병원" not in page


def test_posts_in_the_trash_are_not_news(stranger):
    PostFactory(title="새 소식")
    PostFactory(title="지운 글", trashed=True)

    page = stranger.get("/").text

    assert "지운 글" not in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("address", ["/", "/designers/", "/reserve/"])
def test_any_number_of_rows_takes_twelve_queries_at_most(browser, django_assert_max_num_queries, address, rows):
    for designer in DesignerFactory.create_batch(rows):
        PortraitFactory(designer=designer)
        ReservationFactory(designer=designer, date=TODAY)
        PostFactory()

    with django_assert_max_num_queries(12) as counted:
        browser.get(address)
    assert len(counted) == COUNTED[address]


COUNTED = {"/": 10, "/designers/": 9, "/reserve/": 9}
"""The session, the person, the designers, their portraits, the policy, hours, time off, seats taken and held, posts."""
