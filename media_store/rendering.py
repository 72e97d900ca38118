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

from media_store import metadata, sniffing
from media_store.models import Kind, Photo, Rendition
from media_store.sniffing import NotAPicture
from media_store.storage import new_key, photos

HARMLESS = frozenset({
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "icc_profile", "progressive", "progression", "adobe",
    "adobe_transform", "gamma", "srgb", "chromaticity", "transparency", "aspect", "interlace", "version", "background",
    "duration", "timestamp", "loop", "default_image", "disposal", "blend", "bit_depth", "chroma",
})  # fmt: skip
"""How a picture is to be shown; whatever else stands beside it may say who, when or where."""

EDGES = {Kind.LARGE: 1280, Kind.SMALL: 320}  # pixels
SAVED_AS = {"MPO": "JPEG", "HEIF": "JPEG"}
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92, "optimize": True},
    "WEBP": {"quality": 90},
    "AVIF": {"quality": 80},
    "PNG": {},
    "GIF": {},
}

_one_at_a_time = threading.Semaphore(1)  # a decoded photo takes some hundred MB


_round = threading.Lock()


@contextmanager
def only_one() -> Iterator[bool]:
    """Is this process's only round of rendering; a second one would wait for the first with nothing to do."""
    mine = _round.acquire(blocking=False)
    try:
        yield mine
    finally:
        if mine:
            _round.release()


def render(photo: Photo) -> Photo:
    """Make what is not there yet; may be done again, and by two at once. Returns the photo as it is then.

    Raises FileNotFoundError if it is destroyed meanwhile.
    """
    if photo.rendered_at is None:
        with _downloaded(photo) as file, _one_at_a_time:
            _reread(photo)
            if photo.rendered_at is None:  # somebody else may have been quicker
                clean = _render(photo, file)
                now = timezone.now()
                Photo.objects.filter(pk=photo.pk, rendered_at=None).update(rendered_at=now, original_is_clean=clean)
                _reread(photo)
    return photo


def _reread(photo: Photo) -> None:
    try:
        photo.refresh_from_db()
    except Photo.DoesNotExist as error:
        raise FileNotFoundError(photo.storage_key) from error


def _render(photo: Photo, file: IO[bytes]) -> bool:
    """Store the renditions; is the original itself without metadata?"""
    try:
        with sniffing.opened(file) as image:
            clean = image.format not in SAVED_AS and metadata.has_none(image.format, file)
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


def _copy(image: Any, file: IO[bytes]) -> None:
    """Upright, and without metadata."""
    name = SAVED_AS.get(image.format, image.format)
    options = dict(OPTIONS[name])
    kept = {key: value for key, value in image.info.items() if key in HARMLESS}
    if getattr(image, "n_frames", 1) > 1 and name == image.format:
        upright, options["save_all"] = image, True
    else:
        upright = _upright(image)
        if name == "JPEG" and upright.mode not in ("RGB", "L", "CMYK"):
            upright = upright.convert("RGB")
    upright.info = kept
    upright.save(file, format=name, exif=b"", icc_profile=kept.get("icc_profile"), **options)


def _upright(image: Any) -> Any:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 -- its metadata are damaged, the picture may be fine
        return image.copy()


def _thumbnail(edge: int, image: Any, file: IO[bytes]) -> None:
    image.draft("RGB", (edge, edge))  # JPEG decodes at a fraction of its size
    small = _upright(image)
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
