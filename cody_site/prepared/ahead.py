"""What will be asked, with one statement."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from inspect import signature
from itertools import chain, count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from cody_site.prepared.queries import AHEAD, Asked, PreparedForOne, is_of_values, one_of_each, refuse_times
from cody_site.prepared.statements import Statement

TOLD_BY_JSON = (
    *(
        models.IntegerField,
        models.AutoField,
        models.ForeignKey,
        models.BooleanField,
        models.CharField,
        models.TextField,
    ),
    *(models.DateField, models.TimeField),
)
"""Fields whose `to_python` makes of JSON what the database's own type becomes; DateTimeField is a DateField."""


@contextmanager
def read_ahead(*questions: Asked[Any]) -> Iterator[None]:
    """Read now, with one statement, what will be asked within the context: each question once, of `values_list`.

    For what nobody can change until then, such as rows that are guarded by locks. Only where a statement is a way to a
    server and back, and each question is of one value; else they are asked when they are asked.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    values = [one_of_each(question.values) for question in questions]
    if connection.vendor != "postgresql" or None in values:
        yield
        return
    queries = tuple(question.query for question in questions)
    adapted = [connection.ops.adapt_unknown_value(value) for value in chain.from_iterable(values)]  # type: ignore[arg-type]
    statement, read = _together(queries)
    ((found,),) = statement.run(connection, adapted)
    AHEAD.answers = dict(zip(zip(queries, values, strict=True), read(found), strict=True))  # type: ignore[arg-type]
    try:
        yield
    finally:
        AHEAD.answers = {}


@cache
def _together(queries: tuple[PreparedForOne[Any], ...]) -> tuple[Statement, Callable[[list[Any]], list[Any]]]:
    """One statement for these queries, whose only value is JSON with the rows of each; and what makes rows of it."""
    selects: list[str] = []
    arguments: list[Any] = []
    fields: list[list[Any]] = []
    numbers = count()
    for query in queries:
        rows = query.rows_of(next(numbers) for _ in signature(query.query).parameters)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, given = compiler.as_sql()
        refuse_times(sql, given)
        if not is_of_values(rows) or rows.query.select_for_update:
            raise ValueError(f"only values can be read ahead, and without locks: {sql}")
        names = ", ".join(f"c{number}" for number in range(len(compiler.select)))
        # As one of them is sorted, so are its rows aggregated.
        rows_of = f"SELECT json_agg(json_build_array({names})) FROM ({sql}) AS rows({names})"  # noqa: S608 -- Django's SQL  # nosec B608
        selects.append(f"COALESCE(({rows_of}), '[]')")
        arguments += given
        columns = [expression.output_field for expression, _sql, _alias in compiler.select]
        fields.append([getattr(field, "output_field", field) for field in columns])  # a generated column's own
        if unknown := [field for field in fields[-1] if not isinstance(field, TOLD_BY_JSON)]:
            raise ValueError(f"JSON does not tell these as they are stored: {unknown}")

    def read(found: list[Any]) -> list[list[Any]]:
        return [
            [tuple(field.to_python(value) for field, value in zip(columns, row, strict=True)) for row in rows]
            for columns, rows in zip(fields, found, strict=True)
        ]

    return Statement(f"SELECT json_build_array({', '.join(selects)})", arguments, {}), read
