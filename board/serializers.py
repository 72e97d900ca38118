"""The manual's words for the board: /post (section 5) and /comment (section 6)."""

from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, F, OuterRef, Value, When
from django.db.models.expressions import Combinable

from accounts.models import User
from board.models import Comment, CommentPhoto, Post, PostPhoto
from cody_site.api.params import Array, IPAddress, JSONObject, Params, Rule, String, Userid, UseridKey
from cody_site.api.text import SalonDate, SalonTime
from cody_site.sql import Negative, StringifiedArray
from media_store.models import photoids

WITHDRAWN = "탈퇴한 회원"
"""In the place of the userid of who has left (R22)."""

TITLE, POST, COMMENT = settings.TITLE_MAX_CHARACTERS, settings.POST_MAX_CHARACTERS, settings.COMMENT_MAX_CHARACTERS


class AuthorKey(UseridKey):
    """A userid as the query for its user's pk; who has left is nobody's userid any more."""

    def to_internal_value(self, data: Any) -> Any:
        return User.objects.active().named(super().to_internal_value(data)).values("pk")[:1]


class PostKey(String):
    """A postid as the query for its post's pk."""

    def to_internal_value(self, data: Any) -> Any:
        return Post.objects.filter(postid=super().to_internal_value(data)).values("pk")[:1]


class PostFilter(Rule):
    userid = AuthorKey(source="author_id")
    ip = IPAddress()
    postid = String(max_length=100)
    title = String(max_length=TITLE)


class PostData(JSONObject):
    title = String(max_length=TITLE, line=True, measured_later=True)
    cont = String(max_length=POST, measured_later=True)
    photoid = Array(max_items=settings.POST_MAX_PHOTOS, measured_later=True, source="photoids")
    commid = Array(max_items=100_000, source="commids")


class ReadPosts(Params):
    rule = PostFilter()


class WritePost(Params):
    userid = Userid()
    title = String(max_length=TITLE, line=True, measured_later=True)
    cont = String(max_length=POST, measured_later=True)
    photoid = Array(max_items=settings.POST_MAX_PHOTOS, measured_later=True, required=False)


class ChangePosts(Params):
    base = PostFilter()
    data = PostData()  # type: ignore[assignment]  # the manual's word; the serializer's own `data` is never read


class CommentBase(Rule):
    userid = AuthorKey(source="author_id")
    ip = IPAddress()
    commid = String(max_length=100)
    title = String(max_length=TITLE)


class CommentFilter(CommentBase):
    postid = PostKey(max_length=100, source="post_id")


class DeletedComments(CommentBase):
    """The manual prints `commit`: another name of `commid`; two different values are a slip."""

    commit = String(max_length=100)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        lookups = super().to_internal_value(data)
        commit = lookups.pop("commit", None)
        if commit is not None and lookups.setdefault("commid", commit) != commit:
            raise String.unfit
        return lookups


class CommentData(JSONObject):
    title = String(max_length=TITLE, line=True, measured_later=True)
    cont = String(max_length=COMMENT, measured_later=True)
    photoid = Array(max_items=settings.COMMENT_MAX_PHOTOS, measured_later=True, source="photoids")


class ReadComments(Params):
    rule = CommentFilter()


class WriteComment(Params):
    userid = Userid()
    title = String(max_length=TITLE, line=True, measured_later=True)
    cont = String(max_length=COMMENT, measured_later=True)
    postid = String(max_length=100)
    photoid = Array(max_items=settings.COMMENT_MAX_PHOTOS, measured_later=True, required=False)


class ChangeComments(Params):
    base = CommentBase()
    data = CommentData()  # type: ignore[assignment]  # as above


class DeleteComments(Params):
    rule = DeletedComments()


def _while_live(value: Combinable, instead: str) -> Case:
    """What a comment says, and once it is deleted this instead (section 6)."""
    return Case(When(trashed_at=None, then=value), default=Value(instead), output_field=CharField())


AUTHOR = Case(
    When(author__withdrawn_at=None, then=F("author__userid")), default=Value(WITHDRAWN), output_field=CharField()
)

POST_ROW: dict[str, Combinable] = {
    "userid": AUTHOR,
    "date": SalonDate(F("created_at")),
    "time": SalonTime(F("created_at")),
    "postid": F("postid"),
    "photoid": photoids(PostPhoto.objects.filter(post=OuterRef("pk"))),
    "title": F("title"),
    "cont": F("cont"),
    "comment": StringifiedArray(
        Comment.objects.filter(post=OuterRef("pk"), left_out=False)
        .order_by(Negative(F("pk")).desc())  # oldest first, as the index on (post, -id) has them
        .values(member=F("commid"))
    ),
}

COMMENT_ROW: dict[str, Combinable] = {
    "userid": AUTHOR,
    "date": SalonDate(F("created_at")),
    "time": SalonTime(F("created_at")),
    "postid": F("post__postid"),
    "commid": F("commid"),
    "title": _while_live(F("title"), ""),
    "cont": _while_live(F("cont"), ""),
    "photoid": photoids(CommentPhoto.objects.filter(comment=OuterRef("pk"), comment__trashed_at=None)),
}
