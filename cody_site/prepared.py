"""Statements of every request, their SQL written once: the ORM takes longer to write it than a database to obey it."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from inspect import signature
from itertools import count
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, InterfaceError, NotSupportedError, OperationalError, connections, models
from django.db.models.query import ValuesListIterable, get_related_populators
from django.db.models.sql import InsertQuery
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")
NUMBERS = count(1)


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


class Prepared(Generic[Row]):
    """A query that is asked very often, each time with other values.

    `query` makes a queryset of model instances (`select_related`, `only`, `select_for_update` included) or of
    `values_list`, with what it is called with where values belong; it is called once, so the time of day must be among
    those. PostgreSQL parses and plans it once a connection, which else takes it four times as long as to find a row.
    """

    def __init__(self, query: Callable[..., models.QuerySet[Any, Row]]) -> None:
        self.query = query

    def first(self, *values: object) -> Row | None:
        return next(iter(self(*values)), None)

    def __call__(self, *values: object) -> list[Row]:
        """All that the query finds with these values."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        adapted = [connection.ops.adapt_unknown_value(value) for value in values]
        written = self._written
        if written.locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        return [written.read(row) for row in written.statement.run(connection, adapted)]

    @cached_property
    def _written(self) -> "_Written":
        rows: Any = self.query(*(Parameter(number) for number in range(len(signature(self.query).parameters))))
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, arguments = compiler.as_sql()
        if any(isinstance(argument, dt.date) for argument in arguments):
            raise ValueError(f"this query would stay at the time at which it was written: {sql}")
        columns = [expression for expression, _sql, _alias in compiler.select]
        of_values = issubclass(rows._iterable_class, ValuesListIterable)  # noqa: SLF001 -- Django tells nobody else
        read = tuple if of_values else _instances(compiler)
        locks = rows.query.select_for_update and compiler.connection.features.has_select_for_update
        return _Written(_Statement(sql, arguments, compiler.get_converters(columns)), read, locks)


class PreparedForOne(Prepared[Row]):
    """A query of collections of values. With one in each, which is asked for most, it is prepared; else it is written
    for so many as there are."""

    def __call__(self, *values: Collection[Any]) -> list[Row]:  # type: ignore[override]  # collections only
        if all(len(several) == 1 for several in values):
            return super().__call__(*(value for several in values for value in several))
        return list(self.query(*values))


class PreparedInsert:
    """Adds new instances of the model, one at a time, as `save(force_insert=True)` does but for its signals."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def __call__(self, instance: models.Model) -> None:
        connection: Any = connections[DEFAULT_DB_ALIAS]
        values = [field.get_db_prep_save(field.pre_save(instance, add=True), connection) for field in self._given]
        (row,) = self._statement.run(connection, values)
        for field, value in zip(self._returned, row, strict=True):
            setattr(instance, field.attname, value)
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 -- documented in spite of its name

    @cached_property
    def _given(self) -> list[Any]:
        fields = self.model._meta.local_concrete_fields  # noqa: SLF001 -- documented in spite of its name
        return [field for field in fields if not (field.generated or isinstance(field, models.AutoField))]

    @cached_property
    def _returned(self) -> list[Any]:
        return list(self.model._meta.db_returning_fields)  # noqa: SLF001 -- for this very purpose

    @cached_property
    def _statement(self) -> "_Statement":
        query = InsertQuery(self.model)
        query.insert_values(self._given, [self.model()], raw=True)
        compiler: Any = query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.returning_fields = self._returned
        ((sql, _values),) = compiler.as_sql()
        columns = [field.get_col(self.model._meta.db_table) for field in self._returned]  # noqa: SLF001 -- as above
        parameters = [Parameter(number) for number in range(len(self._given))]
        return _Statement(sql, parameters, compiler.get_converters(columns))


class _Statement:
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
        with connection.cursor() as cursor:
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
        cursor.execute(f"PREPARE {name} AS {statement}; EXECUTE {name}{given}", values)
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


class _Written(NamedTuple):
    statement: _Statement
    read: Callable[[Any], Any]
    """From a row's values to what the query is for."""
    locks: bool
    """Does it lock rows, which the next statement would unlock again outside of a transaction?"""


def _instances(compiler: Any) -> Callable[[Any], Any]:
    """What makes instances of rows, those that they point to included: as the ORM does it, found out once."""
    info, select = compiler.klass_info, compiler.select
    fields = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
    names = [column[0].target.attname for column in select[fields]]
    populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # a newer Django's

    def read(row: list[Any]) -> Any:
        instance = info["model"].from_db(DEFAULT_DB_ALIAS, names, row[fields])
        for populator in populators:
            populator.populate(row, instance)
        return instance

    return read
