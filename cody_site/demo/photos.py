"""The demo salon's photos: heads of hair from behind, drawn by code; nobody is in them."""

import datetime as dt
import io
import math
import random
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFilter

from accounts.models import Designer, User
from cody_site.demo import portraits
from media_store import services
from media_store.files import HashedFile
from media_store.models import Photo, PortfolioPhoto, Portrait
from reservations.models import Reservation, ReservationPhoto, Status

SIZE, SCALE = (720, 900), 2  # pixels, and how much larger it is drawn
STRANDS = 1000
ROUND = 0.2  # how far down a head is round, in parts of the picture's height


@dataclass(frozen=True)
class Style:
    """What a head of hair looks like; lengths in parts of the picture's height."""

    name: str
    root: tuple[int, int, int]
    tip: tuple[int, int, int]
    wall: tuple[int, int, int]
    length: float
    width: float
    wave: float = 0.0
    taper: float = 0.3


STYLES = [
    Style("단발.jpg", (52, 38, 34), (96, 66, 52), (236, 226, 216), 0.62, 0.21),
    Style("레이어드.jpg", (70, 46, 36), (158, 108, 74), (222, 228, 222), 0.84, 0.23, 0.008),
    Style("웨이브.jpg", (60, 36, 34), (142, 82, 66), (238, 222, 216), 0.86, 0.25, 0.026),
    Style("애쉬 브라운.jpg", (66, 58, 54), (146, 130, 116), (226, 228, 234), 0.78, 0.22, 0.006),
    Style("커트.jpg", (34, 30, 32), (64, 56, 56), (220, 226, 230), 0.52, 0.165, taper=0.75),
    Style("볼륨펌.jpg", (58, 40, 32), (120, 84, 60), (240, 232, 214), 0.66, 0.25, 0.018),
]


def draw(style: Style, rng: random.Random) -> Image.Image:
    """The style in front of a wall in soft light."""
    width, height = SIZE[0] * SCALE, SIZE[1] * SCALE
    image = Image.new("RGB", (width, height), style.wall)
    light = Image.radial_gradient("L").resize((width, height)).point(lambda value: value // 3)
    image.paste(tuple(int(part * 0.72) for part in style.wall), mask=light)
    pen = ImageDraw.Draw(image)
    crown = (width / 2, height * 0.16)
    _shoulders(pen, crown[0], height, rng)
    for strand in sorted((rng.uniform(-1, 1) for _ in range(STRANDS)), key=abs, reverse=True):
        reach = rng.uniform(0.95, 1)
        path = [_point(style, strand, reach * step / 30, crown, height) for step in range(31)]
        _strand(pen, style, path, rng)
    return image.filter(ImageFilter.GaussianBlur(0.6)).resize(SIZE, Image.Resampling.LANCZOS)


def _shoulders(pen: ImageDraw.ImageDraw, middle: float, height: int, rng: random.Random) -> None:
    skin, cloth = (226, 190, 166), rng.choice([(92, 104, 112), (168, 120, 108), (116, 124, 104), (70, 74, 88)])
    pen.rounded_rectangle((middle - 0.075 * height, 0.4 * height, middle + 0.075 * height, 0.82 * height), 60, skin)
    pen.ellipse((middle - 0.36 * height, 0.68 * height, middle + 0.36 * height, 1.4 * height), cloth)
    pen.ellipse((middle - 0.1 * height, 0.65 * height, middle + 0.1 * height, 0.72 * height), skin)


def _point(style: Style, strand: float, along: float, crown: tuple[float, float], height: int) -> tuple[float, float]:
    """Over the round of the head first, then down; `strand` from -1 at the left to 1 at the right."""
    down = (style.length - 0.16 - 0.04 * strand**2) * along ** (1.15 + 0.35 * abs(strand))
    rounding = math.sqrt(1 - (1 - min(down / ROUND, 1)) ** 2)
    sway = style.wave * along * math.sin(along * 11 + strand * 3)
    taper = 1 - style.taper * max(0.0, along - 0.5)
    return crown[0] + (strand * style.width * rounding * taper + sway) * height, crown[1] + down * height


def _strand(pen: ImageDraw.ImageDraw, style: Style, path: list[tuple[float, float]], rng: random.Random) -> None:
    shade = rng.uniform(0.78, 1.16)
    for step, (start, end) in enumerate(pairwise(path)):
        part = step / len(path)
        gloss = 1 + 0.28 * math.exp(-(((part - 0.3) / 0.09) ** 2))
        colour = [
            min(255, int((root + (tip - root) * part) * shade * gloss))
            for root, tip in zip(style.root, style.tip, strict=True)
        ]
        pen.line((start, end), fill=(colour[0], colour[1], colour[2]), width=3 * SCALE)


@cache
def _jpeg(number: int) -> bytes:
    file = io.BytesIO()
    draw(STYLES[number], random.Random(number)).save(file, format="JPEG", quality=88)  # noqa: S311 -- no secret
    return file.getvalue()


def upload(style: str, *, uploader: User, at: dt.datetime) -> Photo:
    """Keep a drawing as if its uploader had sent it then, unless it is there."""
    number = [known.name for known in STYLES].index(style)
    return _kept(style, lambda: _jpeg(number), uploader, at)


def _kept(name: str, drawn: Callable[[], bytes], uploader: User, at: dt.datetime) -> Photo:
    known = Photo.objects.live().filter(uploader=uploader, filename=name).first()
    if known:
        return known
    with closing(HashedFile(name, "image/jpeg")) as file:
        file.receive(drawn())
        photo = services.upload(uploader=uploader, file=file)
    Photo.objects.filter(pk=photo.pk).update(created_at=at, live_at=at)
    return photo


def show(designers: Iterable[Designer]) -> None:
    """Each designer has a face, and six heads to show."""
    for designer in designers:
        user, at = designer.user, timezone.now() - dt.timedelta(days=300)
        face = portraits.DESIGNERS[user.userid]
        photo = _kept(f"{user.name}.jpg", partial(portraits.jpeg, face, portraits.FACE_ONLY), user, at)
        Portrait.objects.create(designer=designer, photo=photo)
        for position, (caption, head) in enumerate(portraits.WORK[user.userid]):
            photo = _kept(f"{caption}.jpg", partial(portraits.jpeg, head, portraits.ALL), user, at)
            PortfolioPhoto.objects.create(designer=designer, photo=photo, position=position, caption=caption)


def attach_to(reservations: Iterable[Reservation], rng: random.Random) -> None:
    """Every second customer who comes has shown what the hair shall look like; their first reservation gets it."""
    shown: set[int] = set()
    for reservation in reservations:
        customer = reservation.customer
        if reservation.status == Status.RESERVED and customer.pk not in shown and rng.random() < 0.6:
            shown.add(customer.pk)
            photo = upload(rng.choice(STYLES).name, uploader=customer, at=reservation.created_at)
            ReservationPhoto.objects.create(reservation=reservation, photo=photo, position=0)
