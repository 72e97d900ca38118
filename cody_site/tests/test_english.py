"""The back-office in English: the catalogue is whole, and no page that staff meet says anything in Korean."""

import ast
import gettext
import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cody_site.back_office.reports.catalogue import REPORTS
from cody_site.models import Access, AccessLog
from cody_site.tests.test_korean import read
from reservations.models import Act
from tests.factories import (
    ClientFactory,
    CommentFactory,
    DesignerFactory,
    MailFactory,
    PaymentFactory,
    PaymentItemFactory,
    PhotoFactory,
    PolicyFactory,
    PostFactory,
    ReservationFactory,
    ScheduleFactory,
    TimeOffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CATALOGUE = settings.BASE_DIR / "locale/en/LC_MESSAGES/django.po"
TEXT = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}|<[^>]+>")
HANGUL = re.compile("[가-힣]")
ITSELF = {"한국어"}  # how the choice of languages names Korean


def entries():
    """Each of the catalogue's but its header, as {"msgid": …, "msgstr": …} and whether it is fuzzy."""
    for block in CATALOGUE.read_text().split("\n\n")[1:]:
        if found := TEXT.findall(block):
            yield {kind: ast.literal_eval(f"({text})") for kind, text in found}, "fuzzy" in block.partition("msgid")[0]


def translations(entry):
    return [text for kind, text in entry.items() if kind.startswith("msgstr")]


def test_every_text_has_its_english():
    assert [entry["msgid"] for entry, fuzzy in entries() if fuzzy or not all(translations(entry))] == []


def test_the_english_says_the_same_placeholders():
    other = [
        (entry["msgid"], text)
        for entry, _fuzzy in entries()
        for text in translations(entry)
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(entry["msgid"]))
    ]

    assert other == []


def test_what_is_compiled_is_what_is_written():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    def translated(msgid, context):
        return compiled.gettext(msgid) if context is None else compiled.pgettext(context, msgid)

    stale = [
        entry["msgid"]
        for entry, _fuzzy in entries()
        if "msgid_plural" not in entry and entry["msgstr"] != translated(entry["msgid"], entry.get("msgctxt"))
    ]

    assert stale == []


@pytest.fixture
def boss():
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(UserFactory(staff=True, name="Boss"), backend="accounts.backends.RoleBackend")
    return browser


@pytest.fixture
def salon():
    """One of each that the admin lists, with no Korean in what people have entered."""
    designer = DesignerFactory(user__name="Han", introduction="Colours")
    today = timezone.localdate()
    row = ReservationFactory(customer__name="Kim", designer=designer, note="A fringe", date=today)
    row.moves.create(act=Act.BOOKED, door="admin", by=row.customer)
    payment = PaymentFactory(payer=row.customer, reservation=row)
    PaymentItemFactory(payment=payment, name="Cut", product__name="Cut")
    ScheduleFactory(payer=row.customer)
    AccessLog.objects.create(what=Access.CARD, by=row.customer, subject=row.customer)
    ClientFactory()
    PolicyFactory()
    post = PostFactory(author=row.customer, title="Short hair", cont="It is short now.")
    CommentFactory(post=post, author=row.customer, title="Nice", cont="Me too.")
    PhotoFactory(uploader=row.customer, filename="hair.png")
    MailFactory(user=row.customer, subject="Hello", text="Hello", html="Hello")
    TimeOffFactory(designer=designer, reason="Holiday")
    assert [user.name for user in User.objects.all() if HANGUL.search(user.name)] == []
    return row


def korean(answer):
    assert answer.status_code == 200
    found = {line.strip() for line in read(answer).splitlines() if HANGUL.search(line)}
    return sorted(found - ITSELF)


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=lambda model: model._meta.label)
def test_no_korean_is_left_in_the_english_lists_and_forms(model, boss, salon):
    desk, name = admin.site._registry[model], f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist")]
    if desk.has_add_permission(boss.get(pages[0]).wsgi_request):
        pages.append(reverse(f"{name}_add"))
    if row := model._default_manager.order_by("pk").last():
        pages += [reverse(f"{name}_change", args=[row.pk]), reverse(f"{name}_history", args=[row.pk])]

    found = {path: korean(boss.get(path, follow=True)) for path in pages}

    assert found == {path: [] for path in pages}


def test_no_korean_is_left_in_the_english_pages_of_the_back_office(boss, salon):
    visit = {"pk": salon.pk}
    pages = [
        reverse("admin:index"),
        reverse("back_office:day"),
        reverse("back_office:day") + f"?date={salon.date}",
        reverse("back_office:search") + "?q=Kim",
        reverse("back_office:search") + "?q=nobody",
        reverse("back_office:book") + f"?date={salon.date}&designer={salon.designer_id}",
        reverse("back_office:sick_day"),
        reverse("back_office:move", kwargs=visit),
        reverse("back_office:cancel", kwargs=visit),
        reverse("back_office:client", args=[salon.customer_id]),
        reverse("back_office:reports"),
        reverse("back_office:export"),
        *(reverse("back_office:report", args=[slug]) for slug in REPORTS),
    ]

    found = {path: korean(boss.get(path, follow=True)) for path in pages}

    assert found == {path: [] for path in pages}
