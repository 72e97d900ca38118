"""rule=all over very many rows: how much the worker grows, and when the bytes come."""

import time

from bench.result import Result, Table
from bench.site import Site, forget_peak, listing, resident_kilobytes

BAR_MB = 32
READ_BYTES = 1 << 16


def measure(site: Site) -> Table:
    """`site` must have one process."""
    return Table(
        "Streaming",
        "Everything, read by one client; growth is the peak of the worker's resident memory over what it was.",
        ("what", "rows", "MB", "first byte", "all of it", "growth", "bar", "met"),
        tuple(_read(site, path) for path in ("/reserv", "/post")),
    )


def _read(site: Site, path: str) -> Result:
    app = site.app()
    for _ in range(8):  # every thread has answered once
        app.get(listing(path, rule="all", limit=1000))
    (worker,) = site.workers
    forget_peak(worker)
    before = resident_kilobytes(worker)
    started = time.perf_counter()
    response = app.open(listing(path, rule="all"))
    received = len(response.read(1))
    first = time.perf_counter() - started
    rows = 0
    while chunk := response.read(READ_BYTES):
        received += len(chunk)
        rows += chunk.count(b'"photoid"')
    total = time.perf_counter() - started
    growth = (resident_kilobytes(worker, peak=True) - before) / 1024
    return Result(
        f"GET {path}?rule=all",
        (f"about {rows:,}", f"{received / 1e6:.0f}", f"{first:.2f} s", f"{total:.1f} s", f"{growth:.1f} MB"),
        f"< {BAR_MB} MB",
        met=growth < BAR_MB,
    )
