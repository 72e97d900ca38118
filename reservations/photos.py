"""Which of a customer's photos a reservation shows its designer."""

from collections.abc import Sequence

from accounts.actors import Actor
from cody_site.transactions import retried
from media_store.models import Photo
from reservations.errors import Gone, TooManyPhotos
from reservations.models import MAX_PHOTOS, Reservation, ReservationPhoto, Status


@retried
def show_photos(*, by: Actor, reservation: Reservation, photoids: Sequence[str]) -> None:
    """These of the customer's own photos and no others, in this order, until the consultation is done.

    They change nothing of the appointment: its history does not tell of them. What was in the trash loses its place.
    Raises Gone (cancelled, done, or no longer this person's), UnknownPhoto (R36) or TooManyPhotos.
    """
    rows = Reservation.objects.live().changeable_by(by).exclude(status=Status.DONE)
    row = rows.locked().filter(pk=reservation.pk).first()
    if row is None:
        raise Gone
    photos = Photo.objects.named(photoids, of=row.customer)
    if len(photos) > MAX_PHOTOS:
        raise TooManyPhotos
    row.attachments.all().delete()
    ReservationPhoto.objects.bulk_create(
        ReservationPhoto(reservation=row, photo=photo, position=position) for position, photo in enumerate(photos)
    )
