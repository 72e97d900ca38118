import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from payments.imp_sandbox.process import Options, add_arguments, run


class Command(BaseCommand):
    help = "Run the IMP sandbox: a payment gateway to develop and test with, in its own process, on loopback."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        site = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
        default = Options(
            port=settings.IMP_SANDBOX_PORT,
            data=settings.IMP_SANDBOX_DATA,
            webhook=f"{site}/payment/webhook",
        )
        add_arguments(parser, default)

    def handle(self, *args: Any, **options: Any) -> None:
        run(Options(**{name: options[name] for name in Options.__annotations__}), tell=options["verbosity"] > 0)
