"""Photos that a page's form brings: hashed on their way to disk, then kept one by one, each for itself."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.models import User
from accounts.visitors import seconds_to_wait
from cody_site.api.client_ip import client_ip
from cody_site.errors import Refusal
from media_store import services
from media_store.errors import FileTooLarge, TooManyUploads
from media_store.files import HashedFile
from media_store.models import Photo
from media_store.throttles import Uploads
from media_store.uploads import AROUND_THE_FILE

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

logger = logging.getLogger(__name__)

AT_ONCE = 10
"""So many files a form may bring."""

Page = Callable[..., HttpResponseBase]


class TooLarge(UploadedFile):
    """A file that was too large, by its name; closed, and nothing in it."""


class Hashing(FileUploadHandler):
    """Each file becomes a HashedFile; of one that is too large nothing is kept, and the next may still come."""

    file: HashedFile  # which Django closes when the form breaks off
    fits: bool

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file, self.fits = HashedFile(self.file_name or "", self.content_type or ""), True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self.fits:
            return
        try:
            self.file.receive(raw_data)
        except FileTooLarge:
            self.file.close()
            self.fits = False

    def file_complete(self, file_size: int) -> UploadedFile:
        if not self.fits:
            return TooLarge(self.file, self.file.name)
        self.file.seek(0)
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def takes_photos(page: Page) -> Page:
    """A page whose form brings photos: `request.FILES` holds a HashedFile, or TooLarge, of each.

    The form's CSRF token is checked as ever, only later: whoever reads it reads the files.
    """
    protected = csrf_protect(page)

    @csrf_exempt
    @wraps(page)
    def received(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST":
            if int(request.META.get("CONTENT_LENGTH") or 0) > AT_ONCE * settings.PHOTO_MAX_BYTES + AROUND_THE_FILE:
                context = {"most_bytes": settings.PHOTO_MAX_BYTES, "at_once": AT_ONCE}
                return render(request, "media_store/too_large.html", context, status=413)
            request.upload_handlers = [Hashing(request)]
        return protected(request, *args, **kwargs)

    return received


@dataclass
class Kept:
    """What became of several files: the photos, and of the others their names and what is the matter."""

    photos: list[Photo] = field(default_factory=list)
    refused: "list[tuple[str, str | StrPromise]]" = field(default_factory=list)


def keep(request: HttpRequest, files: Iterable[UploadedFile], *, uploader: User) -> Kept:
    """Keep those that are pictures and not too large; one that the uploader has already is that photo.

    Each counts as an upload of who sent the form.
    """
    kept = Kept()
    for number, file in enumerate(files):
        name = file.name or ""
        if number >= AT_ONCE:
            kept.refused.append((name, _("한 번에 %(count)d장까지 올릴 수 있어요.") % {"count": AT_ONCE}))
        elif not isinstance(file, HashedFile):
            limit = filesizeformat(settings.PHOTO_MAX_BYTES)
            kept.refused.append((name, _("파일이 너무 커요. 한 장에 %(limit)s까지 올릴 수 있어요.") % {"limit": limit}))
        else:
            _keep_one(request, file, uploader, kept)
    return kept


def _keep_one(request: HttpRequest, file: HashedFile, uploader: User, kept: Kept) -> None:
    name = file.name or ""
    try:
        if seconds_to_wait(request, Uploads):
            raise TooManyUploads
        photo = services.upload_picture(uploader=uploader, file=file, ip=client_ip(request))
    except Refusal as refusal:
        kept.refused.append((name, refusal.told))
    except (BotoCoreError, ClientError):
        logger.exception("the photos' storage is down")
        kept.refused.append((name, _("지금은 사진을 보관할 수 없어요. 잠시 후 다시 올려 주세요.")))
    else:
        if photo not in kept.photos:
            kept.photos.append(photo)
