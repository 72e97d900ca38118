"""The site's own settings, for `lintmigrations`."""

from cody_site.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]  # noqa: F405
LOGGING = {}
