"""The service's own settings, made fast and repeatable for a test run.

DATABASE_URL and REDIS_URL choose the servers, as everywhere; nothing else of the developer's environment counts.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Empty means the default, and what is set here no .env of the developer's overrides.
for _name in ("ANON", "USER", "SIGNUP", "PASSWORD", "UPLOAD", "PAYMENT", "REFUSED_CARDS"):
    os.environ[f"THROTTLE_{_name}"] = ""
os.environ |= dict.fromkeys(
    (
        "TRUSTED_PROXY_COUNT",
        "SITE_URL",
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
        "IMP_SANDBOX_PORT",
        "IMP_BASE_URL",
        "IMP_KEY",
        "IMP_SECRET",
        "IMP_CREDENTIALS_FILE",
        "IMP_PG",
        "IMP_TEST_CHANNEL",
        "IMP_DEADLINE_SECONDS",
        "IMP_AT_ONCE",
        "PAYMENT_CANCEL_DAYS",
        "S3_BUCKET",
        "X_ACCEL_LOCATION",
        "PHOTO_MAX_BYTES",
        "METRICS_TOKEN",
        "SECRET_KEY_FALLBACKS",
    ),
    "",
)
os.environ |= {
    "DEBUG": "0",
    # Tests sign in with `force_login`; those about the second step and about idle sessions turn them on.
    "STAFF_SECOND_FACTOR": "0",
    "STAFF_IDLE_MINUTES": "0",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}
os.environ.setdefault("DATABASE_URL", "")
os.environ.setdefault("REDIS_URL", "")

from cody_site.settings import *  # noqa: E402, F403 -- the environment comes first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "accounts.hashers.ClientSecret"]
CELERY_BROKER_URL = "memory://"
SECURE_SSL_REDIRECT = False
_own = Path(tempfile.mkdtemp(prefix="cdeday-tests-"))  # of this run alone: others may go on beside it
atexit.register(shutil.rmtree, _own, ignore_errors=True)
MEDIA_ROOT = _own / "media"
MEDIA_ROOT.mkdir()
if "sqlite3" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(_own / "test.sqlite3")}  # noqa: F405 -- in memory threads fail
STORAGES = {
    "default": {"BACKEND": "media_store.storage.LocalPhotos"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = BASE_DIR / "static"  # noqa: F405
