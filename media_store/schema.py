"""What the API's document tells of the photo routes; the code is in api.py."""

from cody_site.api.operations import TEXT, TRUE, Operation, nullable, record
from cody_site.api.params import Date, Integer, Time, Userid
from cody_site.errors import Conflict, UnknownUser
from media_store.errors import AlreadyUploaded, BatchTooLarge, FileNotFound, FileTooLarge, ManyFiles
from media_store.serializers import OnePhoto, Upload

PHOTOID = "aZ3_kQ81xTn0pLw2Vd7RbA"
RANGES = "Answers `Range` (one range), `If-Range` and `If-None-Match`."

PHOTO_U = {
    "create": Operation(
        "Upload a photo",
        Upload,
        record(res=TRUE, photoid=TEXT),
        [UnknownUser("hong"), AlreadyUploaded(PHOTOID), ManyFiles(), FileTooLarge(), Conflict()],
        example={"userid": "hong"},
        description="Any kind of file, one at a time. What the same user has uploaded already is told by its photoid.",
        takes=("multipart/form-data",),
    )
}
PHOTO_D = {
    "create": Operation(
        "Download a photo",
        OnePhoto,
        {},
        [FileNotFound(), BatchTooLarge()],
        example={"photoid": PHOTOID},
        description=f"The file as an attachment under its name; who is not given the original gets a copy. {RANGES}",
        binary=True,
    )
}
PHOTO_W = {
    "retrieve": Operation(
        "View a photo",
        OnePhoto,
        {},
        [FileNotFound(), BatchTooLarge()],
        example={"photoid": PHOTOID},
        description=f"Pictures inline and without metadata, everything else as an attachment. {RANGES}",
        binary=True,
    )
}
PHOTO_L = {
    "retrieve": Operation(
        "What is known of a photo",
        OnePhoto,
        record(
            _id=Integer(), photoid=TEXT, filename=TEXT, ext=TEXT, savedname=nullable(TEXT), date=Date(), time=Time(),
            uploader=Userid(), ip=nullable(TEXT),
        ),
        [FileNotFound(), BatchTooLarge()],
        example={"photoid": PHOTOID},
        description="`savedname` and `ip` are for the uploader, staff and app clients.",
    )
}  # fmt: skip
