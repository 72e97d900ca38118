"""Writing on the board: one room for every door (API, pages, admin)."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from board.errors import ContTooLong, NoFreeCommid, NoFreePostid, NotInTrash, TitleTooLong, TooManyPhotos, UnknownPost
from board.models import Comment, CommentPhoto, CommentQuerySet, Post, PostPhoto, PostQuerySet, may_change_all, new_id
from cody_site.errors import Forbidden, Mistyped, Refusal, UnknownUser
from cody_site.transactions import retried
from media_store.models import Photo

ID_ATTEMPTS = 4
SAID_JUST_NOW = dt.timedelta(minutes=1)
UNDO_WITHIN = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Change:
    """What shall be different; None leaves it alone. `commids` is a post's list of comments as it shall be (R20)."""

    title: str | None = None
    cont: str | None = None
    photoids: Collection[str] | None = None
    commids: Collection[str] | None = None

    @property
    def words(self) -> dict[str, str]:
        return {name: value for name, value in (("title", self.title), ("cont", self.cont)) if value is not None}


@retried
def write_post(
    *, author: User, title: str, cont: str, photoids: Collection[str] = (), ip: str | None = None, once: bool = False
) -> Post:
    """A new post, under a random id; with `once` the same words of the last minute are that post, and no second.

    `photoids` are the author's own live photos. Raises TitleTooLong, ContTooLong, TooManyPhotos, UnknownPhoto,
    NoFreePostid.
    """
    data = Change(title, cont, photoids)
    _measure(data, settings.POST_MAX_CHARACTERS, settings.POST_MAX_PHOTOS)
    _refuse_withdrawn(author)
    if once and (said := _just_now(Post.objects.live(), author=author, title=title, cont=cont)):
        return said
    photos = Photo.objects.named(photoids, of=author)
    postid = _free_id(Post.objects.all(), "postid", NoFreePostid())
    post = Post.objects.create(postid=postid, author=author, title=title, cont=cont, ip=ip)
    _show_on_post(post, photos)
    return post


@retried
def change_posts(*, by: Actor, posts: PostQuerySet, data: Change) -> int:
    """Change all these live posts, or none (R11); how many there were.

    Raises the same as write_post; Mistyped where `commids` names what is no comment of a post, Forbidden where it
    leaves out somebody else's (R20).
    """
    _measure(data, settings.POST_MAX_CHARACTERS, settings.POST_MAX_PHOTOS)
    rows = list(posts.live().locked().select_related("author"))
    for row in rows:
        if data.photoids is not None:
            photos = Photo.objects.named(data.photoids, of=row.author)
            row.attachments.all().delete()
            _show_on_post(row, photos)
        if data.commids is not None:
            _leave_out(by, row, data.commids)
    _reword(Post.objects.all(), rows, data)
    return len(rows)


@retried
def trash_posts(*, by: Actor, posts: PostQuerySet) -> int:
    """Put these posts into the trash, and with each its comments; how many there were."""
    return posts.live().update(trashed_at=timezone.now(), trashed_by=by.user)


@retried
def restore_post(*, post: Post, undo_of: User | None = None) -> None:
    """Take a post out of the trash, and its comments with it.

    Staff restore everything (R12). `undo_of` is somebody who thinks better of what they did themselves a moment ago.
    Raises NotInTrash.
    """
    kept = Post.objects.trashed().filter(pk=post.pk, trashed_at__gt=_destroyed_before())
    if not _undone(kept, undo_of).update(trashed_at=None, trashed_by=None):
        raise NotInTrash


@retried
def write_comment(
    *,
    author: User,
    postid: str,
    title: str,
    cont: str,
    photoids: Collection[str] = (),
    ip: str | None = None,
    once: bool = False,
) -> Comment:
    """A new comment on a live post, under a random id; `once` as in write_post.

    Raises UnknownPost, TitleTooLong, ContTooLong, TooManyPhotos, UnknownPhoto, NoFreeCommid.
    """
    post = Post.objects.live().locked().filter(postid=postid).first()
    if post is None:
        raise UnknownPost(postid)
    data = Change(title, cont, photoids)
    _measure(data, settings.COMMENT_MAX_CHARACTERS, settings.COMMENT_MAX_PHOTOS)
    _refuse_withdrawn(author)
    if once and (said := _just_now(Comment.objects.live(), author=author, post=post, title=title, cont=cont)):
        return said
    photos = Photo.objects.named(photoids, of=author)
    commid = _free_id(Comment.objects.all(), "commid", NoFreeCommid())
    comment = Comment.objects.create(commid=commid, post=post, author=author, title=title, cont=cont, ip=ip)
    _show_on_comment(comment, photos)
    return comment


@retried
def change_comments(*, comments: CommentQuerySet, data: Change) -> int:
    """Change all these live comments, or none (R11); how many there were. Raises the same as write_comment."""
    _measure(data, settings.COMMENT_MAX_CHARACTERS, settings.COMMENT_MAX_PHOTOS)
    rows = list(comments.live().locked().select_related("author"))
    for row in rows if data.photoids is not None else ():
        photos = Photo.objects.named(data.photoids or (), of=row.author)
        row.attachments.all().delete()
        _show_on_comment(row, photos)
    _reword(Comment.objects.all(), rows, data)
    return len(rows)


@retried
def delete_comments(*, by: Actor, comments: CommentQuerySet) -> int:
    """Take the words and photos of these comments away; their place in the list stays (section 6)."""
    live = Comment.objects.filter(pk__in=comments.live().values("pk"))
    return live.update(trashed_at=timezone.now(), trashed_by=by.user)


