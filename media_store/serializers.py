"""The manual's words for photos: /photo_u, /photo_d, /photo_w, /photo_l (section 4)."""

from typing import Any

from django.utils import timezone

from cody_site.api.params import Param, Params, Schema, String, Userid
from media_store.files import HashedFile
from media_store.models import Photo
from media_store.names import extension


class File(Param):
    """A file of a multipart body; an empty one is missing."""

    def to_internal_value(self, data: Any) -> HashedFile:
        if not isinstance(data, HashedFile):
            raise self.unfit
        if not data.size:
            self.fail("required")
        return data

    def schema(self) -> Schema:
        return {"type": "string", "format": "binary", "description": "Any kind of file."}


class PhotoId(String):
    """One photo's id; `all` names none (section 4)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        photoid: str = super().to_internal_value(data)
        if photoid == "all":
            raise self.unfit
        return photoid

    def schema(self) -> Schema:
        return {"allOf": [super().schema(), {"not": {"const": "all"}}]}


class Upload(Params):
    file = File()
    userid = Userid()


class OnePhoto(Params):
    photoid = PhotoId()


def photo_row(photo: Photo, *, told_all: bool) -> dict[str, object]:
    """R18: `ip` and `savedname` are not for everybody."""
    at = timezone.localtime(photo.created_at)
    return {
        "_id": photo.pk,
        "photoid": photo.photoid,
        "filename": photo.filename,
        "ext": extension(photo.filename),
        "savedname": photo.storage_key if told_all else None,
        "date": f"{at:%Y%m%d}",
        "time": f"{at:%H:%M}",
        "uploader": photo.uploader.userid,
        "ip": photo.ip if told_all else None,
    }
