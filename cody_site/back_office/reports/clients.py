"""Who came for the first time, and who came again."""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cody_site.back_office.reports import rows
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Figure, Kind, Report, Table
from cody_site.back_office.reports.revenue import first_column, summed
from reservations.models import Reservation, ReservationQuerySet


def _visits(period: Period) -> ReservationQuerySet:
    """Each visit, `again` if its customer had come to the salon before, to whomever."""
    earlier = Q(date__lt=OuterRef("date")) | Q(date=OuterRef("date"), time__lt=OuterRef("time"))
    came_before = Reservation.objects.live().filter(earlier, customer=OuterRef("customer"), no_show_at=None)
    return rows.visits(period).alias(again=Exists(came_before))


def _table(period: Period) -> Table:
    counted = (
        _visits(period)
        .order_by()
        .values(step=period.step("date"))
        .annotate(every=Count("pk"), new=Count("pk", filter=Q(again=False)), old=Count("pk", filter=Q(again=True)))
        .values_list("step", "every", "new", "old")
    )
    found = {step: counts for step, *counts in counted}
    told = [(step, *found.get(step, (0, 0, 0))) for step in period.steps()]
    columns = [first_column(period), Column(_("방문")), Column(_("첫 방문"), charted=True)]
    return Table([*columns, Column(_("재방문"), charted=True)], told, total=summed(told))


def _figures(period: Period) -> Iterable[Figure]:
    found = _visits(period).aggregate(
        clients=Count("customer", distinct=True), new=Count("customer", distinct=True, filter=Q(again=False))
    )
    yield Figure(_("새 고객"), Kind.COUNT, found["new"])
    yield Figure(_("다시 온 고객"), Kind.COUNT, found["clients"] - found["new"])
    yield Figure(_("방문한 고객"), Kind.COUNT, found["clients"])


REPORT = Report(
    slug="clients",
    title=_("새 고객과 다시 온 고객"),
    basis=_("방문일 기준"),
    meaning=_(
        "온 사람만 셉니다(취소와 노쇼 제외). 새 고객은 살롱에 처음 온 날이 이 기간에 있는 사람이고, "
        "기간 안에 또 왔어도 새 고객으로 한 번 셉니다. 표는 방문 수로 셉니다."
    ),
    table=_table,
    figures=_figures,
)
