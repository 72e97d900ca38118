"""rule=all over a million rows: how much the worker grows, and when the bytes come."""

import time
from pathlib import Path

from bench.result import Result, Table
from bench.site import Site, listing

BAR_MB = 32
READ_BYTES = 1 << 16


def measure(site: Site) -> Table:
    """`site` must have one process."""
    app = site.app()
    for _ in range(8):  # every thread has answered once
        app.get(listing("/reserv", rule="all", limit=1000))
    (worker,) = site.workers
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak starts anew
    before = _kilobytes(worker, "VmRSS")
    started = time.perf_counter()
    response = app.open(listing("/reserv", rule="all"))
    received = len(response.read(1))
    first = time.perf_counter() - started
    rows = 0
    while chunk := response.read(READ_BYTES):
        received += len(chunk)
        rows += chunk.count(b'"photoid"')
    total = time.perf_counter() - started
    growth = (_kilobytes(worker, "VmHWM") - before) / 1024
    return Table(
        "Streaming",
        f"GET /reserv?rule=all, {received / 1e6:.0f} MB of about {rows:,} rows, read by one client; growth is the "
        "peak of the worker's resident memory over what it was.",
        ("what", "first byte", "all of it", "growth", "bar", "met"),
        (
            Result(
                "GET /reserv, 1,000,000 rows",
                (f"{first:.2f} s", f"{total:.1f} s", f"{growth:.1f} MB"),
                f"< {BAR_MB} MB",
                met=growth < BAR_MB,
            ),
        ),
    )


def _kilobytes(pid: int, key: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))
