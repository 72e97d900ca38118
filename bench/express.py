"""The manual's /reserv beside bench/express: the same rows, the same check of the token, by a Node developer's hand."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import partial

from bench.load import CLIENTS, compared, wrk
from bench.reserving import post
from bench.result import Result, Table
from bench.site import ROOT, Connection, Site, forget_peak, listing, resident_kilobytes
from tests.servers import free_port, wait_until_listening

FOLDER = ROOT / "bench/express"
BARS = {"one row": 0.25, "1,000 rows": 0.8, "POST": 0.4, "all rows": 1.0, "memory": 0.3}
MANY = 100_000
TURNS = 7


def install() -> None:
    """Express and node-postgres, as package-lock.json has them."""
    if shutil.which("npm") is None:
        raise RuntimeError("make bench needs node and npm for bench/express")
    if not (FOLDER / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=True)


@contextlib.contextmanager
def serving(database_url: str, processes: int = 2) -> Iterator[Site]:
    """Express on this database, until the context ends."""
    port = free_port()
    environ = os.environ | {
        "NODE_ENV": "production", "DATABASE_URL": database_url, "PORT": str(port), "PROCESSES": str(processes),
    }  # fmt: skip
    with subprocess.Popen(["node", "server.js"], cwd=FOLDER, env=environ) as server:
        try:
            wait_until_listening(server, port)
            yield Site(database_url, port, server.pid)
        finally:
            server.terminate()


def measure(site: Site, express: Site) -> Table:
    """Both have two processes and the same salon, which has MANY reservations at least."""
    app = site.app()
    headers = app.headers
    row = app.get(listing("/reserv", rule="all", limit=1)).contents[0]
    results = []
    for what, path in (
        ("one row", listing("/reserv", rule={"id": row["id"]})),
        ("1,000 rows", listing("/reserv", rule="all", limit=1000)),
    ):
        if app.get(path).contents != _get(express, path, headers):
            raise RuntimeError(f"{what}: both must send the same")
        results.append(_result(f"GET /reserv, {what}", what, *_turns(site, express, path, headers)))
    for told, designers in (("POST /reserv", 20), ("POST /reserv, all with one designer", 1)):
        ours, theirs = (partial(post, to.url, headers, designers) for to in (site, express))
        results.append(_result(told, "POST", *compared(ours, theirs)))
    return Table(
        "Beside Express",
        "The site with all that a request passes (sign-in, scope, throttle counters, audit, log) beside "
        "`bench/express/server.js`: Express and node-postgres, raw SQL in prepared statements, the same check of the "
        f"token by one query, the same isolation and constraints, two processes each. wrk, {CLIENTS} connections.",
        ("what", "req/s", "Express req/s", "ratio", "bar", "met"),
        tuple(results),
    )


def measure_streams(site: Site, express: Site) -> Table:
    """Both have one process, so that it is known whose memory grows."""
    path, headers = listing("/reserv", rule="all"), site.app_headers()
    # Memory first: a process keeps what it has once grown to.
    memory, their_memory = _growth(site, site.workers[0], path, headers), _growth(express, express.pid, path, headers)
    ours, theirs, ratio = compared(
        partial(_whole, site, path, headers), partial(_whole, express, path, headers), repeats=TURNS
    )
    return Table(
        "A whole table, beside Express",
        "GET /reserv?rule=all, everything, by one client; growth is the peak of resident memory over what it was.",
        ("what", "site", "Express", "ratio", "bar", "met"),
        (
            Result(
                "lists a second", (f"{ours:.2f}", f"{theirs:.2f}", f"{ratio:.0%}"),
                f">= {BARS['all rows']:.0%}", met=ratio >= BARS["all rows"],
            ),
            Result(
                "growth", (f"{memory:.0f} MB", f"{their_memory:.0f} MB", f"{memory / their_memory:.0%}"),
                f"<= {BARS['memory']:.0%}", met=memory <= BARS["memory"] * their_memory,
            ),
        ),
    )  # fmt: skip


def _turns(site: Site, express: Site, path: str, headers: dict[str, str]) -> tuple[float, float, float]:
    return compared(partial(wrk, site.url + path, headers), partial(wrk, express.url + path, headers))


def _result(told: str, what: str, ours: float, theirs: float, ratio: float) -> Result:
    figures = (f"{ours:,.0f}", f"{theirs:,.0f}", f"{ratio:.0%}")
    return Result(told, figures, f">= {BARS[what]:.0%}", met=ratio >= BARS[what])


def _get(express: Site, path: str, headers: dict[str, str]) -> object:
    return Connection(express.port, headers).get(path).contents


def _whole(site: Site, path: str, headers: dict[str, str]) -> float:
    """Lists a second, of one."""
    return 1 / _read(site, path, headers)


def _read(site: Site, path: str, headers: dict[str, str]) -> float:
    connection = Connection(site.port, headers)
    started = time.perf_counter()
    response = connection.open(path)
    while response.read(1 << 16):
        pass
    return time.perf_counter() - started


def _growth(site: Site, pid: int, path: str, headers: dict[str, str]) -> float:
    forget_peak(pid)
    before = resident_kilobytes(pid)
    _read(site, path, headers)
    return (resident_kilobytes(pid, peak=True) - before) / 1024
