"""Every page of the customers on the demo salon: no dead link, valid HTML, and what a page owes its reader."""

import json
import subprocess

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from cody_site.demo import salon
from tests.browser.crawl import Walk
from tests.clock import NOW
from tests.servers import html_checker

NEWER_THAN_THE_CHECKER = ("“enterkeyhint” not allowed", "“media” not allowed on element “meta”")
STARTS = ("/", "/join/", "/nowhere/", "/?page=nothing")


@pytest.fixture
def demo(clock, db, settings):
    clock.move_to(NOW.replace(hour=11))
    for name in [name for name in dir(settings) if name.startswith("THROTTLE_")]:
        setattr(settings, name, 0)
    salon.build()


def test_every_page_is_whole(demo, tmp_path):
    pages = []
    for userid, language in ((None, "ko"), (None, "en"), ("customer1", "ko"), ("customer2", "en")):
        walk = Walk(_browser(userid, language)).through(*STARTS)
        assert walk.dead == [("/nowhere/", "", 404)]
        assert [complaint for page in walk.pages for complaint in _owed(page, language)] == []
        pages += walk.pages

    assert _invalid(pages, tmp_path) == []


def _browser(userid, language):
    browser = Client(raise_request_exception=False)
    if userid:
        browser.force_login(User.objects.get(userid=userid), backend="accounts.backends.RoleBackend")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser


def _owed(page, language):
    """What is missing."""
    there = {
        "language": page.language == language,
        "title": page.title.partition("·")[0].strip(),
        "description": page.description,
        "one h1": len(page.headings) == 1,
        "landmarks": {"header", "main", "footer"} <= set(page.landmarks) and page.landmarks.count("main") == 1,
        "htmx where it is needed, and nowhere else": ("data-hx-" in page.html) == ("js/htmx.min.js" in page.html),
    }
    return [(page.name, what) for what, is_there in there.items() if not is_there]


def _invalid(pages, folder):
    """What the Nu HTML Checker, which is W3C's, says of all these at once; nothing where it is not installed."""
    checker = html_checker()
    if not checker or not pages:
        return []
    names = {}
    for number, page in enumerate(pages):
        path = folder / f"{number}.html"
        path.write_text(page.html)
        names[path.as_uri().replace("///", "/")] = page.name
    command = [*checker, "--errors-only", "--format", "json", *folder.glob("*.html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # its status only says whether
    return [
        (names[told["url"]], told["message"], told.get("extract", ""))
        for told in json.loads(done.stderr)["messages"]
        if not any(words in told["message"] for words in NEWER_THAN_THE_CHECKER)
    ]
