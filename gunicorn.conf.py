"""gunicorn's settings, the same wherever the site runs: it reads this file by itself (`gunicorn cody_site.wsgi`)."""

import contextlib
import os
from pathlib import Path
from typing import Any

MEMORY = Path("/dev/shm")  # noqa: S108 -- what we make there is ours alone  # nosec B108
VAR = Path(os.environ.get("VAR_DIR") or Path(__file__).parent / "var").absolute()
# In memory: who writes to a file that is mapped into memory, and whose disk is full, is killed (SIGBUS).
METRICS = MEMORY / f"cdeday-{os.geteuid()}{str(VAR).replace('/', '-')}" if MEMORY.is_dir() else VAR / "metrics"
METRICS.mkdir(mode=0o700, parents=True, exist_ok=True)
if METRICS.is_symlink() or METRICS.stat().st_uid != os.geteuid():
    raise PermissionError(f"{METRICS} is somebody else's")
# What the processes of this machine count lies there, for each of them to tell; known before the library is imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS)

from prometheus_client.multiprocess import mark_process_dead  # noqa: E402

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "cody_site.draining.DrainingWorker"  # gthread
threads = 8
timeout = 90  # longer than the longest call to IMP (IMP_DEADLINE_SECONDS)
graceful_timeout = 70  # as above: who is paying while the site stops is told how it ended
keepalive = 75  # longer than a proxy keeps its connections, or it would send a request into one that is closing
control_socket_disable = True
loglevel = "warning"
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None  # heartbeats must not wait for a disk


def on_starting(server: Any) -> None:
    """Forget what processes of earlier runs counted; a neighbour's go on."""
    _forget_the_dead()


def on_exit(server: Any) -> None:
    """Leave nothing in memory; a neighbour's go on."""
    _forget_the_dead()
    with contextlib.suppress(OSError):
        METRICS.rmdir()


def child_exit(server: Any, worker: Any) -> None:
    """What it counted stays, its requests in flight do not."""
    with contextlib.suppress(FileNotFoundError):
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _forget_the_dead() -> None:
    for file in METRICS.glob("*.db"):
        if not _is_alive(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
