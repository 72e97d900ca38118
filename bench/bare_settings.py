"""The site's settings without all that a request passes: no middleware, no connection checks, no log."""

from cody_site.settings import *  # noqa: F403 -- the same database, apps and options

MIDDLEWARE = []
ROOT_URLCONF = "bench.bare"
LOGGING_CONFIG = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # noqa: F405
