"""Revenue, by the day on which money moved and by the day of the visit that it was for."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext_lazy as _

from cody_site.back_office.reports import rows
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Figure, Kind, Report, Table


def first_column(period: Period) -> Column:
    return Column(_("달"), Kind.MONTH) if period.is_by_month else Column(_("날짜"), Kind.DATE)


MONEY = [
    Column(_("결제(건)")),
    Column(_("결제액"), Kind.WON),
    Column(_("환불액"), Kind.WON),
    Column(_("순매출"), Kind.WON, charted=True),
]


def _by_payment_date(period: Period) -> Table:
    paid = _per(rows.paid(period), period.step("paid_at"), count=Count("pk"), amount=Sum("paid_amount"))
    back = _per(rows.refunded(period), period.step("settled_at"), amount=Sum("amount"))
    told = []
    for step in period.steps():
        count, came = paid.get(step, (0, 0))
        (went,) = back.get(step, (0,))
        told.append((step, count, came, went, came - went))
    return Table([first_column(period), *MONEY], told, total=summed(told))


def _figures_by_payment_date(period: Period) -> Iterable[Figure]:
    came = rows.paid(period).aggregate(won=Sum("paid_amount", default=0))["won"]
    went = rows.refunded(period).aggregate(won=Sum("amount", default=0))["won"]
    yield Figure(_("순매출"), Kind.WON, came - went)
    yield Figure(_("결제액"), Kind.WON, came)
    yield Figure(_("환불액"), Kind.WON, went)


def _by_visit_date(period: Period) -> Table:
    paid = _per(rows.paid_for_visits(period), period.step("reservation__date"), **FOR_VISITS)
    told = [(step, *paid.get(step, (0, 0, 0, 0))) for step in period.steps()]
    return Table([first_column(period), *MONEY], told, total=summed(told))


FOR_VISITS = {
    "count": Count("pk"),
    "came": Sum("paid_amount"),
    "went": Sum("refunded_amount"),
    "left": Sum(F("paid_amount") - F("refunded_amount")),
}
"""What is left paid for visits; `left` alone would do, and the other two say where it comes from."""


def figures_by_visit_date(period: Period) -> Iterable[Figure]:
    sums = rows.paid_for_visits(period).aggregate(
        left=Sum(F("paid_amount") - F("refunded_amount"), default=0), visits=Count("reservation", distinct=True)
    )
    yield Figure(_("순매출"), Kind.WON, sums["left"])
    yield Figure(_("결제한 예약"), Kind.COUNT, sums["visits"])


def _per(queryset: Any, step: Any, **sums: Any) -> dict[Any, tuple[int, ...]]:
    """The sums of each day or month that has rows."""
    found = queryset.order_by().values(step=step).annotate(**sums).values_list("step", *sums)
    return {key: tuple(values) for key, *values in found}


def summed(told: list[Any]) -> list[Any]:
    """The sums of all columns but the first."""
    return [sum(column) for column in list(zip(*told, strict=True))[1:]]


BY_PAYMENT_DATE = Report(
    slug="revenue-by-payment-date",
    title=_("매출: 결제일별"),
    basis=_("결제일 기준"),
    meaning=_(
        "그날 결제된 금액에서 그날 환불된 금액을 뺍니다. 전에 결제된 것의 환불도 환불한 날에 셉니다. "
        "예약 없이 한 결제도 들어 있으며, 디자이너를 고르면 그 디자이너의 예약에 딸린 결제만 셉니다."
    ),
    table=_by_payment_date,
    figures=_figures_by_payment_date,
    is_line=True,
)

BY_VISIT_DATE = Report(
    slug="revenue-by-visit-date",
    title=_("매출: 방문일별"),
    basis=_("방문일 기준"),
    meaning=_(
        "그날 방문하는 예약에 결제되어 있는 금액입니다. 환불은 언제 했든 그 예약의 방문일에서 뺍니다. "
        "취소한 예약과 예약 없이 한 결제는 들어 있지 않습니다."
    ),
    table=_by_visit_date,
    figures=figures_by_visit_date,
    is_line=True,
)
