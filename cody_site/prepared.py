"""A query of every request, its SQL written once: the ORM takes longer to write it than a database to answer it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, islice
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, InterfaceError, NotSupportedError, OperationalError, connections, models

NUMBERS = count(1)


class _Written(NamedTuple):
    sql: str
    columns: dict[type[models.Model], list[str]]
    converters: list[tuple[int, Any, Any]]
    """Of which column, which functions, for which expression: what the database's own types become in Python."""


class Prepared:
    """The rows of a model, and of those that it points to, where one column has a value.

    `related` are foreign keys of the model; what they point to is read with the same query. `only` names a model's
    columns where most are not needed, and its key is among those that are. `conditions` hold for the row besides.
    PostgreSQL parses and plans it once a connection, which else takes it four times as long as to find the row.
    """

    def __init__(
        self,
        model: type[models.Model],
        where: str,
        *,
        related: Mapping[str, type[models.Model]],
        only: Mapping[type[models.Model], Sequence[str]] | None = None,
        **conditions: object,
    ) -> None:
        self.model, self.where, self.related, self.only, self.conditions = model, where, related, only or {}, conditions
        self.names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        """What the statement is called by those of the database's connections that know it."""

    def first(self, value: object) -> Any:
        """The first such row as an instance of the model, its related ones filled in, or None."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        found = self._fetch(connection, value)
        if found is None:
            return None
        values = list(found)
        for position, converters, expression in self._written.converters:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        left = iter(values)
        instance = self._instance(self.model, left)
        for name, model in self.related.items():
            setattr(instance, name, self._instance(model, left))
        return instance

    def _fetch(self, connection: Any, value: object) -> tuple[Any, ...] | None:
        """The row's values. As a kept connection's first query it is its health check too: should it fail, then once
        more over a new connection."""
        checks = (
            connection.connection is not None
            and connection.health_check_enabled
            and not connection.health_check_done
            and not connection.in_atomic_block
        )
        if checks:
            connection.health_check_done = True
        try:
            return self._run(connection, value)
        except (OperationalError, InterfaceError):
            if not checks:
                raise
        except NotSupportedError:  # a migration has meanwhile changed a column's type
            if connection.in_atomic_block:
                raise
        connection.close()
        return self._run(connection, value)

    def _run(self, connection: Any, value: object) -> tuple[Any, ...] | None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                self._execute_prepared(cursor, connection.connection, value)
            else:
                cursor.execute(self._written.sql, [value])
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found

    def _execute_prepared(self, cursor: Any, server: Any, value: object) -> None:
        if name := self.names.get(server):
            cursor.execute(f"EXECUTE {name}(%s)", [value])
        else:
            name = f"prepared_{next(NUMBERS)}"
            cursor.execute(f"PREPARE {name} AS {self._written.sql.replace('%s', '$1')}; EXECUTE {name}(%s)", [value])
            self.names[server] = name

    @cached_property
    def _written(self) -> _Written:
        chosen = {model: self._columns(model) for model in (self.model, *self.related.values())}
        columns = list(chosen[self.model])
        for name, model in self.related.items():
            columns += [f"{name}__{column}" for column in chosen[model]]
        rows: Any = models.QuerySet(self.model).filter(**{self.where: ""}, **self.conditions).values_list(*columns)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, _parameters = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
        return _Written(sql, chosen, [(position, *found) for position, found in converters.items()])

    def _columns(self, model: type[models.Model]) -> list[str]:
        every = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 -- documented in spite of its name
        return [column for column in every if column in self.only.get(model, every)]

    def _instance(self, model: type[models.Model], values: Iterator[Any]) -> models.Model | None:
        """An instance of the next of these values; None where an outer join found nothing."""
        columns = self._written.columns[model]
        instance = model.from_db(DEFAULT_DB_ALIAS, columns, list(islice(values, len(columns))))
        return None if instance.pk is None else instance
