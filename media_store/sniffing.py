"""What a file is, by its bytes; names and claimed types are not asked."""

from typing import IO, Any

import pillow_heif
from django.conf import settings
from PIL import Image

from media_store.metadata import gif_frames

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF")
TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG with more pictures behind the first, as telephones write them
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
INLINE = frozenset(TYPES.values()) - {"image/heic"}
"""What browsers show as a picture and as nothing else."""


STILL = frozenset({"JPEG", "MPO", "HEIF"})
"""Of these only the first picture is ever decoded."""

MAX_FRAMES = 1000


class NotAPicture(Exception):
    """Of no known format, broken, or too large to be decoded."""


def opened(file: IO[bytes]) -> Any:
    """The picture in a file, its header read and nothing decoded yet. Raises NotAPicture."""
    file.seek(0)
    try:
        image = Image.open(file, formats=FORMATS)
        if image.format == "GIF":
            frames = _gif_frames(image.size, file)
        else:
            frames = 1 if image.format in STILL else getattr(image, "n_frames", 1)
    except Exception as error:  # whatever a stranger's bytes make a decoder say
        raise NotAPicture from error
    if (
        frames > MAX_FRAMES
        or image.width * image.height * frames > settings.PHOTO_MAX_PIXELS
        or image.format not in TYPES
    ):
        raise NotAPicture
    return image


def _gif_frames(canvas: tuple[int, int], file: IO[bytes]) -> int:
    """How many; Pillow would decode them to count, and let a frame that draws beyond the canvas enlarge it."""
    where = file.tell()
    frames = 0
    for frames, (right, bottom) in enumerate(gif_frames(file), start=1):
        if frames > MAX_FRAMES or right > canvas[0] or bottom > canvas[1]:
            raise NotAPicture
    file.seek(where)
    return frames


def content_type(file: IO[bytes]) -> str:
    """Of a picture; empty for everything else."""
    try:
        with opened(file) as image:
            return TYPES[image.format]
    except NotAPicture:
        return ""
