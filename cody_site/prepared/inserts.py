"""Rows that are added with SQL that is written once."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.sql import InsertQuery

from cody_site.prepared.statements import Parameter, Statement


class PreparedInsert:
    """Adds new instances of the model, one at a time, as `save(force_insert=True)` does but for its signals."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def __call__(self, instance: models.Model) -> None:
        connection: Any = connections[DEFAULT_DB_ALIAS]
        (row,) = self._statement.run(connection, self.values(instance, connection))
        self.note(instance, row)

    def values(self, instance: models.Model, connection: Any) -> list[Any]:
        """What is written of this instance, field by field."""
        return [field.get_db_prep_save(field.pre_save(instance, add=True), connection) for field in self.given]

    def note(self, instance: models.Model, row: Iterable[Any]) -> None:
        """This is what the database has added."""
        for field, value in zip(self.returned, row, strict=True):
            setattr(instance, field.attname, value)
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 -- documented in spite of its name

    @cached_property
    def given(self) -> list[Any]:
        fields = self.model._meta.local_concrete_fields  # noqa: SLF001 -- documented in spite of its name
        return [field for field in fields if not (field.generated or isinstance(field, models.AutoField))]

    @cached_property
    def returned(self) -> list[Any]:
        return list(self.model._meta.db_returning_fields)  # noqa: SLF001 -- for this very purpose

    @cached_property
    def sql(self) -> str:
        """With a `%s` for each field that is given."""
        query = InsertQuery(self.model)
        query.insert_values(self.given, [self.model()], raw=True)
        compiler: Any = query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.returning_fields = self.returned
        ((sql, _values),) = compiler.as_sql()
        return str(sql)

    @cached_property
    def _statement(self) -> Statement:
        return Statement(self.sql, _parameters(len(self.given)), _converters(self))


class PreparedInsertOfTwo:
    """Adds a new instance and another one that belongs to it, by the foreign key of this name; else as PreparedInsert.

    With one statement, where a statement is a way to a server and back.
    """

    def __init__(self, model: type[models.Model], belonging: type[models.Model], key: str) -> None:
        self._one, self._other = PreparedInsert(model), PreparedInsert(belonging)
        self._key = key

    def __call__(self, instance: models.Model, belonging: models.Model) -> None:
        connection: Any = connections[DEFAULT_DB_ALIAS]
        if connection.vendor != "postgresql":
            self._one(instance)
            setattr(belonging, self._key, instance)
            self._other(belonging)
            return
        values = self._other.values(belonging, connection)
        del values[self._key_position]
        (row,) = self._statement.run(connection, [*self._one.values(instance, connection), *values])
        first = len(self._one.returned)
        self._one.note(instance, row[:first])
        setattr(belonging, self._key, instance)
        self._other.note(belonging, row[first:])

    @cached_property
    def _key_position(self) -> int:
        return [field.name for field in self._other.given].index(self._key)

    @cached_property
    def _statement(self) -> Statement:
        one, other = self._one, self._other
        quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
        places = ["%s"] * len(other.given)
        places[self._key_position] = f"(SELECT {quote(str(one.model._meta.pk.column))} FROM made)"  # noqa: S608,SLF001 -- our own names  # nosec B608
        columns = ", ".join(f"made.{quote(field.column)}" for field in one.returned)
        added = other.sql % tuple(places)
        both = f"WITH made AS ({one.sql}), added AS ({added}) SELECT {columns}, added.* FROM made, added"  # noqa: S608 -- as above  # nosec B608
        return Statement(both, _parameters(len(one.given) + len(other.given) - 1), _converters(one, other))


def _parameters(how_many: int) -> list[Parameter]:
    return [Parameter(number) for number in range(how_many)]


def _converters(*inserts: PreparedInsert) -> dict[int, Any]:
    """Of what these return, one after the other."""
    columns = [field.get_col(one.model._meta.db_table) for one in inserts for field in one.returned]  # noqa: SLF001 -- documented
    query: Any = InsertQuery(inserts[0].model)
    converters: dict[int, Any] = query.get_compiler(DEFAULT_DB_ALIAS).get_converters(columns)
    return converters
