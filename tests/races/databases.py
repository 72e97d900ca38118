"""New, empty databases for sites under test."""

import contextlib
import secrets
import sqlite3
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


def read(url, sql):
    """The rows that a query finds."""
    if url.startswith("postgres"):
        return _ask(url, sql)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(sql).fetchall()


def dump(url):
    """Every value of every table, as text."""
    if url.startswith("postgres"):
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    else:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return "\n".join(repr(row) for (table,) in read(url, tables) for row in read(url, f'SELECT * FROM "{table}"'))


@contextlib.contextmanager
def away(url):
    """PostgreSQL ends all connections to this database and takes no others, until the context ends."""
    parts = urlsplit(url)
    server, name = parts._replace(path="/postgres").geturl(), parts.path[1:]
    _ask(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        _ask(server, f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
        yield
    finally:
        _ask(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def _ask(url, sql):
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
