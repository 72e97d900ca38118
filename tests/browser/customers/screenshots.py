"""`make screenshots`: the customers' pages on the demo salon, written to docs/screenshots/customers.

No test by its name. Light and dark, as wide as a phone and as a desk's screen.
"""

import pytest

from tests.browser.conftest import NARROW, WIDE
from tests.browser.customers import places
from tests.browser.screenshots import FOLDER, TALLEST, keep


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["390px", "1280px"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", ["nobody", "a customer"])
def test_screenshots(sign_in, full_salon, who, scheme, size):
    page = sign_in(full_salon.customer if who == "a customer" else None, color_scheme=scheme)
    page.goto("/", wait_until="networkidle")  # so that the font is there
    for name, path in (places.own if who == "a customer" else places.public)(full_salon).items():
        page.set_viewport_size(size)
        page.goto(path, wait_until="networkidle")
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        page.set_viewport_size({"width": size["width"], "height": height})
        page.wait_for_load_state("networkidle")
        dark = "-dark" if scheme == "dark" else ""
        keep(page.screenshot(), FOLDER / f"customers/{name}-{size['width']}{dark}.png")
