"""Who takes reservations, with portraits, and when they can be had by this visitor."""

from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.hours import Availability, Slot
from accounts.models import Designer
from accounts.visitors import visitor
from media_store.showing import portrait


@dataclass(frozen=True)
class Face:
    """A designer, and when the next seat is free, if any is."""

    designer: Designer
    next: Slot | None


def team() -> list[Designer]:
    return list(Designer.objects.working().prefetch_related(portrait()))


def availability_for(request: HttpRequest, designers: Collection[Designer]) -> Availability:
    return Availability(designers, visitor(request).user)


def faces(availability: Availability) -> list[Face]:
    return [Face(designer, availability.next_free(designer)) for designer in availability.designers]
