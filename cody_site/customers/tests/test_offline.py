"""The home screen's app, and what is kept for a time without a network: nothing of anybody's."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.factories import UserFactory


def kept():
    script = Client().get("/service-worker.js").content.decode()
    return json.loads(re.search(r"const KEPT = (\[.*?\]);", script)[1])


def test_the_service_worker_stands_at_the_root_and_is_asked_for_anew():
    answer = Client().get("/service-worker.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer


def test_what_is_kept_is_there_and_nobodys():
    assert kept() == ["/offline/", "/static/css/site.css", "/static/icon.svg"]
    for path in kept()[1:]:
        assert finders.find(path.removeprefix("/static/"))


def test_another_page_makes_another_service_worker():
    korean, english = (Client(headers={"Accept-Language": code}).get("/service-worker.js") for code in ("ko", "en"))

    assert re.search(r"offline-[0-9a-f]{12}", korean.content.decode())
    assert korean["Vary"] == english["Vary"]


@pytest.mark.django_db
def test_the_offline_page_is_the_same_for_everybody():
    reader = Client()
    reader.force_login(UserFactory(), backend="accounts.backends.RoleBackend")

    mine, anybodys = reader.get(reverse("pages:offline")), Client().get(reverse("pages:offline"))

    assert mine.content == anybodys.content
    assert b"csrf" not in mine.content
    assert "Set-Cookie" not in anybodys


def test_the_manifest_names_icons_of_the_sizes_it_says():
    answer = Client().get("/manifest.webmanifest")

    assert answer["Content-Type"] == "application/manifest+json"
    told = answer.json()
    assert {name: told[name] for name in ("name", "start_url", "scope", "display", "lang")} == {
        "name": "매일 달라지는 코디",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": "ko",
    }
    for icon in told["icons"]:
        with Image.open(finders.find(icon["src"].removeprefix("/static/"))) as picture:
            assert "x".join(map(str, picture.size)) == icon["sizes"]


def test_the_admin_registers_no_service_worker():
    templates = Path(settings.BASE_DIR) / "templates"

    assert [path.name for path in templates.rglob("*.html") if "js/offline.js" in path.read_text()] == ["base.html"]
    assert (templates / "base.html").read_text().count("js/offline.js") == 1
