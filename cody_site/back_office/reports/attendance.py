"""Who did not come, and who said so too late."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Policy
from cody_site.back_office.reports import names, rows
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Figure, Kind, Report, Row, Table, share
from cody_site.back_office.reports.sql import SalonSeconds, Seconds


def is_late() -> Q:
    """Cancelled when customers may not cancel any more, by the policy of today."""
    notice = int(Policy.current().cancel_notice.total_seconds())
    return Q(trashed_at__isnull=False, seconds_ahead__lt=notice)


def with_seconds_ahead(queryset: Any) -> Any:
    """How long before the visit it was cancelled."""
    return queryset.alias(seconds_ahead=SalonSeconds("date", "time") - Seconds("trashed_at"))


def _counts() -> dict[str, Count]:
    return {
        "due": Count("pk", filter=rows.LIVE & rows.begun()),
        "missed": Count("pk", filter=rows.LIVE & Q(no_show_at__isnull=False)),
        "every": Count("pk"),
        "late": Count("pk", filter=is_late()),
    }


def _table(period: Period) -> Table:
    who = ("designer__user__name", "designer__user__userid")
    counts = _counts()
    found = with_seconds_ahead(rows.reservations(period)).values("designer", *who).annotate(**counts)
    told: list[Row] = [
        (names.designer(name, userid), *_with_shares(*counted))
        for name, userid, *counted in found.order_by("designer__order", "designer").values_list(*who, *counts)
    ]
    columns = [
        Column(_("디자이너"), Kind.TEXT),
        Column(_("방문 시각이 지난 예약")),
        Column(_("노쇼")),
        Column(_("노쇼율"), Kind.SHARE, charted=True),
        Column(_("모든 예약(취소 포함)")),
        Column(_("늦은 취소")),
        Column(_("늦은 취소율"), Kind.SHARE, charted=True),
    ]
    whole = [sum(row[number] for row in told) for number in (1, 2, 4, 5)]
    return Table(columns, told, total=[*_with_shares(*whole)] if told else None)


def _with_shares(due: int, missed: int, every: int, late: int) -> tuple[float | None, ...]:
    return (due, missed, share(missed, due), every, late, share(late, every))


def _figures(period: Period) -> Iterable[Figure]:
    found = with_seconds_ahead(rows.reservations(period)).aggregate(**_counts())
    yield Figure(_("노쇼율"), Kind.SHARE, share(found["missed"], found["due"]))
    yield Figure(_("늦은 취소율"), Kind.SHARE, share(found["late"], found["every"]))
    yield Figure(_("노쇼"), Kind.COUNT, found["missed"])
    yield Figure(_("늦은 취소"), Kind.COUNT, found["late"])


REPORT = Report(
    slug="attendance",
    title=_("노쇼와 늦은 취소"),
    basis=_("방문일 기준"),
    meaning=_(
        "노쇼율은 방문 시각이 지난 예약(취소 제외) 가운데 오지 않은 것, 늦은 취소율은 모든 예약(취소 포함) 가운데 "
        "지금 예약 정책의 취소 마감보다 늦게 취소한 것입니다. 누가 취소했든 셉니다."
    ),
    table=_table,
    figures=_figures,
)
