"""What the worker does for itself; may be lost, doubled, or run by two workers at once."""

from celery import shared_task
from django.utils import timezone

from cody_site.models import Tick


@shared_task
def tick() -> None:
    """Leave word that beat, broker, worker and database work together."""
    Tick.objects.update_or_create(pk=1, defaults={"at": timezone.now()})
