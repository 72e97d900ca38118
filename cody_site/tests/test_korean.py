"""The back-office in Korean: no page that staff meet says what unfold, Django or another says in English."""

import html
import re

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse

from cody_site.models import Access, AccessLog
from reservations.models import Act
from tests.factories import (
    ClientFactory,
    CommentFactory,
    DesignerFactory,
    MailFactory,
    PaymentFactory,
    PhotoFactory,
    PostFactory,
    ReservationFactory,
    TimeOffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ENGLISH = """
All applications|Search apps|Type to search|Return to site|Go back|General|Light|Dark|System|Welcome|Run|Filters|Filter
Select record|Select all|Select action|Select value|More actions|Expand row|No results|Reset filters|Apply Filters
Clear all|Show all|Show counts|Add|Change|View|Delete|Save|Close|History|Search|Log out|Home|Today|Now|Any date|All|Yes
No|Empty|Not empty|Unknown|True|False|Date|Time|Username|Password|Access attempts?|Axes|Failed Logins|Attempt Time
client type|redirect URIs|name|created|updated|algorithm|Confidential|Public|Currently|Note|results?|entries|selected
""".replace("\n", "|").strip("|")
LEFT = re.compile(rf"(?<![\w./@-])(?:{ENGLISH})(?![\w./@-])")


@pytest.fixture
def boss():
    browser = Browser()
    browser.force_login(UserFactory(staff=True, name="사장"), backend="accounts.backends.RoleBackend")
    return browser


@pytest.fixture
def salon():
    """One of each that the admin lists."""
    row = ReservationFactory(customer__name="김손님")
    row.moves.create(act=Act.BOOKED, door="admin", by=row.customer)
    payment = PaymentFactory(payer=row.customer)
    AccessLog.objects.create(what=Access.CARD, by=row.customer, subject=row.customer)
    ClientFactory()
    for factory in (CommentFactory, PostFactory):
        factory(author=row.customer)
    PhotoFactory(uploader=row.customer)
    MailFactory(user=row.customer)
    TimeOffFactory(designer=DesignerFactory())
    return row, payment


def read(answer):
    """What a person reads, or hears, on the page."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    text = re.sub(r"<span[^>]*material-symbols[^>]*>.*?</span>", " ", text, flags=re.DOTALL)  # icons, named in English
    text = re.sub(r"<(?:form|button)[^>]*set_?lang.*?</form>", " ", text, flags=re.DOTALL)
    heard = re.findall(r'\b(?:title|placeholder|aria-label|data-label|alt)="([^"]*)"', text)
    return html.unescape("\n".join([*re.sub(r"<[^>]+>", "\n", text).splitlines(), *heard]))


def left_over(answer):
    return sorted({line.strip() for line in read(answer).splitlines() if LEFT.search(line)})


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=lambda model: model._meta.label)
def test_no_english_is_left_in_the_korean_back_office(model, boss, salon):
    desk, name = admin.site._registry[model], f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages = [
        reverse(f"{name}_changelist"),
        reverse(f"{name}_changelist") + "?q=없는것",
        reverse(f"{name}_changelist") + "?q=김손님",
    ]
    request = boss.get(pages[0]).wsgi_request
    if desk.has_add_permission(request):
        pages.append(reverse(f"{name}_add"))
    if row := model._default_manager.order_by("pk").last():
        pages += [reverse(f"{name}_change", args=[row.pk]), reverse(f"{name}_history", args=[row.pk])]

    found = {path: left_over(boss.get(path, follow=True)) for path in pages}

    assert found == {path: [] for path in pages}


def test_the_back_office_speaks_english_to_whom_that_suits_better(boss, salon):
    path = reverse("admin:reservations_reservation_changelist")
    assert '"/i18n/setlang/"' in boss.get(path).content.decode()

    answer = boss.post("/i18n/setlang/", {"language": "en", "next": path}, follow=True)

    assert answer.redirect_chain == [(path, 302)]
    assert "Filters" in left_over(answer)  # which shows that they would be found
