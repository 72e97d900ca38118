"""Every page of the customers: axe finds nothing in light, dark and at 200 %, and nothing sticks out at 320 pixels."""

import pytest

from tests.browser.customers import places
from tests.browser.test_accessibility import complaints

pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

LOOKS = {
    "light, 320 pixels": ("light", {"width": 320, "height": 640}),
    "dark, 1280 pixels at 200 %": ("dark", {"width": 640, "height": 450}),
}


def faults(page):
    """What is wrong with a page in any of the looks."""
    found = []
    for look, (scheme, size) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found += [(look, *complaint) for complaint in complaints(page)]
        if page.evaluate("document.scrollingElement.scrollWidth") > size["width"]:
            found.append((look, "sticks out", page.evaluate(STICKING_OUT)))
    return found


STICKING_OUT = """
[...document.body.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > innerWidth + 1)
  .map((it) => it.outerHTML.slice(0, 120)).slice(-3)
"""


@pytest.mark.parametrize("who", ["nobody", "a customer"])
def test_axe_finds_nothing_and_nothing_sticks_out(sign_in, full_salon, who):
    page = sign_in(full_salon.customer if who == "a customer" else None, device_scale_factor=2)
    found = {}
    for name, path in (places.own if who == "a customer" else places.public)(full_salon).items():
        assert page.goto(path).status == 200, name
        assert page.url.endswith(path), name
        found[name] = faults(page)

    assert {name: faults for name, faults in found.items() if faults} == {}


def test_axe_finds_nothing_in_forms_that_are_refused(sign_in, full_salon):
    page = sign_in(full_salon.customer, device_scale_factor=2)
    found = {}
    for name in ("pay", "write", "withdrawal", "profile", "password-change"):
        page.goto(places.own(full_salon)[name])
        page.evaluate("document.querySelectorAll('main input:not([type=hidden])').forEach((it) => { it.value = ''; })")
        with page.expect_navigation():
            page.evaluate(SEND)
        found[name] = faults(page)

    assert {name: faults for name, faults in found.items() if faults} == {}


SEND = """
(() => {
  const form = document.querySelector("main form[method=post]:has(.button)");
  form.noValidate = true;
  form.requestSubmit();
})()
"""
