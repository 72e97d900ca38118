"""What pages of several rows need of photos, in a constant number of queries.

Portraits and portfolios are prefetches, not dictionaries: templates then say `designer.portrait.photo`, which is empty
where there is none.

    Designer.objects.working().prefetch_related(portrait(), portfolio())
    reservations.prefetch_related(portrait("designer__portrait"))
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from media_store.models import Photo, PhotoQuerySet, PortfolioPhoto, Portrait

if TYPE_CHECKING:
    from board.models import Post
    from reservations.models import Reservation


def portrait(path: str = "portrait") -> "Prefetch[str]":
    """Each designer's portrait with its photo, if that is live; `path` leads to it from the rows. One query."""
    return Prefetch(path, Portrait.objects.shown())


def portfolio(path: str = "portfolio") -> "Prefetch[str]":
    """Each designer's portfolio in order, each with its photo, without those in the trash. One query."""
    return Prefetch(path, PortfolioPhoto.objects.shown())


def with_places(photos: PhotoQuerySet) -> PhotoQuerySet:
    """With all that shows them, in a constant number of queries, for `Places.of`."""
    return photos.prefetch_related("reservations__designer__user", "posts", "comments__post", "portraits", "portfolios")


@dataclass
class Places:
    """Where a photo is shown: on which live reservations and posts (their comments' included), and by its designer."""

    photo: Photo
    reservations: "list[Reservation]"
    posts: "list[Post]"
    by_designer: bool

    @classmethod
    def of(cls, photo: Photo) -> "Places":
        """Of a photo that was read `with_places`."""
        written = [post for post in photo.posts.all() if post.trashed_at is None]
        commented = [
            comment.post
            for comment in photo.comments.all()
            if comment.trashed_at is None and comment.post.trashed_at is None
        ]
        return cls(
            photo,
            [row for row in photo.reservations.all() if row.trashed_at is None],
            list(dict.fromkeys([*written, *commented])),
            bool(photo.portraits.all() or photo.portfolios.all()),
        )
