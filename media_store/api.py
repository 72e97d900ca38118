"""/photo_u, /photo_d, /photo_w, /photo_l (section 4)."""

import logging
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import AccountType, User
from cody_site.api.client_ip import client_ip
from cody_site.api.params import Repeated, Text, decoded
from cody_site.api.permissions import Access
from cody_site.api.views import Route
from cody_site.errors import Forbidden, Mistyped, UnknownUser
from media_store import services
from media_store.errors import BatchTooLarge, FileNotFound, FileTooLarge
from media_store.models import UPLOADERS, Photo, sees_all
from media_store.schema import PHOTO_D, PHOTO_L, PHOTO_U, PHOTO_W
from media_store.sending import for_actor
from media_store.serializers import OnePhoto, Upload, photo_row
from media_store.serving import Sent, respond
from media_store.throttles import Uploads
from media_store.uploads import AROUND_THE_FILE, UploadForm

logger = logging.getLogger(__name__)


class UploadViewSet(Route):
    """POST /photo_u: refused by its headers before its body is read (R33)."""

    access = {"create": Access("photos:write", types=UPLOADERS)}
    operations = PHOTO_U
    parser_classes = [UploadForm]
    throttles = {"create": [Uploads]}

    def read_body(self, request: Request) -> None:
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.PHOTO_MAX_BYTES + AROUND_THE_FILE:
            raise FileTooLarge
        super().read_body(request)

    @property
    def max_body_bytes(self) -> int:
        return int(settings.PHOTO_MAX_BYTES) + AROUND_THE_FILE

    def check_throttles(self, request: Request) -> None:
        if not self.counted:
            super().check_throttles(request)

    def create(self, request: Request) -> Response:
        wish = self.parsed(Upload)
        photo = services.upload(uploader=self.uploader(wish["userid"]), file=wish["file"], ip=client_ip(self.request))
        return Response({"res": True, "photoid": photo.photoid})

    def uploader(self, userid: str) -> User:
        """Whose photo it is: one's own; administrators and app clients upload for all (section 9)."""
        for_all = self.actor.is_app_client or self.actor.account_type == AccountType.ADMINISTRATOR
        if not for_all and not self.actor.is_user(userid):
            raise Forbidden
        user = User.objects.active().named(userid).first()
        if user is None:
            raise UnknownUser(userid)
        return user


class PhotoRoute(Route):
    """What the three routes that show a photo have in common."""

    named_if_missing = frozenset({"photoid"})

    def photo(self) -> Photo:
        """The photo that the request names, if the caller may see it. Raises FileNotFound; BatchTooLarge (R17)."""
        if _several(self.given.get("photoid")):
            raise BatchTooLarge
        photoid = self.parsed(OnePhoto)["photoid"]
        photo = Photo.objects.found(photoid, by=self.actor)
        if photo is None:
            raise FileNotFound
        return photo

    def answer_file(self, sent: Sent, *, inline: bool) -> HttpResponseBase:
        try:
            return respond(self.request._request, sent, inline=inline)  # noqa: SLF001 -- Django's, for its headers
        except FileNotFoundError:
            logger.exception("the storage has lost %s", sent.storage_key)
            raise FileNotFound from None


class DownloadViewSet(PhotoRoute):
    """POST /photo_d: the file itself, as an attachment."""

    access = {"create": Access("photos:read", public=True)}
    operations = PHOTO_D

    def create(self, request: Request) -> HttpResponseBase:
        sent = for_actor(self.actor, self.photo(), for_view=False)
        return self.answer_file(sent, inline=False)


class ViewViewSet(PhotoRoute):
    """GET /photo_w: the same file for use in a page; only pictures are shown there."""

    access = {"retrieve": Access("photos:read", public=True)}
    operations = PHOTO_W

    def retrieve(self, request: Request) -> HttpResponseBase:
        photo = self.photo()
        if self.request.query_params.keys() - {"photoid"}:
            raise Mistyped
        sent = for_actor(self.actor, photo, for_view=True)
        return self.answer_file(sent, inline=True)


class DetailViewSet(PhotoRoute):
    """GET /photo_l: what is known of a photo."""

    access = {"retrieve": Access("photos:read", public=True)}
    operations = PHOTO_L

    def retrieve(self, request: Request) -> Response:
        photo = self.photo()
        told_all = sees_all(self.actor) or self.actor.user_pk == photo.uploader_id
        return Response(photo_row(photo, told_all=told_all))


def _several(value: Any) -> bool:
    """Several ids in one request: the key again, or an array of them."""
    if isinstance(value, Repeated):
        return True
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = decoded(Text(value))
        except ValidationError:
            return False
    return isinstance(value, list) and len(value) > 1
