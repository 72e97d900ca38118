"""Querysets whose SQL is written once."""

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from inspect import signature
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ValuesListIterable, get_related_populators
from django.db.transaction import TransactionManagementError

from cody_site.prepared.statements import Parameter, Statement

Row = TypeVar("Row")


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
        rows = self.rows_of(range(len(signature(self.query).parameters)))
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, arguments = compiler.as_sql()
        refuse_times(sql, arguments)
        columns = [expression for expression, _sql, _alias in compiler.select]
        read = tuple if is_of_values(rows) else _instances(compiler)
        locks = rows.query.select_for_update and compiler.connection.features.has_select_for_update
        return _Written(Statement(sql, arguments, compiler.get_converters(columns)), read, locks)

    def rows_of(self, numbers: Iterable[int]) -> Any:
        """The queryset with the Parameters of these numbers."""
        return self.query(*(Parameter(number) for number in numbers))


class PreparedForOne(Prepared[Row]):
    """A query of collections of values. With one in each, which is asked for most, it is prepared; else it is written
    for so many as there are."""

    def __call__(self, *values: Collection[Any]) -> list[Row]:  # type: ignore[override]  # collections only
        one = one_of_each(values)
        if one is None:
            return list(self.query(*values))
        known: list[Row] | None = AHEAD.answers.pop((self, one), None)
        return super().__call__(*one) if known is None else known

    def asked(self, *values: Collection[Any]) -> "Asked[Row]":
        """The query with these values, to be called when its rows are needed; perhaps read ahead."""
        return Asked(self, values)


class Asked(Generic[Row]):
    """A query and what it is asked with."""

    def __init__(self, query: PreparedForOne[Row], values: tuple[Collection[Any], ...]) -> None:
        self.query, self.values = query, values

    def __call__(self) -> list[Row]:
        return self.query(*self.values)


class _Ahead(threading.local):
    def __init__(self) -> None:
        self.answers: dict[tuple[PreparedForOne[Any], tuple[object, ...]], list[Any]] = {}
        """What a query will find with these values, in this thread."""


AHEAD = _Ahead()


def one_of_each(values: Sequence[Collection[Any]]) -> tuple[Any, ...] | None:
    """The values, if there is one in each collection."""
    if all(len(several) == 1 for several in values):
        return tuple(chain.from_iterable(values))
    return None


def refuse_times(sql: str, arguments: Iterable[Any]) -> None:
    if any(isinstance(argument, dt.date) for argument in arguments):
        raise ValueError(f"this query would stay at the time at which it was written: {sql}")


def is_of_values(rows: Any) -> bool:
    return issubclass(rows._iterable_class, ValuesListIterable)  # noqa: SLF001 -- Django tells nobody else


class _Written(NamedTuple):
    statement: Statement
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
