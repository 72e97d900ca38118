"""Lists in pages: `{total, previous, next, list}`, where page 0 is none."""

from collections.abc import Sequence

from payments.imp_sandbox.answers import Refused
from payments.imp_sandbox.calls import Document
from payments.imp_sandbox.parameters import Parameters

USUAL_LIMIT = 20
LARGEST_LIMIT = 1000


def paged(rows: Sequence[Document], given: Parameters) -> Document:
    """The page that is asked for; Refused if there is no such page."""
    page, limit = given.whole("page") or 1, given.whole("limit") or USUAL_LIMIT
    pages = max(1, -(-len(rows) // limit)) if limit > 0 else 0
    if limit > LARGEST_LIMIT or not 1 <= page <= pages:
        raise Refused("유효하지 않은 page 또는 limit입니다.", code=-1, status=400)
    return {
        "total": len(rows),
        "previous": page - 1,
        "next": page + 1 if page < pages else 0,
        "list": list(rows[(page - 1) * limit : page * limit]),
    }
