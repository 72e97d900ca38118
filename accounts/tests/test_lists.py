"""The lists of the back-office: what they show unasked, how they are narrowed and searched, and what they may cost."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.lists import MOST, Bounded, Days
from accounts.models import User
from accounts.phone_numbers import spoken
from reservations.models import Act, Status
from tests.factories import (
    CommentFactory,
    DesignerFactory,
    MailFactory,
    PaymentFactory,
    PhotoFactory,
    PostFactory,
    ReservationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 3)  # a Tuesday
LIST = reverse("admin:reservations_reservation_changelist")


@pytest.fixture
def boss():
    browser = Browser()
    browser.force_login(UserFactory(staff=True), backend="accounts.backends.RoleBackend")
    return browser


def listed(browser, path=LIST, **query):
    return list(browser.get(path, query).context["cl"].result_list)


def on(day, **more):
    return ReservationFactory(date=day, **more)


def test_reservations_open_with_today_and_other_days_are_one_link_away(boss):
    today, tomorrow, sunday, last_week = map(
        on, (TODAY, dt.date(2026, 3, 4), dt.date(2026, 3, 8), dt.date(2026, 2, 24))
    )

    assert listed(boss) == [today]
    assert listed(boss, date="tomorrow") == [tomorrow]
    assert listed(boss, date="week") == [today, tomorrow, sunday]
    assert listed(boss, date="last-week") == [last_week]
    assert listed(boss, date="2026-03-08") == [sunday]
    assert listed(boss, date_from="2026-02-24", date_to="2026-03-03") == [today, last_week]
    assert listed(boss, date_from="2026-03-08") == [sunday]
    assert listed(boss, date="all") == [sunday, tomorrow, today, last_week]
    assert listed(boss, date__exact="2026-03-04") == [tomorrow]


def test_the_days_before_and_after_are_a_step_away(boss):
    def steps(**query):
        changelist = boss.get(LIST, query).context["cl"]
        (days,) = [spec for spec in changelist.filter_specs if isinstance(spec, Days)]
        list(days.choices(changelist))
        return days.earlier, days.later

    assert steps() == ("?date=2026-03-02", "?date=2026-03-04")
    assert steps(date="week") == (
        "?date_from=2026-02-23&date_to=2026-03-01",
        "?date_from=2026-03-09&date_to=2026-03-15",
    )
    assert steps(date="all") == ("", "")


@pytest.mark.parametrize("wrong", ["2026-02-30", "x", "99999999999", "0001-01-01", "9999-12-31", "２０２６"])
@pytest.mark.parametrize("name", ["date", "date_from", "date_to"])
def test_a_day_that_is_none_is_told_beside_the_field(name, wrong, boss):
    assert "날짜를 다시 확인해 주세요." in boss.get(LIST, {name: wrong}).content.decode()


def test_what_is_cancelled_is_out_of_sight_until_asked_for_and_then_plainly_so(boss):
    live, cancelled = on(TODAY), on(TODAY, trashed=True, status=Status.DONE)

    assert listed(boss) == [live]
    assert listed(boss, trash="in") == [cancelled]
    assert set(listed(boss, trash="all")) == {live, cancelled}
    page = boss.get(LIST, {"trash": "in"}).content.decode()
    assert ("취소됨" in page, ">상담완료" in page.split('id="result_list"')[1].replace("\n", "")) == (True, False)


@pytest.mark.parametrize(
    "words", ["findme", "김찾음", "찾음", "8765", "찾음 8765", "찾음.8765", "010-1234-8765", "#{pk}"]
)
def test_a_search_looks_through_all_days_and_the_trash(words, boss):
    person = {"customer__userid": "findme", "customer__name": "김찾음", "customer__pn": "+821012348765"}
    wanted = on(dt.date(2026, 5, 5), trashed=True, **person)
    on(TODAY)

    assert listed(boss, q=words.format(pk=wanted.pk)) == [wanted]


def test_a_number_may_be_a_reservations_and_the_end_of_a_phone(boss):
    by_phone = on(TODAY, customer__pn="+821012347777")
    by_number = on(TODAY, pk=7777)

    assert set(listed(boss, q="7777")) == {by_phone, by_number}
    assert listed(boss, q="#7777") == [by_number]


@pytest.mark.parametrize("words", ["9" * 60, "#", "#x", "#" + "9" * 60, "%", "_", "'", "a" * 5000, "³", "-", ". ."])
@pytest.mark.parametrize(
    "model",
    ["accounts_user", "reservations_reservation", "reservations_move", "payments_payment", "payments_product",
     "board_post", "board_comment", "media_store_photo", "accounts_mail", "cody_site_accesslog"],
)  # fmt: skip
def test_whatever_is_searched_for_the_list_answers(model, words, boss):
    assert boss.get(reverse(f"admin:{model}_changelist"), {"q": words}).status_code == 200


def test_every_list_finds_by_the_person_and_by_its_own_number(boss):
    person = UserFactory(userid="findme", name="김찾음", pn="+821012348765")
    row = on(TODAY, customer=person)
    move = row.moves.create(act=Act.BOOKED, door="api")
    payment = PaymentFactory(payer=person, reservation=row, imp_uid="imp_123456789012")
    post = PostFactory(author=person, title="짧은 머리 이야기")
    comment = CommentFactory(author=person)
    photo, mail = PhotoFactory(uploader=person, filename="앞머리.png"), MailFactory(user=person)
    on(TODAY).moves.create(act=Act.BOOKED, door="api")
    PaymentFactory()
    PostFactory()
    CommentFactory()

    found = {
        "accounts_user": (person, ["찾음", "8765", person.email]),
        "reservations_move": (move, ["찾음", "8765", f"#{row.pk}"]),
        "payments_payment": (payment, ["찾음", "8765", payment.payment_uid, payment.imp_uid]),
        "board_post": (post, ["찾음", "8765", post.postid, "머리 이"]),
        "board_comment": (comment, ["찾음", "8765", comment.commid]),
        "media_store_photo": (photo, ["찾음", "8765", photo.photoid, "앞머리"]),
        "accounts_mail": (mail, ["찾음", "8765"]),
    }
    for model, (wanted, words) in found.items():
        path = reverse(f"admin:{model}_changelist")
        assert [listed(boss, path, q=text) for text in words] == [[wanted]] * len(words), model


def test_a_list_is_counted_so_far_and_no_further(django_assert_num_queries):
    User.objects.bulk_create(User(userid=f"u{n}", name="많음", pn="") for n in range(MOST + 5))
    many, few = (Bounded(User.objects.filter(name=name).order_by("pk"), 25) for name in ("많음", "없음"))

    with django_assert_num_queries(2):
        told = [(pages.count, pages.num_pages, pages.has_more) for pages in (many, few)]

    assert told == [(MOST, MOST // 25, True), (0, 1, False)]


def test_a_list_too_long_to_count_says_so(boss):
    User.objects.bulk_create(User(userid=f"u{n}", name="많음", pn="") for n in range(MOST + 5))

    assert "1,000건 넘음" in boss.get(reverse("admin:accounts_user_changelist")).content.decode()


def test_the_next_step_is_one_click_in_the_row_and_a_second_click_changes_nothing(boss):
    row = on(TODAY, time=dt.time(11))
    step = reverse("admin:reservations_reservation_advance_this", args=[row.pk]) + "?to=1"
    assert f'formaction="{step}"' in boss.get(LIST).content.decode()

    for _click in range(2):
        answer = boss.post(step, {"confirmed": "list"}, headers={"referer": f"http://testserver{LIST}?date=week"})

    row.refresh_from_db()
    assert (answer.url, row.status) == (f"http://testserver{LIST}?date=week", Status.PREPARING)
    assert [move.after["status"] for move in row.moves.all()] == [1]


def test_a_button_leads_back_to_no_other_site(boss):
    step = reverse("admin:reservations_reservation_advance_this", args=[on(TODAY).pk])

    answer = boss.post(step, {"confirmed": "list"}, headers={"referer": "https://elsewhere.example/"})

    assert answer.url == LIST


@pytest.mark.parametrize("act", ["advance", "cancel"])
def test_a_link_on_a_reservations_page_asks_first(act, boss):
    row = on(TODAY)
    path = reverse(f"admin:reservations_reservation_{act}_this", args=[row.pk])
    page = reverse("admin:reservations_reservation_change", args=[row.pk])
    assert path in boss.get(page).content.decode()

    asked = boss.get(path)
    row.refresh_from_db()
    assert (asked.status_code, row.status, row.trashed_at) == (200, Status.RESERVED, None)

    assert boss.post(path, {"confirmed": "1"}).url == page
    row.refresh_from_db()
    assert (row.status, row.trashed_at is not None) == {"advance": (1, False), "cancel": (0, True)}[act]


def test_who_missed_is_noted_and_who_cannot_come_back_is_told_why(boss):
    row = on(dt.date(2026, 3, 2), designer=DesignerFactory(max_per_hour=1))
    path = "admin:reservations_reservation_{}_this"
    boss.post(reverse(path.format("miss"), args=[row.pk]), {"confirmed": "1"})
    row.refresh_from_db()
    assert row.no_show_at is not None

    boss.post(reverse(path.format("cancel"), args=[row.pk]), {"confirmed": "1"})
    on(row.date, designer=row.designer)
    answer = boss.post(reverse(path.format("restore"), args=[row.pk]), {"confirmed": "1"}, follow=True)

    assert [str(told) for told in answer.context["messages"]][-1] == (
        f"{row}: 그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요."
    )


@pytest.mark.parametrize("pk", ["0", "x", "9" * 40])
@pytest.mark.parametrize("act", ["advance", "miss", "cancel", "restore"])
def test_there_is_nothing_to_do_to_what_is_not_there(act, pk, boss):
    assert boss.get(f"{LIST}{pk}/{'no-show' if act == 'miss' else act}/").status_code == 403


def test_a_designer_steps_on_no_stranger(boss):
    row, other = on(TODAY), on(TODAY)
    browser = Browser()
    browser.force_login(row.designer.user, backend="accounts.backends.RoleBackend")

    def click(reservation):
        path = reverse("admin:reservations_reservation_advance_this", args=[reservation.pk])
        return browser.post(path, {"confirmed": "list"}).status_code

    assert (click(row), click(other)) == (302, 403)


def test_a_form_offers_nobody_who_has_left(boss):
    here = UserFactory(name="김찾음")
    UserFactory(
        name="", pn="", email="", birth=None, userid="gone", withdrawn_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    asked = {"app_label": "reservations", "model_name": "reservation", "field_name": "customer"}

    def offered(term):
        found = boss.get(reverse("admin:autocomplete"), asked | {"term": term}).json()["results"]
        return [person["id"] for person in found]

    assert (offered("찾음"), offered("gone"), offered("찾\x00음")) == ([str(here.pk)], [], [str(here.pk)])


@pytest.mark.parametrize(
    ("number", "told"),
    [("+821012345678", "010-1234-5678"), ("+8225551234", "02-555-1234"), ("+14155550100", "+1 415-555-0100"), ("", "")],
)
def test_a_number_is_told_as_people_write_it(number, told):
    assert spoken(number) == told
