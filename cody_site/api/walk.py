"""The order of a list: by id, along an index, so that the first rows cost the same in a table of any size (R10).

PostgreSQL knows how many rows have `status = 0`, but not where they are. For the first hundred by id it likes to walk
along the primary key, and reads the whole table if all of them stand at its end. So a filtered list goes by the
negative id, backwards: the same order, which only the filters' own indexes have, on `(status, -id)` and so on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F, QuerySet

from cody_site.prepared import Prepared
from cody_site.sql import Negative

ROWS_AT_ONCE = 1001
"""A whole list is asked for so many rows first: a thousand, and whether there are more."""

Rows = TypeVar("Rows", bound=QuerySet[Any])
PREPARED: dict[QuerySet[Any], dict[tuple[str, ...], Prepared[Any]]] = {}
"""The statements of lists, by what is filtered for."""


def kept(rows: Rows) -> Rows:
    """The same rows, which will be asked for as long as the site runs, all of them or one: prepare for that."""
    PREPARED[rows] = {
        (): Prepared(lambda: Walk(rows, few=False).after(0)[:ROWS_AT_ONCE]),
        ("pk",): Prepared(lambda pk: rows.filter(pk=pk)),
    }
    return rows


@dataclass(frozen=True)
class Walk:
    """Rows by id, oldest first."""

    rows: QuerySet[Any]
    few: bool
    """Are they but some of the table's?"""
    whole: Callable[[], list[Any]] | None = None
    """How all of them are asked for more quickly, the first of them if there are many."""

    def after(self, pk: int) -> QuerySet[Any]:
        """The rows with a greater id; ids begin at 1."""
        if not self.few:
            rows = self.rows.order_by("pk")
            return rows.filter(pk__gt=pk) if pk else rows
        rows = self.rows.order_by(Negative(F("pk")).desc())
        return rows.alias(negative=Negative(F("pk"))).filter(negative__lt=-pk) if pk else rows

    def first(self, count: int, after: int = 0) -> list[Any]:
        """So many of them, read in an index's order."""
        if self.whole and count == ROWS_AT_ONCE and not after:
            return self.whole()
        rows = self.after(after)[:count]
        if not self.few:
            return list(rows)
        with connection.execute_wrapper(_unsorted):
            return list(rows)


def walk(rows: QuerySet[Any], lookups: Mapping[str, Any], *, scoped: bool = False) -> Walk:
    """Those of the rows that meet all the lookups; `scoped`: the rows are the caller's own part of the table."""
    prepared = PREPARED.get(rows, {}).get(tuple(lookups))
    whole = partial(prepared, *lookups.values()) if prepared else None
    return Walk(rows.filter(**lookups), scoped or bool(lookups), whole)


def _unsorted(execute: Any, sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
    """For this one statement PostgreSQL sorts only where no index has the order, and merges nothing.

    A filter may meet far more rows than the planner believes, and to sort them all for the first page takes as long as
    there are many. A merge with the designers reads all users up to the newest designer. The statements travel
    together, and are one transaction.
    """
    if context["connection"].vendor == "postgresql":
        sql = f"SET LOCAL enable_sort = off; SET LOCAL enable_mergejoin = off; {sql}"
    return execute(sql, params, many, context)
