"""What pages of several rows need of photos, in a constant number of queries.

Prefetches, not dictionaries: templates then say `designer.portrait.photo`, which is empty where there is none.

    Designer.objects.working().prefetch_related(portrait(), portfolio())
    reservations.prefetch_related(portrait("designer__portrait"))
"""

from django.db.models import Prefetch

from media_store.models import PortfolioPhoto, Portrait


def portrait(path: str = "portrait") -> "Prefetch[str]":
    """Each designer's portrait with its photo, if that is live; `path` leads to it from the rows. One query."""
    return Prefetch(path, Portrait.objects.shown())


def portfolio(path: str = "portfolio") -> "Prefetch[str]":
    """Each designer's portfolio in order, each with its photo, without those in the trash. One query."""
    return Prefetch(path, PortfolioPhoto.objects.shown())
