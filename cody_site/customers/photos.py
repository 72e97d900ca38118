"""The photos of a reservation: what its designer sees before the customer comes."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.visitors import visitor
from cody_site.customers.visits import own_or_404
from cody_site.errors import Refusal
from media_store.fields import PhotosField
from media_store.models import Photo
from media_store.receiving import takes_photos
from reservations.models import MAX_PHOTOS, Reservation, Status
from reservations.photos import show_photos


class MoreForm(forms.Form):
    """Photos to be shown besides those that are."""

    def __init__(self, request: HttpRequest, shown: Sequence[Photo]) -> None:
        sent = request.method == "POST"
        super().__init__(request.POST if sent else None, request.FILES if sent else None)
        self.fields["photos"] = PhotosField(
            request=request,
            most=MAX_PHOTOS - len(shown),
            without=[photo.photoid for photo in shown],
            required=True,
            label=gettext_lazy("사진 더하기"),
        )


@takes_photos
def reservation_photos(request: HttpRequest, pk: int) -> HttpResponse:
    """What is shown, to be arranged and taken down (`act`), and more to be chosen or uploaded."""
    row = own_or_404(request, pk)
    shown = _shown(row)
    if request.method == "POST" and (act := request.POST.get("act")):
        return _arranged(request, row, _after(act, [photo.photoid for photo in shown]))
    form = MoreForm(request, shown)
    if request.method == "POST" and form.is_valid():
        more = form.cleaned_data["photos"]
        return _arranged(request, row, [*(photo.photoid for photo in shown), *more])
    context = {
        "row": row,
        "shown": shown,
        "form": form,
        "most": MAX_PHOTOS,
        "is_open": row.trashed_at is None and row.status != Status.DONE,
    }
    return render(request, "pages/reservation_photos.html", context)


def _shown(row: Reservation) -> list[Photo]:
    attached = row.attachments.filter(photo__in=Photo.objects.live()).select_related("photo")
    return [attachment.photo for attachment in attached]


def _after(act: str, photoids: list[str]) -> list[str]:
    """`up`, `down` or `remove`, a colon and the photoid; anything else changes nothing."""
    what, _colon, photoid = act.partition(":")
    if photoid not in photoids:
        return photoids
    place = photoids.index(photoid)
    photoids.remove(photoid)
    if what == "up":
        photoids.insert(max(place - 1, 0), photoid)
    elif what == "down":
        photoids.insert(place + 1, photoid)
    elif what != "remove":
        photoids.insert(place, photoid)
    return photoids


def _arranged(request: HttpRequest, row: Reservation, photoids: Sequence[str]) -> HttpResponse:
    try:
        show_photos(by=visitor(request), reservation=row, photoids=photoids)
    except Refusal as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("디자이너에게 보여 줄 사진을 바꿨어요."))
    return redirect("pages:reservation_photos", row.pk)
