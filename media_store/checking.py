"""Are all bytes there that the tables tell of, and are they the same?"""

import contextlib
import hashlib
from collections.abc import Iterator

from media_store.models import Photo, Rendition
from media_store.storage import photos


def differences_from_storage() -> Iterator[str]:
    """A line for each object that is not there or is another; all are read that may be shown or brought back."""
    kept = Photo.objects.kept()
    originals = kept.order_by("pk").values_list("photoid", "storage_key", "size", "sha256")
    made = Rendition.objects.filter(photo__in=kept.values("pk")).order_by("pk")
    for name, key, size, sha256 in originals.iterator(chunk_size=1000):
        yield from _difference(name, key, size, sha256)
    for name, kind, key, size, sha256 in made.values_list(
        "photo__photoid", "kind", "storage_key", "size", "sha256"
    ).iterator(chunk_size=1000):
        yield from _difference(f"{name} ({kind})", key, size, sha256)


def _difference(name: str, key: str, size: int, sha256: str) -> Iterator[str]:
    digest = hashlib.sha256()
    try:
        stretch = photos().read(key, 0, size + 1)
        try:
            with contextlib.suppress(EOFError):  # one byte more is asked for than there should be
                for chunk in stretch:
                    digest.update(chunk)
        finally:
            stretch.close()
    except FileNotFoundError:
        yield f"photo {name}: its bytes are lost"
    else:
        if digest.hexdigest() != sha256:
            yield f"photo {name}: its bytes are others"
