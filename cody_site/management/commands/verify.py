"""The rules that must hold whatever happened, asked of the database itself."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import AccountType, User
from media_store.checking import differences_from_storage
from payments import imp
from payments.models import Payment
from payments.settling import GRACE, LONGEST_PAUSE
from reservations.models import Reservation


class Command(BaseCommand):
    help = "Check the invariants of the stored data; exit 1 and name each row that breaks one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-imp", action="store_true", help="ask IMP about every payment too")
        parser.add_argument("--with-photos", action="store_true", help="read every photo's bytes too")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(violations())
        if options["with_imp"]:
            try:
                broken += differences_from_imp()
            except imp.ImpError as error:
                raise CommandError(f"IMP could not be asked: {type(error).__name__}") from None
        if options["with_photos"]:
            broken += differences_from_storage()
        for line in broken:
            self.stdout.write(line)
        if broken:
            raise CommandError(f"{len(broken)} violation{'s' if len(broken) > 1 else ''}")
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
    for payment in Payment.objects.miscounted():
        yield f"payment {payment.payment_uid}: {payment.refunded_amount} has gone back, but not by its refunds"
    for payment in Payment.objects.mispriced():
        yield f"payment {payment.payment_uid}: its items do not cost {payment.amount}"
    for payment in Payment.objects.forgotten(timezone.now() - GRACE - LONGEST_PAUSE):
        yield f"payment {payment.payment_uid}: in doubt since {payment.created_at:%Y-%m-%d %H:%M}, and nobody was told"


def differences_from_imp() -> Iterator[str]:
    """One line for each payment that IMP knows otherwise. Raises imp.ImpError if it cannot be asked.

    What has an alarm is named too, until the money is right: that somebody was told does not make the books agree.
    """
    for payment in Payment.objects.order_by("pk").iterator(chunk_size=1000):
        charged = [found for found in imp.payments_of(payment.payment_uid) if found.was_paid]
        at_imp = sum(found.amount - found.refunded for found in charged)
        if len(charged) > 1:
            yield f"payment {payment.payment_uid}: charged {len(charged)} times"
        elif at_imp != payment.left:
            told = f" (its alarm: {payment.alarm})" if payment.alarm else ""
            yield f"payment {payment.payment_uid}: {payment.left} is left here, {at_imp} at IMP{told}"
