"""What the salon promises: the terms, and what becomes of personal data. The numbers are those the code keeps to."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.consents import VERSIONS
from accounts.models import ConsentKind
from accounts.services import AGE_OF_CONSENT
from accounts.tasks import KEEP_FAILURES, KEEP_MAIL


@require_safe
@login_not_required
def terms(request: HttpRequest) -> HttpResponse:
    context = {
        "since": VERSIONS[ConsentKind.TERMS],
        "age": AGE_OF_CONSENT,
        "trash_days": settings.TRASH_DAYS,
        "cancel_days": settings.PAYMENT_CANCEL_DAYS,
    }
    return render(request, "legal/terms.html", context)


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "since": VERSIONS[ConsentKind.PRIVACY],
        "age": AGE_OF_CONSENT,
        "trash_days": settings.TRASH_DAYS,
        "ip_days": settings.IP_DAYS,
        "mail_days": KEEP_MAIL.days,
        "failure_days": KEEP_FAILURES.days,
        "session_days": settings.SESSION_COOKIE_AGE // (24 * 3600),
    }
    return render(request, "legal/privacy.html", context)
