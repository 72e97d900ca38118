import datetime as dt
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from payments.models import When
from reservations.models import Reservation
from tests.factories import (
    ConsultationTermsFactory,
    DesignerFactory,
    PolicyFactory,
    ProductFactory,
    ReservationFactory,
    TimeOffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CHECK = "/reserve/check/"
DAY, TWO = "2026-03-05", dt.time(14)


def at(day, hour, minute=0):
    return timezone.make_aware(dt.datetime(2026, 3, day, hour, minute))


def seen(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def offered(answer):
    found = re.findall(r'name="instead"\s+value="(.*?)"', answer.text)
    return [html.unescape(value) for value in found]


def alert(answer):
    """What is wrong, as it is announced."""
    return html.unescape(re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.DOTALL)[1]).strip()


@pytest.fixture
def hana():
    return DesignerFactory(user__name="김하나", max_per_hour=1)


def address(designer, date=DAY, time="14:00"):
    who = "" if designer is None else f"designer={designer.pk}&"
    return f"{CHECK}?{who}date={date}&time={time}"


def test_all_that_matters_stands_before_the_button(browser, hana):
    page = seen(browser.get(address(hana)))

    assert "김하나" in page
    assert "날짜 3월 5일 목요일 시각 오후 2:00 상담 시간 30분 상담료 무료" in page
    assert "변경·취소 마감 3월 4일 수요일 오후 2:00" in page


def test_deadlines_that_differ_are_told_apart_and_past_ones_too(browser, hana):
    PolicyFactory(change_notice_minutes=60, cancel_notice_minutes=3 * 24 * 60)

    page = seen(browser.get(address(hana)))

    assert "변경 마감 3월 5일 목요일 오후 1:00 취소 마감 전화로만 가능" in page
    assert "살롱에 전화하셔야 취소할 수 있어요" in page


def test_the_price_is_told_with_when_it_is_paid(browser, hana):
    ConsultationTermsFactory(when=When.LATER, product=ProductFactory(price=30_000))

    assert "상담료 30,000원" in seen(browser.get(address(hana)))


def test_one_button_reserves(browser, hana, customer):
    answer = browser.post(address(hana), {"note": "앞머리\r\n고민"})

    row = Reservation.objects.get()
    assert (row.customer, row.designer, row.date, row.time, row.note) == (
        customer,
        hana,
        dt.date(2026, 3, 5),
        TWO,
        "앞머리\n고민",
    )
    assert row.moves.get().door == "pages"
    assert answer.status_code == 302
    assert answer.url == reverse("pages:reservation", args=[row.pk])
    assert "예약했어요. 3월 5일 목요일 오후 2:00에 만나요!" in seen(browser.get(answer.url))


def test_what_is_paid_ahead_goes_on_to_paying(browser, hana):
    ConsultationTermsFactory(when=When.PREPAID, product=ProductFactory(price=30_000), hold_minutes=20)

    page = browser.get(address(hana))
    assert "예약하고 20분 안에 결제하면 자리가 정해져요." in seen(page)
    assert "예약하고 결제하기" in seen(page)
    answer = browser.post(address(hana))

    row = Reservation.objects.get()
    assert row.payment_due.amount == 30_000
    assert answer.url == reverse("payments:pay", args=[row.pk])
    assert browser.get(answer.url).status_code == 200


def test_anyone_is_the_free_designer_with_most_seats_left_and_is_named(browser, hana):
    TimeOffFactory(designer=DesignerFactory(user__name="박없음"), starts_at=at(5, 0), ends_at=at(6, 0))
    free = DesignerFactory(user__name="이한가", max_per_hour=3)

    page = browser.get(address(None))

    assert "이한가 그 시간에 여유가 가장 많은 디자이너예요." in seen(page)
    browser.post(address(None))
    assert Reservation.objects.get().designer == free


def test_signing_in_comes_last_and_nothing_typed_is_lost(stranger, hana):
    person = UserFactory(userid="sohee")
    person.set_password("긴 비밀번호 하나 둘 셋")
    person.save()
    assert stranger.get(address(hana)).status_code == 200

    sent = stranger.post(address(hana), {"note": "어깨 길이로"})
    assert sent.url == f"/login/?next=%2Freserve%2Fcheck%2F%3Fdesigner%3D{hana.pk}%26date%3D2026-03-05%26time%3D14%3A00"
    before = stranger.session.session_key
    back = stranger.post(sent.url.split("?")[0], {
        "username": "sohee", "password": "긴 비밀번호 하나 둘 셋", "next": address(hana)})  # fmt: skip

    assert back.url == address(hana)
    assert stranger.session.session_key != before
    page = stranger.get(back.url)
    assert page.context["form"]["note"].value() == "어깨 길이로"
    assert stranger.post(back.url, {"note": "어깨 길이로"}).status_code == 302
    assert Reservation.objects.get().customer == person
    assert stranger.get(address(hana, time="15:00")).context["form"]["note"].value() is None


def test_a_session_that_ended_while_somebody_typed_loses_nothing(browser, hana, customer):
    browser.get(address(hana))
    browser.session.flush()
    browser.cookies.pop("sessionid", None)

    sent = browser.post(address(hana), {"note": "긴 이야기"})
    assert sent.url.startswith("/login/?next=")

    browser.force_login(customer, backend="accounts.backends.RoleBackend")
    assert browser.get(address(hana)).context["form"]["note"].value() == "긴 이야기"


def test_who_is_new_signs_up_with_the_same_way_back(stranger, hana):
    answer = stranger.post(address(hana), {"note": "", "join": "1"})

    assert answer.url.startswith(f"{reverse('accounts:join')}?next=%2Freserve%2Fcheck%2F")


def test_a_lost_race_is_announced_and_the_nearest_times_are_offered_with_the_note_kept(browser, hana):
    other = DesignerFactory(user__name="이한가", max_per_hour=1)
    assert browser.get(address(hana)).status_code == 200
    ReservationFactory(designer=hana, date=dt.date(2026, 3, 5), time=TWO)

    answer = browser.post(address(hana), {"note": "앞머리 고민"})

    assert answer.status_code == 409
    assert alert(answer) == "방금 다른 분이 이 시간을 예약하셨어요. 가까운 빈 시간을 찾아 두었어요."
    assert answer.context["form"]["note"].value() == "앞머리 고민"
    assert offered(answer) == [
        *(f"designer={hana.pk}&date=2026-03-05&time={time}" for time in ("12:00", "12:30", "15:00", "15:30")),
        *(f"designer={other.pk}&date=2026-03-05&time={time}" for time in ("12:30", "14:00", "14:30", "15:00")),
    ]

    moved = browser.post(address(hana), {"note": "앞머리 고민", "instead": offered(answer)[0]})
    assert moved.url == address(hana, time="12:00")
    assert browser.get(moved.url).context["form"]["note"].value() == "앞머리 고민"


def test_a_time_that_went_while_one_looked_is_told_before_anything_is_typed(stranger, hana):
    ReservationFactory(designer=hana, date=dt.date(2026, 3, 5), time=TWO)

    answer = stranger.get(address(hana))

    assert answer.status_code == 409
    assert "예약하기</button>" not in answer.text
    assert offered(answer)


@pytest.mark.parametrize(
    ("date", "time", "told"),
    [
        ("2026-03-03", "10:00", "예약 마감이 지났습니다. 더 늦은 시간을 골라 주세요."),
        ("2026-03-02", "14:00", "이미 지난 시간입니다."),
        ("2026-06-03", "14:00", "아직 예약을 받지 않는 날짜입니다."),
        ("2026-03-05", "13:30", "이 시간은 예약할 수 없어요. 가까운 빈 시간을 찾아 두었어요."),
        ("9999-12-31", "23:59", "아직 예약을 받지 않는 날짜입니다."),
        ("0001-01-01", "00:00", "이미 지난 시간입니다."),
    ],
)
def test_what_the_rules_refuse_is_said_with_what_there_is_instead(browser, hana, date, time, told):
    PolicyFactory(reserve_notice_minutes=90)

    assert browser.get(address(hana, date, time)).status_code == 409
    answer = browser.post(address(hana, date, time), {"note": "남는 글"})

    assert answer.status_code == 409
    assert alert(answer) == told
    assert len(offered(answer)) == 4
    assert answer.context["form"]["note"].value() == "남는 글"
    assert not Reservation.objects.exists()


def test_a_second_reservation_at_that_time_is_refused_and_no_one_at_that_time_offered(browser, hana, customer):
    ReservationFactory(customer=customer, date=dt.date(2026, 3, 5), time=TWO)

    answer = browser.post(address(hana))

    assert answer.status_code == 409
    assert alert(answer) == "그 시간에 이미 다른 예약이 있어요. 다른 시간을 골라 주세요."
    assert not any(value.endswith("14:00") for value in offered(answer))


def test_too_many_open_reservations_lead_to_ones_own(browser, hana, customer):
    PolicyFactory(open_reservations=1)
    ReservationFactory(customer=customer)

    answer = browser.post(address(hana))

    assert answer.status_code == 409
    assert alert(answer) == "예약할 수 있는 수를 모두 쓰셨습니다."
    assert offered(answer) == []


@pytest.mark.parametrize("whose", ["hers", "anyone"])
def test_a_button_pressed_twice_ends_at_the_one_reservation(browser, hana, whose):
    PolicyFactory(open_reservations=1)
    asked = address(hana if whose == "hers" else None)
    first = browser.post(asked)

    assert browser.post(asked).url == first.url
    assert browser.get(asked).url == first.url
    assert Reservation.objects.count() == 1


def test_a_strangers_reservation_at_that_time_is_not_ones_own(browser, hana):
    ReservationFactory(designer=hana, date=dt.date(2026, 3, 5), time=TWO)

    assert browser.get(address(hana)).status_code == 409


@pytest.mark.parametrize("note", ["가" * 1001, "\0"])
def test_a_note_that_cannot_be_stored_is_kept_and_explained(browser, hana, note):
    answer = browser.post(address(hana), {"note": note})

    assert answer.status_code == 400
    assert answer.context["form"]["note"].value() == note
    assert not Reservation.objects.exists()


def test_a_thousand_characters_are_counted_as_browsers_do(browser, hana):
    assert browser.post(address(hana), {"note": "\r\n".join(["가" * 99] * 10)}).status_code == 302


def test_another_time_can_be_looked_for_without_losing_the_note(browser, hana):
    answer = browser.post(address(hana), {"note": "앞머리", "other": "1"})

    assert answer.url == f"/reserve/?designer={hana.pk}&date=2026-03-05"
    assert browser.get(address(hana, time="16:00")).context["form"]["note"].value() == "앞머리"


@pytest.mark.parametrize("instead", ["", "date=x", "designer=0&date=2026-03-05", "\0", "//evil.example"])
def test_what_nobody_offered_leads_to_the_times(browser, hana, instead):
    assert browser.post(address(hana), {"instead": instead}).url == "/reserve/"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "date=2026-03-05",
        "date=x&time=14:00",
        "date=2026-03-05&time=25:00",
        "designer=0&date=2026-03-05&time=14:00",
        "designer=%00&date=2026-03-05&time=14:00",
        f"designer={'9' * 99}&date=2026-03-05&time=14:00",
    ],
)
def test_what_makes_no_sense_leads_back_to_the_times(browser, hana, query):
    for answer in (browser.get(f"{CHECK}?{query}"), browser.post(f"{CHECK}?{query}", {"note": "가"})):
        assert answer.status_code == 302
        assert answer.url == "/reserve/"
    assert "그 시간을 찾을 수 없어요" in seen(browser.get("/reserve/"))


