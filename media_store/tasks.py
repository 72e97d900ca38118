"""What the worker does for photos: each task may be lost, doubled, or run by two workers at once."""

from celery import shared_task

from media_store import services
from media_store.models import Photo
from media_store.rendering import render


@shared_task
def render_photos() -> None:
    """Make the copies and thumbnails of what has come in since."""
    for photo in Photo.objects.unrendered().order_by("live_at")[:100]:
        try:
            render(photo)
        except FileNotFoundError:  # destroyed meanwhile
            continue


@shared_task
def destroy_photos() -> None:
    services.destroy_trash()


@shared_task
def keep_house() -> None:
    services.forget_ips()
    services.sweep()
