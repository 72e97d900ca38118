"""Where the many links of a page lead."""

from functools import cache

from django.urls import reverse


def address(name: str, pk: int) -> str:
    """`reverse` for the many links of one kind on a page."""
    before, after = _around(name)
    return f"{before}{pk}{after}"


def photo(photoid: str, size: str) -> str:
    """The address of a thumbnail, `small` or `large`."""
    before, after = _around("media_store:photo", size)
    return f"{before}{photoid}{after}"


@cache
def _around(name: str, *more: str) -> tuple[str, str]:
    before, _zero, after = reverse(name, args=[0, *more]).rpartition("0")
    return before, after
