"""Thumbnails, for the site's own pages."""

import logging

from botocore.exceptions import BotoCoreError, ClientError
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.visitors import visitor
from media_store.errors import FileNotFound
from media_store.models import Kind, Photo
from media_store.sending import thumbnail
from media_store.serving import respond

logger = logging.getLogger(__name__)


@require_safe
@login_not_required
def photo(request: HttpRequest, photoid: str, size: str) -> HttpResponseBase:
    """A photo's thumbnail, `small` or `large`, for who may see the photo (section 9)."""
    found = Photo.objects.visible_to(visitor(request)).filter(photoid=photoid).first()
    if found is None:
        raise Http404
    try:
        return respond(request, thumbnail(found, Kind(size)), inline=True)
    except (FileNotFound, FileNotFoundError):
        raise Http404 from None
    except (BotoCoreError, ClientError):
        logger.exception("the photos' storage is down")
        return HttpResponse(status=503)
