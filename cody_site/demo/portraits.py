"""The demo salon's designers and the heads that they show as their work, drawn by code; nobody is in them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, SCALE = 512, 2  # pixels, and how much larger it is drawn
HEIGHT = 1.25  # in parts of the width

Box = tuple[float, float, float, float]
FACE_ONLY: Box = (0.14, 0.1, 0.86, 0.82)
ALL: Box = (0, 0, 1, HEIGHT)

Colour = tuple[int, int, int]
Point = tuple[float, float]
"""In parts of the picture's width, from the left and from the top."""

INK: Colour = (74, 52, 46)


@dataclass(frozen=True)
class Cut:
    """A haircut's right half: what falls behind the face, and what lies on the forehead."""

    behind: Sequence[Point]
    fringe: Sequence[Point]
    mirrored: bool = True
    """Is the fringe the same on both sides?"""


CURTAIN = [
    (0.5, 0.243), (0.61, 0.262), (0.674, 0.34), (0.688, 0.5), (0.658, 0.5), (0.635, 0.43), (0.575, 0.365), (0.5, 0.318),
]  # fmt: skip
BANGS = [
    (0.5, 0.243), (0.61, 0.262), (0.674, 0.34), (0.682, 0.46), (0.652, 0.47), (0.635, 0.415), (0.57, 0.405), (0.5, 0.4),
]  # fmt: skip
SWEPT = [
    (0.33, 0.47), (0.322, 0.38), (0.37, 0.285), (0.47, 0.243), (0.58, 0.25), (0.655, 0.31), (0.682, 0.4), (0.672, 0.48),
    (0.645, 0.43), (0.6, 0.36), (0.545, 0.335), (0.46, 0.385), (0.38, 0.405), (0.352, 0.44),
]  # fmt: skip
QUIFF = [
    (0.335, 0.445), (0.325, 0.37), (0.36, 0.27), (0.45, 0.2), (0.57, 0.19), (0.66, 0.25), (0.685, 0.36), (0.668, 0.45),
    (0.645, 0.38), (0.6, 0.33), (0.5, 0.325), (0.41, 0.345), (0.36, 0.385),
]  # fmt: skip

BOB = [(0.5, 0.232), (0.63, 0.253), (0.708, 0.36), (0.722, 0.52), (0.7, 0.665), (0.615, 0.69), (0.5, 0.66)]
HUSH = [(0.5, 0.232), (0.63, 0.253), (0.7, 0.37), (0.708, 0.55), (0.742, 0.76), (0.66, 0.81), (0.5, 0.76)]
LONG = [(0.5, 0.23), (0.635, 0.253), (0.707, 0.38), (0.718, 0.62), (0.725, 0.98), (0.65, 1.03), (0.5, 0.96)]
WAVE = [
    (0.5, 0.228), (0.64, 0.25), (0.715, 0.37), (0.7, 0.48), (0.752, 0.58), (0.715, 0.69), (0.768, 0.8), (0.71, 0.91),
    (0.63, 0.95), (0.5, 0.9),
]  # fmt: skip
PERM = [
    (0.5, 0.205), (0.6, 0.205), (0.69, 0.265), (0.735, 0.35), (0.725, 0.44), (0.765, 0.53), (0.735, 0.63), (0.66, 0.69),
    (0.5, 0.66),
]  # fmt: skip
BUN = [
    (0.5, 0.118), (0.56, 0.13), (0.585, 0.185), (0.57, 0.23), (0.65, 0.275), (0.69, 0.38), (0.68, 0.48), (0.5, 0.55),
]  # fmt: skip
CROP = [(0.5, 0.222), (0.62, 0.243), (0.688, 0.34), (0.686, 0.47), (0.665, 0.51), (0.6, 0.48), (0.5, 0.5)]
SHORT = [(0.5, 0.208), (0.62, 0.235), (0.685, 0.33), (0.68, 0.45), (0.662, 0.5), (0.6, 0.47), (0.5, 0.5)]

