"""File names, as they come from strangers."""

import re
import unicodedata

from media_store.models import NAMELESS

SLASHES = re.compile(r"[/\\]")
# Controls, format characters (right-to-left overrides among them), surrogates, line and paragraph separators; and what
# no file system, header or shell takes kindly to.
UNWANTED = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
MAX_BYTES = 255


def tidy(name: str) -> str:
    """The last part of a path, composed (NFC), printable, at most 255 bytes of UTF-8 with its extension kept."""
    name = SLASHES.split(unicodedata.normalize("NFC", name))[-1]
    name = "".join(
        char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")
    )
    name = UNWANTED.sub("", name).strip().rstrip(" .")
    stem, dot, ext = name.rpartition(".")
    if not dot or len(ext.encode()) > 20:
        stem, dot, ext = name, "", ""
    room = MAX_BYTES - len((dot + ext).encode())
    stem = stem.encode()[:room].decode(errors="ignore").strip(" .")
    return stem + dot + ext if stem else NAMELESS + dot + ext


def extension(name: str) -> str:
    """Without the dot, in lower case; empty if there is none."""
    stem, dot, ext = name.rpartition(".")
    return ext.lower() if stem and dot else ""
