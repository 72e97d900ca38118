"""What the worker does for reservations: each task may be lost, doubled, or run by two workers at once."""

import datetime as dt

from celery import shared_task

from accounts.clock import salon_today
from reservations import reminders, waiting
from reservations.models import Wait

KEEP_WAITS = dt.timedelta(days=90)


@shared_task
def remind() -> None:
    reminders.remind()


@shared_task
def offer_seats() -> None:
    waiting.offer_seats()


@shared_task
def keep_house() -> None:
    """Forget who waited for days that are long over."""
    Wait.objects.filter(date__lt=salon_today() - KEEP_WAITS).exclude(ended_at=None).delete()
