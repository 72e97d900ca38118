"""axe finds nothing to complain of on our own screens: light and dark, wide and narrow, everything unfolded."""

import pytest
from django.urls import reverse

from tests.browser.screens import NAMES, address
from tests.codes import with_device

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()


@pytest.fixture
def scheme(size):
    """Each of the two sizes in one of the two looks, which have the same colours at both."""
    return "dark" if size["width"] > 1000 else "light"


def complaints(page):
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    return [
        (violation["id"], node["html"], node["failureSummary"])
        for violation in axe.run(page).response["violations"]
        for node in violation["nodes"]
        if not _of_simplebar(violation, node)
    ]


def _of_simplebar(violation, node):
    """unfold's scrolling boxes, the side of the page and the lists in it, are all named "scrollable content"."""
    return violation["id"] == "landmark-unique" and 'class="simplebar-content-wrapper"' in node["html"]


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_on_a_screen(sign_in, salon, scheme, name):
    page = sign_in(salon.boss, color_scheme=scheme)
    page.goto(address(name, salon))

    assert complaints(page) == []


def test_axe_finds_nothing_in_forms_that_complain_or_ask_more(sign_in, salon, scheme):
    page = sign_in(salon.boss, color_scheme=scheme)
    page.goto(address("book", salon))
    page.get_by_label("이름이나 전화번호 끝 네 자리").fill("나")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert complaints(page) == []

    page.goto(address("sick-day", salon))
    page.get_by_label("사유").fill("독감")
    page.keyboard.press("Enter")
    page.locator(".plans").wait_for()
    assert complaints(page) == []


def test_axe_finds_nothing_on_the_way_in(sign_in, salon, scheme):
    salon.boss.set_password("a password of some length")
    salon.boss.save()
    with_device(salon.boss)
    page = sign_in(None, color_scheme=scheme)
    page.goto("/admin/")
    assert complaints(page) == []

    page.get_by_label("아이디").fill("boss")
    page.get_by_label("비밀번호").fill("a password of some length")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('accounts:second_step')}")
    assert complaints(page) == []


def test_axe_finds_nothing_where_the_phone_is_set_up(sign_in, salon, scheme):
    page = sign_in(salon.boss, color_scheme=scheme)
    page.goto(reverse("accounts:enrol"))

    assert complaints(page) == []