CUTS = {
    "bob": Cut(BOB, BANGS),
    "hush": Cut(HUSH, CURTAIN),
    "long": Cut(LONG, CURTAIN),
    "wave": Cut(WAVE, CURTAIN),
    "perm": Cut(PERM, BANGS),
    "bun": Cut(BUN, SWEPT, mirrored=False),
    "crop": Cut(CROP, SWEPT, mirrored=False),
    "quiff": Cut(SHORT, QUIFF, mirrored=False),
}

NECK = [(0.5, 0.56), (0.567, 0.58), (0.57, 0.7), (0.62, 0.765), (0.56, 0.81), (0.5, 0.825)]
CLOTH = [(0.5, 0.735), (0.6, 0.755), (0.72, 0.8), (0.83, 0.86), (0.9, 1.0), (0.93, 1.4), (0.5, 1.5)]
FACE = [(0.5, 0.275), (0.6, 0.3), (0.652, 0.4), (0.648, 0.51), (0.598, 0.61), (0.5, 0.655)]
PARTED = [(0.5, 0.58), (0.545, 0.62), (0.558, 0.7), (0.595, 0.8), (0.61, 0.95), (0.62, 1.1), (0.5, 1.15)]
"""Where hair falls to both sides of the neck."""

BLACK: tuple[Colour, Colour] = ((44, 36, 36), (74, 60, 58))
BROWN: tuple[Colour, Colour] = ((74, 50, 40), (126, 86, 62))
CHESTNUT: tuple[Colour, Colour] = ((96, 54, 42), (166, 98, 70))
ASH: tuple[Colour, Colour] = ((88, 78, 72), (154, 138, 124))
HONEY: tuple[Colour, Colour] = ((136, 94, 60), (214, 164, 106))
ROSE: tuple[Colour, Colour] = ((122, 66, 66), (200, 126, 118))

SAND, SAGE, BLUSH, MIST, CREAM, CLAY = (
    (240, 228, 214), (220, 228, 214), (246, 222, 212), (218, 226, 232), (246, 236, 214), (232, 208, 192),
)  # fmt: skip
LINEN, NAVY, MOSS, TERRA, CHARCOAL, OAT = (
    (250, 244, 234), (72, 84, 106), (116, 130, 104), (190, 112, 86), (74, 70, 74), (214, 196, 172),
)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """Somebody with a haircut, in clothes, before a wall."""

    cut: str
    hair: tuple[Colour, Colour]
    wall: Colour
    cloth: Colour
    skin: Colour = (244, 210, 186)
    awake: bool = False


DESIGNERS = {
    "designer1": Head("hush", BROWN, BLUSH, LINEN, awake=True),
    "designer2": Head("quiff", BLACK, MIST, CHARCOAL, (236, 198, 170), awake=True),
    "designer3": Head("bob", CHESTNUT, SAGE, TERRA, awake=True),
    "designer4": Head("crop", ASH, CREAM, NAVY, (240, 204, 178), awake=True),
}

