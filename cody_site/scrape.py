"""GET /metrics: what this machine's processes have counted, and how the salon's work stands, as OpenMetrics."""

import datetime as dt
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Count, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from accounts.authentication import presented
from accounts.models import Mail
from cody_site import health
from cody_site.models import Tick
from media_store.models import Photo
from payments.models import UNSETTLED, WAITING, Payment, PaymentQuerySet, Refund, State

DAY = dt.timedelta(days=1)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who has METRICS_TOKEN as a Bearer; there is no such page for anybody else, nor without the setting."""
    token = presented(request)
    if not settings.METRICS_TOKEN or token is None or not constant_time_compare(token, settings.METRICS_TOKEN):
        raise Http404
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # gunicorn.conf.py: several processes
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(Stored())
    told = generate_latest(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


class Stored(Collector):
    """What the tables say: few rows of partial indexes, asked anew for each scrape."""

    def collect(self) -> Iterator[Metric]:
        up = {name: int(state == health.OK) for name, state in health.states().items()}
        yield _by("part", "cdeday_up", "1 = what requests need is there, as /readyz tells.", up)
        try:
            yield from list(_rows(timezone.now()))
        except DatabaseError:
            return  # cdeday_up tells of it


def _rows(now: dt.datetime) -> Iterator[Metric]:
    tick = Tick.objects.values_list("at", flat=True).first()
    told = "Since beat, broker, worker and database last worked together; endless if they never did."
    yield _one("cdeday_worker_tick_age_seconds", told, math.inf if tick is None else (now - tick).total_seconds())
    mails, given_up = Mail.objects.due(now), Mail.objects.filter(failed_at__gt=now - DAY)
    yield _one("cdeday_mail_due", "Mails that are to be sent now.", mails.count())
    yield _age("cdeday_mail_due_age_seconds", "Of the oldest of them.", _first(mails, "due_at"))
    yield _one("cdeday_mail_given_up_last_day", "Mails given up in 24 hours.", given_up.count())
    photos = Photo.objects.unrendered()
    yield _one("cdeday_photos_unrendered", "Photos without thumbnails yet.", photos.count())
    yield _age("cdeday_photos_unrendered_age_seconds", "Of the oldest of them.", _first(photos, "live_at"))
    due = Payment.objects.due(now)
    yield _one("cdeday_payments_due", "Payments that IMP is to be asked or told about now.", due.count())
    yield _age("cdeday_payments_due_age_seconds", "Of the oldest of them.", _first(due, "ask_at"))
    alarms = Payment.objects.needing_person().count()
    yield _one("cdeday_payments_needing_person", "What the back-office lists as money that needs a person.", alarms)
    unfinished = dict.fromkeys((*UNSETTLED, *WAITING), 0)
    unfinished |= _states(Payment.objects.filter(state__in=unfinished))
    yield _by("state", "cdeday_payments_unfinished", "Payments whose end is to come.", unfinished)
    begun = dict.fromkeys(State, 0) | _states(Payment.objects.filter(created_at__gt=now - DAY))
    yield _by("state", "cdeday_payments_last_day", "Payments begun in 24 hours, as they stand now.", begun)
    yield _one("cdeday_refunds_in_flight", "Refunds whose end is to come.", Refund.objects.in_flight().count())


def _states(payments: PaymentQuerySet) -> dict[Any, int]:
    return dict(payments.order_by().values_list("state").annotate(Count("pk")))


def _first(rows: QuerySet[Any], column: str) -> dt.datetime | None:
    first: dt.datetime | None = rows.aggregate(first=Min(column))["first"]
    return first


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value)


def _age(name: str, told: str, since: dt.datetime | None) -> Metric:
    """In seconds; 0 when there is none."""
    return _one(name, told, 0 if since is None else (timezone.now() - since).total_seconds())


def _by(label: str, name: str, told: str, values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=[label])
    for word, value in values.items():
        family.add_metric([str(word)], value)
    return family
