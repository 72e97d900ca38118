"""What IMP has not told us we ask it, in longer and longer pauses: the tables are the queue, a tick may be lost."""

import datetime as dt
import logging
import uuid
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from cody_site.errors import Conflict
from payments import ending, imp, refunds, services, settling
from payments.models import UNSETTLED, Method, Payment, Refund, Schedule, State

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
            _settle_payment(Payment.objects.select_related("payer", "schedule").get(pk=pk))
    for pk in list(Refund.objects.due(now).order_by("ask_at").values_list("pk", flat=True)[:AT_ONCE]):
        if _claim(Refund.objects.due(now).filter(pk=pk)):
            _settle_refund(Refund.objects.select_related("payment").get(pk=pk))


def _claim(row: QuerySet[Any]) -> bool:
    """Take a due row for LEASE; False if another worker was quicker."""
    return bool(row.update(lease=uuid.uuid4(), leased_until=timezone.now() + LEASE))


def _settle_payment(payment: Payment) -> None:
    by = actors.system()
    try:
        _take_next_step(payment, by)
    except (imp.ImpError, Conflict) as error:
        logger.warning("payment %s could not be asked for: %s", payment.pk, type(error).__name__)
    finally:
        settling.postpone(payment, by=by)
        _release(Payment.objects.filter(pk=payment.pk, lease=payment.lease))


def _take_next_step(payment: Payment, by: Actor) -> None:
    """Raises imp.ImpError if IMP could not be asked or told."""
    if payment.state == State.CREATED:
        settling.fail(payment, NEVER_SENT, by=by)
    elif payment.ending_at is not None or (payment.state == State.READY and payment.has_run_out):
        ending.tell(payment, by=by)
    elif payment.state == State.SCHEDULED and payment.method == Method.VIRTUAL_ACCOUNT:
        services.open_due_account(payment, by=by)
    else:
        settling.ask(payment, by=by)


def _settle_refund(refund: Refund) -> None:
    try:
        refunds.ask(refund, by=actors.system())
    except (imp.ImpError, Conflict) as error:
        logger.warning("refund %s could not be asked for: %s", refund.pk, type(error).__name__)
    finally:
        later = timezone.now() + settling.pause(refund.asked)
        Refund.objects.filter(pk=refund.pk, ask_at__isnull=False).update(ask_at=later, asked=F("asked") + 1)
        _release(Refund.objects.filter(pk=refund.pk, lease=refund.lease))


def _release(row: QuerySet[Any]) -> None:
    row.update(lease=None, leased_until=None)


def forget_cards() -> None:
    """IMP keeps a scheduled card no longer than something may still be charged with it."""
    running = Payment.objects.filter(Q(state__in=(*UNSETTLED, State.SCHEDULED)) | Q(ask_at__isnull=False))
    over = Schedule.objects.keeping_a_card().exclude(payments__in=running.exclude(schedule=None))
    for schedule in over.order_by("pk")[:AT_ONCE]:
        try:
            imp.forget_card(schedule.customer_uid)
        except imp.ImpError as error:
            logger.warning("the card of schedule %s is still kept: %s", schedule.pk, type(error).__name__)
        else:
            Schedule.objects.filter(pk=schedule.pk).update(card_forgotten_at=timezone.now())
