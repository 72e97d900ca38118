"""Nothing typed is lost: not by a refusal, and not by having to sign in first."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import drafts
from accounts.actors import Actor
from accounts.visitors import visitor
from board.forms import WithPhotos
from board.models import WRITERS
from board.services import Change
from cody_site.errors import Refusal
from media_store.fields import PhotosField

Done = TypeVar("Done")

PHOTOIDS_KEPT, PHOTOID_MOST = 20, 30


def accepted(form: WithPhotos, act: Callable[[], Done]) -> Done | None:
    """What the act comes to, or None once the form tells why it was refused."""
    try:
        return act()
    except Refusal as refusal:
        form.add_error(None, str(refusal.told))
        return None


def change_of(form: WithPhotos, others: Collection[str]) -> Change:
    """What shall be different; `others` are the files that stand beside the pictures and stay."""
    return Change(**form.words, photoids=None if form.photoids is None else [*form.photoids, *others])


def sign_in_first(request: HttpRequest, name: str, form: WithPhotos, *, back: str) -> HttpResponse:
    """Keep what the form was sent under this name; who has signed in finds it at `back`."""
    photos = [photoid for photoid in request.POST.getlist("photos") if len(photoid) <= PHOTOID_MOST]
    drafts.keep(request, name, form.words | {"photos": " ".join(photos[:PHOTOIDS_KEPT])})
    messages.info(request, _("로그인하면 쓰시던 글이 그대로 이어집니다."))
    if request.FILES:
        messages.warning(request, _("새로 고른 사진은 로그인한 뒤 다시 골라 주세요."))
    return redirect_to_login(back)


def edit_later(request: HttpRequest, name: str, form: WithPhotos) -> HttpResponse:
    """The same where something that is there is changed."""
    if form.is_valid():
        return sign_in_first(request, name, form, back=request.path)
    return redirect_to_login(request.path)


def resumed(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """What was kept, as a form begins with it; None where a form was sent, or nothing was kept."""
    typed = None if request.method == "POST" else drafts.kept(request, name)
    return typed and {**typed, "photos": typed.get("photos", "").split()}


def photos_field(request: HttpRequest, most: int, shown: Sequence[str] = ()) -> PhotosField | None:
    """For who writes: their own photos to choose from, and new ones; None before they have signed in."""
    if not request.user.is_authenticated:
        return None
    return PhotosField(request=request, most=most, initial=list(shown))


def may_write(by: Actor) -> bool:
    """Also who has not signed in yet: that comes after writing."""
    return by.user is None or by.account_type in WRITERS


def refuse_readers(request: HttpRequest) -> None:
    """Some of the staff only read here (section 9)."""
    if not may_write(visitor(request)):
        raise PermissionDenied
