"""Which bytes of a photo somebody gets (R31)."""

from accounts.actors import Actor
from media_store.errors import FileNotFound
from media_store.models import Kind, Photo
from media_store.rendering import render, rendition
from media_store.serving import Sent, original, rendered


def for_actor(actor: Actor, photo: Photo, *, for_view: bool) -> Sent:
    """The original, or the upright copy without metadata.

    The copy goes to everybody to be viewed, and as a download to those who are not given the original. FileNotFound
    where there can be no copy and the original is not for them.
    """
    if photo.original_is_clean or (not for_view and _gets_original(actor, photo)):
        return original(photo)
    if photo.content_type:
        photo = render(photo)
        if photo.original_is_clean:
            return original(photo)
        if copy := rendition(photo, Kind.COPY):
            return rendered(photo, copy)
    if for_view and _gets_original(actor, photo):
        return original(photo)
    raise FileNotFound


def _gets_original(actor: Actor, photo: Photo) -> bool:
    return Photo.objects.original_for(actor).filter(pk=photo.pk).exists()


def thumbnail(photo: Photo, kind: Kind) -> Sent:
    """Of a picture; FileNotFound for what is none."""
    if photo.content_type:
        photo = render(photo)
        if found := rendition(photo, kind):
            return rendered(photo, found)
    raise FileNotFound
