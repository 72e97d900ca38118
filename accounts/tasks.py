"""What the worker does: each task may be lost, doubled, or run by two workers at once."""

import datetime as dt

from axes.models import AccessAttempt
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from oauth2_provider.models import clear_expired

from accounts import mail
from accounts.models import Mail, Session

KEEP_MAIL = dt.timedelta(days=90)
KEEP_FAILURES = dt.timedelta(days=90)  # of signing in: visit logs are kept for 3 months


@shared_task
def send_mail() -> None:
    mail.send_due()


@shared_task
def keep_house() -> None:
    """Remove what has expired: tokens, sessions, old failures to sign in, the record of old mail."""
    now = timezone.now()
    clear_expired()
    Session.objects.expired().delete()
    Session.objects.filter(seen_at__lt=now - dt.timedelta(days=settings.IP_DAYS)).forget_ips()
    AccessAttempt.objects.filter(attempt_time__lt=now - KEEP_FAILURES).delete()
    Mail.objects.filter(created_at__lt=now - KEEP_MAIL).exclude(sent_at=None, failed_at=None).delete()
