"""The site's own settings, and a release that brings the migrations of tests.releases.next."""

from cody_site.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.releases.next.apps.Next"]  # noqa: F405
