"""The salon's board: posts, their comments, and the photos on both."""

import secrets
import unicodedata
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from accounts.models import CUSTOMERS, STAFF, AccountType, User
from cody_site.sql import Negative
from media_store.models import Attachment, Photo

WRITERS = CUSTOMERS | {AccountType.DESIGNER, AccountType.ADMINISTRATOR}
"""Who writes on the board, through every door (section 9); everybody reads it."""


EXCERPT_CHARACTERS = 120
MOST_AUTHORS = 20
"""So many designers of one name are looked for."""


def may_change_all(actor: Actor) -> bool:
    """Administrators and app clients (section 9); people their own."""
    return actor.is_app_client or actor.account_type == AccountType.ADMINISTRATOR


def new_id() -> str:
    """96 random bits, URL-safe."""
    return secrets.token_urlsafe(12)


def beginning(cont: str) -> str:
    """The title of a comment that was given none: its first line, as far as a title goes; empty if there is no word."""
    first = next(iter(cont.strip().splitlines()), "")
    line = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in first).strip()
    most = settings.TITLE_MAX_CHARACTERS
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0].strip()}…"


class PostQuerySet(models.QuerySet["Post"]):
    def live(self) -> "PostQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "PostQuerySet":
        return self.filter(trashed_at__isnull=False)

    def changeable_by(self, actor: Actor) -> "PostQuerySet":
        """Section 9; of the staff only administrators."""
        if may_change_all(actor):
            return self
        return self.none() if actor.account_type in STAFF else self.filter(author=actor.user_pk)

    def newest(self) -> "PostQuerySet":
        """As the pages list them: live, the newest first."""
        return self.live().order_by("-pk")

    def newest_with(self, words: str, *, most: int, before: int = 0) -> list[int]:
        """Keys of the newest live ones with the words in the title, or by whom they name: a userid, a designer's name.

        `before` is a key; 0 is no bound. No other name finds anybody, for nobody else's is told to everybody (section
        9). Keys only, of each kind along its own index: a row is twenty times as wide, and for words that are rare all
        of them would be read.
        """
        rows = self.live().order_by(Negative(models.F("pk"))).values_list("pk", flat=True)
        if before:
            rows = rows.alias(negative=Negative(models.F("pk"))).filter(negative__gt=-before)
        named = models.Q(userid__lower=words.lower()) | models.Q(type=AccountType.DESIGNER, name=words)
        authors = list(User.objects.active().filter(named).values_list("pk", flat=True)[:MOST_AUTHORS])
        found = {*rows.filter(title__fragment=words)[:most]}
        if authors:
            found |= {*rows.filter(author__in=authors)[:most]}
        return sorted(found)[-most:]

    def with_comment_count(self) -> "PostQuerySet":
        """`comment_count`, without the deleted, counted for the rows shown only."""
        live = Comment.objects.filter(post=models.OuterRef("pk"), trashed_at=None).order_by().values("post")
        return self.annotate(comment_count=Coalesce(models.Subquery(live.values(count=models.Count("pk"))), 0))

    def for_list(self, actor: Actor) -> "PostQuerySet":
        """With author, `comment_count`, `first_photo` (a photoid, or None) and the `excerpt` of a list."""
        shown = PostPhoto.objects.pictures(actor).filter(post=models.OuterRef("pk"))
        return (
            self.select_related("author")
            .with_comment_count()
            .annotate(
                first_photo=models.Subquery(shown.values("photo__photoid")[:1]),
                excerpt=Left("cont", EXCERPT_CHARACTERS),
            )
            .defer("cont")
        )

    def forget_ips(self) -> int:
        return self.filter(ip__isnull=False).update(ip=None)

    def locked(self) -> "PostQuerySet":
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class Post(models.Model):
    """Live until `trashed_at`; its comments go to the trash with it and come back with it."""

    postid = models.CharField(_("글 ID"), max_length=16, unique=True, default=new_id, editable=False)
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="posts", db_index=False, verbose_name=_("글쓴이")
    )
    title = models.CharField(_("제목"), max_length=200)
    cont = models.TextField(_("내용"))
    photos = models.ManyToManyField(Photo, through="PostPhoto", related_name="posts", verbose_name=_("사진"))
    ip = models.GenericIPAddressField("IP", null=True, blank=True)
    created_at = models.DateTimeField(_("쓴 때"), default=timezone.now)
    trashed_at = models.DateTimeField(_("버림"), null=True, blank=True)
    trashed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("버린 사람")
    )

    objects = PostQuerySet.as_manager()

    if TYPE_CHECKING:
        attachments: models.QuerySet["PostPhoto"]
        comments: "CommentQuerySet"

    class Meta:
        verbose_name, verbose_name_plural = _("글"), pgettext_lazy("plural", "글")
        constraints = [
            models.CheckConstraint(name="post_has_words", condition=~models.Q(title="") & ~models.Q(cont="")),
            models.CheckConstraint(
                name="post_trashed_with_date",
                condition=models.Q(trashed_at__isnull=False) | models.Q(trashed_by__isnull=True),
            ),
        ]
        indexes = [  # each filter of GET /post, in the order of the list; what the housekeeping looks for
            models.Index("author", Negative("id"), name="post_author"),
            models.Index("title", Negative("id"), name="post_title"),
            models.Index("ip", Negative("id"), name="post_ip"),
            models.Index(fields=["trashed_at"], name="post_trash", condition=models.Q(trashed_at__isnull=False)),
            models.Index(fields=["created_at"], name="post_with_ip", condition=models.Q(ip__isnull=False)),
            models.Index(fields=["created_at"], name="post_created"),  # the back-office's list
            # Words in titles, the newest first: read by itself where they are too common for the pairs of letters, and
            # on SQLite. With the id once more, for PostgreSQL does not take it from the expression.
            models.Index(Negative("id"), "title", "id", name="post_words", condition=models.Q(trashed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title


class CommentQuerySet(models.QuerySet["Comment"]):
    def listed(self) -> "CommentQuerySet":
        """What GET /comment shows: also the deleted ones, as deleted (section 6)."""
        return self.filter(left_out=False, post__trashed_at=None)

    def newest_first(self) -> "CommentQuerySet":
        """Of one post, as the pages show them: the newest first, along the index."""
        return self.listed().order_by(Negative(models.F("pk")))

    def before(self, pk: int) -> "CommentQuerySet":
        return self.alias(negative=Negative(models.F("pk"))).filter(negative__gt=-pk)

    def live(self) -> "CommentQuerySet":
        return self.filter(trashed_at=None, post__trashed_at=None)

    def trashed(self) -> "CommentQuerySet":
        return self.filter(trashed_at__isnull=False)

    def changeable_by(self, actor: Actor) -> "CommentQuerySet":
        """Section 9; of the staff only administrators."""
        if may_change_all(actor):
            return self
        return self.none() if actor.account_type in STAFF else self.filter(author=actor.user_pk)

    def forget_ips(self) -> int:
        return self.filter(ip__isnull=False).update(ip=None)

    def locked(self) -> "CommentQuerySet":
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class Comment(models.Model):
    """Live until `trashed_at`; then its place in the list stays, unless the post's `commid` left it out (R20)."""

    commid = models.CharField(_("댓글 ID"), max_length=16, unique=True, default=new_id, editable=False)
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="comments", db_index=False, verbose_name=_("글")
    )
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="comments", db_index=False, verbose_name=_("글쓴이")
    )
    title = models.CharField(_("제목"), max_length=200, blank=True)
    cont = models.TextField(_("내용"), blank=True)
    photos = models.ManyToManyField(Photo, through="CommentPhoto", related_name="comments", verbose_name=_("사진"))
    ip = models.GenericIPAddressField("IP", null=True, blank=True)
    created_at = models.DateTimeField(_("쓴 때"), default=timezone.now)
    trashed_at = models.DateTimeField(_("버림"), null=True, blank=True)
    trashed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("버린 사람")
    )
    left_out = models.BooleanField(_("목록에서 뺌"), default=False)

    objects = CommentQuerySet.as_manager()

    if TYPE_CHECKING:
        attachments: models.QuerySet["CommentPhoto"]

    class Meta:
        verbose_name, verbose_name_plural = _("댓글"), pgettext_lazy("plural", "댓글")
        constraints = [
            models.CheckConstraint(
                name="comment_has_words_or_was_trashed",
                condition=models.Q(trashed_at__isnull=False) | (~models.Q(title="") & ~models.Q(cont="")),
            ),
            models.CheckConstraint(
                name="comment_trashed_with_date",
                condition=models.Q(trashed_at__isnull=False) | models.Q(trashed_by__isnull=True, left_out=False),
            ),
        ]
        indexes = [  # each filter of GET /comment, in the order of the list; what the housekeeping looks for
            models.Index("post", Negative("id"), name="comment_post"),
            models.Index("author", Negative("id"), name="comment_author"),
            models.Index("title", Negative("id"), name="comment_title"),
            models.Index("ip", Negative("id"), name="comment_ip"),
            models.Index(fields=["trashed_at"], name="comment_trash", condition=models.Q(trashed_at__isnull=False)),
            models.Index(fields=["created_at"], name="comment_with_ip", condition=models.Q(ip__isnull=False)),
            models.Index(fields=["created_at"], name="comment_created"),  # the back-office's list
        ]

    def __str__(self) -> str:
        return self.title or str(_("삭제된 댓글"))

    @property
    def has_own_title(self) -> bool:
        """Did its writer give it one, as clients of the API do?"""
        return self.title != beginning(self.cont)


