"""The list of posts, and a post with its comments."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.actors import Actor
from accounts.lists import key
from accounts.visitors import visitor
from board.forms import CommentingForm
from board.models import WRITERS, Comment, CommentPhoto, Post, PostPhoto, may_change_all
from board.pages.typed import may_write, photos_field, resumed
from board.services import UNDO_WITHIN

POSTS_A_PAGE, COMMENTS_A_PAGE = 20, 50
WORDS_AT_MOST = 50
TRASHED = "board.trashed"
"""In the session: the postid that the next list offers to take out of the trash again."""


@require_safe
@login_not_required
@vary_on_headers("HX-Request")
def posts(request: HttpRequest) -> HttpResponse:
    """The newest first, or those that some words find; `before` is the last post of the page before."""
    by = visitor(request)
    words = request.GET.get("q", "").replace("\0", "").strip()[:WORDS_AT_MOST]
    before = key(request.GET.get("before", ""))
    rows = Post.objects.newest().for_list(by)
    if words:
        rows = rows.filter(pk__in=Post.objects.newest_with(words, most=POSTS_A_PAGE + 1, before=before))
    elif before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: POSTS_A_PAGE + 1])
    context = {
        "posts": found[:POSTS_A_PAGE],
        "more": found[POSTS_A_PAGE - 1].pk if len(found) > POSTS_A_PAGE else None,
        "before": before,
        "words": words,
        "may_write": may_write(by),
        "appended": bool(before) and request.headers.get("HX-Request") == "true",
        "trashed": request.session.pop(TRASHED, "") if TRASHED in request.session else "",
    }
    return render(request, "board/posts.html", context)


@require_safe
@login_not_required
def post_page(request: HttpRequest, postid: str) -> HttpResponse:
    """With what somebody typed below it before signing in."""
    typed = resumed(request, comment_draft(postid))
    return show(request, postid, comment_form(request, initial=typed), is_resumed=typed is not None)


def show(request: HttpRequest, postid: str, form: CommentingForm, *, is_resumed: bool = False) -> HttpResponse:
    """A live post with the latest of its comments; `before` leads to those before them."""
    by = visitor(request)
    pictures = Prefetch("attachments", PostPhoto.objects.pictures(by), to_attr="pictures")
    rows = Post.objects.live().with_comment_count().select_related("author")
    post = get_object_or_404(rows.prefetch_related(pictures), postid=postid)
    before = key(request.GET.get("before", ""))
    comments, earlier = _comments(post, by, before)
    context = {
        "post": post,
        "comments": comments,
        "before": before,
        "earlier": earlier,
        "form": form,
        "resumed": is_resumed,
        "may_write": may_write(by),
        "may_all": may_change_all(by),
        "me": by.user_pk if by.account_type in WRITERS else None,
        "undo_since": timezone.now() - UNDO_WITHIN,
    }
    return render(request, "board/post.html", context)


def _comments(post: Post, by: Actor, before: int) -> tuple[list[Comment], int | None]:
    """The latest, oldest first, and where those before them begin, if there are any."""
    pictures = Prefetch("attachments", CommentPhoto.objects.pictures(by), to_attr="pictures")
    rows = post.comments.newest_first()
    rows = rows.before(before) if before else rows
    found: list[Comment] = list(rows.select_related("author").prefetch_related(pictures)[: COMMENTS_A_PAGE + 1])
    shown = found[:COMMENTS_A_PAGE][::-1]
    return shown, shown[0].pk if len(found) > COMMENTS_A_PAGE else None


def comment_form(request: HttpRequest, **kwargs: Any) -> CommentingForm:
    photos = photos_field(request, settings.COMMENT_MAX_PHOTOS) if may_write(visitor(request)) else None
    return CommentingForm(request.POST or None, request.FILES or None, photos=photos, **kwargs)


def comment_draft(postid: str) -> str:
    return f"comment:{postid}"
