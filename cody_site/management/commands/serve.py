"""`make run`: everything on one machine, in the foreground, ended together."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import User
from cody_site.demo.sign_ins import PASSWORD, SIGN_INS

GRACE_SECONDS = 75  # gunicorn's graceful timeout and a little more


class Command(BaseCommand):
    help = "Migrate, load the demo salon into an empty database (DEBUG only), and run the processes of the site."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if settings.DEBUG and not User.objects.exists():
            call_command("demo")
        self._tell()
        sandbox = [self._imp_sandbox()] if settings.DEBUG else []
        sys.exit(run_together([self._site(), self._worker(), *sandbox]))

    def _site(self) -> list[str]:
        config = settings.BASE_DIR / "gunicorn.conf.py"
        return [sys.executable, "-m", "gunicorn", "cody_site.wsgi", "--config", str(config)]

    def _worker(self) -> list[str]:
        return [
            sys.executable, "-m", "celery", "--app", "cody_site", "--quiet", "worker", "--beat",
            "--pool", "threads", "--concurrency", "4", "--loglevel", "warning", "--without-mingle", "--without-gossip",
        ]  # fmt: skip

    def _imp_sandbox(self) -> list[str]:
        return [sys.executable, str(settings.BASE_DIR / "manage.py"), "imp_sandbox", "--verbosity", "0"]

    def _tell(self) -> None:
        address = f"http://127.0.0.1:{_port()}"
        lines = [f"CDEDAY  {address}/", f"admin   {address}/admin/", f"API     {address}/user?rule=all", ""]
        if settings.DEBUG:
            lines[-1:] = [f"IMP     http://127.0.0.1:{settings.IMP_SANDBOX_PORT}/ (the sandbox)", ""]
            lines += [f"{who:<28} {what}" for who, what in SIGN_INS]
            lines += [f"every password: {PASSWORD}", "", "Ctrl-C ends it; the data stay in var/."]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _port() -> str:
    return os.environ.get("PORT", "8000")


def run_together(commands: list[list[str]]) -> int:
    """Run the commands as children in this process group until one ends or a signal comes; then end them all.

    Returns the exit status: 0 after a signal, else that of the child that ended first.
    """
    stopping = False

    def stop(signum: int, frame: object) -> None:
        nonlocal stopping
        stopping = True

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
    children = [subprocess.Popen(command) for command in commands]  # noqa: S603 -- our own commands  # nosec B603
    while not stopping and all(child.poll() is None for child in children):
        time.sleep(0.2)
    ended = next((child.returncode for child in children if child.returncode is not None), 0)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0 if stopping else ended or 1
