"""New, empty databases for sites under test."""

import contextlib
import secrets
from urllib.parse import urlsplit

import psycopg2


@contextlib.contextmanager
def sqlite(folder):
    """The URL of a database file that is not there yet."""
    yield f"sqlite:///{folder / 'site.sqlite3'}"


@contextlib.contextmanager
def postgresql(server):
    """The URL of a new database on this server; it is dropped with the context."""
    name = f"race_{secrets.token_hex(4)}"
    _ask(server, f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _ask(server, f"DROP DATABASE {name} WITH (FORCE)")


def deadlocks(url):
    """How many deadlocks PostgreSQL has counted here; ends all other connections, which report when they end."""
    if not url.startswith("postgres"):
        return 0
    _ask(
        url,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    return _ask(url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0]


def _ask(url, sql):
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
