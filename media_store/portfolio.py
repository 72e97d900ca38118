"""How designers show themselves and their work: account managers for everybody, designers for themselves."""

from collections.abc import Iterable, Mapping, Sequence

from accounts.actors import Actor
from accounts.models import ACCOUNT_MANAGERS, Designer
from cody_site.errors import Forbidden
from cody_site.transactions import retried
from media_store.errors import NoPicture, PortfolioFull
from media_store.models import MAX_PORTFOLIO, Photo, PortfolioPhoto, Portrait


def may_show(by: Actor, designer: Designer) -> bool:
    """May this person choose what the designer shows?"""
    return designer.in_service and (by.user_pk == designer.pk or by.account_type in ACCOUNT_MANAGERS)


@retried
def choose_portrait(*, by: Actor, designer: Designer, photoid: str) -> None:
    """One of the designer's own photos is the portrait from now on. Raises Forbidden, UnknownPhoto or NoPicture."""
    designer = _lock(by, designer)
    (photo,) = _pictures([photoid], designer)
    Portrait.objects.update_or_create(designer=designer, defaults={"photo": photo})


@retried
def remove_portrait(*, by: Actor, designer: Designer) -> None:
    """The photo stays among the designer's own. Raises Forbidden."""
    Portrait.objects.filter(designer=_lock(by, designer)).delete()


@retried
def add_to_portfolio(*, by: Actor, designer: Designer, photoids: Sequence[str]) -> None:
    """Show these of the designer's own photos behind the others; what is there already stays where it is.

    Raises Forbidden, UnknownPhoto, NoPicture, or PortfolioFull if they are too many: then none is added.
    """
    designer = _lock(by, designer)
    shown = _shown(designer)
    known = {row.photo_id for row in shown}
    photos = [photo for photo in _pictures(photoids, designer) if photo.pk not in known]
    if len(shown) + len(photos) > MAX_PORTFOLIO:
        raise PortfolioFull
    _show([*shown, *(PortfolioPhoto(designer=designer, photo=photo) for photo in photos)], designer)


@retried
def arrange_portfolio(
    *, by: Actor, designer: Designer, photoids: Sequence[str], captions: Mapping[str, str] | None = None
) -> None:
    """These photos first, in this order, and the others behind them as they were; `captions` by photoid.

    What is not in the portfolio (any more) is passed over. Raises Forbidden.
    """
    designer = _lock(by, designer)
    wanted = {photoid: number for number, photoid in enumerate(photoids)}
    rows = sorted(_shown(designer), key=lambda row: wanted.get(row.photo.photoid, len(wanted)))
    for row in rows:
        row.caption = (captions or {}).get(row.photo.photoid, row.caption)
    _show(rows, designer)


@retried
def take_from_portfolio(*, by: Actor, designer: Designer, photoid: str) -> None:
    """The photo stays among the designer's own. Raises Forbidden."""
    designer = _lock(by, designer)
    _show([row for row in _shown(designer) if row.photo.photoid != photoid], designer)


def _lock(by: Actor, designer: Designer) -> Designer:
    """The designer's row is the queue for what is shown of them."""
    locked = Designer.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    designer = locked.get(pk=designer.pk)
    if not may_show(by, designer):
        raise Forbidden
    return designer


def _pictures(photoids: Iterable[str], designer: Designer) -> list[Photo]:
    photos = Photo.objects.named(photoids, of=designer.user)
    if not all(photo.content_type for photo in photos):
        raise NoPicture
    return photos


def _shown(designer: Designer) -> list[PortfolioPhoto]:
    return list(PortfolioPhoto.objects.filter(designer=designer).shown())


def _show(rows: Iterable[PortfolioPhoto], designer: Designer) -> None:
    """Written anew: no two rows have one place, not even for a moment. What is in the trash loses its place."""
    PortfolioPhoto.objects.filter(designer=designer).delete()
    PortfolioPhoto.objects.bulk_create(
        PortfolioPhoto(designer=designer, photo=row.photo, caption=row.caption, position=position)
        for position, row in enumerate(rows)
    )
