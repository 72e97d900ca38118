"""The database as one file and back, and what shows that nothing of it was lost on the way."""

import contextlib
import hashlib
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any, TypeAlias, cast

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

Tables: TypeAlias = dict[str, list[int | str]]
"""Of each table how many rows it has, and the sum of their digests: in whatever order they are read."""

HASH_BITS = 64
DIGEST = """SELECT count(*), coalesce(sum(('x' || left(md5(row::text), 16))::bit(64)::bigint), 0)::text FROM {} row"""


class NotEmpty(Exception):
    """A database is restored into an empty one only."""


def dump(to: Path, *, seconds: float) -> Tables:
    """Write the database to this file as it is in one moment, while others go on writing.

    Raises subprocess.TimeoutExpired after so many seconds, CalledProcessError if pg_dump fails.
    """
    if connection.vendor == "sqlite":
        to.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(_file())) as source:
            source.execute("VACUUM INTO ?", [str(to)])
        return _sqlite_tables(str(to))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run("pg_dump", "-Fc", "--no-owner", "--lock-wait-timeout=10000", f"--snapshot={snapshot}", f"--file={to}",
             seconds=seconds)  # fmt: skip
        return _postgresql_tables(cursor)


def load(file: Path, *, seconds: float) -> None:
    """Fill the empty database from this file, or leave it empty. Raises NotEmpty, and what dump() raises."""
    if connection.introspection.table_names():
        raise NotEmpty
    connection.close()
    if connection.vendor == "sqlite":
        with contextlib.closing(_read_only(file)) as source, contextlib.closing(sqlite3.connect(_file())) as target:
            source.backup(target)
        return
    _run("pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", str(file), seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; ANALYZE")


def tables() -> Tables:
    """Of the database as it is."""
    if connection.vendor == "sqlite":
        return _sqlite_tables(_file())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        return _postgresql_tables(cursor)


def differences(backed_up: Tables, restored: Tables) -> list[str]:
    """A line for each table that is not as it was."""
    return [
        f"{name}: {_told(restored.get(name))}, backed up were {_told(backed_up.get(name))}"
        for name in sorted(backed_up | restored)
        if backed_up.get(name) != restored.get(name)
    ]


def _told(table: list[int | str] | None) -> str:
    return "no such table" if table is None else f"{table[0]} rows ({table[1]})"


def _run(program: str, *arguments: str, seconds: float) -> None:
    """One of PostgreSQL's programs, for our database; the password goes by the environment."""
    command, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    _psql, *where, name = command
    subprocess.run(  # noqa: S603 -- our own command  # nosec B603
        [program, *where, f"--dbname={name}", *arguments], env=_with(environment), timeout=seconds, check=True
    )


def _with(environment: dict[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(environment or {})}


def _postgresql_tables(cursor: Any) -> Tables:
    told: Tables = {}
    for name in connection.introspection.table_names(cursor):
        cursor.execute(DIGEST.format(connection.ops.quote_name(name)))
        told[name] = list(cursor.fetchone())
    return told


def _sqlite_tables(file: str) -> Tables:
    told: Tables = {}
    with contextlib.closing(_read_only(Path(file))) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in names.fetchall():
            count, digests = 0, 0
            every_row = f"SELECT * FROM {connection.ops.quote_name(name)}"  # noqa: S608 -- its own name  # nosec B608
            for row in database.execute(every_row):
                count += 1
                digests += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=HASH_BITS // 8).digest())
            told[name] = [count, str(digests)]
    return told


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _file() -> str:
    return cast(str, connection.settings_dict["NAME"])
