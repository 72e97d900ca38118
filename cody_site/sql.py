"""One SQL function, spelt for each of the two databases."""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


class Spelt(models.Func):
    """`postgresql` and `sqlite` are templates of the same function; `%(expressions)s` is its argument."""

    postgresql: ClassVar[str]
    sqlite: ClassVar[str]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.postgresql, **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.sqlite, **extra)


class Negative(models.Func):
    """Minus a number; without a parameter, since SQLite finds the index of an expression by its text."""

    template = "(-%(expressions)s)"
    output_field = models.BigIntegerField()


class StringifiedArray(models.Subquery):
    """A subquery's one column, `member`, as the text of a JSON array: `["a","b"]`; `[]` where there is none.

    For ids only, which need no escaping. The rows are joined in the subquery's own order.
    """

    output_field = models.CharField()
    template = """(SELECT COALESCE('["' || %(join)s(member, '","') || '"]', '[]') FROM (%(subquery)s) members)"""
    if_any = f"CASE WHEN EXISTS (%(subquery)s) THEN {template} ELSE '[]' END"
    """Where most rows have none PostgreSQL finds that out for all at once, which is right for those who read all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written: dict[str, Any] = {}
        """Its SQL, once it was written: a list's columns stay the same, and of all this one takes the longest."""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        template = self.if_any if compiler.query.high_mark is None else self.template
        return self._once(compiler, connection, template, "string_agg")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self._once(compiler, connection, self.template, "group_concat")

    def _once(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, template: str, join: str) -> Any:
        if template not in self.written:
            sql, params = self.as_sql(compiler, connection, template=template, join=join)
            self.written[template] = sql, params * template.count("%(subquery)s")
        return self.written[template]

    def copy(self) -> "StringifiedArray":
        """For another query, whose tables may have other names."""
        copied: StringifiedArray = super().copy()
        copied.written = {}
        return copied


class Fragment(models.lookups.Contains):
    """`name__fragment="길동"`: the column contains these words; on PostgreSQL by an index of all pairs of letters.

    The index is GIN (letter_pairs(column)), of accounts' migration 0006, which says why it is no trigram index. The
    pairs only narrow: the words must still stand there one after the other.
    """

    lookup_name = "fragment"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators["contains"] % rhs)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        column, params = self.process_lhs(compiler, connection)
        sql, more = super().as_sql(compiler, connection)
        return f"(letter_pairs({column}) @> %s::text[] AND {sql})", [*params, letter_pairs(str(self.rhs)), *more]


def letter_pairs(words: str) -> list[str]:
    """What the index has of these words: all pairs of letters, or the one letter that they are."""
    return sorted({words[at : at + 2] for at in range(len(words) - 1)} or {words})
