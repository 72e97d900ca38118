from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from cody_site.demo import salon


class Command(BaseCommand):
    help = "Load the demo salon into an empty database (DEBUG only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo salon has known passwords: it is for DEBUG=1 only.")
        if User.objects.exists():
            raise CommandError("This database has users; the demo salon goes into an empty one only.")
        salon.build()
        self.stdout.write("The demo salon is open.")
