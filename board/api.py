"""/post (section 5) and /comment (section 6)."""

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import CannotConfirmUser
from accounts.models import STAFF, AccountType, User
from board import services
from board.models import WRITERS, Comment, CommentQuerySet, Post, PostQuerySet
from board.schema import COMMENTS, POSTS
from board.serializers import (
    COMMENT_ROW,
    POST_ROW,
    ChangeComments,
    ChangePosts,
    DeleteComments,
    ReadComments,
    ReadPosts,
    WriteComment,
    WritePost,
)
from cody_site.api.client_ip import client_ip
from cody_site.api.envelope import told
from cody_site.api.params import Params, Selection, decoded
from cody_site.api.permissions import Access
from cody_site.api.views import Route
from cody_site.api.walk import kept, walk
from cody_site.errors import Forbidden, UnknownUser

# Once: to resolve the columns takes longer than to ask for them.
POSTS_LISTED = kept(told(Post.objects.live(), POST_ROW))
COMMENTS_LISTED = told(Comment.objects.listed(), COMMENT_ROW)


class BoardRoute(Route):
    """What both routes ask before they act."""

    access = {
        "list": Access("board:read", public=True),
        "create": Access("board:write", types=WRITERS),
        "partial_update": Access("board:write", types=WRITERS),
        "destroy": Access("board:write", types=WRITERS),
    }
    named_if_missing = frozenset({"rule"})

    @property
    def writes_for_all(self) -> bool:
        return bool(self.actor.is_app_client or self.actor.account_type == AccountType.ADMINISTRATOR)

    def selected(self, wanted: type[Params], key: str = "rule") -> Selection:
        """The rule; by `ip` only staff and app clients may ask (section 5)."""
        selection: Selection = self.parsed(wanted)[key]
        if "ip" in selection.lookups and not (self.actor.is_app_client or self.actor.account_type in STAFF):
            raise Forbidden
        return selection

    def author(self, userid: str) -> User:
        """Whose words these are: one's own; administrators and app clients write for all."""
        if not self.writes_for_all and not self.actor.is_user(userid):
            raise Forbidden
        user = User.objects.active().named(userid).first()
        if user is None:
            raise UnknownUser(userid)
        return user

    def confirm(self, base: Selection) -> None:
        """R19: a base.userid that names nobody in the caller's scope is an error, every other miss is 0 rows."""
        if "author_id" not in base.lookups:
            return
        userid = decoded(self.given["base"])["userid"]
        in_scope = User.objects.active() if self.writes_for_all else User.objects.active().filter(pk=self.actor.user_pk)
        if not in_scope.named(userid).exists():
            raise CannotConfirmUser(userid)


class PostViewSet(BoardRoute):
    operations = POSTS

    def list(self, request: Request) -> HttpResponseBase:
        rule = self.selected(ReadPosts)
        return self.answer_list(walk(POSTS_LISTED, rule.lookups), POST_ROW)

    def create(self, request: Request) -> Response:
        wish = self.parsed(WritePost)
        post = services.write_post(
            author=self.author(wish["userid"]),
            title=wish["title"],
            cont=wish["cont"],
            photoids=wish.get("photoid", []),
            ip=client_ip(self.request),
        )
        told_back = {"user_id": post.author.userid, "title": post.title, "cont": post.cont, "postid": post.postid}
        return Response({"res": True, "regInfo": told_back})

    def partial_update(self, request: Request) -> Response:
        base = self.selected(ChangePosts, "base")
        data = services.Change(**self.parsed(ChangePosts)["data"])
        if not services.change_posts(by=self.actor, posts=self.changeable(base), data=data):
            self.confirm(base)
        return Response(True)

    def destroy(self, request: Request) -> Response:
        services.trash_posts(by=self.actor, posts=self.changeable(self.selected(ReadPosts)))
        return Response(True)

    def changeable(self, selection: Selection) -> PostQuerySet:
        return Post.objects.live().changeable_by(self.actor).filter(**selection.lookups)


class CommentViewSet(BoardRoute):
    operations = COMMENTS

    def list(self, request: Request) -> HttpResponseBase:
        rule = self.selected(ReadComments)
        listed = COMMENTS_LISTED.filter(**_only_what_is_said(rule.lookups))
        return self.answer_list(walk(listed, rule.lookups), COMMENT_ROW)

    def create(self, request: Request) -> Response:
        wish = self.parsed(WriteComment)
        comment = services.write_comment(
            author=self.author(wish["userid"]),
            postid=wish["postid"],
            title=wish["title"],
            cont=wish["cont"],
            photoids=wish.get("photoid", []),
            ip=client_ip(self.request),
        )
        told_back = {
            "user_id": comment.author.userid,
            "title": comment.title,
            "postid": comment.post.postid,
            "commid": comment.commid,
        }
        return Response({"res": True, "regInfo": told_back})

    def partial_update(self, request: Request) -> Response:
        base = self.selected(ChangeComments, "base")
        data = services.Change(**self.parsed(ChangeComments)["data"])
        if not services.change_comments(comments=self.changeable(base), data=data):
            self.confirm(base)
        return Response(True)

    def destroy(self, request: Request) -> Response:
        services.delete_comments(by=self.actor, comments=self.changeable(self.selected(DeleteComments)))
        return Response(True)

    def changeable(self, selection: Selection) -> CommentQuerySet:
        return Comment.objects.live().changeable_by(self.actor).filter(**selection.lookups)


def _only_what_is_said(lookups: dict[str, Any]) -> dict[str, None]:
    """A deleted comment's title is empty to everybody, so no title finds it."""
    return {"trashed_at": None} if "title" in lookups else {}
