"""One page per client: what stands on it for whom, and the acts that begin there."""

import datetime as dt
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Mail, User
from accounts.phone_numbers import spoken
from cody_site.back_office import client_card
from cody_site.models import Access, AccessLog
from reservations.models import Act, ClientNote, Status
from tests.factories import (
    ClientNoteFactory,
    DesignerFactory,
    MoveFactory,
    PaymentFactory,
    PhotoFactory,
    PostFactory,
    RefundFactory,
    ReservationFactory,
    ReservationPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

PAST = dt.date(2026, 2, 20)


@pytest.fixture
def desk():
    def open_for(user):
        browser = Browser()
        browser.force_login(user, backend="accounts.backends.RoleBackend")
        return browser

    return open_for


@pytest.fixture
def boss(desk):
    return desk(UserFactory(staff=True, name="한관리"))


def card(person):
    return reverse("back_office:client", args=[person.pk])


def act(name, person, *more):
    return reverse(f"back_office:{name}", args=[person.pk, *more])


def text(answer):
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def whole_story(person, designer, day, time=dt.time(10)):
    """One visit with all that can hang on it."""
    when = {"date": day, "time": time}
    visit = ReservationFactory(customer=person, designer=designer, **when, status=Status.DONE, note="앞머리만")
    MoveFactory(reservation=visit, by=designer.user)
    ClientNoteFactory(customer=person)
    ClientNoteFactory(customer=person, reservation=visit, text="8N 30분")
    ClientNoteFactory(customer=person, trashed_at=timezone.now())
    ReservationPhotoFactory(reservation=visit, photo=PhotoFactory(uploader=person))
    RefundFactory(payment=PaymentFactory(payer=person, reservation=visit, refunded_amount=10_000))
    PostFactory(author=person)
    return visit


# ---------------------------------------------------------------- what stands on it


def test_a_card_tells_who_it_is_and_how_they_have_come(boss):
    person = UserFactory(name="김서연", pn="+821012345678", email="kim@example.com")
    designer = DesignerFactory(user__name="박디자")
    visit = ReservationFactory(customer=person, designer=designer, date=PAST, status=Status.DONE, note="앞머리만")
    ReservationFactory(customer=person, designer=designer, date=PAST, time=dt.time(15), no_show_at=timezone.now())
    ReservationFactory(
        customer=person, designer=designer, date=PAST, time=dt.time(16), trashed=True, cancel_reason="감기에 걸림"
    )
    ReservationFactory(customer=person, designer=designer, time=dt.time(11))
    PaymentFactory(payer=person, reservation=visit, amount=30_000, refunded_amount=10_000)
    PostFactory(author=person, title="단발로 바꿨어요")

    page = text(boss.get(card(person)))

    for told in (
        "김서연", "010-1234-5678", "kim@example.com", "방문 1회", "지난 방문 2026. 2. 20.", "노쇼 1회",
        "순 결제액 20,000원", "앞머리만", "감기에 걸림", "단발로 바꿨어요", "상담완료", "결제됨", f"#{visit.pk}",
    ):  # fmt: skip
        assert told in page, told
    upcoming = page[page.index("다가오는 예약 ") : page.index("직원 메모 고객")]
    assert "3. 5." in upcoming
    assert "2. 20." not in upcoming


def test_history_tells_who_did_what_when_and_from_where(boss):
    person = UserFactory()
    visit = ReservationFactory(customer=person)
    told = {"date": "2026-03-05", "time": "10:00", "status": 0, "designer": 1}
    MoveFactory(reservation=visit, by=UserFactory(name="박직원"), door="admin")
    MoveFactory(reservation=visit, act=Act.CHANGED, before=told, after=told | {"time": "11:00", "status": 1})
    MoveFactory(reservation=visit, act=Act.NO_SHOW, after={"no_show": False}, client="demo-server")

    page = text(boss.get(card(person)))

    assert "박직원 · 예약 (관리자 화면)" in page
    assert "예약완료 → 상담준비, 10:00 → 11:00" in page
    assert "demo-server · 노쇼 아님 (앱)" in page


def test_the_first_photos_stand_beside_the_latest(boss):
    person = UserFactory()
    for day in (PAST, PAST + dt.timedelta(days=5), PAST + dt.timedelta(days=9)):
        visit = ReservationFactory(customer=person, date=day, status=Status.DONE)
        ReservationPhotoFactory(reservation=visit, photo=PhotoFactory(uploader=person))
    later = ReservationFactory(customer=person)
    ReservationPhotoFactory(reservation=later, photo=PhotoFactory(uploader=person, trashed=True))

    shown = boss.get(card(person)).context["card"]

    assert (shown.before.reservation.date.day, shown.after.reservation.date.day) == (20, 1)
    assert [album.reservation.date.day for album in shown.albums] == [1, 25, 20]


def test_the_very_first_photo_is_among_the_newest(boss, monkeypatch):
    monkeypatch.setattr(client_card, "PHOTOS", 2)
    person = UserFactory()
    for number in range(5):
        visit = ReservationFactory(customer=person, date=PAST + dt.timedelta(days=number), status=Status.DONE)
        ReservationPhotoFactory(reservation=visit, photo=PhotoFactory(uploader=person))

    shown = boss.get(card(person)).context["card"]

    assert [album.reservation.date.day for album in shown.albums] == [24, 23, 20]


def test_one_visit_has_no_before_and_after(boss):
    person = UserFactory()
    whole_story(person, DesignerFactory(), PAST)

    shown = boss.get(card(person)).context["card"]

    assert (shown.before, shown.after, len(shown.albums)) == (None, None, 1)


@pytest.mark.parametrize("who", ["boss", "finance", "designer"])
def test_a_card_asks_a_fixed_number_of_questions(who, desk, django_assert_max_num_queries):
    designer = DesignerFactory(max_per_hour=100)
    reader = designer.user if who == "designer" else UserFactory(**{"staff" if who == "boss" else who: True})
    browser = desk(reader)
    person = UserFactory()
    counts = []
    for days in ([1], [2, 3, 4], range(5, 60)):
        for day in days:
            date = dt.date(2026, 2, 28) - dt.timedelta(days=day % 20)
            whole_story(person, designer, date, dt.time(10 + day // 20))
        with django_assert_max_num_queries(17) as asked:
            page = browser.get(card(person))
        counts.append(len(asked))
        shown = page.context["card"]

    assert counts == [counts[0]] * 3
    assert len(shown.upcoming) + len(shown.past) == 50
    assert shown.more_visits


# ---------------------------------------------------------------- who reads it


@pytest.mark.parametrize(("who", "status"), [("staff", 200), ("finance", 200), ("system", 200)])
def test_staff_read_every_card(who, status, desk):
    assert desk(UserFactory(**{who: True})).get(card(UserFactory())).status_code == status


@pytest.mark.parametrize("who", [{}, {"tester": True}])
def test_customers_read_none(who, desk):
    person = UserFactory(**who)

    assert desk(person).get(card(person)).status_code == 302


def test_nobody_reads_one_without_signing_in():
    assert Browser().get(card(UserFactory())).status_code == 302
    assert not AccessLog.objects.exists()


def test_a_stranger_of_a_designers_is_not_found_by_any_door(desk):
    designer, person = DesignerFactory(), UserFactory()
    ReservationFactory(customer=person)
    ReservationFactory(customer=person, designer=designer, date=dt.date(2026, 1, 5))  # more than 30 days ago
    note = ClientNoteFactory(customer=person)
    browser = desk(designer.user)

    answers = [
        browser.get(card(person)),
        browser.post(act("write_note", person), {"text": "x"}),
        browser.post(act("trash_note", person, note.pk)),
        browser.post(act("restore_note", person, note.pk)),
        browser.post(act("invite", person), {"email": "x@example.com"}),
        browser.post(act("consultation", person)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert (ClientNote.objects.live().count(), Mail.objects.count(), AccessLog.objects.count()) == (1, 0, 0)


def test_a_designer_reads_of_a_client_what_concerns_the_two_of_them(desk):
    designer, person = DesignerFactory(), UserFactory(email="kim@example.com")
    own = ReservationFactory(customer=person, designer=designer, note="우리 예약")
    other = ReservationFactory(customer=person, time=dt.time(15), note="남의 예약", no_show_at=timezone.now())
    ReservationPhotoFactory(reservation=other, photo=PhotoFactory(uploader=person))
    PaymentFactory(payer=person, reservation=own, amount=77_000)
    ClientNoteFactory(customer=person, text="두피가 예민함")
    ClientNoteFactory(customer=person, reservation=other, text="남의 메모")

    answer = desk(designer.user).get(card(person))

    page = text(answer)
    assert all(told in page for told in ("우리 예약", "결제됨", "두피가 예민함", spoken(person.pn)))
    assert not any(told in page for told in ("남의 예약", "남의 메모", "77,000", "결제와 환불", "kim@example.com"))
    assert answer.context["card"].albums == []
    assert answer.context["client"].no_shows == 0


@pytest.mark.parametrize("path", ["clients/0/", "clients/999999999999999999999999/", "clients/x/"])
def test_a_card_of_nobody_is_not_found(path, boss):
    assert boss.get(f"/admin/{path}").status_code == 404


def test_staff_have_no_card(boss):
    assert boss.get(card(DesignerFactory().user)).status_code == 404


def test_of_who_has_left_the_card_shows_what_the_law_keeps(boss, desk):
    designer, person = DesignerFactory(), UserFactory(gone=True)
    visit = ReservationFactory(customer=person, designer=designer, date=PAST, status=Status.DONE)
    PaymentFactory(payer=person, reservation=visit, amount=30_000)

    page = text(boss.get(card(person)))

    assert all(told in page for told in ("탈퇴한 회원", "법에 따라", "2026. 2. 20.", "30,000원"))
    assert not any(told in page for told in ("다시 예약", "초대 메일", "탈퇴 처리", "메모 남기기"))
    assert desk(designer.user).get(card(person)).status_code == 404


# ---------------------------------------------------------------- the access log


def test_each_opening_is_written_down_and_no_act_is(boss):
    person = UserFactory(name="김서연")

    boss.get(card(person))
    boss.post(act("write_note", person), {"text": "두피가 예민함"}, follow=True)
    boss.post(act("consultation", person), follow=True)
    boss.get(card(person))

    (_second, first) = AccessLog.objects.all()
    assert AccessLog.objects.count() == 2
    assert (first.what, first.by.name, first.subject, first.ip) == (Access.CARD, "한관리", person, "127.0.0.1")


def test_to_open_a_customers_account_is_to_read_it_too(boss):
    person, colleague = UserFactory(), UserFactory(staff=True)

    boss.get(reverse("admin:accounts_user_change", args=[person.pk]))
    boss.get(reverse("admin:accounts_user_change", args=[colleague.pk]))
    boss.get(reverse("admin:accounts_user_add"))

    assert [(log.what, log.subject) for log in AccessLog.objects.all()] == [(Access.CARD, person)]


# ---------------------------------------------------------------- notes


def test_notes_are_written_about_the_client_or_about_a_visit(boss):
    person = UserFactory()
    visit = ReservationFactory(customer=person, date=PAST, status=Status.DONE)

    boss.post(act("write_note", person), {"text": "두피가 예민함"})
    boss.post(act("write_note", person), {"text": "8N 30분", "reservation": visit.pk})

    assert [(note.text, note.reservation, note.by.name) for note in person.client_notes.order_by("pk")] == [
        ("두피가 예민함", None, "한관리"),
        ("8N 30분", visit, "한관리"),
    ]
    assert text(boss.get(card(person))).count("8N 30분") == 2  # among the notes, and with its visit


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "x" * 1001}, {"text": "a\x00"}, {"reservation": "x"}])
def test_a_note_that_says_nothing_sensible_is_told_so_and_kept_on_the_form(wrong, boss):
    person = UserFactory()

    page = boss.post(act("write_note", person), {"text": "두피가 예민함"} | wrong)

    assert 'role="alert"' in page.content.decode()
    assert not ClientNote.objects.exists()
    assert AccessLog.objects.count() == 1  # the card was shown with the form


def test_a_note_is_not_put_on_somebody_elses_visit(boss):
    boss.post(act("write_note", UserFactory()), {"text": "x", "reservation": ReservationFactory().pk})

    assert not ClientNote.objects.exists()


@pytest.mark.parametrize("who", ["finance", "system"])
def test_who_writes_no_reservations_reads_notes_and_writes_none(who, desk):
    person = UserFactory()
    note = ClientNoteFactory(customer=person, text="두피가 예민함")
    browser = desk(UserFactory(**{who: True}))

    page = text(browser.get(card(person)))
    browser.post(act("write_note", person), {"text": "x"})
    browser.post(act("trash_note", person, note.pk))

    assert "두피가 예민함" in page
    assert "메모 남기기" not in page
    assert list(ClientNote.objects.live()) == [note]


def test_a_note_goes_to_the_trash_and_comes_back(boss):
    person = UserFactory()
    note = ClientNoteFactory(customer=person, text="두피가 예민함")

    boss.post(act("trash_note", person, note.pk))
    trashed = boss.get(card(person)).context["card"]
    boss.post(act("restore_note", person, note.pk))
    back = boss.get(card(person)).context["card"]

    assert (trashed.notes, trashed.trashed_notes) == ([], [note])
    assert (back.notes, back.trashed_notes) == ([note], [])


def test_a_designer_trashes_own_notes_only(desk):
    designer, person = DesignerFactory(), UserFactory()
    ReservationFactory(customer=person, designer=designer)
    theirs, own = ClientNoteFactory(customer=person), ClientNoteFactory(customer=person, by=designer.user)
    browser = desk(designer.user)

    for note in (theirs, own):
        browser.post(act("trash_note", person, note.pk))

    assert list(ClientNote.objects.live()) == [theirs]


def test_a_note_of_another_client_is_not_found_on_this_card(boss):
    note = ClientNoteFactory()

    assert boss.post(act("trash_note", UserFactory(), note.pk)).status_code == 404


def test_consultation_mode_takes_notes_off_every_card_of_the_session_until_it_ends(boss, desk):
    person, other = UserFactory(), UserFactory()
    visit = ReservationFactory(customer=person, note="고객이 쓴 말")
    ClientNoteFactory(customer=person, text="두피가 예민함")
    ClientNoteFactory(customer=person, reservation=visit, text="8N 30분")
    ClientNoteFactory(customer=other, text="말이 많음")

    on = text(boss.post(act("consultation", person), follow=True))
    elsewhere, colleagues = text(boss.get(card(other))), text(desk(UserFactory(staff=True)).get(card(other)))
    off = text(boss.post(act("consultation", person), follow=True))

    assert all(told in on for told in ("고객이 쓴 말", "켜짐: 직원 메모를 숨겼습니다"))
    assert not any(told in on for told in ("두피가 예민함", "8N 30분", "메모 남기기"))
    assert "말이 많음" not in elsewhere
    assert "말이 많음" in colleagues
    assert all(told in off for told in ("두피가 예민함", "8N 30분", "꺼짐"))


# ---------------------------------------------------------------- acts


def test_whom_the_desk_made_is_invited_from_the_card(boss):
    person = UserFactory(email="")
    User.objects.filter(pk=person.pk).update(password="!")

    boss.post(act("invite", person), {"email": "kim@example.com"})

    assert [(sent.user, sent.to, sent.template) for sent in Mail.objects.all()] == [
        (person, "kim@example.com", "invitation")
    ]


@pytest.mark.parametrize("email", ["", "kim", "kim@example.com\x00", f"{'x' * 60}@example.com"])
def test_an_address_that_is_none_is_told_on_the_card(email, boss):
    page = boss.post(act("invite", UserFactory()), {"email": email})

    assert page.status_code == 200
    assert not Mail.objects.exists()


def test_who_has_a_password_is_not_invited_from_the_card(boss):
    person = UserFactory()
    person.set_password("a password of some length")
    person.save()

    page = text(boss.get(card(person)))
    boss.post(act("invite", person), {"email": "kim@example.com"})

    assert "초대 메일" not in page
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("staff", {"다시 예약", "정보 수정", "탈퇴 처리", "환불"}),
        ("finance", {"환불"}),
        ("system", {"정보 수정", "탈퇴 처리"}),
    ],
)
def test_a_card_offers_what_its_reader_may_do(who, offered, desk):
    person = UserFactory()
    payment = PaymentFactory(payer=person)

    page = desk(UserFactory(**{who: True})).get(card(person)).content.decode()

    acts = {
        "다시 예약": f"/admin/book/?customer={person.pk}",
        "정보 수정": reverse("admin:accounts_user_change", args=[person.pk]),
        "탈퇴 처리": 'value="withdraw"',
        "환불": reverse("admin:payments_payment_refund", args=[payment.pk]),
    }
    assert {name for name, mark in acts.items() if mark in page} == offered


def test_withdrawing_from_the_card_asks_first(boss):
    person = UserFactory()

    page = boss.post(
        reverse("admin:accounts_user_changelist"), {"action": "withdraw", "_selected_action": person.pk}
    ).content.decode()

    assert "되돌릴 수 없습니다" in page
    person.refresh_from_db()
    assert person.is_active


def test_no_way_to_a_card_goes_past_the_access_log(boss):
    """An act leads back to the card, which is another opening of it unless it was open before."""
    person, other = UserFactory(), UserFactory()
    boss.post(reverse("back_office:consultation", args=[person.pk]))
    boss.get(card(person))
    boss.post(reverse("back_office:consultation", args=[person.pk]))
    boss.get(card(person))
    boss.post(reverse("back_office:consultation", args=[person.pk]))
    boss.get(card(other))

    assert list(AccessLog.objects.order_by("pk").values_list("subject", flat=True)) == [person.pk, other.pk]
