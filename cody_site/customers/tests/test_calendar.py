"""Reservations in calendar programs."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts import services as accounts
from accounts.actors import Actor, Door
from accounts.models import AccountType, CalendarFeed, User
from reservations import services
from reservations.models import Reservation
from tests.factories import CalendarFeedFactory, DesignerFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = reverse("pages:calendar")


def file_of(row):
    return reverse("pages:calendar_file", args=[row.pk])


def feed_of(user):
    return reverse("pages:feed", args=[CalendarFeedFactory(user=user).token])


def events(answer):
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def ask(address, **headers):
    """A calendar program: no session, no language."""
    return Browser().get(address, headers=headers)


# ---------------------------------------------------------------- a file


def test_a_reservation_is_a_file_that_calendars_understand(browser, book):
    row = book(note="비밀 메모")

    answer = browser.get(file_of(row))

    (event,) = events(answer)
    assert event.decoded("dtstart").isoformat() == "2026-03-05T10:00:00+09:00"
    assert event["dtstart"].params["TZID"] == "Asia/Seoul"
    assert event.decoded("duration") == dt.timedelta(minutes=30)
    assert (event["uid"], event["status"], event["sequence"]) == (
        f"reservation-{row.pk}@testserver", "CONFIRMED", 0,
    )  # fmt: skip
    assert event["summary"] == "김하늘 디자이너 상담"
    assert event["url"].endswith(reverse("pages:reservation", args=[row.pk]))
    assert [str(zone["tzid"]) for zone in Calendar.from_ical(answer.content).walk("VTIMEZONE")] == ["Asia/Seoul"]
    assert answer["Content-Disposition"] == f'attachment; filename="cdeday-{row.pk}.ics"'
    assert "private" in answer["Cache-Control"]
    for secret in ("비밀 메모", row.customer.pn, row.designer.user.pn):
        assert secret not in answer.content.decode()


def test_a_file_loaded_again_follows_moves_and_the_cancellation(browser, book, customer):
    row = book()
    by, rows = Actor(Door.PAGES, user=customer), Reservation.objects.all()
    (before,) = events(browser.get(file_of(row)))
    services.change(by=by, reservations=rows, data=services.Change(time=dt.time(15)))
    (moved,) = events(browser.get(file_of(row)))
    services.cancel(by=by, reservations=rows)
    (cancelled,) = events(browser.get(file_of(row)))

    assert [event["sequence"] for event in (before, moved, cancelled)] == [0, 1, 2]
    assert [event["status"] for event in (before, moved, cancelled)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({event["uid"] for event in (before, moved, cancelled)}) == 1
    assert moved.decoded("dtstart").hour == 15


def test_words_with_commas_and_line_ends_stay_words(browser, book):
    row = book(designer=DesignerFactory(user__name="김, 하늘;\\n"))

    (event,) = events(browser.get(file_of(row)))

    assert event["summary"] == "김, 하늘;\\n 디자이너 상담"


def test_anybody_elses_is_not_there(browser, book):
    assert browser.get(file_of(book(customer=UserFactory()))).status_code == 404


# ---------------------------------------------------------------- the secret address


def test_an_address_is_made_renewed_and_revoked(browser, customer, book):
    book()
    assert "비밀 주소 만들기" in browser.get(PAGE).content.decode()
    browser.post(PAGE, {"act": "renew"})
    first = browser.get(PAGE).context["address"]
    browser.post(PAGE, {"act": "renew"})
    second = browser.get(PAGE).context["address"]

    assert len(CalendarFeed.objects.get().token) == 32
    assert ask(first).status_code == 404
    assert len(events(ask(second))) == 1
    browser.post(PAGE, {"act": "revoke"})
    assert ask(second).status_code == 404


def test_a_customer_subscribes_to_the_last_90_days_and_all_to_come(customer, book):
    for days in (-91, -90, 1, 40):
        book(days=days)
    book(days=3, trashed=True)
    book(days=4, customer=UserFactory())

    found = events(ask(feed_of(customer)))

    today = timezone.localdate()
    assert [(event.decoded("dtstart").date() - today).days for event in found] == [-90, 1, 40]


def test_a_designer_subscribes_to_names_and_nothing_else(designer, book):
    book(note="두피가 예민해요", customer=UserFactory(name="강예린"))
    book(days=-30, customer=UserFactory(name="고민석"))
    book(days=-31, customer=UserFactory(name="권나은"))  # whom designers may not know any more (section 9)
    book(designer=DesignerFactory())

    answer = ask(feed_of(designer.user))

    assert [event["summary"] for event in events(answer)] == ["고민석님 상담", "강예린님 상담"]
    assert [event["url"].partition("/admin/")[2].partition("#")[0] for event in events(answer)] == [
        "?date=2026-02-01", "?date=2026-03-05",
    ]  # fmt: skip
    text = answer.content.decode()
    assert "두피" not in text
    assert not any(pn in text for pn in User.objects.values_list("pn", flat=True))


def test_staff_subscribe_to_their_own_visits_only(book):
    boss = UserFactory(staff=True)
    book()
    own = book(customer=boss)

    (event,) = events(ask(feed_of(boss)))

    assert event["uid"].startswith(f"reservation-{own.pk}@")


def test_a_program_that_has_it_already_is_not_sent_it_again(customer, book):
    row = book()
    address = feed_of(customer)
    first = ask(address)

    assert ask(address, if_none_match=first["ETag"]).status_code == 304
    services.change(
        by=Actor(Door.PAGES, user=customer),
        reservations=Reservation.objects.filter(pk=row.pk),
        data=services.Change(time=dt.time(11)),
    )
    assert ask(address, if_none_match=first["ETag"]).status_code == 200
    assert "private" in first["Cache-Control"]


def test_who_has_left_has_no_calendar(customer, book):
    address = feed_of(customer)
    accounts.withdraw(by=Actor(Door.PAGES, user=customer), users=User.objects.filter(pk=customer.pk))

    assert ask(address).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_who_becomes_a_designer_must_subscribe_anew(customer, book):
    address = feed_of(customer)
    accounts.change(
        by=Actor(Door.ADMIN, user=UserFactory(staff=True)),
        users=User.objects.filter(pk=customer.pk),
        data=accounts.UserChange(type=AccountType.DESIGNER),
    )

    assert ask(address).status_code == 404


def test_wrong_addresses_are_tried_so_often_and_no_more(customer, book, settings):
    settings.THROTTLE_PASSWORD_PER_IP = 3
    right = feed_of(customer)

    assert [ask(f"/calendar/{number:032}.ics").status_code for number in range(3)] == [404, 404, 404]
    late = ask(right)
    assert (late.status_code, late["Retry-After"]) == (429, "61")


def test_the_right_address_may_be_asked_for_as_often_as_one_likes(customer, settings):
    settings.THROTTLE_PASSWORD_PER_IP = 3
    right = feed_of(customer)

    assert {ask(right).status_code for _ in range(5)} == {200}


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "한글", "'"])
def test_nonsense_is_not_found(token):
    assert ask(f"/calendar/{token}.ics").status_code == 404


def test_three_take_as_many_queries_as_one(customer, designer, django_assert_num_queries):
    for user, role in ((customer, "customer"), (designer.user, "designer")):
        address = feed_of(user)
        for hour in (10, 11, 12):
            one = {"customer": customer} if role == "customer" else {"designer": designer}
            ReservationFactory(time=dt.time(hour), **one)
            with django_assert_num_queries(3):
                ask(address)


def test_the_page_is_for_who_is_signed_in():
    assert Browser().get(PAGE)["Location"] == f"/login/?next={PAGE}"
