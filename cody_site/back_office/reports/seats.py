"""How many of the seats that were open are taken."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractIsoWeekDay
from django.utils.translation import gettext_lazy as _

from accounts.hours import Opening
from accounts.models import Designer
from cody_site.back_office.reports import names, rows
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Figure, Kind, Report, Table, share

Place = tuple[int, int, int]
"""Whose, on which ISO weekday, in which clock hour."""


def _designers(period: Period) -> list[Designer]:
    return [period.designer] if period.designer else list(Designer.objects.working())


def open_seats(designers: Sequence[Designer], period: Period) -> Counter[Place]:
    """`max_per_hour` for each clock hour in which a consultation may begin."""
    opening = Opening(designers, period.first, period.last)
    seats: Counter[Place] = Counter()
    for designer in designers:
        for date in period.dates():
            for hour in opening.hours(designer, date):
                seats[designer.pk, date.isoweekday(), hour] += designer.max_per_hour
    return seats


def taken_seats(designers: Sequence[Designer], period: Period) -> Counter[Place]:
    """Neither cancelled nor missed."""
    taken = rows.reservations(period).live().filter(no_show_at=None, designer__in=designers).order_by()
    found = taken.values("designer", "hour", weekday=ExtractIsoWeekDay("date")).annotate(count=Count("pk"))
    return Counter({(row["designer"], row["weekday"], row["hour"]): row["count"] for row in found})


def _table(title: Any, part: int, called: Callable[[Any, list[Designer]], Any], period: Period) -> Table:
    """By one part of the places."""
    designers = _designers(period)
    free, taken = open_seats(designers, period), taken_seats(designers, period)
    wanted = [designer.pk for designer in designers] if part == 0 else sorted({place[part] for place in free | taken})
    told = []
    for key in wanted:
        room, count = (sum(n for place, n in seats.items() if place[part] == key) for seats in (free, taken))
        told.append((called(key, designers), room, count, share(count, room)))
    columns = [
        Column(title, Kind.TEXT),
        Column(_("열린 자리")),
        Column(_("예약된 자리")),
        Column(_("가동률"), Kind.SHARE, charted=True),
    ]
    room, count = free.total(), taken.total()
    return Table(columns, told, total=[room, count, share(count, room)])


def _figures(period: Period) -> Iterable[Figure]:
    designers = _designers(period)
    room, count = open_seats(designers, period).total(), taken_seats(designers, period).total()
    yield Figure(_("가동률"), Kind.SHARE, share(count, room))
    yield Figure(_("예약된 자리"), Kind.COUNT, count)
    yield Figure(_("열린 자리"), Kind.COUNT, room)


by = partial(
    Report,
    basis=_("방문일 기준"),
    meaning=_(
        "예약된 자리 ÷ 열린 자리. 열린 자리는 상담을 시작할 수 있는 시간마다 시간당 최대 인원이며, "
        "지금의 근무 시간에서 휴무를 뺀 것입니다. 예약된 자리에 취소와 노쇼는 들어 있지 않습니다. "
        "지금 예약을 받는 디자이너만 세며, 정원을 넘겨 예약하면 100%를 넘을 수 있습니다."
    ),
    figures=_figures,
)

BY_DESIGNER = by(
    slug="seats-by-designer",
    title=_("가동률: 디자이너별"),
    table=partial(_table, _("디자이너"), 0, lambda pk, all_: str(next(one for one in all_ if one.pk == pk))),
)
BY_WEEKDAY = by(
    slug="seats-by-weekday",
    title=_("가동률: 요일별"),
    table=partial(_table, _("요일"), 1, lambda day, _all: names.weekday(day)),
)
BY_HOUR = by(
    slug="seats-by-hour",
    title=_("가동률: 시간별"),
    table=partial(_table, _("시간"), 2, lambda hour, _all: names.hour(hour)),
)
