"""Does the time of an answer tell whether somebody is registered? `python -m deploy.scan.timing`

Signing in and asking for a new password, for who exists and who does not, alternating, in one process on a new SQLite
file. What is counted is the process's own time (CPU), which others on the machine do not disturb, in milliseconds.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TIMES = 150
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "cody_site.settings",
    "DEBUG": "1",
    "REDIS_URL": "",
    "CELERY_BROKER_URL": "memory://",
    "THROTTLE_PASSWORD": "0",
    "THROTTLE_ANON": "0",
}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="timing-") as folder:
        os.environ |= SETTINGS | {"VAR_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/timing.sqlite3"}
        _measure(Path(folder))
    return 0


def _measure(folder: Path) -> None:
    # Django reads its settings when it is imported, and they are this run's own.
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for number in range(TIMES):
        person = User(userid=f"person{number}", name="x", email=f"person{number}@example.com")
        person.email_confirmed_at = timezone.now()
        person.set_password("a password of some length")
        person.save()

    def sign_in(name: str) -> None:
        Client(HTTP_HOST="127.0.0.1").post("/login/", {"username": name, "password": "wrong"})

    def forgotten(name: str) -> None:
        Client(HTTP_HOST="127.0.0.1").post("/password/", {"email": f"{name}@example.com"})

    for what, ask in (("sign in", sign_in), ("new password", forgotten)):
        known, unknown = [], []
        for number in range(TIMES):
            known.append(_cpu_ms(ask, f"person{number}"))
            unknown.append(_cpu_ms(ask, f"nobody{number}"))
        _tell(what, known, unknown)


def _cpu_ms(ask: Callable[[str], None], name: str) -> float:
    begun = time.process_time()
    ask(name)
    return (time.process_time() - begun) * 1000


def _tell(what: str, known: list[float], unknown: list[float]) -> None:
    (low, middle, high), (other_low, other_middle, other_high) = (
        statistics.quantiles(times, n=4) for times in (known, unknown)
    )
    sys.stdout.write(
        f"{what:<14} known {middle:6.2f} ({low:.2f} to {high:.2f})   unknown {other_middle:6.2f}"
        f" ({other_low:.2f} to {other_high:.2f})   apart {middle - other_middle:+.2f} ms\n"
    )


if __name__ == "__main__":
    sys.exit(main())
