"""`make screenshots`: the back-office's screens on the demo salon, written to docs/screenshots.

No test by its name, but made of the tests' browser: the salon and its moment are the same every time.
"""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse
from PIL import Image

from accounts.actors import Actor, Door
from accounts.models import Designer, User
from cody_site.demo import photos
from cody_site.demo import salon as demo
from media_store import tasks
from payments.models import State
from reservations import services
from reservations.models import Reservation, Status
from tests.browser.screens import NAMES, address
from tests.clock import NOW
from tests.codes import with_device
from tests.factories import ClientNoteFactory, ReservationPhotoFactory

FOLDER = Path(__file__).resolve().parents[2] / "docs/screenshots"
COLOURS, TALLEST = 200, 1800
"""TALLEST in pixels: what comes below is more of the same."""
PASSWORD = demo.PASSWORD
UNDER_WAY = {"designer2": Status.CONSULTING, "designer3": Status.PAUSED, "designer4": Status.PREPARING}


@pytest.fixture
def salon(clock, transactional_db):
    """The demo salon on a Tuesday afternoon, with somebody in each stage of a visit, and a client with a past."""
    clock.move_to(NOW.replace(hour=14, minute=31))
    demo.build()
    boss = User.objects.get(userid="staff")
    for userid, status in UNDER_WAY.items():
        _stage(Actor(Door.ADMIN, boss), userid, status)
    regular = User.objects.get(name="유시우")
    _past(regular, boss)
    tasks.render_photos()
    clock.move_to(NOW.replace(hour=14, minute=40))
    upcoming = Reservation.objects.live().filter(status=Status.RESERVED, no_show_at=None).order_by("date", "time")
    return SimpleNamespace(
        boss=boss,
        hanul=Designer.objects.get(user__userid="designer1"),
        soyul=Designer.objects.get(user__userid="designer3"),
        chaewon=regular,
        late=upcoming.filter(date=NOW.date(), time="15:30").first(),
        paid=upcoming.filter(payments__state=State.PAID).first(),
    )


def _stage(by, userid, status):
    begun = Reservation.objects.live().filter(date=NOW.date(), no_show_at=None, time__lte="14:30")
    row = begun.filter(designer__user__userid=userid).latest("time")
    change = services.Change(status=status)
    services.change(by=by, reservations=Reservation.objects.filter(pk=row.pk), data=change, correcting=True)


def _past(client, boss):
    """Photos of two visits, and what the salon has written down."""
    visits = client.reservations.live().filter(status=Status.DONE).order_by("date", "time")
    for visit, style in ((visits.first(), "단발.jpg"), (visits.last(), "레이어드.jpg")):
        photo = photos.upload(style, uploader=client, at=visit.created_at)
        ReservationPhotoFactory(reservation=visit, photo=photo)
    ClientNoteFactory(customer=client, by=boss, text="두피가 예민합니다. 순한 약으로.")
    ClientNoteFactory(customer=client, by=boss, reservation=visits.last(), text="앞머리는 다음에 다시 이야기하기로.")


@pytest.mark.parametrize("name", [*NAMES, "second-step"])
def test_screenshot(sign_in, salon, name):
    page = sign_in(None if name == "second-step" else salon.boss)
    if name == "second-step":
        _give_password(page, salon.boss)
    else:
        page.goto(address(name, salon))
    if name == "sick-day":
        page.get_by_label("사유").fill("독감")
        page.keyboard.press("Enter")
        page.locator(".plans").wait_for()
    if name == "day":
        page.locator(".visit", has_text="유시우").first.locator("summary").click()
    page.evaluate("scrollTo(0, 0)")
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})  # what sticks to its end does so
    page.wait_for_load_state("networkidle")
    keep(page.screenshot(), FOLDER / f"{name}-{page.viewport_size['width']}.png")


def _give_password(page, user):
    with_device(user)
    page.goto("/admin/")
    page.get_by_label("아이디").fill(user.userid)
    page.get_by_label("비밀번호").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('accounts:second_step')}")


def keep(picture, path):
    """A PNG, made small."""
    path.parent.mkdir(exist_ok=True)
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
