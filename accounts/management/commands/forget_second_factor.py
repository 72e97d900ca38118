from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factor
from accounts.models import User


class Command(BaseCommand):
    help = "Forget somebody's authenticator app and backup codes: the last resort of an owner who is locked out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("userid")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().named(options["userid"]).first()
        if user is None:
            raise CommandError(f"There is nobody with the userid {options['userid']!r}.")
        if not second_factor.is_on(user):
            raise CommandError(f"{user.userid} has set up no second factor.")
        second_factor.forget(user)
        self.stdout.write(f"{user.userid} signs in with the password, and sets up a new device if one is asked for.")
