"""Is there anything in a picture's file but the picture? Read from the file's structure, block by block.

What is not known to say only how the picture is shown may say who, when or where (EXIF, XMP, IPTC, C2PA, comments,
another picture behind the first), and so may whatever follows its end.
"""

import struct
from collections.abc import Iterator
from typing import IO

JPEG_SHOWN = {0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD}  # frames, tables, scans, restarts
JPEG_KNOWN = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
PNG_KNOWN = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"hIST",
    b"pHYs", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
WEBP_KNOWN = {b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"}
GIF_GRAPHIC_CONTROL, GIF_APPLICATION = 0xF9, 0xFF
GIF_LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}


class Unknown(Exception):
    """Something that is not the picture, or a structure that is not the format's."""


def has_none(format_name: str, file: IO[bytes]) -> bool:
    """Is the whole file the picture? False for the formats that are not read here (AVIF, HEIF)."""
    walk = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "GIF": _gif}.get(format_name)
    if walk is None:
        return False
    file.seek(0)
    try:
        walk(file)
        return file.read(1) == b""
    except (Unknown, struct.error):
        return False


def gif_frames(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Width and height up to which each frame draws. Raises Unknown where the structure is broken."""
    file.seek(0)
    try:
        yield from _gif_blocks(file, known_only=False)
    except struct.error:
        raise Unknown from None


def _exactly(file: IO[bytes], count: int) -> bytes:
    found = file.read(count)
    if len(found) != count:
        raise Unknown
    return found


def _jpeg(file: IO[bytes]) -> None:
    if file.read(2) != b"\xff\xd8":
        raise Unknown
    marker = _jpeg_marker(file)
    while marker != 0xD9:
        (length,) = struct.unpack(">H", _exactly(file, 2))
        if length < 2:
            raise Unknown
        body = _exactly(file, length - 2)
        if marker not in JPEG_SHOWN and not (marker in JPEG_KNOWN and body.startswith(JPEG_KNOWN[marker])):
            raise Unknown
        if marker == 0xE0 and len(body) != 14:  # a preview picture
            raise Unknown
        marker = _jpeg_after_scan(file) if marker == 0xDA else _jpeg_marker(file)


def _jpeg_marker(file: IO[bytes]) -> int:
    if _exactly(file, 1) != b"\xff":
        raise Unknown
    while (found := _exactly(file, 1)) == b"\xff":
        pass
    return found[0]


def _jpeg_after_scan(file: IO[bytes]) -> int:
    """The marker that ends the scan's data, in which 0xFF stands before 0 and before restarts."""
    while chunk := file.read(1 << 16):
        at = chunk.find(b"\xff")
        while at >= 0:
            if at + 1 == len(chunk):
                chunk += _exactly(file, 1)
            follower = chunk[at + 1]
            if follower == 0xFF:
                at += 1
                continue
            if follower and not 0xD0 <= follower <= 0xD7:
                file.seek(at + 2 - len(chunk), 1)
                return follower
            at = chunk.find(b"\xff", at + 2)
    raise Unknown


def _png(file: IO[bytes]) -> None:
    if file.read(8) != b"\x89PNG\r\n\x1a\n":
        raise Unknown
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", _exactly(file, 8))
        if kind not in PNG_KNOWN or (kind == b"IEND" and length):
            raise Unknown
        file.seek(length, 1)
        _exactly(file, 4)


def _webp(file: IO[bytes]) -> None:
    riff, length, webp = struct.unpack("<4sI4s", _exactly(file, 12))
    if (riff, webp) != (b"RIFF", b"WEBP"):
        raise Unknown
    _webp_chunks(file, length - 4)


def _webp_chunks(file: IO[bytes], left: int) -> None:
    while left > 0:
        kind, length = struct.unpack("<4sI", _exactly(file, 8))
        padded = length + length % 2
        if kind not in WEBP_KNOWN or 8 + padded > left:
            raise Unknown
        left -= 8 + padded
        if kind == b"ANMF" and length >= 16:
            _exactly(file, 16)
            _webp_chunks(file, padded - 16)
        else:
            file.seek(padded, 1)
    if left:
        raise Unknown


def _gif(file: IO[bytes]) -> None:
    for _frame in _gif_blocks(file, known_only=True):
        pass


def _gif_blocks(file: IO[bytes], *, known_only: bool) -> Iterator[tuple[int, int]]:
    head, _width, _height, flags, _background, _aspect = struct.unpack("<6sHHBBB", _exactly(file, 13))
    if head not in (b"GIF87a", b"GIF89a"):
        raise Unknown
    _gif_colours(file, flags)
    while (block := _exactly(file, 1)) != b";":
        if block == b",":
            left, top, width, height, flags = struct.unpack("<HHHHB", _exactly(file, 9))
            _gif_colours(file, flags)
            _exactly(file, 1)
            yield left + width, top + height
        elif block == b"!":
            label = _exactly(file, 1)[0]
            if known_only and label not in (GIF_GRAPHIC_CONTROL, GIF_APPLICATION):
                raise Unknown
            if known_only and label == GIF_APPLICATION and _exactly(file, _exactly(file, 1)[0]) not in GIF_LOOPS:
                raise Unknown
        else:
            raise Unknown
        while length := _exactly(file, 1)[0]:
            _exactly(file, length)


def _gif_colours(file: IO[bytes], flags: int) -> None:
    if flags & 0x80:
        _exactly(file, 3 * 2 ** ((flags & 7) + 1))
