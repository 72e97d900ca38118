"""Are all bytes there that the tables tell of, and are they the same?"""

import hashlib
from collections.abc import Iterator
from typing import Any, cast

from media_store.models import Photo, Rendition
from media_store.storage import photos


def differences_from_storage() -> Iterator[str]:
    """A line for each object that is not there or is another; all are read that may be shown or brought back."""
    kept = Photo.objects.kept()
    originals = kept.order_by("pk").values_list("photoid", "storage_key", "sha256")
    made = Rendition.objects.filter(photo__in=kept.values("pk")).order_by("pk")
    for name, key, sha256 in originals.iterator(chunk_size=1000):
        yield from _difference(name, key, sha256)
    for name, kind, key, sha256 in made.values_list("photo__photoid", "kind", "storage_key", "sha256").iterator(
        chunk_size=1000
    ):
        yield from _difference(f"{name} ({kind})", key, sha256)


def _difference(name: str, key: str, sha256: str) -> Iterator[str]:
    try:
        with photos().open(key) as file:
            digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    except FileNotFoundError:
        yield f"photo {name}: its bytes are lost"
    else:
        if digest != sha256:
            yield f"photo {name}: its bytes are others"
