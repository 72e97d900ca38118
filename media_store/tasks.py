"""What the worker does for photos: each task may be lost, doubled, or run by two workers at once."""

from celery import shared_task

from media_store import services
from media_store.models import Photo
from media_store.rendering import only_one, render


@shared_task
def render_photos() -> None:
    """Make the copies and thumbnails of what has come in since."""
    with only_one() as first:
        if first:
            services.each(Photo.objects.unrendered(), render)


@shared_task
def destroy_photos() -> None:
    services.destroy_trash()


@shared_task
def keep_house() -> None:
    services.forget_ips()
    services.sweep()
