import hashlib

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from media_store.errors import FileTooLarge


class HashedFile(TemporaryUploadedFile):
    """A file on this machine's disk until the request ends, and its SHA-256."""

    def __init__(self, name: str, content_type: str) -> None:
        super().__init__(name, content_type, 0, None)
        self.hash = hashlib.sha256()

    def receive(self, chunk: bytes) -> None:
        self.size = (self.size or 0) + len(chunk)
        if self.size > settings.PHOTO_MAX_BYTES:
            raise FileTooLarge
        self.hash.update(chunk)
        self.file.write(chunk)  # type: ignore[union-attr]

    @property
    def sha256(self) -> str:
        return self.hash.hexdigest()
