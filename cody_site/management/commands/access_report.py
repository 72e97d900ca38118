"""The monthly look at who read or took away personal data."""

import datetime as dt
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.clock import salon_today
from cody_site.back_office.access_report import lines
from cody_site.back_office.reports.period import Period, end_of_month

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class Command(BaseCommand):
    help = "Print who read and exported personal data in a month, and what of it is worth a look."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", help="YYYY-MM; last month, if none is given")
        parser.add_argument("--cards-a-day", type=int, default=50, help="name who read more cards on a day (50)")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in lines(_period(options["month"]), cards_a_day=options["cards_a_day"]):
            self.stdout.write(line)


def _period(month: str | None) -> Period:
    if month is None:
        last = salon_today().replace(day=1) - dt.timedelta(days=1)
        return Period(last.replace(day=1), last)
    parts = MONTH.fullmatch(month)
    if parts is None:
        raise CommandError("--month is a month like 2026-11.")
    first = dt.date(int(parts[1]), int(parts[2]), 1)
    return Period(first, end_of_month(first))