def test_staff_are_sent_to_the_desk(signed_in, hana):
    boss, finance = signed_in(UserFactory(staff=True)), signed_in(UserFactory(finance=True))

    page = boss.get(address(hana))
    assert "직원은 관리 화면에서" in seen(page)
    assert f"{reverse('back_office:book')}?designer={hana.pk}&amp;date=2026-03-05&amp;time=14:00" in page.text
    assert reverse("back_office:book") not in finance.get(address(hana)).text
    for person in (boss, finance, signed_in(hana.user)):
        assert person.post(address(hana)).status_code == 403
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_twelve_queries_at_most(browser, hana, customer, django_assert_max_num_queries, rows):
    DesignerFactory.create_batch(rows)
    for _ in range(rows):
        ReservationFactory(customer=customer, date=dt.date(2026, 3, 6), time=dt.time(10 + _))

    with django_assert_max_num_queries(12):
        browser.get(address(None))


def test_from_the_first_page_to_the_reservation_takes_no_more_than_five_taps(browser, hana):
    """A tap is a link or a button; every address comes out of the page before it."""
    page, taps = browser.get("/"), 0
    form = re.search(r'<form action="(/reserve/check/)".*?</form>', page.text, re.DOTALL)
    asked = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', form[0]))
    asked["time"] = re.search(r'name="time"\s+value="(.*?)"', form[0])[1]

    page, taps = browser.get(form[1], asked), taps + 1
    assert page.status_code == 200
    assert re.search(r'<form class="narrow"\s+method="post"', page.text)
    done, taps = browser.post(page.request["PATH_INFO"], {"note": ""}, query_params=asked), taps + 1

    assert "예약했어요." in seen(browser.get(done.url))
    assert taps == 2
    assert Reservation.objects.count() == 1
