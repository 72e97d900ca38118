"""Comments: written by who signs in late, changed, deleted and, by a second thought, given their words back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
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
from board.models import Comment, Post, beginning
from board.pages.reading import comment_draft, show
from board.pages.typed import accepted, refuse_readers, sign_in_first
from board.pages.writing import read_or_send
from cody_site.api.client_ip import client_ip
from cody_site.errors import Refusal


@read_or_send
@login_not_required
def write_comment(request: HttpRequest, postid: str) -> HttpResponse:
    """From the form under the post; who is not signed in finds the words there again afterwards."""
    if request.method != "POST":
        return redirect("board:post_page", postid)
    refuse_readers(request)
    author, form = visitor(request).user, CommentingForm(request.POST)
    if not Post.objects.live().filter(postid=postid).exists():
        return _gone(request, form)
    if form.is_valid():
        if author is None:
            return sign_in_first(request, comment_draft(postid), form, back=_place(postid, "write"))
        if comment := accepted(form, lambda: _write(request, author, postid, form.cleaned_data["cont"])):
            drafts.forget(request, comment_draft(postid))
            return redirect(_place(postid, comment.commid))
    return show(request, postid, form)


def _write(request: HttpRequest, author: User, postid: str, cont: str) -> Comment:
    return services.write_comment(
        author=author, postid=postid, title=beginning(cont), cont=cont, ip=client_ip(request), once=True
    )


@read_or_send
@login_not_required
def edit_comment(request: HttpRequest, postid: str, commid: str) -> HttpResponse:
    """One's own; administrators change all (section 9)."""
    by, name = visitor(request), f"edit:{commid}"
    if by.user is None:
        return _edit_later(request, name)
    comment = get_object_or_404(Comment.objects.changeable_by(by), post__postid=postid, commid=commid)
    is_gone = not Comment.objects.live().filter(pk=comment.pk).exists()
    if is_gone and request.method != "POST":
        raise Http404
    typed = drafts.kept(request, name)
    form = CommentingForm(request.POST or None, initial=typed or {"cont": comment.cont})
    if form.is_valid() and accepted(form, lambda: _change(by, comment, form.cleaned_data["cont"])):
        drafts.forget(request, name)
        messages.success(request, _("댓글을 고쳤습니다."))
        return redirect(_place(postid, commid))
    context = {"form": form, "comment": comment, "postid": postid, "resumed": typed is not None and not form.is_bound}
    return render(request, "board/comment.html", context)


def _edit_later(request: HttpRequest, name: str) -> HttpResponse:
    form = CommentingForm(request.POST)
    if not form.is_valid():
        return redirect_to_login(request.path)
    return sign_in_first(request, name, form, back=request.path)


def _change(by: Actor, comment: Comment, cont: str) -> bool:
    """A title of its own stays, one that is the beginning of the words follows them. Raises UnknownComment."""
    title = None if comment.has_own_title else beginning(cont)
    rows = Comment.objects.changeable_by(by).filter(pk=comment.pk)
    if not services.change_comments(comments=rows, data=services.Change(title=title, cont=cont)):
        raise UnknownComment
    return True


@read_or_send
def delete_comment(request: HttpRequest, postid: str, commid: str) -> HttpResponse:
    by = visitor(request)
    rows = Comment.objects.live().changeable_by(by).filter(post__postid=postid, commid=commid)
    comment = get_object_or_404(rows)
    if request.method != "POST":
        return render(request, "board/trash.html", {"comment": comment, "postid": postid})
    services.delete_comments(by=by, comments=rows)
    return redirect(_place(postid, commid))


@read_or_send
def restore_comment(request: HttpRequest, postid: str, commid: str) -> HttpResponse:
    """Undo, as of posts."""
    by = visitor(request)
    rows = Comment.objects.listed().changeable_by(by)
    comment = get_object_or_404(rows, post__postid=postid, commid=commid)
    if request.method == "POST":
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
    form.full_clean()
    form.add_error(None, str(UnknownPost.told))
    return render(request, "board/comment.html", {"form": form}, status=404)
