"""Thumbnails for the site's own pages, and one's own photos."""

import logging

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import anonymous
from accounts.lists import key
from accounts.visitors import person, visitor
from cody_site.errors import Forbidden, Refusal
from media_store import services
from media_store.errors import FileNotFound
from media_store.models import UPLOADERS, Kind, Photo
from media_store.receiving import Kept, keep, takes_photos
from media_store.sending import thumbnail
from media_store.serving import respond
from media_store.showing import Places, with_places

logger = logging.getLogger(__name__)

DAY = 24 * 60 * 60
PAGE = 30


@require_safe
@login_not_required
def photo(request: HttpRequest, photoid: str, size: str) -> HttpResponseBase:
    """A photo's thumbnail, `small` or `large`, for who may see the photo (section 9).

    It never changes; a browser that has it asks again after a day, whether it is still to be seen.
    """
    found = Photo.objects.visible_to(visitor(request)).filter(photoid=photoid).first()
    if found is None:
        raise Http404
    try:
        response = respond(request, thumbnail(found, Kind(size)), inline=True)
    except (FileNotFound, FileNotFoundError):
        raise Http404 from None
    except (BotoCoreError, ClientError):
        logger.exception("the photos' storage is down")
        return HttpResponse(status=503)
    for_all = Photo.objects.visible_to(anonymous()).filter(pk=found.pk).exists()
    response["Cache-Control"] = f"{'public' if for_all else 'private'}, max-age={DAY}, no-transform"
    return response


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's photos, the latest first, each with where it is shown; `?before=` a key begins further back."""
    by = visitor(request)
    photos = with_places(Photo.objects.live().own(by)).order_by("-pk")
    if before := key(request.GET.get("before")):
        photos = photos.filter(pk__lt=before)
    shown = list(photos[: PAGE + 1])
    context = {
        "places": [Places.of(photo) for photo in shown[:PAGE]],
        "further": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "begun": bool(before),
        "removed": Photo.objects.restorable_by(by).filter(pk=key(request.GET.get("removed"))).first(),
        "may_upload": by.account_type in UPLOADERS,
        "most_bytes": settings.PHOTO_MAX_BYTES,
    }
    return render(request, "media_store/mine.html", context)


@require_POST
@takes_photos
def upload(request: HttpRequest) -> HttpResponse:
    """Several photos at once from a form, or each by itself from static/js/upload.js, which is answered JSON."""
    uploader = person(request)
    if visitor(request).account_type not in UPLOADERS:
        kept = Kept(refused=[("", Forbidden.told)])
    else:
        kept = keep(request, request.FILES.getlist("photos"), uploader=uploader)
    if not request.accepts("text/html"):
        return JsonResponse({
            "photos": [
                {"photoid": row.photoid, "filename": row.filename, "small": _small(row)} for row in kept.photos
            ],
            "refused": [told for _name, told in kept.refused],
        })  # fmt: skip
    _tell(request, kept)
    return redirect("media_store:mine")


def _small(row: Photo) -> str:
    return reverse("media_store:photo", args=[row.photoid, "small"])


def _tell(request: HttpRequest, kept: Kept) -> None:
    """In messages, of some that were kept and some that were not."""
    if count := len(kept.photos):
        messages.success(
            request, ngettext("사진 %(count)d장을 올렸어요.", "사진 %(count)d장을 올렸어요.", count) % {"count": count}
        )
    for name, told in kept.refused:
        messages.error(request, f"{name}: {told}" if name else told)
    if not kept.photos and not kept.refused:
        messages.error(request, _("올릴 사진을 골라 주세요."))


@require_POST
def remove(request: HttpRequest, photoid: str) -> HttpResponse:
    """Into the trash, out of everything that shows it; the next page offers to undo it, also after two clicks."""
    by = visitor(request)
    row = get_object_or_404(Photo.objects.live().own(by) | Photo.objects.restorable_by(by), photoid=photoid)
    services.trash(by=by, photo=row)
    return redirect(f"{reverse('media_store:mine')}?removed={row.pk}")


@require_POST
def restore(request: HttpRequest, photoid: str) -> HttpResponse:
    """Out of the trash again, for who has put it there; a second click finds it there already."""
    by = visitor(request)
    row = get_object_or_404(Photo.objects.live().own(by) | Photo.objects.restorable_by(by), photoid=photoid)
    try:
        if row.trashed_at is not None:
            services.restore(photo=row)
    except Refusal as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("사진을 되살렸어요."))
    return redirect("media_store:mine")
