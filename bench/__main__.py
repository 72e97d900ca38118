"""Measures everything in one run and writes docs/bench.md; about half an hour.

`python -m bench reading` measures GET and POST /reserv alone, `express` the API beside Express, `growing` more
processes and rows, `desk` the back-office, `pages` the customers' pages; what else docs/bench.md has stays as it is.
"""

import contextlib
import json
import sys
import tempfile

import psycopg2

from bench import (
    charging,
    desk,
    express,
    filters,
    growing,
    load,
    pages,
    photos,
    reading,
    report,
    reserving,
    streaming,
    tokens,
)
from bench.result import Table
from bench.site import in_shell, manage, serving
from tests.servers import postgres

SMALL, MIDDLE, LARGE = growing.SIZES
PARTS = ("reading", "desk", "pages", "express", "growing")


def main(parts: list[str]) -> int:
    if missing := load.missing():
        sys.stderr.write(f"make bench needs these Debian packages: {', '.join(missing)}\n")
        return 1
    if unknown := set(parts) - set(PARTS):
        sys.stderr.write(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}\n")
        return 1
    with postgres() as cluster:
        if not parts:
            _everything(cluster)
            return 0
        manage(cluster, "migrate", "--verbosity", "0")
        for part in parts:
            for table in _part(cluster, part):
                report.replace(table)
    return 0


def _part(cluster: str, part: str) -> list[Table]:
    if part == "reading":
        return _reading(*_salons(cluster, LARGE))
    if part == "pages":
        return [_pages(_database(cluster, "demo"))]
    if part == "desk":
        (salon,) = _salons(cluster, LARGE)
        return [_desk(salon, desk.fill(salon))]
    if part == "express":
        return _express(*_salons(cluster, MIDDLE + SMALL))
    return _growing(_salons(cluster, *growing.SIZES))[0]


def _everything(cluster: str) -> None:
    manage(cluster, "migrate", "--verbosity", "0")
    small, middle, large = salons = _salons(cluster, *growing.SIZES)
    tables = _reading(large)
    with serving(small) as few, serving(large) as many:
        tables.append(report.told(filters.measure(few, many)))
    with serving(large, processes=1) as site:
        tables.append(report.told(streaming.measure(site)))
        tables.append(report.told(tokens.measure(site)))
    tables.append(report.told(photos.measure(small)))
    tables.append(report.told(charging.measure(large)))
    tables += _express(middle)
    tables.append(_pages(_database(cluster, "demo")))
    grown, sessions = _growing(salons)
    tables += [*grown, _desk(large, sessions[large])]
    report.write(tables, large)


def _reading(salon: str) -> list[Table]:
    with serving(salon) as site, serving(salon, bare=True) as bare:
        return [report.told(reading.measure(site, bare)), report.told(reserving.measure(site))]


def _express(salon: str) -> list[Table]:
    express.install()
    with serving(salon) as site, express.serving(salon) as other:
        tables = [report.told(express.measure(site, other))]
    with serving(salon, processes=1) as site, express.serving(salon, processes=1) as other:
        return [*tables, report.told(express.measure_streams(site, other))]


def _growing(salons: list[str]) -> tuple[list[Table], dict[str, str]]:
    """Of these salons, each larger than the one before; and the administrators' sessions there."""
    with contextlib.ExitStack() as stack:
        more = [stack.enter_context(serving(salons[1], processes=number)) for number in growing.PROCESSES]
        larger = [stack.enter_context(serving(salon)) for salon in salons]
        tables = [report.told(growing.by_processes(more)), report.told(growing.by_size(larger))]
        manage(salons[0], "collectstatic", "--noinput", "--verbosity", "0")
        sessions = {salon: desk.fill(salon) for salon in salons}
        tables.append(report.told(growing.pages_by_processes(more, sessions)))
        return [*tables, report.told(growing.pages_by_size(larger, sessions))], sessions


def _desk(salon: str, session: str) -> Table:
    manage(salon, "collectstatic", "--noinput", "--verbosity", "0")
    with serving(salon) as site:
        return report.told(desk.measure(site, session))


def _pages(empty: str) -> Table:
    manage(empty, "collectstatic", "--noinput", "--verbosity", "0")
    with tempfile.TemporaryDirectory() as folder:
        media = {"MEDIA_ROOT": folder}
        told = in_shell(empty, "page_stock.fill()", variables=media)
        with serving(empty, variables=media) as site:
            return report.told(pages.measure(site, json.loads(told)))


def _salons(cluster: str, *sizes: int) -> list[str]:
    """The URLs of salons in the migrated cluster, which differ in size only."""
    urls = []
    for rows in sizes:
        urls.append(_database(cluster, f"salon_{rows}"))
        report.say(f"filling a salon of {rows:,} reservations")
        in_shell(urls[-1], f"stock.fill({rows})")
    return urls


def _database(cluster: str, name: str) -> str:
    """The URL of a new one, migrated and empty as the cluster's first is."""
    with contextlib.closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {cluster.rpartition('/')[2]}")
    return f"{cluster.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
