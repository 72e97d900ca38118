from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from cody_site.demo import at_imp, salon


class Command(BaseCommand):
    help = "Load the demo salon into an empty database (DEBUG only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--start-over", action="store_true", help="let the IMP sandbox forget what else it knows")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo salon has known passwords: it is for DEBUG=1 only.")
        if User.objects.exists():
            raise CommandError("This database has users; the demo salon goes into an empty one only.")
        with transaction.atomic():
            salon.build()
            at_imp.tell(start_over=options["start_over"])
        self.stdout.write("The demo salon is open.")
