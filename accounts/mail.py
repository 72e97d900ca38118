"""Mail that arrives once: posted with the act, sent by the worker.

A mail is a row; the task is only a tick. Whoever sends it claims it first, for longer than a conversation with the
mail server can take, and only who holds the claim writes what became of it. Killed before the server has taken the
mail, it is sent by the next worker; killed in the moment between the server's yes and our note of it, it is handed over
again under the same Message-ID, which is what mail stores know a duplicate by.

What may still change is posted as a draft: it gets its words when it is sent, and until then whoever has newer to tell
of the same thing takes it back.
"""

import datetime as dt
import logging
import smtplib
import uuid
from collections.abc import Collection
from email.utils import make_msgid
from urllib.parse import urljoin, urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.clock import salon_now
from accounts.models import Mail, MailQuerySet, User

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
ATTEMPTS = 12  # with the pauses below: about two days
LONGEST_PAUSE = dt.timedelta(hours=8)


WITHDRAWN, OVER = "withdrawn", "over"
BATCH = 500
"""So many things are asked for at once: SQLite takes only so many parameters."""


def post(user: User, template: str, *, to: str, **context: str) -> Mail:
    """Put a mail into the outbox, in the person's language, as part of the caller's transaction.

    `templates/mail/<template>.txt` holds subject and text, `.html` the same for the eye. A `path` in the context
    becomes an absolute `link`.
    """
    mail = Mail(user=user, template=template, message_id=_message_id(), to=to)
    _write(mail, dict(context))
    mail.save(force_insert=True)
    transaction.on_commit(tick, robust=True)  # the broker may be down: the beat will come
    return mail


def draft(user: User, template: str, *, about: str, context: dict[str, object], due_at: dt.datetime) -> Mail:
    """A mail, not saved yet, to this person's address, that is written when it is sent.

    The context is JSON. Its `times` are the salon's wall clock as ISO 8601, and datetimes to the template; its `page`
    is a route's name and arguments, and becomes an absolute `link`.
    """
    return Mail(
        user=user,
        template=template,
        message_id=_message_id(),
        to=user.email,
        about=about,
        context=context,
        due_at=due_at,
    )


def post_drafts(drafts: Collection[Mail]) -> None:
    """Put these into the outbox as part of the caller's transaction."""
    Mail.objects.bulk_create(drafts, batch_size=BATCH)
    if any(mail.due_at <= timezone.now() for mail in drafts):
        transaction.on_commit(tick, robust=True)


def withdraw(things: Collection[str]) -> list[Mail]:
    """Take back what is still to be sent about these things (at most BATCH), and return it as it was.

    None of it is sent any more once the caller's transaction has committed. What a worker has claimed (`lease`) may
    have gone already, and is given up but kept; the rest leaves no trace.
    """
    mails = list(Mail.objects.telling_of(things).select_for_update().order_by("pk"))
    Mail.objects.filter(pk__in=[mail.pk for mail in mails if mail.lease is None]).delete()
    _give_up(Mail.objects.filter(pk__in=[mail.pk for mail in mails if mail.lease is not None]), WITHDRAWN)
    return mails


def _message_id() -> str:
    return make_msgid(domain=urlsplit(settings.SITE_URL).hostname)


def _write(mail: Mail, context: dict[str, object]) -> None:
    """Give the mail its words, in the language of who reads it."""
    times: object = context.get("times", {})
    if isinstance(times, dict):
        context["times"] = {name: dt.datetime.fromisoformat(at) for name, at in times.items()}
    page = context.get("page")
    if isinstance(page, list):
        context["path"] = reverse(page[0], args=page[1:])
    if "path" in context:
        context["link"] = urljoin(settings.SITE_URL, str(context["path"]))
    context |= {"name": mail.user.name, "userid": mail.user.userid, "site": settings.SITE_URL}
    context |= {"phone": settings.SALON_PHONE, "address": settings.SALON_ADDRESS}
    with translation.override(mail.user.language):
        subject, _, text = render_to_string(f"mail/{mail.template}.txt", context).strip().partition("\n")
        mail.subject, mail.text = subject.strip(), text.strip() + "\n"
        mail.html = render_to_string(f"mail/{mail.template}.html", context | {"subject": mail.subject})


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
    mail = Mail.objects.select_related("user").filter(pk=pk, lease=lease).first()
    if mail is None:
        return False  # withdrawn
    try:
        if mail.context is not None:
            if _is_over(mail.context.get("times")):
                _give_up(Mail.objects.filter(pk=pk, lease=lease), OVER)
                return False
            _write(mail, mail.context)
            Mail.objects.filter(pk=pk).update(subject=mail.subject)  # what the back-office calls it
        hand_over(mail)
    except Exception as error:
        if not isinstance(error, (smtplib.SMTPException, OSError)):
            logger.exception("mail %s cannot be written", pk)  # the others have to go all the same
        put_back(pk, lease, error)
        return False
    note_sent(pk, lease)
    return True


def _is_over(times: object) -> bool:
    """Has all that it tells of begun while the server was away?"""
    if not isinstance(times, dict):
        return False
    begins = [dt.datetime.fromisoformat(times[name]) for name in ("start", "was") if name in times]
    return bool(begins) and max(begins) <= salon_now()


def _give_up(mails: MailQuerySet, why: str) -> None:
    """Nobody sends these any more; their words are erased."""
    mails.update(
        failed_at=timezone.now(), last_error=why, lease=None, leased_until=None, text="", html="", context=None
    )


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
        sent_at=timezone.now(), lease=None, leased_until=None, text="", html="", context=None, last_error=""
    )


def put_back(pk: int, lease: uuid.UUID, error: Exception) -> None:
    """Try again later, in longer and longer pauses; give up when the server says never, or after ATTEMPTS."""
    now, mail = timezone.now(), Mail.objects.filter(pk=pk, lease=lease).first()
    if mail is None:
        return  # withdrawn, or another's by now
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
