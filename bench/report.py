"""docs/bench.md, and what a run tells meanwhile."""

import datetime as dt
import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.result import Table
from bench.site import ROOT, scalar

PAGE = ROOT / "docs/bench.md"

INTRODUCTION = """# How fast

Written by `make bench`, which measures everything in one run: whatever is compared is measured in turns, thirty times
or more, and medians are told. Ratios carry over to other machines; the other figures are this machine's.

The site runs as in operation (`DEBUG=0`, throttle counters on, HTTPS by a proxy's header) in gunicorn, two processes of
four threads where nothing else is said; PostgreSQL, wrk and pgbench share the machine. PostgreSQL writes without
`fsync` (`tests/servers.py`): reading does not notice, and what POST and pgbench write is equally quick for both.
"""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def told(table: Table) -> Table:
    """The table itself, after telling it."""
    say("\n".join(_lines(table)))
    return table


def write(tables: list[Table], database_url: str) -> None:
    missed = [result.what for table in tables for result in table.results if result.met is False]
    parts = [INTRODUCTION, "\n".join(_machine(database_url)), *("\n".join(_lines(table)) for table in tables)]
    PAGE.write_text("\n\n".join(part.strip() for part in parts) + "\n")
    say(f"\n{PAGE.relative_to(ROOT)} is written; " + (f"missed: {', '.join(missed)}" if missed else "every bar is met"))


def replace(table: Table) -> None:
    """Write one part of the page anew; it says of itself when, for the head tells of the others."""
    part = "\n".join(_lines(table)).replace(
        f"## {table.title}\n", f"## {table.title}\n\nMeasured on {dt.date.today()} by itself.\n"
    )
    before, _title, rest = PAGE.read_text().partition(f"\n## {table.title}\n")
    after = rest.partition("\n## ")[2]
    PAGE.write_text("\n\n".join([before.strip(), part, *(["## " + after.strip()] if after else [])]) + "\n")
    missed = [result.what for result in table.results if result.met is False]
    say(f"\n{PAGE.relative_to(ROOT)} is written; " + (f"missed: {', '.join(missed)}" if missed else "every bar is met"))


def _machine(database_url: str) -> Iterator[str]:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    version = scalar(database_url, "SELECT current_setting('server_version_num')::int")
    load = os.getloadavg()[2]
    yield "| machine | |"
    yield "| --- | --- |"
    yield f"| processor | {cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores |"
    yield f"| Python, PostgreSQL | {platform.python_version()}, {version // 10000}.{version % 10000} |"
    yield f"| date | {dt.date.today()} |"
    yield f"| load average of the last 15 minutes | {load:.1f} |"


def _lines(table: Table) -> Iterator[str]:
    yield f"## {table.title}"
    yield ""
    yield table.explanation
    yield ""
    yield f"| {' | '.join(table.columns)} |"
    yield "|" + " --- |" * len(table.columns)
    for result in table.results:
        yield f"| {' | '.join([result.what, *result.figures, result.bar, result.verdict])} |"
