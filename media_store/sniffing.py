"""What a file is, by its bytes; names and claimed types are not asked."""

from typing import IO, Any

import pillow_heif
from django.conf import settings
from PIL import Image

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


class NotAPicture(Exception):
    """Of no known format, broken, or too large to be decoded."""


def opened(file: IO[bytes]) -> Any:
    """The picture in a file, its header read and nothing decoded yet. Raises NotAPicture."""
    file.seek(0)
    try:
        image = Image.open(file, formats=FORMATS)
        frames = getattr(image, "n_frames", 1)
    except Exception as error:  # whatever a stranger's bytes make a decoder say
        raise NotAPicture from error
    if image.width * image.height * frames > settings.PHOTO_MAX_PIXELS or image.format not in TYPES:
        raise NotAPicture
    return image


def content_type(file: IO[bytes]) -> str:
    """Of a picture; empty for everything else."""
    try:
        with opened(file) as image:
            return TYPES[image.format]
    except NotAPicture:
        return ""
