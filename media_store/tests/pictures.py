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
