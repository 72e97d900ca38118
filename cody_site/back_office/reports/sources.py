"""What can be taken away as a file: every report, and the lists; of personal data only what a list is for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import ACCOUNT_MANAGERS, AccountType, User
from cody_site.back_office.reports import rows
from cody_site.back_office.reports.catalogue import REPORTS
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Kind, Report, Row, Words
from payments.models import Method, Payment, State
from reservations.models import Status

AT_ONCE = 2000


@dataclass(frozen=True)
class Source:
    title: Words
    table: Callable[[Period], tuple[Sequence[Column], Iterable[Row]]]


def sources(actor: Actor) -> dict[str, Source]:
    """By their names in addresses, those that this person may export."""
    found = {report.slug: Source(report.title, _of(report)) for report in REPORTS.values()}
    found |= {
        "reservations": Source(_("예약 목록 (방문일 기준)"), _reservations),
        "payments": Source(_("결제 목록 (접수일 기준)"), _payments),
    }
    if actor.account_type in ACCOUNT_MANAGERS:
        found["customers"] = Source(_("고객 목록 (가입일 기준)"), _customers)
    return found


def _of(report: Report) -> Callable[[Period], tuple[Sequence[Column], Iterable[Row]]]:
    def table(period: Period) -> tuple[Sequence[Column], Iterable[Row]]:
        shown = report.table(period)
        return shown.columns, shown.rows

    return table


def _reservations(period: Period) -> tuple[Sequence[Column], Iterable[Row]]:
    columns = [
        Column(_("예약 번호")),
        Column(_("날짜"), Kind.DATE),
        Column(_("시각"), Kind.TIME),
        Column(_("디자이너"), Kind.TEXT),
        Column(_("고객"), Kind.TEXT),
        Column(_("상태"), Kind.TEXT),
        Column(_("접수"), Kind.MOMENT),
        Column(_("노쇼"), Kind.MOMENT),
        Column(_("취소"), Kind.MOMENT),
    ]
    listed = rows.reservations(period).order_by("date", "time", "pk")
    values = listed.values_list(
        "pk", "date", "time", "designer__user__name", "customer__name", "status", "created_at", "no_show_at",
        "trashed_at",
    )  # fmt: skip
    return columns, _labelled(values, {5: Status})


def _payments(period: Period) -> tuple[Sequence[Column], Iterable[Row]]:
    columns = [
        Column(_("결제 번호"), Kind.TEXT),
        Column(_("접수"), Kind.MOMENT),
        Column(_("결제"), Kind.MOMENT),
        Column(_("결제한 사람"), Kind.TEXT),
        Column(_("예약 번호")),
        Column(_("수단"), Kind.TEXT),
        Column(_("상태"), Kind.TEXT),
        Column(_("청구액"), Kind.WON),
        Column(_("결제액"), Kind.WON),
        Column(_("환불액"), Kind.WON),
        Column(_("순매출"), Kind.WON),
    ]
    listed = Payment.objects.filter(period.at("created_at"))
    if period.designer:
        listed = listed.filter(reservation__designer=period.designer)
    values = listed.order_by("created_at", "pk").values_list(
        "payment_uid", "created_at", "paid_at", "payer__name", "reservation", "method", "state", "amount",
        "paid_amount", "refunded_amount", F("paid_amount") - F("refunded_amount"),
    )  # fmt: skip
    return columns, _labelled(values, {5: Method, 6: State})


def _customers(period: Period) -> tuple[Sequence[Column], Iterable[Row]]:
    """Whoever has left has no name any more, and is no customer."""
    columns = [
        Column(_("아이디"), Kind.TEXT),
        Column(_("이름"), Kind.TEXT),
        Column(_("전화번호"), Kind.TEXT),
        Column(_("가입"), Kind.MOMENT),
        Column(_("방문")),
        Column(_("노쇼")),
        Column(_("마지막 방문"), Kind.DATE),
    ]
    listed = User.objects.active().filter(period.at("joined_at"), type=AccountType.CUSTOMER)
    of_designer = Q(reservations__designer=period.designer) if period.designer else Q()
    if period.designer:
        listed = listed.filter(pk__in=period.designer.reservations.live().values("customer"))
    live = Q(reservations__trashed_at=None, reservations__pk__isnull=False) & of_designer
    came = live & Q(reservations__no_show_at=None) & rows.begun("reservations__")
    values = (
        listed.order_by("joined_at", "pk")
        .annotate(
            came=Count("reservations", filter=came),
            missed=Count("reservations", filter=live & Q(reservations__no_show_at__isnull=False)),
            latest=Max("reservations__date", filter=came),
        )
        .values_list("userid", "name", "pn", "joined_at", "came", "missed", "latest")
    )
    return columns, values.iterator(chunk_size=AT_ONCE)


def _labelled(values: Any, choices: dict[int, Any]) -> Iterable[Row]:
    """These columns in the words that people read."""
    words = {number: dict(enum.choices) for number, enum in choices.items()}
    for row in values.iterator(chunk_size=AT_ONCE):
        yield [words[number][value] if number in words else value for number, value in enumerate(row)]
