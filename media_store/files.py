import hashlib
import tempfile

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from media_store.errors import FileTooLarge
from media_store.names import tidy


class HashedFile(UploadedFile):
    """A file on this machine's disk until the request ends, and its SHA-256.

    It has no name there: nothing is left of it, whatever becomes of the process.
    """

    def __init__(self, name: str, content_type: str) -> None:
        super().__init__(tempfile.TemporaryFile(), tidy(name), content_type, 0)  # noqa: SIM115 -- closed with the request
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
