"""How long ahead people book."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from cody_site.back_office.reports import rows
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Figure, Kind, Report, Table, share

DAY = dt.timedelta(days=1)
SPANS = [
    (_("당일"), None, 0),
    (_("1일 전"), 1, 1),
    (_("2–3일 전"), 2, 3),
    (_("4–7일 전"), 4, 7),
    (_("8–14일 전"), 8, 14),
    (_("15–30일 전"), 15, 30),
    (_("31일보다 전"), 31, None),
]


def _booked(period: Period) -> Any:
    """What was not cancelled, with the time from the day of booking to the day of the visit."""
    ahead = ExpressionWrapper(F("date") - TruncDate("created_at"), output_field=DurationField())
    return rows.reservations(period).live().annotate(ahead=ahead)


def _table(period: Period) -> Table:
    within = {f"span{number}": Count("pk", filter=_within(low, high)) for number, (_w, low, high) in enumerate(SPANS)}
    counts = list(_booked(period).aggregate(**within).values())
    whole = sum(counts)
    told = [(words, count, share(count, whole)) for (words, _low, _high), count in zip(SPANS, counts, strict=True)]
    columns = [
        Column(_("예약한 때"), Kind.TEXT),
        Column(_("예약"), charted=True),
        Column(_("비율"), Kind.SHARE),
    ]
    return Table(columns, told, total=[whole, share(whole, whole)])


def _within(low: int | None, high: int | None) -> Q:
    """A walk-in that is written down later counts as of the same day."""
    least = Q() if low is None else Q(ahead__gte=low * DAY)
    return least if high is None else least & Q(ahead__lte=high * DAY)


def _figures(period: Period) -> Iterable[Figure]:
    yield Figure(_("예약에서 방문까지(중앙값)"), Kind.DAYS, _median(period))


def _median(period: Period) -> float | None:
    """In days. The database sorts, and gives the one or two in the middle: SQLite knows no median."""
    booked = _booked(period)
    count = booked.count()
    middle = booked.order_by("ahead").values_list("ahead", flat=True)[max(count - 1, 0) // 2 : count // 2 + 1]
    found = [max(ahead / DAY, 0) for ahead in middle]
    return sum(found) / len(found) if found else None


REPORT = Report(
    slug="lead-time",
    title=_("예약에서 방문까지"),
    basis=_("방문일 기준"),
    meaning=_("예약을 접수한 날부터 방문일까지의 날 수입니다. 취소한 예약은 들어 있지 않고, 노쇼는 들어 있습니다."),
    table=_table,
    figures=_figures,
)