@retried
def restore_comment(*, comment: Comment, undo_of: User | None = None) -> None:
    """Give a deleted comment its words and photos back; `undo_of` as in restore_post.

    Raises NotInTrash, also once they have been destroyed.
    """
    kept = Comment.objects.trashed().filter(pk=comment.pk, trashed_at__gt=_destroyed_before()).exclude(cont="")
    if not _undone(kept, undo_of).update(trashed_at=None, trashed_by=None, left_out=False):
        raise NotInTrash


Words = TypeVar("Words", bound=models.Model)


def _just_now(rows: models.QuerySet[Words], **words: object) -> Words | None:
    """What somebody wrote in just these words a moment ago: its author is locked, so a double click finds it."""
    return rows.filter(created_at__gt=timezone.now() - SAID_JUST_NOW, **words).order_by("pk").first()


def _undone(rows: models.QuerySet[Words], by: User | None) -> models.QuerySet[Words]:
    if by is None:
        return rows
    return rows.filter(trashed_by=by, trashed_at__gt=timezone.now() - UNDO_WITHIN)


def _refuse_withdrawn(author: User) -> None:
    """Locks the author: whoever withdraws later finds what was written, and erases where it came from."""
    if not User.objects.active().select_for_update(no_key=True).filter(pk=author.pk):
        raise UnknownUser(author.userid)


def _measure(data: Change, characters: int, photos: int) -> None:
    if len(data.title or "") > settings.TITLE_MAX_CHARACTERS:
        raise TitleTooLong
    if len(data.cont or "") > characters:
        raise ContTooLong
    if len(data.photoids or ()) > photos:
        raise TooManyPhotos


def _reword(rows: PostQuerySet | CommentQuerySet, locked: Sequence[Post | Comment], data: Change) -> None:
    for start in range(0, len(locked) if data.words else 0, 500):  # SQLite takes only so many parameters
        rows.filter(pk__in=[row.pk for row in locked[start : start + 500]]).update(**data.words)


def _free_id(rows: PostQuerySet | CommentQuerySet, field: str, refusal: Refusal) -> str:
    """An id that no row has yet; if another comes between, the unique constraint sends the service round again."""
    for _attempt in range(ID_ATTEMPTS):
        candidate = new_id()
        if not rows.filter(**{field: candidate}).exists():
            return candidate
    raise refusal


def _show_on_post(post: Post, photos: Iterable[Photo]) -> None:
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, photo=photo, position=position) for position, photo in enumerate(photos)
    )


def _show_on_comment(comment: Comment, photos: Iterable[Photo]) -> None:
    CommentPhoto.objects.bulk_create(
        CommentPhoto(comment=comment, photo=photo, position=position) for position, photo in enumerate(photos)
    )


def _leave_out(by: Actor, post: Post, commids: Collection[str]) -> None:
    """Bring the post's list of comments to these, by leaving out the others (R20)."""
    listed, kept = list(post.comments.listed().locked()), set(commids)
    if not kept <= {comment.commid for comment in listed}:
        raise Mistyped("commid")
    left_out = [comment for comment in listed if comment.commid not in kept]
    if not may_change_all(by) and any(comment.author_id != by.user_pk for comment in left_out):
        raise Forbidden
    for comment in left_out:
        comment.left_out = True
        if comment.trashed_at is None:
            comment.trashed_at, comment.trashed_by = timezone.now(), by.user
    Comment.objects.bulk_update(left_out, ["left_out", "trashed_at", "trashed_by"], batch_size=500)


def _destroyed_before() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=settings.TRASH_DAYS)


def destroy_trash() -> None:
    """What has lain in the trash for TRASH_DAYS goes for good (R12): posts with their comments, comments' words.

    Their photos go along, unless something else shows them. A deleted comment that its post still lists keeps its
    place, empty.
    """
    before = _destroyed_before()
    for posts in _batches(Post.objects.filter(trashed_at__lt=before)):
        with _photos_going_along(models.Q(posts__in=posts) | models.Q(comments__post__in=posts)):
            posts.delete()
    for comments in _batches(Comment.objects.filter(trashed_at__lt=before, left_out=True)):
        with _photos_going_along(models.Q(comments__in=comments)):
            comments.delete()
    for comments in _batches(Comment.objects.filter(trashed_at__lt=before).exclude(title="", cont="")):
        with _photos_going_along(models.Q(comments__in=comments)):
            CommentPhoto.objects.filter(comment__in=comments.values("pk")).delete()
            comments.update(title="", cont="")


@contextmanager
def _photos_going_along(shown: models.Q) -> Iterator[None]:
    with transaction.atomic():
        pks = sorted(set(Photo.objects.live().filter(shown).values_list("pk", flat=True)))
        yield
        for start in range(0, len(pks), 500):  # SQLite takes only so many parameters
            Photo.objects.live().filter(pk__in=pks[start : start + 500]).shown_nowhere().erase()


def forget_ips() -> None:
    """Erase the addresses that posts and comments came from IP_DAYS ago or earlier (R18)."""
    before = timezone.now() - dt.timedelta(days=settings.IP_DAYS)
    Post.objects.filter(created_at__lt=before).forget_ips()
    Comment.objects.filter(created_at__lt=before).forget_ips()


def _batches(rows: models.QuerySet[Any]) -> Iterator[models.QuerySet[Any]]:
    """The rows, a few hundred at a time, until none is left; what the loop does with them must remove them."""
    while pks := list(rows.values_list("pk", flat=True)[:500]):
        yield rows.filter(pk__in=pks)
