"""Measures everything in one run and writes docs/bench.md; about seven minutes."""

import contextlib
import sys

import psycopg2

from bench import charging, filters, load, photos, reading, report, reserving, streaming, tokens
from bench.site import manage, serving
from tests.servers import postgres

SMALL, LARGE = 10_000, 1_000_000


def main() -> int:
    if missing := load.missing():
        sys.stderr.write(f"make bench needs these Debian packages: {', '.join(missing)}\n")
        return 1
    with postgres() as cluster:
        small, large = _salons(cluster)
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
        report.write(tables, large)
    return 0


def _salons(cluster: str) -> list[str]:
    """The URLs of a small and a large salon in the cluster, which differ in size only."""
    manage(cluster, "migrate", "--verbosity", "0")
    urls = []
    for rows in (SMALL, LARGE):
        name = f"salon_{rows}"
        with contextlib.closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {cluster.rpartition('/')[2]}")
        urls.append(cluster.rpartition("/")[0] + "/" + name)
        report.say(f"filling a salon of {rows:,} reservations")
        manage(urls[-1], "shell", "--no-imports", "-c", f"from bench import stock; stock.fill({rows})")
    return urls


if __name__ == "__main__":
    sys.exit(main())
