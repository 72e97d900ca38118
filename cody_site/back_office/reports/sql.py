"""What the database must say of moments, spelt for either of the two."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField
from django.db.models.sql.compiler import SQLCompiler

from cody_site.sql import Spelt


class Seconds(Spelt):
    """A stored moment, in whole seconds since 1970."""

    output_field = BigIntegerField()
    postgresql = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS bigint)"
    sqlite = "CAST(STRFTIME('%%%%s', %(expressions)s) AS integer)"


class SalonSeconds(Spelt):
    """A date and a time on the salon's wall clock, in seconds since 1970; Seoul keeps no summer time."""

    output_field = BigIntegerField()
    postgresql = "CAST(EXTRACT(EPOCH FROM (%(expressions)s) AT TIME ZONE 'Asia/Seoul') AS bigint)"
    sqlite = "(CAST(STRFTIME('%%%%s', %(expressions)s) AS integer) - 9 * 3600)"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return super().as_postgresql(compiler, connection, arg_joiner=" + ", **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return super().as_sqlite(compiler, connection, arg_joiner=" || ' ' || ", **extra)
