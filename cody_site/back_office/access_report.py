"""What the access log tells of a month: who read whose cards, who took what away and why, and what to look at.

Article 8 of Korea's Standards for Measures to Secure Personal Information asks for such a look once a month.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from accounts.models import Designer, TimeOff, WorkingHours
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Kind, told
from cody_site.models import Access, AccessLog

WHO = ("by__userid", "by__name")


def lines(period: Period, *, cards_a_day: int) -> Iterator[str]:
    """As text. Who reads more cards than `cards_a_day` on one day is named."""
    log = AccessLog.objects.filter(period.at("at")).order_by()
    yield _("개인정보 접근 기록, %(period)s") % {"period": period}
    for title, found in (
        (_("사람별"), _by_person(log)),
        (_("내보내기"), _exports(log)),
        (_("살펴볼 것"), _oddities(log, period, cards_a_day)),
    ):
        yield ""
        yield title
        yield from [f"  {line}" for line in found] or ["  " + _("없음")]


def _by_person(log: Any) -> Iterator[str]:
    counted = log.values(*WHO).annotate(
        cards=Count("pk", filter=Q(what=Access.CARD)),
        people=Count("subject", filter=Q(what=Access.CARD), distinct=True),
        exports=Count("pk", filter=Q(what=Access.EXPORT)),
        taken=Sum("rows", default=0),
    )
    for row in counted.order_by("by__userid"):
        told_of = {"cards": row["cards"], "people": row["people"], "exports": row["exports"], "taken": row["taken"]}
        yield _("%(who)s: 고객 카드 %(cards)d번(고객 %(people)d명), 내보내기 %(exports)d번(%(taken)d행)") % (
            told_of | {"who": _who(row)}
        )


def _exports(log: Any) -> Iterator[str]:
    exported = log.filter(what=Access.EXPORT).order_by("pk")
    for row in exported.values(*WHO, "at", "detail", "rows", "ip", "reason").iterator():
        told_of = row | {"who": _who(row), "at": told(Kind.MOMENT, row["at"]), "ip": row["ip"] or "–"}
        yield _("%(at)s %(who)s: %(detail)s, %(rows)d행, %(ip)s. 사유: %(reason)s") % told_of


def _oddities(log: Any, period: Period, cards_a_day: int) -> Iterator[str]:
    outside = (
        log.exclude(_in_opening_hours(period)).values(*WHO).annotate(count=Count("pk"), first=Min("at"), last=Max("at"))
    )
    for row in outside.order_by("by__userid"):
        span = {"first": told(Kind.MOMENT, row["first"]), "last": told(Kind.MOMENT, row["last"])}
        yield _("%(who)s: 영업시간 밖에 %(count)d번(%(first)s – %(last)s)") % (
            span | {"who": _who(row), "count": row["count"]}
        )
    daily = log.filter(what=Access.CARD).values(*WHO, day=TruncDate("at")).annotate(count=Count("pk"))
    for row in daily.filter(count__gt=cards_a_day).order_by("day", "by__userid"):
        yield _("%(who)s: %(day)s 하루에 고객 카드 %(count)d번") % (row | {"who": _who(row)})


def _in_opening_hours(period: Period) -> Q:
    """Entries of the salon's opening hours: from the first designer's beginning to the last one's end, breaks included.

    By the hours of today, for older ones are not kept.
    """
    spans = WorkingHours.objects.filter(designer__in=Designer.objects.working()).order_by()
    working = Q(pk__in=[])
    for weekday, start, end in spans.values_list("weekday").annotate(Min("start"), Max("end")):
        working |= Q(at__iso_week_day=weekday + 1, at__time__gte=start, at__time__lt=end)
    closed = TimeOff.objects.filter(designer=None, ends_at__date__gte=period.first, starts_at__date__lte=period.last)
    for starts_at, ends_at in closed.values_list("starts_at", "ends_at"):
        working &= ~Q(at__gte=starts_at, at__lt=ends_at)
    return working


def _who(row: dict[str, Any]) -> str:
    if row["by__userid"] is None:
        return _("사람 아님")
    return f"{row['by__name']} ({row['by__userid']})" if row["by__name"] else str(row["by__userid"])
