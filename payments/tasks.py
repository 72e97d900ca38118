"""What the worker does for money: each task may be lost, doubled, or run by two workers at once."""

import datetime as dt
import threading

from celery import shared_task
from django.utils import timezone

from payments import booking, reconciling
from payments.models import IdempotencyKey

KEEP_KEYS = dt.timedelta(days=30)


ASKING = threading.Lock()


@shared_task
def reconcile() -> None:
    """Once at a time in a process: while IMP hangs, its other threads have mails to send."""
    if ASKING.acquire(blocking=False):
        try:
            reconciling.reconcile()
        finally:
            ASKING.release()


@shared_task
def keep_house() -> None:
    """Forget keys that nobody will send again, and cards that nothing is charged to any more."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEEP_KEYS).delete()
    reconciling.forget_cards()


@shared_task
def give_up_unpaid() -> None:
    """What was to be paid ahead and was not loses its seat."""
    booking.give_up_unpaid()
