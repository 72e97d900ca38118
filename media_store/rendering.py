"""What is made of a photo: the upright copy without metadata (R31), and its thumbnails."""

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, cast

from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import ImageOps

from media_store import sniffing
from media_store.models import Kind, Photo, Rendition
from media_store.sniffing import NotAPicture
from media_store.storage import new_key, photos

HARMLESS = frozenset({
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "icc_profile", "progressive", "progression", "adobe",
    "adobe_transform", "gamma", "srgb", "chromaticity", "transparency", "aspect", "interlace", "version", "background",
    "duration", "timestamp", "loop", "extension", "default_image", "disposal", "blend", "bit_depth", "chroma",
})  # fmt: skip
"""How a picture is to be shown; whatever else stands beside it may say who, when or where."""

ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82", "GIF": b";"}
EDGES = {Kind.LARGE: 1280, Kind.SMALL: 320}  # pixels
SAVED_AS = {"MPO": "JPEG", "HEIF": "JPEG"}
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92, "optimize": True},
    "WEBP": {"quality": 90},
    "AVIF": {"quality": 80},
    "PNG": {},
    "GIF": {},
}

_one_at_a_time = threading.Semaphore(1)  # a decoded photo takes up to 200 MB


def render(photo: Photo) -> Photo:
    """Make what is not there yet; may be done again, and by two at once. Returns the photo as it is then."""
    if photo.rendered_at is None:
        with _one_at_a_time, _downloaded(photo) as file:
            clean = _render(photo, file)
        Photo.objects.filter(pk=photo.pk, rendered_at=None).update(rendered_at=timezone.now(), original_is_clean=clean)
        photo.refresh_from_db()
    return photo


def _render(photo: Photo, file: IO[bytes]) -> bool:
    """Store the renditions; is the original itself without metadata?"""
    try:
        with sniffing.opened(file) as image:
            with _decoding():
                clean = _is_clean(image, file)
            if not clean:
                _store(photo, Kind.COPY, sniffing.TYPES[SAVED_AS.get(image.format, image.format)], _copy, image)
        for kind, edge in EDGES.items():
            with sniffing.opened(file) as image:
                _store(photo, kind, "image/webp", partial(_thumbnail, edge), image)
    except NotAPicture:  # nobody but its owner gets it
        return False
    return clean


@contextmanager
def _decoding() -> Iterator[None]:
    """Raises NotAPicture for whatever a truncated or hostile picture makes a decoder say."""
    try:
        yield
    except OSError as error:
        if error.errno:  # the disk's word, not the decoder's
            raise
        raise NotAPicture from error
    except Exception as error:
        raise NotAPicture from error


def _is_clean(image: Any, file: IO[bytes]) -> bool:
    if image.format in SAVED_AS or not image.info.keys() <= HARMLESS or image.getexif() or getattr(image, "text", None):
        return False
    return _ends_with_the_picture(image.format, file)


def _ends_with_the_picture(name: str, file: IO[bytes]) -> bool:
    """Nothing is hidden behind it."""
    size = file.seek(0, 2)
    if name == "WEBP":
        file.seek(4)
        return int.from_bytes(file.read(4), "little") + 8 == size
    end = ENDS.get(name)
    if end is None:
        return False
    file.seek(max(0, size - len(end)))
    return file.read() == end


def _copy(image: Any, file: IO[bytes]) -> None:
    """Upright, and without metadata."""
    name = SAVED_AS.get(image.format, image.format)
    options = dict(OPTIONS[name])
    kept = {key: value for key, value in image.info.items() if key in HARMLESS}
    if getattr(image, "n_frames", 1) > 1 and name == image.format:
        upright, options["save_all"] = image, True
    else:
        upright = ImageOps.exif_transpose(image)
        if name == "JPEG" and upright.mode not in ("RGB", "L", "CMYK"):
            upright = upright.convert("RGB")
    upright.info = kept
    upright.save(file, format=name, exif=b"", icc_profile=kept.get("icc_profile"), **options)


def _thumbnail(edge: int, image: Any, file: IO[bytes]) -> None:
    image.draft("RGB", (edge, edge))  # JPEG decodes at a fraction of its size
    small = ImageOps.exif_transpose(image)
    small.thumbnail((edge, edge))
    icc_profile = image.info.get("icc_profile")
    small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    small.info = {}
    small.save(file, format="WEBP", quality=80, icc_profile=icc_profile)


def _store(photo: Photo, kind: Kind, content_type: str, draw: Callable[[Any, IO[bytes]], None], image: Any) -> None:
    key = new_key()
    with tempfile.TemporaryFile() as file:
        with _decoding():
            draw(image, file)
        file.seek(0)
        sha256 = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        photos().save(key, file)
    try:
        with transaction.atomic():
            photo.renditions.create(kind=kind, content_type=content_type, size=size, sha256=sha256, storage_key=key)
    except IntegrityError:  # another has made it meanwhile, or the photo is gone
        photos().delete(key)


@contextmanager
def _downloaded(photo: Photo) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        with photos().open(photo.storage_key) as original:
            shutil.copyfileobj(original, file)
        yield file


def rendition(photo: Photo, kind: Kind) -> Rendition | None:
    return photo.renditions.filter(kind=kind).first()