class PicturesQuerySet(models.QuerySet[Any]):
    """Of PostPhoto and CommentPhoto alike."""

    def pictures(self, actor: Actor) -> "PicturesQuerySet":
        """What a page can show of them, in order: files of other kinds have no thumbnail."""
        visible = Photo.objects.visible_to(actor).exclude(content_type="")
        return self.filter(photo__in=visible).select_related("photo").order_by("position")

    def photoids(self) -> tuple[list[str], list[str]]:
        """Of the live ones, in order: the pictures, and the files of other kinds."""
        live = self.filter(photo__live_at__isnull=False, photo__trashed_at=None).order_by("position")
        found = list(live.values_list("photo__photoid", "photo__content_type"))
        return [photoid for photoid, kind in found if kind], [photoid for photoid, kind in found if not kind]


class PostPhoto(Attachment):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("글"))

    objects = PicturesQuerySet.as_manager()

    class Meta(Attachment.Meta):
        verbose_name, verbose_name_plural = _("글의 사진"), pgettext_lazy("plural", "글의 사진")
        constraints = [
            models.UniqueConstraint(name="postphoto_one_per_place", fields=["post", "position"]),
            models.UniqueConstraint(name="postphoto_one_per_photo", fields=["post", "photo"]),
        ]


class CommentPhoto(Attachment):
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("댓글"))

    objects = PicturesQuerySet.as_manager()

    class Meta(Attachment.Meta):
        verbose_name, verbose_name_plural = _("댓글의 사진"), pgettext_lazy("plural", "댓글의 사진")
        constraints = [
            models.UniqueConstraint(name="commentphoto_one_per_place", fields=["comment", "position"]),
            models.UniqueConstraint(name="commentphoto_one_per_photo", fields=["comment", "photo"]),
        ]
