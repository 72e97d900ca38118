"""`make screenshots`: the back-office's screens on the demo salon, written to docs/screenshots.

No test by its name, but made of the tests' browser: the salon, its moment and so the pictures are the same every time.
"""

import datetime as dt
import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from accounts.actors import Actor, Door
from accounts.models import Designer, User
from cody_site.demo import salon as demo
from media_store import tasks
from reservations import services
from reservations.models import Act, ClientNote, Reservation, Status
from tests.browser.conftest import NARROW, WIDE
from tests.browser.screens import NAMES, address
from tests.clock import NOW
from tests.factories import ClientNoteFactory

FOLDER = Path(__file__).resolve().parents[2] / "docs/screenshots"
COLOURS = 128
TALLEST = 1600
"""Pixels: what comes below is more of the same."""


@pytest.fixture
def salon(clock, transactional_db):
    """The demo salon on a Tuesday afternoon, with somebody in each stage of a visit."""
    clock.move_to(NOW.replace(hour=14, minute=40))
    demo.build()
    tasks.render_photos()
    boss = User.objects.get(userid="staff")
    return SimpleNamespace(boss=boss, **_under_way(Actor(Door.ADMIN, boss)))
