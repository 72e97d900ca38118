import itertools

import pytest
import time_machine
from django.core.files.storage import default_storage

from media_store.storage import photos
from tests.servers import S3_KEY, S3_SECRET, s3, s3_program

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def s3_server():
    if not s3_program():
        pytest.skip("no S3 server: rclone is not installed")
    with s3() as endpoint:
        yield endpoint


@pytest.fixture(params=["local", "s3"])
def storage(request, settings, tmp_path, clock):
    """Photos on this machine's disk, then in S3."""
    if request.param == "local":
        settings.MEDIA_ROOT = tmp_path
    else:
        clock.move_to(time_machine.escape_hatch.time.time())  # signatures hold for minutes only
        endpoint, settings.S3_BUCKET = request.getfixturevalue("s3_server"), f"photos-{next(NUMBERS)}"
        settings.STORAGES = settings.STORAGES | {"default": s3_storage(endpoint, settings.S3_BUCKET)}
        default_storage.connection.create_bucket(Bucket=settings.S3_BUCKET)
    return photos()


def s3_storage(endpoint, bucket):
    options = {"bucket_name": bucket, "endpoint_url": endpoint, "access_key": S3_KEY, "secret_key": S3_SECRET}
    return {"BACKEND": "media_store.storage.S3Photos", "OPTIONS": options}
