"""Measures everything in one run and writes docs/bench.md; about twelve minutes.

`python -m bench desk` measures the back-office alone, `python -m bench pages` the customers' pages; the other parts of
docs/bench.md stay as they are. `python -m bench express` tells how the API does beside Express, and writes nothing.
"""

import contextlib
import json
import sys
import tempfile

import psycopg2

from bench import charging, desk, express, filters, load, pages, photos, reading, report, reserving, streaming, tokens
from bench.result import Table
from bench.site import manage, serving
from tests.servers import postgres

SMALL, LARGE = 10_000, 1_000_000


def main() -> int:
    if missing := load.missing():
        sys.stderr.write(f"make bench needs these Debian packages: {', '.join(missing)}\n")
        return 1
    with postgres() as cluster:
        if sys.argv[1:] == ["desk"]:
            report.replace(_desk(_salons(cluster, LARGE)[0]))
            return 0
        if sys.argv[1:] == ["pages"]:
            manage(cluster, "migrate", "--verbosity", "0")
            report.replace(_pages(cluster))
            return 0
        if sys.argv[1:] == ["express"]:
            _express(_salons(cluster, express.MANY + SMALL)[0])
            return 0
        small, large = _salons(cluster, SMALL, LARGE)
        tables = []
        with serving(large) as site, serving(large, bare=True) as bare:
            tables.append(report.told(reading.measure(site, bare)))
            tables.append(report.told(reserving.measure(site)))
        with serving(small) as few, serving(large) as many:
            tables.append(report.told(filters.measure(few, many)))
        with serving(large, processes=1) as site:
            tables.append(report.told(streaming.measure(site)))
            tables.append(report.told(tokens.measure(site)))
        tables.append(report.told(photos.measure(small)))
        tables.append(report.told(charging.measure(large)))
        tables.append(_pages(_database(cluster, "demo")))
        tables.append(_desk(large))
        report.write(tables, large)
    return 0


def _express(salon: str) -> None:
    express.install()
    with serving(salon) as site, express.serving(salon) as other:
        report.told(express.measure(site, other))
    with serving(salon, processes=1) as site, express.serving(salon, processes=1) as other:
        report.told(express.measure_streams(site, other))


def _desk(salon: str) -> Table:
    """The last of all, for it fills the salon with more."""
    manage(salon, "collectstatic", "--noinput", "--verbosity", "0")
    with serving(salon) as site:
        return report.told(desk.measure(site))


def _pages(empty: str) -> Table:
    manage(empty, "collectstatic", "--noinput", "--verbosity", "0")
    with tempfile.TemporaryDirectory() as folder:
        media = {"MEDIA_ROOT": folder}
        told = manage(
            empty, "shell", "--no-imports", "-c", "from bench import page_stock; page_stock.fill()", variables=media
        )
        with serving(empty, variables=media) as site:
            return report.told(pages.measure(site, json.loads(told)))


def _salons(cluster: str, *sizes: int) -> list[str]:
    """The URLs of salons in the cluster, which differ in size only."""
    manage(cluster, "migrate", "--verbosity", "0")
    urls = []
    for rows in sizes:
        urls.append(_database(cluster, f"salon_{rows}"))
        report.say(f"filling a salon of {rows:,} reservations")
        manage(urls[-1], "shell", "--no-imports", "-c", f"from bench import stock; stock.fill({rows})")
    return urls


def _database(cluster: str, name: str) -> str:
    """The URL of a new one, migrated and empty as the cluster's first is."""
    with contextlib.closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {cluster.rpartition('/')[2]}")
    return f"{cluster.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    sys.exit(main())
