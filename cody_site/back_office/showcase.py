"""What designers show of themselves: a portrait, and photos of their work with a word to each."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.acting import actor_of
from accounts.actors import Actor
from accounts.lists import key
from accounts.models import ACCOUNT_MANAGERS, AccountType, Designer
from cody_site.back_office.pages import desk_page, render
from cody_site.errors import Mistyped, Refusal
from media_store import portfolio, showing
from media_store.models import MAX_PORTFOLIO, PortfolioPhoto
from media_store.receiving import keep, takes_photos

CAPTION = PortfolioPhoto._meta.get_field("caption").max_length or 0  # noqa: SLF001 -- Django's documented API


def shows(by: Actor) -> bool:
    """May this person choose what any designer shows?"""
    return by.account_type in ACCOUNT_MANAGERS | {AccountType.DESIGNER}


@desk_page()
@require_safe
def showcases(request: HttpRequest) -> HttpResponse:
    """For account managers everybody's, for designers their own."""
    by = actor_of(request)
    if not shows(by):
        raise PermissionDenied
    if by.account_type == AccountType.DESIGNER:
        return redirect("back_office:showcase", by.user_pk)
    designers = Designer.objects.working().prefetch_related(showing.portrait(), showing.portfolio())
    return render(request, "admin/back_office/showcases.html", _("디자이너 사진"), designers=designers)


@takes_photos
@desk_page()
def showcase(request: HttpRequest, pk: int) -> HttpResponse:
    """One designer's; a POST does what its button says (`act`), and keeps what was written beside the photos."""
    by = actor_of(request)
    designers = Designer.objects.select_related("user").prefetch_related(showing.portrait(), showing.portfolio())
    designer = get_object_or_404(designers, pk=key(pk))
    if not portfolio.may_show(by, designer):
        raise PermissionDenied
    if request.method == "POST":
        try:
            _act(request, by, designer)
        except Refusal as refusal:
            messages.error(request, str(refusal.told))
        return redirect("back_office:showcase", pk)
    title = _("내 소개 사진") if by.user_pk == designer.pk else _("%s 디자이너의 사진") % designer
    return render(
        request, "admin/back_office/showcase.html", title, designer=designer, most=MAX_PORTFOLIO, caption=CAPTION
    )


def _act(request: HttpRequest, by: Actor, designer: Designer) -> None:
    what, _colon, photoid = request.POST.get("act", "").partition(":")
    if what == "portrait":
        for photo in _kept(request, "portrait", designer)[:1]:
            portfolio.choose_portrait(by=by, designer=designer, photoid=photo)
            messages.success(request, _("프로필 사진을 바꿨습니다."))
    elif what == "remove-portrait":
        portfolio.remove_portrait(by=by, designer=designer)
        messages.success(request, _("프로필 사진을 내렸습니다."))
    elif what == "add":
        if photoids := _kept(request, "photos", designer):
            portfolio.add_to_portfolio(by=by, designer=designer, photoids=photoids)
            messages.success(request, _("작품 사진을 더했습니다."))
    else:
        _arrange(request, by, designer, what, photoid)


def _arrange(request: HttpRequest, by: Actor, designer: Designer, what: str, photoid: str) -> None:
    order = [row.photo.photoid for row in designer.portfolio.all()]
    captions = _captions(request.POST, order)
    if what in ("up", "down") and photoid in order:
        place = order.index(photoid)
        order.insert(max(place + (1 if what == "down" else -1), 0), order.pop(place))
    portfolio.arrange_portfolio(by=by, designer=designer, photoids=order, captions=captions)
    if what == "remove":
        portfolio.take_from_portfolio(by=by, designer=designer, photoid=photoid)
        messages.success(request, _("작품 사진을 내렸습니다."))
    else:
        messages.success(request, _("저장했습니다."))


def _captions(sent: Mapping[str, str], photoids: Sequence[str]) -> dict[str, str]:
    captions = {photoid: sent[name].strip() for photoid in photoids if (name := f"caption-{photoid}") in sent}
    if any(len(caption) > CAPTION or "\0" in caption for caption in captions.values()):
        raise Mistyped("caption")
    return captions


def _kept(request: HttpRequest, name: str, designer: Designer) -> list[str]:
    """The photoids of the files that came; what is wrong with the others is said."""
    files = request.FILES.getlist(name)
    kept = keep(request, files, uploader=designer.user)
    for filename, told in kept.refused:
        messages.error(request, f"{filename}: {told}")
    if not files:
        messages.error(request, _("사진을 골라 주세요."))
    return [photo.photoid for photo in kept.photos]
