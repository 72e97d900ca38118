"""Everything that we hold about me, as a file."""

import logging
from collections.abc import Iterator

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.visitors import visitor
from cody_site.customers.export import document
from media_store.errors import FileNotFound
from media_store.models import Photo
from media_store.sending import for_actor
from media_store.serving import respond

logger = logging.getLogger(__name__)


def my_data(request: HttpRequest) -> HttpResponseBase:
    """Explains what is in the file; a POST loads it. Nothing of it is kept on the way, nor is any of it logged."""
    user = visitor(request).user
    if user is None:
        raise Http404
    if request.method != "POST":
        return render(request, "pages/my_data.html")
    response = StreamingHttpResponse(_whole_or_broken(user), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cdeday-{timezone.localdate():%Y%m%d}.json"'
    response["Cache-Control"] = "no-store"
    return response


def _whole_or_broken(user: User) -> Iterator[bytes]:
    """What fails on the way ends the file without its last bracket: a cut one never parses as a whole one."""
    try:
        yield from document(user)
    except Exception:
        logger.exception("a person's data were cut off")
        raise


@require_safe
def my_photo(request: HttpRequest, photoid: str) -> HttpResponseBase:
    """One's own photo as it was uploaded, for the links in the file."""
    by = visitor(request)
    photo = Photo.objects.live().filter(uploader=by.user_pk, photoid=photoid).first()
    if photo is None:
        raise Http404
    try:
        return respond(request, for_actor(by, photo, for_view=False), inline=False)
    except (FileNotFound, FileNotFoundError):
        raise Http404 from None
