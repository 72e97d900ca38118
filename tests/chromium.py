"""The browser for tests: the fixture `chromium`, a running Chromium that Playwright drives."""

import contextlib
import os
from unittest import mock

import pytest

from tests.servers import browser_program

PATIENCE = 30_000  # milliseconds; the other suites keep both cores busy


@contextlib.contextmanager
def running():
    """A browser until the context ends."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 -- of requirements-dev.txt

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=["--no-sandbox"])
        # Playwright keeps an event loop in this thread, in which Django would refuse to ask the database.
        with mock.patch.dict(os.environ, {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}):
            yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium():
    if not browser_program():
        pytest.skip("no browser: Chromium or Playwright is not installed")
    with running() as browser:
        yield browser
