"""Who cancels."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.actors import Door
from cody_site.back_office.reports import rows
from cody_site.back_office.reports.attendance import is_late, with_seconds_ahead
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Figure, Kind, Report, Table, share
from reservations.models import Act, Move

WHO = {"customer": _("고객"), "salon": _("살롱"), "app": _("연결된 앱"), "system": _("자동")}


def _cancelled(period: Period) -> QuerySet:
    """Nobody is named for what an app client or the service itself cancelled: the history tells them apart."""
    cancelling = Move.objects.filter(reservation=OuterRef("pk"), act=Act.CANCELLED).order_by("-pk")
    who = Case(
        When(trashed_by=F("customer"), then=Value("customer")),
        When(trashed_by__isnull=False, then=Value("salon")),
        When(door=Door.SYSTEM.value, then=Value("system")),
        default=Value("app"),
        output_field=TextField(),
    )
    cancelled = with_seconds_ahead(rows.cancelled(period)).alias(door=Subquery(cancelling.values("door")[:1]))
    counted: QuerySet = cancelled.order_by().values(who=who).annotate(count=Count("pk"), late=_late())
    return counted


def _late() -> Count:
    return Count("pk", filter=is_late())


def _table(period: Period) -> Table:
    found = {row["who"]: (row["count"], row["late"]) for row in _cancelled(period)}
    counts: list[Any] = [(words, *found.get(who, (0, 0))) for who, words in WHO.items()]
    whole, late = (sum(row[number] for row in counts) for number in (1, 2))
    columns = [
        Column(_("취소한 쪽"), Kind.TEXT),
        Column(_("취소"), charted=True),
        Column(_("비율"), Kind.SHARE),
        Column(_("그중 늦은 취소"), charted=True),
    ]
    told = [(words, count, share(count, whole), tardy) for words, count, tardy in counts]
    return Table(columns, told, total=[whole, share(whole, whole), late])


def _figures(period: Period) -> Iterable[Figure]:
    cancelled = rows.cancelled(period)
    by_customer = Count("pk", filter=Q(trashed_by=F("customer")))
    found = cancelled.aggregate(every=Count("pk"), by_customer=by_customer)
    yield Figure(_("취소"), Kind.COUNT, found["every"])
    yield Figure(_("고객이 취소"), Kind.SHARE, share(found["by_customer"], found["every"]))


REPORT = Report(
    slug="cancellations",
    title=_("취소한 쪽"),
    basis=_("취소한 날 기준"),
    meaning=_(
        "고객이 스스로 취소한 것, 살롱(직원과 디자이너)이 취소한 것, 연결된 앱이 취소한 것, 저절로 취소된 것입니다. "
        "되살린 예약은 들어 있지 않습니다. 늦은 취소는 지금 예약 정책의 취소 마감보다 늦게 취소한 것입니다."
    ),
    table=_table,
    figures=_figures,
)
