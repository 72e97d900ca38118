"""A query of every request, its SQL written once: the ORM takes longer to write it than a database to answer it."""

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, models


class _Written(NamedTuple):
    sql: str
    converters: list[tuple[int, Any, Any]]
    """Of which column, which functions, for which expression: what the database's own types become in Python."""


class Prepared:
    """The rows of a model, and of those that it points to, where one column has a value.

    `related` are foreign keys of the model; what they point to is read with the same query. `conditions` hold for the
    row besides.
    """

    def __init__(
        self, model: type[models.Model], where: str, *, related: dict[str, type[models.Model]], **conditions: object
    ) -> None:
        self.model, self.where, self.related, self.conditions = model, where, related, conditions

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
        instance = _instance(self.model, left)
        for name, model in self.related.items():
            setattr(instance, name, _instance(model, left))
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
        if not checks:
            return self._run(connection, value)
        connection.health_check_done = True
        try:
            return self._run(connection, value)
        except (OperationalError, InterfaceError):
            connection.close()
            return self._run(connection, value)

    def _run(self, connection: Any, value: object) -> tuple[Any, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(self._written.sql, [value])
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found

    @cached_property
    def _written(self) -> _Written:
        columns = _columns(self.model)
        for name, model in self.related.items():
            columns += [f"{name}__{column}" for column in _columns(model)]
        rows: Any = models.QuerySet(self.model).filter(**{self.where: ""}, **self.conditions).values_list(*columns)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, _parameters = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
        return _Written(sql, [(position, *found) for position, found in converters.items()])


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 -- documented in spite of its name


def _instance(model: type[models.Model], values: Iterator[Any]) -> models.Model | None:
    """An instance of the next of these values; None where an outer join found nothing."""
    columns = _columns(model)
    own = list(islice(values, len(columns)))
    instance = model.from_db(DEFAULT_DB_ALIAS, columns, own)
    return None if instance.pk is None else instance
