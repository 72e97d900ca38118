"""Posts: written, changed, put into the trash and, by a second thought, taken out again."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import drafts
from accounts.actors import Actor
from accounts.models import User
from accounts.visitors import visitor
from board import services
from board.errors import UnknownPost
from board.forms import WritingForm
from board.models import Post, PostPhoto
from board.pages.reading import TRASHED
from board.pages.typed import accepted, change_of, edit_later, photos_field, refuse_readers, resumed, sign_in_first
from cody_site.api.client_ip import client_ip
from cody_site.errors import Refusal
from media_store.receiving import takes_photos

NEW = "post"

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@read_or_send
@login_not_required
@takes_photos
def write(request: HttpRequest) -> HttpResponse:
    """Signing in comes before writing; whose session ended meanwhile goes on where they were."""
    author = visitor(request).user
    if author is None and request.method != "POST":
        return redirect_to_login(request.path)
    refuse_readers(request)
    typed = resumed(request, NEW)
    form = _form(request, initial=typed, photos=photos_field(request, settings.POST_MAX_PHOTOS))
    if form.is_valid():
        if author is None:
            return sign_in_first(request, NEW, form, back=request.path)
        if post := accepted(form, lambda: _write(request, author, form)):
            drafts.forget(request, NEW)
            messages.success(request, _("글을 올렸습니다."))
            return redirect("board:post_page", post.postid)
    return render(request, "board/write.html", {"form": form, "resumed": typed is not None})


def _form(request: HttpRequest, **kwargs: Any) -> WritingForm:
    return WritingForm(request.POST or None, request.FILES or None, **kwargs)


def _write(request: HttpRequest, author: User, form: WritingForm) -> Post:
    return services.write_post(
        author=author, photoids=form.photoids or (), ip=client_ip(request), once=True, **form.words
    )


@read_or_send
@login_not_required
@takes_photos
def edit(request: HttpRequest, postid: str) -> HttpResponse:
    """One's own; administrators change the words of all (section 9), photos are their owner's (R36)."""
    by, name = visitor(request), f"edit:{postid}"
    if by.user is None:
        return edit_later(request, name, _form(request))
    post = get_object_or_404(Post.objects.changeable_by(by), postid=postid)
    if post.trashed_at is not None and request.method != "POST":
        raise Http404
    pictures, others = PostPhoto.objects.filter(post=post).photoids()
    photos = photos_field(request, settings.POST_MAX_PHOTOS, pictures) if post.author_id == by.user_pk else None
    typed = resumed(request, name)
    form = _form(request, initial=typed or {"title": post.title, "cont": post.cont}, photos=photos)
    if form.is_valid() and accepted(form, lambda: _change(by, post, change_of(form, others))):
        drafts.forget(request, name)
        messages.success(request, _("글을 고쳤습니다."))
        return redirect("board:post_page", postid)
    return render(request, "board/write.html", {"form": form, "post": post, "resumed": typed is not None})


def _change(by: Actor, post: Post, data: services.Change) -> bool:
    """Raises UnknownPost if it went into the trash meanwhile."""
    if not services.change_posts(by=by, posts=Post.objects.changeable_by(by).filter(pk=post.pk), data=data):
        raise UnknownPost
    return True


@read_or_send
def trash(request: HttpRequest, postid: str) -> HttpResponse:
    by = visitor(request)
    rows = Post.objects.changeable_by(by).filter(postid=postid)
    post = get_object_or_404(rows)
    if request.method != "POST":
        if post.trashed_at is not None:
            raise Http404
        return render(request, "board/trash.html", {"post": post, "postid": postid, "trash_days": settings.TRASH_DAYS})
    if services.trash_posts(by=by, posts=rows) or post.trashed_by == by.user:  # also by a second click
        request.session[TRASHED] = postid
    return redirect("board:posts")


@read_or_send
def restore(request: HttpRequest, postid: str) -> HttpResponse:
    """Undo: who has put it into the trash a moment ago takes it out again; later it is for staff (R12)."""
    by = visitor(request)
    post = get_object_or_404(Post.objects.changeable_by(by), postid=postid)
    if request.method == "POST" and post.trashed_at is not None:
        try:
            services.restore_post(post=post, undo_of=by.user)
        except Refusal as refusal:
            messages.error(request, str(refusal.told))
            return redirect("board:posts")
        messages.success(request, _("글을 되돌렸습니다."))
    return redirect("board:post_page", postid)
