"""What IMP has not told us we ask it, in longer and longer pauses: the tables are the queue, a tick may be lost."""

import datetime as dt
import logging
import uuid
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import actors
from payments import imp, refunds, services
from payments.models import Payment, Refund, State

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
"""Longer than the calls about one row can take."""

AT_ONCE = 100
NEVER_SENT = "결제사에 요청하기 전에 끊겼습니다."


def reconcile() -> None:
    """Ask IMP about everything that is due. Any number of workers may do so at once."""
    now = timezone.now()
    for pk in list(Payment.objects.due(now).order_by("ask_at").values_list("pk", flat=True)[:AT_ONCE]):
        if _claim(Payment.objects.due(now).filter(pk=pk)):
            _settle_payment(Payment.objects.get(pk=pk))
    for pk in list(Refund.objects.due(now).order_by("ask_at").values_list("pk", flat=True)[:AT_ONCE]):
        if _claim(Refund.objects.due(now).filter(pk=pk)):
            _settle_refund(Refund.objects.select_related("payment").get(pk=pk))


def _claim(row: QuerySet[Any]) -> bool:
    """Take a due row for LEASE; False if another worker was quicker."""
    return bool(row.update(lease=uuid.uuid4(), leased_until=timezone.now() + LEASE))


def _settle_payment(payment: Payment) -> None:
    by = actors.system()
    try:
        if payment.state == State.CREATED:
            services.fail(payment, NEVER_SENT, by=by)
        else:
            services.ask(payment, by=by)
    except imp.ImpError as error:
        logger.warning("payment %s could not be asked for: %s", payment.pk, type(error).__name__)
    finally:
        services.postpone(payment)
        _release(Payment.objects.filter(pk=payment.pk, lease=payment.lease))


def _settle_refund(refund: Refund) -> None:
    try:
        refunds.ask(refund, by=actors.system())
    except imp.ImpError as error:
        logger.warning("refund %s could not be asked for: %s", refund.pk, type(error).__name__)
    finally:
        later = timezone.now() + services.pause(refund.asked)
        Refund.objects.filter(pk=refund.pk, ask_at__isnull=False).update(ask_at=later, asked=F("asked") + 1)
        _release(Refund.objects.filter(pk=refund.pk, lease=refund.lease))


def _release(row: QuerySet[Any]) -> None:
    row.update(lease=None, leased_until=None)
