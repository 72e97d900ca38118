"""Everything that we hold about a person, as a file."""

import datetime as dt
import json
import logging

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.actors import Actor, Door
from accounts.consents import VERSIONS
from accounts.models import ConsentKind
from reservations import services
from tests.factories import (
    CalendarFeedFactory,
    ClientNoteFactory,
    CommentFactory,
    ConsentFactory,
    MailFactory,
    PaymentFactory,
    PaymentItemFactory,
    PhotoFactory,
    PostFactory,
    PostPhotoFactory,
    RefundFactory,
    ReservationPhotoFactory,
    UserFactory,
    WaitFactory,
    bearer,
)

pytestmark = pytest.mark.django_db

PAGE = reverse("pages:my_data")
SECTIONS = [
    "consents", "sign_ins", "apps", "reservations", "waits", "payments", "photos", "posts", "comments", "mails",
    "calendar_addresses",
]  # fmt: skip


def load(browser):
    answer = browser.post(PAGE)
    return json.loads(b"".join(answer.streaming_content))


@pytest.fixture
def own_all(customer, designer):
    """One row of everything, of a person."""

    def make(person, hour=10):
        row = services.book(
            by=Actor(Door.PAGES, user=person), customer=person, designer=designer, date=dt.date(2026, 3, 6),
            time=dt.time(hour), note="앞머리",
        )  # fmt: skip
        photo = PhotoFactory(uploader=person, filename="머리.png")
        ReservationPhotoFactory(reservation=row, photo=photo)
        payment = PaymentFactory(payer=person, reservation=row)
        PaymentItemFactory(payment=payment, product__name="커트")
        RefundFactory(
            payment=payment, amount=1_000, account_holder="강예린", account_number="110", account_bank="088", by=person
        )
        PostPhotoFactory(post=PostFactory(author=person), photo=photo)
        CommentFactory(author=person)
        ConsentFactory(user=person, kind=ConsentKind.TERMS, version=VERSIONS[ConsentKind.TERMS])
        MailFactory(user=person)
        WaitFactory(customer=person)
        CalendarFeedFactory(user=person)
        bearer(person)
        return row

    return make


def test_the_page_explains_before_anything_is_loaded(browser):
    text = browser.get(PAGE).content.decode()

    assert "파일 내려받기" in text
    assert Browser().post(PAGE)["Location"] == f"/login/?next={PAGE}"


def test_all_of_it_and_only_ones_own(browser, customer, own_all):
    row = own_all(customer)
    own_all(UserFactory(name="다른 사람", userid="stranger"), hour=11)

    told = load(browser)

    assert list(told) == ["about", "profile", *SECTIONS]
    assert {name: len(told[name]) for name in SECTIONS} == dict.fromkeys(SECTIONS, 1)
    assert (told["profile"]["name"], told["profile"]["birth"]) == ("강예린", "1990-05-17")
    (visit,) = told["reservations"]
    assert (visit["number"], visit["date"], visit["time"], visit["designer"], visit["note"]) == (
        row.pk, "2026-03-06", "10:00:00", "김하늘", "앞머리",
    )  # fmt: skip
    assert [(line["what"], line["by"]) for line in visit["history"]] == [("booked", "me")]
    assert visit["photos"] == [told["photos"][0]["photoid"]]
    (payment,) = told["payments"]
    assert (payment["amount"], payment["card_number"]) == (30_000, "5361-4890-****-1704")
    assert payment["items"] == [{"name": "커트", "price": 30_000, "quantity": 1}]
    assert payment["refunds"][0]["account"] == {"holder": "강예린", "number": "110", "bank": "088"}
    assert "stranger" not in json.dumps(told, ensure_ascii=False)


def test_moments_are_iso_8601_with_their_offset(browser, customer, own_all):
    own_all(customer)

    told = load(browser)

    for moment in (told["about"]["made_at"], told["profile"]["joined_at"], told["payments"][0]["paid_at"]):
        assert dt.datetime.fromisoformat(moment).utcoffset() is not None


def test_what_the_salon_says_of_its_clients_is_not_in_it_nor_are_secrets(browser, customer, own_all):
    own_all(customer)
    ClientNoteFactory(customer=customer, text="까다로움")
    customer.set_password("a password of some length")
    customer.save()
    browser.force_login(customer)

    text = json.dumps(load(browser), ensure_ascii=False)

    for secret in ("까다로움", customer.calendar_feed.token, customer.password, browser.session.session_key):
        assert secret not in text


def test_nobody_keeps_it_on_the_way(browser, customer, own_all, caplog):
    own_all(customer)
    with caplog.at_level(logging.DEBUG):
        answer = browser.post(PAGE)
        b"".join(answer.streaming_content)

    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="cdeday-20260303.json"'
    assert "강예린" not in caplog.text


def test_somebody_of_whom_we_hold_nothing_gets_that(browser):
    told = load(browser)

    assert {name: len(told[name]) for name in SECTIONS} == dict.fromkeys(SECTIONS, 0) | {"sign_ins": 1}


def test_three_of_everything_take_as_many_queries_as_one(
    browser, customer, own_all, designer, django_assert_max_num_queries
):
    own_all(customer)
    for hour in (11, 12):
        PostPhotoFactory(post=PostFactory(author=customer), photo=PhotoFactory(uploader=customer))
        CommentFactory(author=customer)
        RefundFactory(payment=PaymentFactory(payer=customer), amount=1_000)
        services.book(
            by=Actor(Door.PAGES, user=customer), customer=customer, designer=designer, date=dt.date(2026, 3, 6),
            time=dt.time(hour),
        )  # fmt: skip

    with django_assert_max_num_queries(25):
        load(browser)


def test_a_photo_is_loaded_by_its_link_only_by_whose_it_is(browser, customer):
    strangers, gone = PhotoFactory(), PhotoFactory(uploader=customer)

    for photoid in (strangers.photoid, gone.photoid, "x" * 100, "%00"):  # the second one's bytes are in no storage
        assert browser.get(f"/my/data/photos/{photoid}/").status_code == 404
