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
