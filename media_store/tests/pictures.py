"""Files as they come: fine, with metadata, broken, and hostile."""

import io
import struct
import zlib

from PIL import Image


def picture(kind="PNG", size=(60, 40), color=(190, 120, 90), **options):
    """A small picture with a lighter top left corner, so that its orientation shows."""
    image = Image.new("RGB", size, color)
    image.paste((250, 240, 230), (0, 0, size[0] // 4, size[1] // 4))
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def with_gps(orientation=6):
    """A JPEG as a telephone writes it: lying on its side, with the place it was taken at."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 59.0)
    return picture("JPEG", exif=exif)


def animated(kind="GIF", frames=3):
    images = [Image.new("RGB", (30, 20), (index * 60, 10, 10)) for index in range(frames)]
    file = io.BytesIO()
    images[0].save(file, format=kind, save_all=True, append_images=images[1:], duration=100, loop=0)
    return file.getvalue()


def bomb(width=20000, height=20000):
    """A PNG of 400 million pixels in a few hundred bytes: its header says so, and that is as far as anybody reads."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


HTML = b"<!doctype html><script>document.title = 'executed'; fetch('/executed')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.id = "executed"</script></svg>'
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n"


SECRET = b"37.5665N 126.9780E hong"


def _png_chunk(name):
    return struct.pack(">I", len(SECRET)) + name + SECRET + struct.pack(">I", zlib.crc32(name + SECRET))


def png_with(name):
    body = picture()
    at = body.index(b"IDAT") - 4
    return body[:at] + _png_chunk(name) + body[at:]


def jpeg_with(marker, head=b""):
    body, data = picture("JPEG"), head + SECRET
    return body[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + body[2:]


def webp_with(name):
    body = picture("WEBP") + name + struct.pack("<I", len(SECRET)) + SECRET + b"\0" * (len(SECRET) % 2)
    return body[:4] + struct.pack("<I", len(body) - 8) + body[8:]


def gif_with(block, frame=1):
    """An animation with a block before one of its frames."""
    body, at = animated(), -1
    for _number in range(frame):
        at = body.index(b"!\xf9", at + 1)
    return body[:at] + block + bytes([len(SECRET)]) + SECRET + b"\0" + body[at:]


HIDING = {
    "png C2PA": png_with(b"caBX"),
    "png private": png_with(b"prVt"),
    "png eXIf": png_with(b"eXIf"),
    "png behind png": picture() + SECRET + picture(),
    "jpeg C2PA": jpeg_with(0xEB, b"JP\0\1"),
    "jpeg APP12": jpeg_with(0xEC, b"Ducky\0"),
    "jpeg APP3": jpeg_with(0xE3, b"Meta\0\0"),
    "jpeg extended XMP": jpeg_with(0xE1, b"http://ns.adobe.com/xmp/extension/\0"),
    "jpeg IPTC": jpeg_with(0xED, b"Photoshop 3.0\x008BIM"),
    "jpeg comment": jpeg_with(0xFE),
    "jpeg preview": jpeg_with(0xE0, b"JFXX\0\x10"),
    "jpeg behind jpeg": picture("JPEG") + SECRET + with_gps(),
    "webp chunk": webp_with(b"GPSX"),
    "gif XMP": gif_with(b"!\xff\x0bXMP DataXMP"),
    "gif comment": gif_with(b"!\xfe"),
    "gif comment of frame 2": gif_with(b"!\xfe", frame=2),
    "gif and more": picture("GIF") + SECRET + b";",
}
"""Pictures with something else in their files, where Pillow does not look."""


def growing_gif():
    """Says that it is four pixels wide, until its second frame."""
    small, large = picture("GIF", size=(4, 4)), picture("GIF", size=(300, 300))
    return small[:-1] + large[large.index(b",", 13) :]
