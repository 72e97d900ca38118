"""Where the bytes lie: this machine's disk, or S3. Both read a range, and list what a day brought."""

import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol, cast

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone
from storages.backends.s3 import S3Storage

CHUNK = 64 * 1024


class PhotoStorage(Protocol):
    """Django's storage, and two words more."""

    def save(self, name: str, content: IO[bytes]) -> str: ...
    def open(self, name: str) -> IO[bytes]: ...
    def delete(self, name: str) -> None: ...
    def exists(self, name: str) -> bool: ...
    def read(self, key: str, start: int, length: int) -> "Stretch":
        """`length` bytes from `start` on; FileNotFoundError at once if there is no such object."""

    def keys(self, day: str) -> Iterator[str]:
        """The keys of a day, `YYYY/MM/DD`."""


def photos() -> PhotoStorage:
    return cast(PhotoStorage, default_storage)


def new_key() -> str:
    """Tells when it was made, for the sweeper, and nothing else."""
    return f"{timezone.now():%Y/%m/%d}/{secrets.token_hex(16)}"


class LocalPhotos(FileSystemStorage):
    """Files under MEDIA_ROOT."""

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # the hook that Django documents for storages
        with Path(self.path(saved)).open("rb") as written:
            os.fsync(written.fileno())  # the database will say that it is there, also after a power cut
        return saved

    def read(self, key: str, start: int, length: int) -> "Stretch":
        return Stretch(Path(self.path(key)).open("rb", buffering=0), start, length)

    def keys(self, day: str) -> Iterator[str]:
        folder = Path(self.path(day))
        for file in folder.iterdir() if folder.is_dir() else ():
            yield f"{day}/{file.name}"


class S3Photos(S3Storage):
    """Objects in a bucket that nobody reads but through us."""

    def get_default_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = super().get_default_settings()
        return settings | {
            "client_config": Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                # A thread of the site waits as long; the worker comes back by itself.
                connect_timeout=3,
                read_timeout=8,
                retries={"total_max_attempts": 2},
            ),
            "default_acl": None,
            "file_overwrite": True,  # keys are random: to ask first whether one is taken is a round trip for nothing
            "transfer_config": TransferConfig(multipart_chunksize=8 * 1024 * 1024, use_threads=False),
        }

    def read(self, key: str, start: int, length: int) -> "Stretch":
        client = self.connection.meta.client
        wanted = {"Bucket": self.bucket_name, "Key": key}
        try:
            found = client.get_object(**wanted, Range=f"bytes={start}-{start + length - 1}")
        except client.exceptions.NoSuchKey as error:
            raise FileNotFoundError(key) from error
        ranged = "ContentRange" in found  # a server may send the whole object instead
        return Stretch(found["Body"], 0 if ranged else start, length)

    def keys(self, day: str) -> Iterator[str]:
        for found in self.bucket.objects.filter(Prefix=f"{day}/"):
            yield found.key


class Stretch(Iterator[bytes]):
    """`length` bytes of an open body from `start` on, in chunks; whoever has it closes it, read or not.

    EOFError where the body ends before: a server then breaks the connection off, and nobody takes a part for the whole,
    or waits for the rest.
    """

    def __init__(self, body: Any, start: int, length: int) -> None:
        self.body, self.left = body, length
        if start and hasattr(body, "seek"):
            body.seek(start)
        while start and not hasattr(body, "seek") and (skipped := body.read(min(CHUNK, start))):
            start -= len(skipped)

    def __next__(self) -> bytes:
        chunk: bytes = self.body.read(min(CHUNK, self.left)) if self.left else b""
        if not chunk and self.left:
            raise EOFError(f"{self.left} bytes are missing")
        if not chunk:
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.body.close()


def rest_of_file(stretch: Stretch) -> io.FileIO | None:
    """The open file of a stretch that goes to its end, for servers that send files by themselves (`sendfile`)."""
    file = stretch.body
    if isinstance(file, io.FileIO) and stretch.left == os.fstat(file.fileno()).st_size - file.tell():
        return file
    return None
