"""The rules that must hold whatever happened, asked of the database itself."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AccountType, User
from reservations.models import Reservation


class Command(BaseCommand):
    help = "Check the invariants of the stored data; exit 1 and name each row that breaks one."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(violations())
        for line in broken:
            self.stdout.write(line)
        if broken:
            raise CommandError(f"{len(broken)} violations")
        self.stdout.write("No violations.")


def violations() -> Iterator[str]:
    """One line for each broken rule."""
    for hour in Reservation.objects.overfull_hours():
        yield "over-full hour: {designer__user__userid} {date} {hour}h has {count} of {seats}".format(**hour)
    for double in Reservation.objects.doubled_customers():
        yield "customer in two places: {customer__userid} {date} {time}".format(**double)
    for userid in (
        Reservation.objects.live()
        .upcoming()
        .exclude(customer__withdrawn_at=None)
        .values_list("customer__userid", flat=True)
    ):
        yield f"withdrawn customer still expected: {userid}"
    for userid in (
        Reservation.objects.live()
        .upcoming()
        .exclude(designer__user__type=AccountType.DESIGNER, designer__user__withdrawn_at=None)
        .values_list("designer__user__userid", flat=True)
    ):
        yield f"no designer any more, yet expected to consult: {userid}"
    for userid in (
        User.objects.active().filter(type=AccountType.DESIGNER, designer=None).values_list("userid", flat=True)
    ):
        yield f"designer without a profile: {userid}"
