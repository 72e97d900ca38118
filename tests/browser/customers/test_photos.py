"""Photos from a phone: several at once with their progress, without scripts, taken away and back."""

import pytest
from django.urls import reverse
from PIL import Image

from tests.factories import ReservationFactory

expect = pytest.importorskip("playwright.sync_api", reason="no browser: Playwright is not installed").expect


@pytest.fixture
def files(tmp_path):
    """Three photos, and one file that is none."""
    paths = []
    for number, colour in enumerate(("sienna", "peru", "tan")):
        paths.append(tmp_path / f"머리{number}.jpg")
        Image.new("RGB", (640, 480), colour).save(paths[-1])
    paths.append(tmp_path / "아님.jpg")
    paths[-1].write_text("no photo")
    return paths


@pytest.fixture
def visit(open_salon):
    return ReservationFactory(customer=open_salon.yerin, designer=open_salon.soyul)


def test_several_go_up_at_once_each_with_its_progress(sign_in, visit, files):
    page = sign_in(visit.customer)
    page.goto(reverse("pages:reservation_photos", args=[visit.pk]))
    page.locator("input[type=file]").first.set_input_files(files)

    expect(page.get_by_role("paragraph").filter(has_text="아님.jpg")).to_be_visible()
    expect(page.locator("[data-choices] input:checked")).to_have_count(3)
    expect(page.locator("[data-state=refused]")).to_be_visible()
    assert visit.customer.photos.live().count() == 3


def test_they_go_up_without_scripts_too(sign_in, visit, files):
    page = sign_in(visit.customer, java_script_enabled=False)
    page.goto(reverse("pages:reservation_photos", args=[visit.pk]))
    page.locator("input[type=file]").first.set_input_files(files[:2])
    page.locator("main form:has(input[type=file]) button[type=submit]").last.click()

    expect(page.locator("main img")).not_to_have_count(0)
    assert visit.photos.count() == 2