WORK = {
    "designer1": [
        ("허쉬 컷", Head("hush", CHESTNUT, SAND, MOSS)),
        ("앞머리 있는 단발", Head("bob", BLACK, BLUSH, OAT)),
        ("긴 생머리", Head("long", BROWN, SAGE, LINEN)),
        ("굵은 웨이브", Head("wave", ROSE, CREAM, CHARCOAL)),
        ("가르마 펌", Head("wave", BROWN, MIST, TERRA)),
        ("올림머리", Head("bun", BROWN, CLAY, LINEN)),
    ],
    "designer2": [
        ("가르마 커트", Head("crop", BLACK, SAND, NAVY, (236, 198, 170))),
        ("드롭 컷", Head("quiff", BROWN, SAGE, LINEN)),
        ("애쉬 커트", Head("crop", ASH, MIST, CHARCOAL)),
        ("다운펌", Head("quiff", BLACK, CREAM, MOSS, (238, 200, 174))),
        ("볼륨 펌", Head("perm", BLACK, CLAY, OAT, (236, 198, 170))),
        ("투블럭", Head("quiff", CHESTNUT, BLUSH, NAVY)),
    ],
    "designer3": [
        ("레이어드 컷", Head("hush", BROWN, SAGE, OAT)),
        ("볼륨펌", Head("perm", CHESTNUT, CREAM, MOSS)),
        ("레이어드 웨이브", Head("wave", BROWN, BLUSH, NAVY)),
        ("턱선 단발", Head("bob", BROWN, MIST, TERRA)),
        ("히피펌", Head("perm", HONEY, SAND, CHARCOAL)),
        ("긴 레이어드", Head("long", CHESTNUT, CLAY, LINEN)),
    ],
    "designer4": [
        ("애쉬 브라운", Head("long", ASH, SAND, NAVY)),
        ("로즈 브라운", Head("hush", ROSE, SAGE, LINEN)),
        ("허니 블론드", Head("wave", HONEY, MIST, TERRA)),
        ("초콜릿 단발", Head("bob", CHESTNUT, CREAM, OAT)),
        ("애쉬 커트", Head("crop", ASH, BLUSH, CHARCOAL)),
        ("로즈 올림머리", Head("bun", ROSE, CLAY, MOSS)),
    ],
}


def draw(head: Head, seen: Box) -> Image.Image:
    """Wall, shoulders, hair, face, fringe, from behind to the front; `seen` is how much of it is in the picture."""
    size = WIDTH * SCALE, int(WIDTH * SCALE * HEIGHT)
    picture = _wall(head.wall, size)
    _body(picture, head)
    cut = CUTS[head.cut]
    _hair(picture, head.hair, ImageChops.subtract(_round(size, cut.behind), _round(size, PARTED)), 0.82)
    _face(picture, head)
    fringe = _round(size, cut.fringe) if cut.mirrored else _shape(size, cut.fringe)
    _hair(picture, head.hair, fringe, 1.0)
    left, top, right, bottom = (int(WIDTH * SCALE * edge) for edge in seen)
    small = (right - left) // SCALE, (bottom - top) // SCALE
    return picture.resize(small, Image.Resampling.LANCZOS, (left, top, right, bottom))


@cache
def jpeg(head: Head, seen: Box) -> bytes:
    file = io.BytesIO()
    draw(head, seen).save(file, format="JPEG", quality=86)
    return file.getvalue()


