"""Comments: written by who signs in late, changed, deleted and, by a second thought, given their words back."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import drafts
from accounts.actors import Actor
from accounts.models import User
from accounts.visitors import visitor
from board import services
from board.errors import UnknownComment, UnknownPost
from board.forms import CommentingForm
from board.models import Comment, CommentPhoto, Post, beginning
from board.pages.reading import comment_draft, comment_form, show
from board.pages.typed import accepted, change_of, edit_later, photos_field, refuse_readers, resumed, sign_in_first
from board.pages.writing import read_or_send
from cody_site.api.client_ip import client_ip
from cody_site.errors import Refusal
from media_store.receiving import takes_photos


@read_or_send
@login_not_required
@takes_photos
def write_comment(request: HttpRequest, postid: str) -> HttpResponse:
    """From the form under the post; who is not signed in finds the words there again afterwards."""
    if request.method != "POST":
        return redirect("board:post_page", postid)
    refuse_readers(request)
    author, form = visitor(request).user, comment_form(request)
    if not Post.objects.live().filter(postid=postid).exists():
        return _gone(request, form)
    if form.is_valid():
        if author is None:
            return sign_in_first(request, comment_draft(postid), form, back=_place(postid, "write"))
        if comment := accepted(form, lambda: _write(request, author, postid, form)):
            drafts.forget(request, comment_draft(postid))
            return redirect(_place(postid, comment.commid))
    return show(request, postid, form)


def _write(request: HttpRequest, author: User, postid: str, form: CommentingForm) -> Comment:
    cont = form.words["cont"]
    return services.write_comment(
        author=author,
        postid=postid,
        title=beginning(cont),
        cont=cont,
        photoids=form.photoids or (),
        ip=client_ip(request),
        once=True,
    )


@read_or_send
@login_not_required
@takes_photos
def edit_comment(request: HttpRequest, postid: str, commid: str) -> HttpResponse:
    """One's own; administrators change the words of all (section 9), photos are their owner's (R36)."""
    by, name = visitor(request), f"edit:{commid}"
    if by.user is None:
        return edit_later(request, name, CommentingForm(request.POST or None))
    comment = get_object_or_404(Comment.objects.changeable_by(by), post__postid=postid, commid=commid)
    if request.method != "POST" and not Comment.objects.live().filter(pk=comment.pk).exists():
        raise Http404
    pictures, others = CommentPhoto.objects.filter(comment=comment).photoids()
    photos = photos_field(request, settings.COMMENT_MAX_PHOTOS, pictures) if comment.author_id == by.user_pk else None
    typed = resumed(request, name)
    initial = typed or {"cont": comment.cont}
    form = CommentingForm(request.POST or None, request.FILES or None, initial=initial, photos=photos)
    if form.is_valid() and accepted(form, lambda: _change(by, comment, change_of(form, others))):
        drafts.forget(request, name)
        messages.success(request, _("댓글을 고쳤습니다."))
        return redirect(_place(postid, commid))
    context = {"form": form, "comment": comment, "postid": postid, "resumed": typed is not None}
    return render(request, "board/comment.html", context)


def _change(by: Actor, comment: Comment, data: services.Change) -> bool:
    """A title of its own stays, one that is the beginning of the words follows them. Raises UnknownComment."""
    title = None if comment.has_own_title else beginning(data.cont or "")
    rows = Comment.objects.changeable_by(by).filter(pk=comment.pk)
    if not services.change_comments(comments=rows, data=replace(data, title=title)):
        raise UnknownComment
    return True


@read_or_send
def delete_comment(request: HttpRequest, postid: str, commid: str) -> HttpResponse:
    by = visitor(request)
    rows = Comment.objects.listed().changeable_by(by).filter(post__postid=postid, commid=commid)
    comment = get_object_or_404(rows)
    if request.method != "POST":
        if comment.trashed_at is not None:
            raise Http404
        return render(request, "board/trash.html", {"comment": comment, "postid": postid})
    services.delete_comments(by=by, comments=rows)
    return redirect(_place(postid, commid))


@read_or_send
def restore_comment(request: HttpRequest, postid: str, commid: str) -> HttpResponse:
    """Undo, as of posts."""
    by = visitor(request)
    rows = Comment.objects.listed().changeable_by(by)
    comment = get_object_or_404(rows, post__postid=postid, commid=commid)
    if request.method == "POST" and comment.trashed_at is not None:
        try:
            services.restore_comment(comment=comment, undo_of=by.user)
        except Refusal as refusal:
            messages.error(request, str(refusal.told))
    return redirect(_place(postid, commid))


def _place(postid: str, name: str) -> str:
    """A comment on its post's page, or the form under them."""
    return f"{reverse('board:post_page', args=[postid])}#{name}"


def _gone(request: HttpRequest, form: CommentingForm) -> HttpResponse:
    """What was typed is still there to be copied."""
    form.is_valid()
    form.add_error(None, str(UnknownPost.told))
    return render(request, "board/comment.html", {"form": form}, status=404)
