"""Mail that arrives once: posted with the act, sent by the worker.

A mail is a row; the task is only a tick. Whoever sends it claims it first, for longer than a conversation with the
mail server can take, and only who holds the claim writes what became of it. Killed before the server has taken the
mail, it is sent by the next worker; killed in the moment between the server's yes and our note of it, it is handed over
again under the same Message-ID, which is what mail stores know a duplicate by.
"""

import datetime as dt
import logging
import smtplib
import uuid
from email.utils import make_msgid
from urllib.parse import urljoin, urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Mail, User

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
ATTEMPTS = 12  # with the pauses below: about two days
LONGEST_PAUSE = dt.timedelta(hours=8)


def post(user: User, template: str, *, to: str, **context: str) -> Mail:
    """Put a mail into the outbox, in the language of the moment, as part of the caller's transaction.

    `templates/mail/<template>.txt` holds subject and text, `.html` the same for the eye. A `path` in the context
    becomes an absolute `link`.
    """
    if "path" in context:
        context["link"] = urljoin(settings.SITE_URL, context.pop("path"))
    context |= {"name": user.name, "userid": user.userid, "site": settings.SITE_URL}
    subject, _, text = render_to_string(f"mail/{template}.txt", context).strip().partition("\n")
    mail = Mail.objects.create(
        user=user,
        template=template,
        message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
        to=to,
        subject=subject.strip(),
        text=text.strip() + "\n",
        html=render_to_string(f"mail/{template}.html", context | {"subject": subject.strip()}),
    )
    transaction.on_commit(tick, robust=True)  # the broker may be down: the beat will come
    return mail


def tick() -> None:
    """Tell a worker that there is mail."""
    current_app.send_task("accounts.tasks.send_mail", expires=10)


def send_due() -> int:
    """Send what is due; returns how many mails went out. Any number of workers may do so at once."""
    return sum(
        _send(pk) for pk in list(Mail.objects.due(timezone.now()).order_by("due_at").values_list("pk", flat=True)[:500])
    )


def _send(pk: int) -> bool:
    lease = claim(pk)
    if lease is None:
        return False
    try:
        hand_over(Mail.objects.get(pk=pk))
    except (smtplib.SMTPException, OSError) as error:
        put_back(pk, lease, error)
        return False
    note_sent(pk, lease)
    return True


def claim(pk: int) -> uuid.UUID | None:
    """Take a due mail for LEASE, or None if another worker was quicker."""
    now, lease = timezone.now(), uuid.uuid4()
    taken = (
        Mail.objects.due(now).filter(pk=pk).update(lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1)
    )
    return lease if taken else None


def hand_over(mail: Mail) -> None:
    """Give the mail to the server."""
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    message.send()


def note_sent(pk: int, lease: uuid.UUID) -> None:
    Mail.objects.filter(pk=pk, lease=lease).update(
        sent_at=timezone.now(), lease=None, leased_until=None, text="", html="", last_error=""
    )


def put_back(pk: int, lease: uuid.UUID, error: Exception) -> None:
    """Try again later, in longer and longer pauses; give up when the server says never, or after ATTEMPTS."""
    mail = Mail.objects.get(pk=pk)
    now = timezone.now()
    pause = min(dt.timedelta(seconds=30) * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    over = mail.attempts >= ATTEMPTS or _is_final(error)
    logger.warning("mail %s not sent: %s", mail.pk, type(error).__name__)
    Mail.objects.filter(pk=pk, lease=lease).update(
        due_at=now + pause,
        failed_at=now if over else None,
        lease=None,
        leased_until=None,
        last_error=type(error).__name__,
    )


def _is_final(error: Exception) -> bool:
    """The server refuses this address or this mail for ever (RFC 5321: 5yz)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
