"""The search box of every page of the admin."""

import datetime as dt
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from reservations.models import Status
from tests.factories import DesignerFactory, PaymentFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

SEARCH = "/admin/search/"


@pytest.fixture
def desk():
    def open_for(user):
        browser = Browser()
        browser.force_login(user, backend="accounts.backends.RoleBackend")
        return browser

    return open_for


@pytest.fixture
def boss(desk):
    return desk(UserFactory(staff=True, pn="+821099990000"))


@pytest.fixture
def people():
    return [
        UserFactory(name="김서연", pn="+821011115678"),
        UserFactory(name="김도현", pn="+821022225678"),
        UserFactory(name="박서윤", pn="+821033331234"),
    ]


def card(person):
    return reverse("back_office:client", args=[person.pk])


def names(answer):
    return {client.name for client in answer.context["found"].clients}


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("words", ["1234", "박", "윤", "박 1234", "박.1234", "010-3333-1234", " 박서윤 "])
def test_one_hit_opens_at_once(words, people, boss):
    answer = boss.get(SEARCH, {"q": words})

    assert (answer.status_code, answer.get("Location")) == (302, card(people[2]))


@pytest.mark.parametrize(
    ("words", "found"),
    [("서", {"김서연", "박서윤"}), ("5678", {"김서연", "김도현"}), ("김 5678", {"김서연", "김도현"})],
)
def test_several_are_listed(words, found, people, boss):
    assert names(boss.get(SEARCH, {"q": words})) == found


def test_a_hit_tells_phone_last_and_next_visit_and_no_shows(people, boss):
    person = people[0]
    past = {"customer": person, "date": dt.date(2026, 2, 20)}
    ReservationFactory(**past, status=Status.DONE)
    ReservationFactory(**past, time=dt.time(15), no_show_at=dt.datetime(2026, 2, 20, 7, tzinfo=dt.UTC))
    ReservationFactory(customer=person, time=dt.time(11, 30))

    page = text(boss.get(SEARCH, {"q": "5678"}))

    assert "김서연 010-1111-5678 다음 3. 5. (목요일) 11:30 지난 방문 2026. 2. 20. 노쇼 1회" in page
    assert "김도현 010-2222-5678 방문 없음" in page


def test_no_more_than_twenty_are_listed_and_that_there_are_more_is_told(boss):
    for number in range(21):
        UserFactory(name=f"이{number}")

    answer = boss.get(SEARCH, {"q": "이"})

    assert len(names(answer)) == 20
    assert "더 있음" in text(answer)


@pytest.mark.parametrize("mark", ["", "#"])
def test_a_reservation_is_found_by_its_number(mark, boss):
    row = ReservationFactory()

    answer = boss.get(SEARCH, {"q": f"{mark}{row.pk}"})

    assert answer["Location"] == reverse("admin:reservations_reservation_change", args=[row.pk])


@pytest.mark.parametrize("spelt", [str.upper, str.lower])
def test_a_payment_is_found_by_its_uid(spelt, boss):
    payment = PaymentFactory()

    answer = boss.get(SEARCH, {"q": spelt(payment.payment_uid)})

    assert answer["Location"] == reverse("admin:payments_payment_change", args=[payment.pk])


def test_four_digits_may_be_both_a_phone_end_and_a_number(boss):
    row = ReservationFactory(pk=5678)
    UserFactory(pn="+821011115678")

    found = boss.get(SEARCH, {"q": "5678"}).context["found"]

    assert (len(found.clients), found.reservations) == (1, [row])


def test_designers_find_their_own_clients_and_reservations_and_no_payment(people, desk):
    designer = DesignerFactory()
    ReservationFactory(customer=people[0], designer=designer)
    other = ReservationFactory(customer=people[1])
    browser = desk(designer.user)

    answers = [browser.get(SEARCH, {"q": words}) for words in ("5678", str(other.pk), PaymentFactory().payment_uid)]

    assert answers[0]["Location"] == card(people[0])
    assert ["맞는 것이 없습니다" in text(answer) for answer in answers[1:]] == [True, True]


def test_staff_and_those_who_left_are_no_clients(boss):
    UserFactory(staff=True, name="한관리")
    User.objects.filter(pk=UserFactory(gone=True).pk).update(userid="left")

    for words in ("한관리", "left"):
        assert "맞는 것이 없습니다" in text(boss.get(SEARCH, {"q": words}))


@pytest.mark.parametrize("words", ["", "   "])
def test_nothing_asked_tells_what_can_be(words, boss):
    page = text(boss.get(SEARCH, {"q": words}))

    assert "전화번호 끝 4자리" in page
    assert "맞는 것이 없습니다" not in page


@pytest.mark.parametrize("words", ["\x00", "9" * 18, "9" * 100, "x" * 5000, "٤٥٦٧", "%_'\"<b>", "#", "-", "²", "."])
def test_nothing_that_is_typed_breaks_it(words, boss):
    answer = boss.get(SEARCH, {"q": words})

    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()


def test_a_search_asks_a_fixed_number_of_questions(boss, django_assert_max_num_queries):
    counts = []
    for size in (2, 3):
        for number in range(size):
            ReservationFactory(customer__name=f"최{number}", date=dt.date(2026, 2, 20), status=Status.DONE)
        with django_assert_max_num_queries(10) as asked:
            boss.get(SEARCH, {"q": "최"})
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "name", ["index", "accounts_user_changelist", "accounts_user_add", "reservations_reservation_changelist"]
)
def test_the_box_is_on_every_page_and_there_is_no_other(name, boss):
    page = boss.get(reverse(f"admin:{name}")).content.decode()

    assert page.count('action="/admin/search/"') == 1
    assert "search-input-command" not in page


def test_a_popup_has_no_box(boss):
    page = boss.get(reverse("admin:accounts_user_add"), {"_popup": 1}).content.decode()

    assert 'action="/admin/search/"' not in page


def test_customers_search_nothing(desk):
    assert desk(UserFactory()).get(SEARCH, {"q": "5678"}).status_code == 302
    assert Browser().get(SEARCH).status_code == 302
