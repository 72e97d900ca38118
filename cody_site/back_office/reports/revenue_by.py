"""Whose, which weekday's and which hour's visits bring the revenue."""

from functools import partial
from typing import Any

from django.db.models.functions import ExtractIsoWeekDay
from django.utils.translation import gettext_lazy as _

from cody_site.back_office.reports import names, rows
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Kind, Report, Table
from cody_site.back_office.reports.revenue import FOR_VISITS, MONEY, figures_by_visit_date, summed

NOTHING = (0,) * len(FOR_VISITS)
MEANING = _(
    "그 기간에 방문하는 예약에 결제되어 있는 금액입니다. 환불은 언제 했든 뺍니다. "
    "취소한 예약과 예약 없이 한 결제는 들어 있지 않습니다."
)


def _by_designer(period: Period) -> Table:
    who = ("reservation__designer__user__name", "reservation__designer__user__userid")
    found = rows.paid_for_visits(period).values("reservation__designer", *who).annotate(**FOR_VISITS)
    ranked = found.order_by("-left", "reservation__designer").values_list(*who, *FOR_VISITS)
    return _table(Column(_("디자이너"), Kind.TEXT), [(names.designer(*row[:2]), *row[2:]) for row in ranked])


def _by_weekday(period: Period) -> Table:
    found = _sums(period, ExtractIsoWeekDay("reservation__date"))
    return _table(Column(_("요일"), Kind.TEXT), [(names.weekday(day), *found.get(day, NOTHING)) for day in range(1, 8)])


def _by_hour(period: Period) -> Table:
    found = _sums(period, "reservation__hour")
    hours = range(min(found), max(found) + 1) if found else ()
    return _table(Column(_("시간"), Kind.TEXT), [(names.hour(hour), *found.get(hour, NOTHING)) for hour in hours])


def _sums(period: Period, by: Any) -> dict[int, tuple[int, ...]]:
    grouped = rows.paid_for_visits(period).order_by()
    keyed = grouped.values(by) if isinstance(by, str) else grouped.values(key=by)
    found = keyed.annotate(**FOR_VISITS).values_list(by if isinstance(by, str) else "key", *FOR_VISITS)
    return {key: tuple(values) for key, *values in found}


def _table(first: Column, told: list[Any]) -> Table:
    return Table([first, *MONEY], told, total=summed(told) if told else None)


by = partial(Report, basis=_("방문일 기준"), meaning=MEANING, figures=figures_by_visit_date)

BY_DESIGNER = by(slug="revenue-by-designer", title=_("매출: 디자이너별"), table=_by_designer)
BY_WEEKDAY = by(slug="revenue-by-weekday", title=_("매출: 요일별"), table=_by_weekday)
BY_HOUR = by(slug="revenue-by-hour", title=_("매출: 시간별"), table=_by_hour)
