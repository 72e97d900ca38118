"""What goes out compressed, and what does not."""

import gzip

import pytest
from django.test import Client as Browser

from tests.factories import UserFactory

GZIP = {"accept-encoding": "gzip, br"}


@pytest.mark.django_db
def test_a_page_is_sent_as_gzip_to_who_takes_it():
    plain, packed = Browser().get("/login/"), Browser().get("/login/", headers=GZIP)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content)
    assert b"</html>" in gzip.decompress(packed.content)


@pytest.mark.django_db
def test_the_length_of_a_page_tells_nothing():
    assert len({Browser().get("/login/", headers=GZIP).headers["Content-Length"] for _time in range(8)}) > 1


@pytest.mark.django_db
def test_lists_of_the_api_and_files_are_sent_as_they_are():
    browser = Browser()
    browser.force_login(UserFactory(), backend="accounts.backends.RoleBackend")

    for path in ("/post?rule=all", "/schema.json"):
        answer = browser.get(path, headers=GZIP)
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, None)
