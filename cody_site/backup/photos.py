"""The photos' storage and its copy, by rclone: it knows folders and buckets alike, and copies what is new."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from cody_site.backup.places import Place

OPTIONS = ("--config", "", "--size-only", "--fast-list", "--s3-no-check-bucket", "--stats", "0", "--log-level", "ERROR")
"""Objects are never written twice: of the same key and size they are the same, and nothing need be read for it."""


class NoRclone(Exception):
    """The program is not installed."""


def copy_to(place: Place, stamp: str, *, seconds: float) -> None:
    """Make the copy as the storage is now; what is destroyed there goes aside.

    Raises NoRclone, subprocess.TimeoutExpired and CalledProcessError.
    """
    _rclone("sync", _storage(), str(place.photos), f"--backup-dir={place.gone(stamp)}", seconds=seconds)


def copy_back(place: Place, stamp: str, *, seconds: float) -> None:
    """Bring back what a database of this stamp tells of, and what came after it; raises as copy_to()."""
    for folder in (place.photos, *place.gone_since(stamp)):
        _rclone("copy", str(folder), _storage(), seconds=seconds)


def _storage() -> str:
    return f"storage:{settings.S3_BUCKET}" if settings.S3_BUCKET else str(settings.MEDIA_ROOT)


def _rclone(*arguments: str, seconds: float) -> None:
    program = shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        raise NoRclone
    subprocess.run(  # noqa: S603 -- our own command  # nosec B603
        [program, *arguments, *OPTIONS], env=os.environ | _remote(), timeout=seconds, check=True
    )


def _remote() -> dict[str, str]:
    """The bucket as rclone's `storage:`, by the environment: nobody sees the keys among the processes."""
    storage: dict[str, Any] = settings.STORAGES["default"]
    bucket = storage.get("OPTIONS", {})
    endpoint, key = bucket.get("endpoint_url") or "", bucket.get("access_key") or ""
    return {
        "RCLONE_CONFIG_STORAGE_TYPE": "s3",
        "RCLONE_CONFIG_STORAGE_PROVIDER": "Other" if endpoint else "AWS",
        "RCLONE_CONFIG_STORAGE_ENDPOINT": endpoint,
        "RCLONE_CONFIG_STORAGE_ACCESS_KEY_ID": key,
        "RCLONE_CONFIG_STORAGE_SECRET_ACCESS_KEY": bucket.get("secret_key") or "",
        "RCLONE_CONFIG_STORAGE_ENV_AUTH": "false" if key else "true",  # the machine's role
    }
