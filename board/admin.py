"""The board as the salon's people see it: all of it, the trash too."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from accounts.acting import ActingAdmin, actor_of
from accounts.actors import Actor
from accounts.lists import CreatedAt, Trash
from accounts.models import ACCOUNT_MANAGERS
from board import services
from board.errors import UnknownPost
from board.forms import CommentForm, PostForm
from board.models import Comment, CommentPhoto, CommentQuerySet, Post, PostPhoto, PostQuerySet


class ShownPhotos(TabularInline):
    """Which photos stand there; they are chosen where the words are written."""

    fields = readonly_fields = ["position", "photo"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("photo")


class PostPhotos(ShownPhotos):
    model = PostPhoto


class CommentPhotos(ShownPhotos):
    model = CommentPhoto


class WordsAdmin(ActingAdmin):
    """What posts and comments have in common: words of somebody, and a trash."""

    words: ClassVar[list[str]] = []
    """What is written: the form's fields."""

    fixed_fields: ClassVar[list[str]] = []
    """What cannot be changed once it is written."""

    told_fields: ClassVar[list[str]] = ["created_at", "ip", "trashed_at", "trashed_by"]
    list_filter = [CreatedAt, Trash]
    ordering = ["-created_at", "-pk"]
    actions = ["trash", "restore"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.words, *(self.told_fields if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.fixed_fields, *self.told_fields] if obj else []

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_inline_instances(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.trashed_at is None)

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type in ACCOUNT_MANAGERS

    def trash_one(self, by: Actor, row: Any) -> object:
        raise NotImplementedError

    def restore_one(self, row: Any) -> object:
        raise NotImplementedError

    @admin.action(description=_("휴지통으로"), permissions=["change"])
    def trash(self, request: HttpRequest, queryset: PostQuerySet | CommentQuerySet) -> None:
        by = actor_of(request)
        act: Callable[[Any], object] = lambda row: self.trash_one(by, row)  # noqa: E731 -- a name for mypy
        self.act_on_each(request, queryset.filter(trashed_at=None), act, _("{count}건을 휴지통에 넣었습니다."))

    @admin.action(description=_("휴지통에서 되살리기"), permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: PostQuerySet | CommentQuerySet) -> None:
        self.act_on_each(request, queryset.trashed(), self.restore_one, _("{count}건을 되살렸습니다."))


@admin.register(Post)
class PostAdmin(WordsAdmin):
    form = PostForm
    list_display = ["title", "author", "created_at", "comment_count", "remark"]
    list_select_related = ["author"]
    search_fields = ["postid"]
    search_person = "author"
    search_words = "title"
    search_help_text = _("제목의 일부, 글쓴이, 전화 끝 네 자리")
    autocomplete_fields = ["author"]
    words = ["author", "title", "cont"]
    fixed_fields = ["author"]
    inlines = [PostPhotos]

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their comments counted row by row, which only the rows on the page are."""
        live = Comment.objects.filter(post=OuterRef("pk"), trashed_at=None).order_by().values("post")
        count = Coalesce(Subquery(live.values(count=Count("pk"))), 0)
        return super().get_queryset(request).annotate(comment_count=count)

    @admin.display(description=_("댓글"))
    def comment_count(self, post: Any) -> int:
        return int(post.comment_count)

    @admin.display(description=_("비고"), empty_value="")
    def remark(self, post: Post) -> str | None:
        return str(_("휴지통")) if post.trashed_at else None

    def act(self, by: Actor, form: PostForm) -> Post:
        given = form.cleaned_data
        if form.is_new:
            return services.write_post(**given)
        data = services.Change(title=given["title"], cont=given["cont"])
        if not services.change_posts(
            by=by, posts=Post.objects.changeable_by(by).filter(pk=form.instance.pk), data=data
        ):
            raise UnknownPost
        return Post.objects.get(pk=form.instance.pk)

    def trash_one(self, by: Actor, row: Post) -> int:
        return services.trash_posts(by=by, posts=Post.objects.changeable_by(by).filter(pk=row.pk))

    def restore_one(self, row: Post) -> None:
        services.restore_post(post=row)


@admin.register(Comment)
class CommentAdmin(WordsAdmin):
    form = CommentForm
    list_display = ["title", "post", "author", "created_at", "remark"]
    list_select_related = ["author", "post"]
    search_fields = ["commid"]
    search_person = "author"
    search_help_text = _("글쓴이의 이름, 전화 끝 네 자리, 아이디")
    autocomplete_fields = ["author", "post"]
    words = ["post", "author", "title", "cont"]
    fixed_fields = ["author", "post"]
    inlines = [CommentPhotos]

    @admin.display(description=_("비고"), empty_value="")
    def remark(self, comment: Comment) -> str | None:
        if comment.post.trashed_at:
            return str(_("글이 휴지통에 있음"))
        return str(_("삭제됨")) if comment.trashed_at else None

    def act(self, by: Actor, form: CommentForm) -> Comment:
        given = form.cleaned_data
        if form.is_new:
            words = {name: given[name] for name in ("author", "title", "cont")}
            return services.write_comment(postid=given["post"].postid, **words)
        data = services.Change(title=given["title"], cont=given["cont"])
        own = Comment.objects.changeable_by(by).filter(pk=form.instance.pk)
        if not services.change_comments(comments=own, data=data):
            raise UnknownPost
        return Comment.objects.get(pk=form.instance.pk)

    def trash_one(self, by: Actor, row: Comment) -> int:
        return services.delete_comments(by=by, comments=Comment.objects.changeable_by(by).filter(pk=row.pk))

    def restore_one(self, row: Comment) -> None:
        services.restore_comment(comment=row)
