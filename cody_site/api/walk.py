"""The order of a list: by id, along an index, so that the first rows cost the same in a table of any size (R10).

PostgreSQL knows how many rows have `status = 0`, but not where they are. For the first hundred by id it likes to walk
along the primary key, and reads the whole table if all of them stand at its end. The same rows in the same order are
`(status, id) >= (0, 1) AND status <= 0 ORDER BY status, id`, and only the index (status, id) has them in that order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func, QuerySet, Subquery, Value
from django.db.models.lookups import GreaterThanOrEqual


class Pair(Func):
    """SQL's row value of two columns, which compares by the first and then by the second."""

    template = "(%(expressions)s)"
    output_field = BooleanField()  # only ever compared


@dataclass(frozen=True)
class Walk:
    """Rows by id; along the index on `lead` and id if there is a lead, which has this `value` in all of them."""

    rows: QuerySet[Any]
    lead: str = ""
    value: Any = None

    def after(self, pk: int) -> QuerySet[Any]:
        """The rows with a greater id; ids begin at 1."""
        if not self.lead:
            return self.rows.filter(pk__gt=pk).order_by("pk")
        # Not `>`: by it PostgreSQL expects no rows of the greatest value, for it looks at the first column only.
        start = GreaterThanOrEqual(Pair(F(self.lead), F("pk")), Pair(self.value, Value(pk + 1)))
        return self.rows.filter(start, **{f"{self.lead}__lte": self.value}).order_by(self.lead, "pk")


def walk(rows: QuerySet[Any], lookups: Mapping[str, Any], *, along: Sequence[str]) -> Walk:
    """The rows that meet all the lookups, along the first of these indexed columns that a lookup names.

    What a lookup compares with may be a query for one value.
    """
    lead = next((column for column in along if column in lookups), None)
    if lead is None:
        return Walk(rows.filter(**lookups))
    value = lookups[lead]
    others = {lookup: value for lookup, value in lookups.items() if lookup != lead}
    return Walk(rows.filter(**others), lead, Subquery(value) if isinstance(value, QuerySet) else Value(value))
