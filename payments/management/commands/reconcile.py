import datetime as dt
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments import imp, reconciling, recovering


class Command(BaseCommand):
    help = (
        "Ask IMP once about all that is due, as the worker does. With --since, have IMP list all that it knows since "
        "then: what is ours is settled, and exit 1 with a line for each charge that is unknown here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_midnight, metavar="YYYY-MM-DD", help="a day, in the salon's time")

    def handle(self, *args: Any, since: dt.datetime | None, **options: Any) -> None:
        if since is None:
            reconciling.reconcile()
            return
        if since > timezone.now():
            raise CommandError("--since is in the future.")
        unknown, left = 0, 0
        try:
            for told in recovering.compare(since):
                self.stdout.write(_line(told))
                if isinstance(told, recovering.Unknown):
                    unknown, left = unknown + 1, left + told.left
        except imp.ImpError as error:
            raise CommandError(f"IMP could not be asked ({type(error).__name__}); run it again.") from None
        if unknown:
            raise CommandError(f"{unknown} payments at IMP are unknown here; {left:,} won of them are left there.")
        self.stdout.write("IMP knows no payment that is unknown here.")


def _midnight(text: str) -> dt.datetime:
    try:
        return timezone.make_aware(dt.datetime.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day like 2026-12-24") from None


def _line(told: recovering.Unknown | recovering.Different) -> str:
    if isinstance(told, recovering.Different):
        payment = told.payment
        what = f"{told.before} here" if told.before == payment.state else f"{told.before} here, now {payment.state}"
        rest = "" if told.settled else f"; IMP knows it otherwise still ({payment.alarm or 'no alarm'})"
        return f"payment {payment.payment_uid}: {what}{rest}"
    listed, found = told.at_imp, told.at_imp.payment
    at = timezone.localtime(dt.datetime.fromtimestamp(listed.at, dt.UTC))
    buyer = f"{listed.buyer or '-'} ({', '.join(told.userids) or 'nobody of that name'})"
    what = "paid" if found.was_paid else found.status
    line = (
        f"unknown {found.merchant_uid} {found.imp_uid}: {told.left:,} of {found.amount:,} {found.currency} left, "
        f"{what} {at:%Y-%m-%d %H:%M}, buyer {buyer}, for {listed.name or '-'}, card {listed.card_number or '-'}"
    )
    return " ".join(line.split())  # whatever IMP's texts hold, it is one