def _wall(colour: Colour, size: tuple[int, int]) -> Image.Image:
    """In soft light that comes from behind the head."""
    picture = Image.new("RGB", size, _lit(colour, 0.95))
    side = int(size[0] * 1.5)
    light = ImageChops.invert(Image.radial_gradient("L")).resize((side, side))
    picture.paste(_lit(colour, 1.06), ((size[0] - side) // 2, int(size[0] * 0.45) - side // 2), light)
    return picture


def _body(picture: Image.Image, head: Head) -> None:
    size = picture.size
    _fill(picture, head.cloth, _round(size, CLOTH))
    throat = _round(size, NECK)
    _fill(picture, head.skin, throat)
    shade = _shape(size, [(0.4, 0.56), (0.6, 0.56), (0.585, 0.655), (0.5, 0.69), (0.415, 0.655)])
    shade = shade.filter(ImageFilter.BoxBlur(size[0] * 0.012))
    _fill(picture, _lit(head.skin, 0.86), ImageChops.multiply(shade, throat))


def _face(picture: Image.Image, head: Head) -> None:
    size = picture.size
    for x in (0.345, 0.655):
        _fill(picture, _lit(head.skin, 0.95), _oval(size, x, 0.485, 0.026, 0.042))
    _fill(picture, head.skin, _round(size, FACE))
    for x in (0.4, 0.6):
        blush = _oval(size, x, 0.55, 0.042, 0.026).filter(ImageFilter.BoxBlur(size[0] * 0.014))
        _fill(picture, (238, 150, 132), blush.point(lambda value: value * 2 // 5))
    pen, unit = ImageDraw.Draw(picture), size[0]
    brow = _lit(head.hair[0], 0.95)
    for x in (0.425, 0.575):
        _arc(pen, unit, (x, 0.46), (0.036, 0.022), (205, 335), brow, 0.007)
        if head.awake:
            pen.ellipse(_box(unit, x, 0.497, 0.0125, 0.0155), INK)
            pen.ellipse(_box(unit, x + 0.004, 0.492, 0.004, 0.004), (255, 255, 255))
        else:
            _arc(pen, unit, (x, 0.49), (0.025, 0.016), (20, 160), INK, 0.006)
    _arc(pen, unit, (0.5, 0.535), (0.014, 0.01), (30, 150), _lit(head.skin, 0.78), 0.005)
    _arc(pen, unit, (0.5, 0.572), (0.04, 0.028), (25, 155), (176, 88, 78), 0.0075)


def _hair(picture: Image.Image, hair: tuple[Colour, Colour], mask: Image.Image, light: float) -> None:
    """Darker at the root than at the tip, with a soft gleam across."""
    size = picture.size
    root, tip = (_lit(colour, light) for colour in hair)
    down = Image.linear_gradient("L").resize((size[0], int(size[0] * 1.05)))
    ramp = Image.new("L", size, 255)
    ramp.paste(down, (0, 0))
    strands = Image.composite(Image.new("RGB", size, tip), Image.new("RGB", size, root), ramp)
    gleam = Image.new("L", size)
    pen = ImageDraw.Draw(gleam)
    _arc(pen, size[0], (0.5, 0.47), (0.17, 0.19), (205, 335), 110, 0.035)
    gleam = gleam.filter(ImageFilter.BoxBlur(size[0] * 0.014))
    strands.paste(_lit(tip, 1.25), mask=gleam)
    picture.paste(strands, mask=mask)


def _fill(picture: Image.Image, colour: Colour, mask: Image.Image) -> None:
    picture.paste(colour, mask=mask)


def _lit(colour: Colour, by: float) -> Colour:
    red, green, blue = (min(255, int(part * by)) for part in colour)
    return red, green, blue


def _round(size: tuple[int, int], half: Sequence[Point]) -> Image.Image:
    """The right half of a shape and its mirror image; it begins and ends in the middle."""
    return _shape(size, [*half, *((1 - x, y) for x, y in reversed(half[1:-1]))])


def _shape(size: tuple[int, int], points: Sequence[Point]) -> Image.Image:
    """Smooth, through all these points."""
    outline: list[Point] = []
    for number in range(len(points)):
        around = [points[(number + step) % len(points)] for step in (-1, 0, 1, 2)]
        for part in (step / 12 for step in range(12)):
            x, y = (_between(part, *values) for values in zip(*around, strict=True))
            outline.append((x * size[0], y * size[0]))
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    return mask


def _between(part: float, before: float, start: float, end: float, after: float) -> float:
    """From start to end: Catmull-Rom."""
    linear, square = end - before, 2 * before - 5 * start + 4 * end - after
    cube = 3 * start - before - 3 * end + after
    return 0.5 * (2 * start + linear * part + square * part**2 + cube * part**3)


def _oval(size: tuple[int, int], x: float, y: float, across: float, down: float) -> Image.Image:
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse(_box(size[0], x, y, across, down), fill=255)
    return mask


def _box(unit: int, x: float, y: float, across: float, down: float) -> tuple[float, float, float, float]:
    return (x - across) * unit, (y - down) * unit, (x + across) * unit, (y + down) * unit


def _arc(
    pen: ImageDraw.ImageDraw,
    unit: int,
    middle: Point,
    radii: Point,
    angles: tuple[int, int],
    fill: Colour | int,
    width: float,
) -> None:
    pen.arc(_box(unit, *middle, *radii), *angles, fill=fill, width=round(width * unit))
