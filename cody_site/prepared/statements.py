"""SQL that PostgreSQL is told once a connection, and what is left open in it."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import InterfaceError, NotSupportedError, OperationalError, models

NUMBERS = count(1)
REFUSED_ROWS = {"23", "40", "55"}
"""Classes of errors of a statement that was understood: a constraint, a deadlock, a lock that is taken."""


class Parameter(models.Expression):
    """Stands in a query for the value of this number, from 0, that it will be asked with.

    It is a collection of one too, with itself in it, for queries of several values.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]

    def __iter__(self) -> Iterator["Parameter"]:
        yield self

    def __len__(self) -> int:
        return 1


class Statement:
    """SQL with an argument for each `%s`: a Parameter, or a value that is always the same."""

    def __init__(self, sql: str, arguments: Sequence[Any], converters: dict[int, Any]) -> None:
        self.sql, self.arguments = sql, arguments
        self.converters = [(position, *pair) for position, pair in converters.items()]
        """Of which column, which functions, for which expression: what the database's own types become in Python."""
        self.names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        """What the statement is called by those of the database's connections that know it."""

    def run(self, connection: Any, values: Sequence[object]) -> Iterator[Any]:
        """The rows. As a kept connection's first statement it is its health check too: should it fail, then once more
        over a new connection."""
        checks = (
            connection.connection is not None
            and connection.health_check_enabled
            and not connection.health_check_done
            and not connection.in_atomic_block
        )
        if checks:
            connection.health_check_done = True
        try:
            return self._converted(self._execute(connection, values), connection)
        except (OperationalError, InterfaceError):
            if not checks:
                raise
        except NotSupportedError:  # a migration has meanwhile changed a column's type: the next try plans it anew
            self.names.pop(connection.connection, None)
            if connection.in_atomic_block:
                raise
        connection.close()
        return self._converted(self._execute(connection, values), connection)

    def _execute(self, connection: Any, values: Sequence[object]) -> list[Any]:
        connection.ensure_connection()
        watched = connection.execute_wrappers or connection.queries_logged
        with connection.cursor() if watched else _bare_cursor(connection) as cursor:
            if connection.vendor == "postgresql":
                self._execute_prepared(cursor, connection.connection, values)
            else:
                cursor.execute(self.sql, [_value(argument, values) for argument in self.arguments])
            found: list[Any] = cursor.fetchall()
        return found

    def _execute_prepared(self, cursor: Any, server: Any, values: Sequence[object]) -> None:
        given = f"({', '.join(['%s'] * len(values))})" if values else ""
        if name := self.names.get(server):
            cursor.execute(f"EXECUTE {name}{given}", values)
            return
        name = f"prepared_{next(NUMBERS)}"
        places = [
            f"${argument.number + 1}" if isinstance(argument, Parameter) else cursor.mogrify("%s", [argument]).decode()
            for argument in self.arguments
        ]
        statement = (self.sql % tuple(places)).replace("%", "%%")
        try:
            cursor.execute(f"PREPARE {name} AS {statement}; EXECUTE {name}{given}", values)
        except Exception as error:
            if str(getattr(error, "pgcode", ""))[:2] not in REFUSED_ROWS:
                raise
            self.names[server] = name  # what is prepared stays so, whatever becomes of the transaction
            raise
        self.names[server] = name

    def _converted(self, rows: list[Any], connection: Any) -> Iterator[Any]:
        for found in rows:
            row = list(found)
            for position, converters, expression in self.converters:
                for convert in converters:
                    row[position] = convert(row[position], expression, connection)
            yield row


def _value(argument: Any, values: Sequence[object]) -> Any:
    return values[argument.number] if isinstance(argument, Parameter) else argument


@contextmanager
def _bare_cursor(connection: Any) -> Iterator[Any]:
    """The driver's own: what Django puts around it, for who watches statements, takes as long as one of them."""
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, closing(connection.create_cursor()) as cursor:
        yield cursor
