"""What IMP has not told us we ask it, in longer and longer pauses: the tables are the queue, a tick may be lost."""

import contextlib
import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
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
    """Ask IMP about everything that is due. Any number of workers may do so at once.

    While IMP hangs the rest waits for the next tick: a worker has other things to do.
    """
    now = timezone.now()
    payments, refunds_due = Payment.objects.due(now), Refund.objects.due(now)
    for pk in list(payments.order_by("ask_at").values_list("pk", flat=True)[:AT_ONCE]):
        if _claim(payments.filter(pk=pk)) and _took_long(_settle_payment, pk):
            return
    for pk in list(refunds_due.order_by("ask_at").values_list("pk", flat=True)[:AT_ONCE]):
        if _claim(refunds_due.filter(pk=pk)) and _took_long(_settle_refund, pk):
            return


def _took_long(settle: Callable[[int], None], pk: int) -> bool:
    started = time.monotonic()
    settle(pk)
    return time.monotonic() - started > settings.IMP_DEADLINE_SECONDS / 2


def _claim(row: QuerySet[Any]) -> bool:
    """Take a due row for LEASE; False if another worker was quicker."""
    return bool(row.update(lease=uuid.uuid4(), leased_until=timezone.now() + LEASE))


def _settle_payment(pk: int) -> None:
    payment, by = Payment.objects.select_related("payer", "schedule").get(pk=pk), actors.system()
    with _alone(f"payment {pk}"):
        _take_next_step(payment, by)
    with _alone(f"payment {pk}"):
        settling.postpone(payment, by=by)
    _release(Payment.objects.filter(pk=pk, lease=payment.lease))


@contextlib.contextmanager
def _alone(what: str) -> Iterator[None]:
    """One row's trouble is no other's."""
    try:
        yield
    except (imp.ImpError, Conflict) as error:
        logger.warning("%s could not be asked for: %s", what, type(error).__name__)
    except Exception:
        logger.exception("%s could not be settled", what)


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


def _settle_refund(pk: int) -> None:
    refund = Refund.objects.select_related("payment__payer").get(pk=pk)
    with _alone(f"refund {pk}"):
        refunds.ask(refund, by=actors.system())
    later = timezone.now() + settling.pause(refund.asked)
    Refund.objects.filter(pk=pk, ask_at__isnull=False).update(ask_at=later, asked=F("asked") + 1)
    _release(Refund.objects.filter(pk=pk, lease=refund.lease))


def _release(row: QuerySet[Any]) -> None:
    row.update(lease=None, leased_until=None)


def forget_cards() -> None:
    """IMP keeps a scheduled card no longer than something may still be charged with it."""
    running = Payment.objects.filter(Q(state__in=(*UNSETTLED, State.SCHEDULED)) | Q(ask_at__isnull=False))
    over = Schedule.objects.keeping_a_card().exclude(payments__in=running.exclude(schedule=None))
    for schedule in over.order_by("?")[:AT_ONCE]:
        try:
            imp.forget_card(schedule.customer_uid)
        except imp.ImpError as error:
            logger.warning("the card of schedule %s is still kept: %s", schedule.pk, type(error).__name__)
        else:
            Schedule.objects.filter(pk=schedule.pk).update(card_forgotten_at=timezone.now())
