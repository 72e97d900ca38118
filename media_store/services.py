"""Photos come in, go to the trash, come back, and are destroyed; kill -9 between any two steps leaves nothing wrong.

A row is there before its bytes and goes after them, so that the sweeper finds every object by a row, or by its day.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from cody_site.errors import Conflict
from media_store import sniffing
from media_store.errors import AlreadyUploaded, NoPicture, NotInTrash
from media_store.files import HashedFile
from media_store.models import Photo, PhotoQuerySet, Rendition
from media_store.names import tidy
from media_store.storage import new_key, photos

logger = logging.getLogger(__name__)

SWEPT_DAYS = 30
"""So many days back the sweeper looks for objects without a row."""


def upload(*, uploader: User, file: HashedFile, ip: str | None = None) -> Photo:
    """Keep a file: a row that says it is coming, then its bytes, then a row that says it is there.

    Raises AlreadyUploaded (R16), of two at once for the second to end; Conflict for who withdraws meanwhile.
    """
    _refuse_again(uploader, file.sha256)
    photo = Photo.objects.create(
        uploader=uploader,
        filename=tidy(file.name or ""),
        content_type=sniffing.content_type(file),
        size=file.size or 0,
        sha256=file.sha256,
        storage_key=new_key(),
        ip=ip,
    )
    file.seek(0)
    photos().save(photo.storage_key, file)
    try:
        _go_live(photo)
    except (IntegrityError, Conflict) as error:
        destroy(photo)
        _refuse_again(uploader, file.sha256)
        raise Conflict from error
    photo.refresh_from_db()
    return photo


def upload_picture(*, uploader: User, file: HashedFile, ip: str | None = None) -> Photo:
    """What pages keep: pictures only, and of one that the person has already, that one.

    Raises NoPicture; Conflict for who withdraws meanwhile.
    """
    if not sniffing.content_type(file):
        raise NoPicture
    try:
        return upload(uploader=uploader, file=file, ip=ip)
    except AlreadyUploaded as known:
        return Photo.objects.get(photoid=known.photoid)


def _refuse_again(uploader: User, sha256: str) -> None:
    found = Photo.objects.live().filter(uploader=uploader, sha256=sha256).first()
    if found:
        raise AlreadyUploaded(found.photoid)


def _go_live(photo: Photo) -> None:
    with transaction.atomic():
        waiting = Photo.objects.filter(pk=photo.pk, live_at=None, trashed_at=None)
        if not _is_here(photo.uploader_id) or not waiting.update(live_at=timezone.now()):
            raise Conflict


def _is_here(user_pk: int) -> bool:
    """Has not withdrawn, and does not before this transaction ends."""
    return bool(User.objects.active().select_for_update(no_key=True).filter(pk=user_pk))


def restore(*, photo: Photo) -> None:
    """Take a photo out of the trash. Raises NotInTrash, or AlreadyUploaded if it was uploaded again since."""
    kept = Photo.objects.filter(pk=photo.pk, destroy_after__gt=timezone.now())
    try:
        with transaction.atomic():
            restored = _is_here(photo.uploader_id) and kept.update(trashed_at=None, trashed_by=None, destroy_after=None)
    except IntegrityError:
        _refuse_again(photo.uploader, photo.sha256)
        raise
    if not restored:
        raise NotInTrash


def trash(*, by: Actor, photo: Photo) -> int:
    """Put a photo into the trash; it vanishes from everything that shows it, and returns there when it is restored."""
    return Photo.objects.filter(pk=photo.pk).trash(by=by)


def destroy(photo: Photo) -> None:
    """The bytes first, then the row; may be done again, and by two at once."""
    for key in [photo.storage_key, *photo.renditions.values_list("storage_key", flat=True)]:
        photos().delete(key)
    Photo.objects.filter(pk=photo.pk).delete()


def destroy_trash() -> None:
    """What has lain in the trash long enough, and what was erased (R12, R22)."""
    each(Photo.objects.due_for_destruction(), destroy)


def forget_ips() -> None:
    """Erase the addresses that photos came from IP_DAYS ago or earlier (R18)."""
    Photo.objects.filter(created_at__lt=timezone.now() - dt.timedelta(days=settings.IP_DAYS)).forget_ips()


def sweep(older_than: dt.timedelta | None = None) -> None:
    """Remove what uploads and renderings that never ended have left: rows without bytes, bytes without a row."""
    if older_than is None:
        older_than = dt.timedelta(hours=settings.PHOTO_ORPHAN_HOURS)
    before = timezone.now() - older_than
    Photo.objects.filter(live_at=None, trashed_at=None, created_at__lt=before).erase()  # it cannot go live any more
    # Keys tell the day only: the last day that is swept ended before then.
    last = before if not older_than else before - dt.timedelta(days=1)
    for days in range(SWEPT_DAYS):
        _sweep_day(f"{last - dt.timedelta(days=days):%Y/%m/%d}")
    destroy_trash()  # raises at its end for what could not be destroyed


def _sweep_day(day: str) -> None:
    for batch in _batches(photos().keys(day)):
        known = set(Photo.objects.filter(storage_key__in=batch).values_list("storage_key", flat=True))
        known |= set(Rendition.objects.filter(storage_key__in=batch).values_list("storage_key", flat=True))
        for key in batch:
            if key not in known:
                photos().delete(key)


def _batches(keys: Iterator[str], size: int = 500) -> Iterator[list[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def each(rows: PhotoQuerySet, act: Callable[[Photo], object]) -> None:
    """Do it to each, oldest first; one that it cannot be done to is told, and does not stand in the others' way."""
    last, failed = 0, 0
    while photo := rows.filter(pk__gt=last).order_by("pk").first():
        last = photo.pk
        try:
            act(photo)
        except FileNotFoundError:  # destroyed meanwhile
            continue
        except Exception:
            logger.exception("%s of photo %s failed", getattr(act, "__name__", act), photo.photoid)
            failed += 1
    if failed:
        raise RuntimeError(f"{failed} photos failed")
