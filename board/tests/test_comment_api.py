"""Section 6, row by row; what it has in common with /post is in test_post_api.py."""

import pytest

from accounts.actors import anonymous
from board.models import Comment
from tests.api import Api, as_app, as_person
from tests.factories import CommentFactory, CommentPhotoFactory, PhotoFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db

MISSED = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")


@pytest.fixture
def hong():
    return UserFactory(userid="Hong")


@pytest.fixture
def api(hong):
    return as_person(hong)


def wish(**fields):
    return {"userid": "hong", "title": "예뻐요", "cont": "저도요."} | fields


def test_a_row_is_as_the_manual_shows_it(hong):
    comment = CommentFactory(author=hong, title="제목", cont="내용")
    photo = CommentPhotoFactory(comment=comment).photo

    assert Api().get("/comment", {"rule": "all"}).contents == [
        {
            "userid": "Hong",
            "date": "20260303",
            "time": "09:00",
            "postid": comment.post.postid,
            "commid": comment.commid,
            "title": "제목",
            "cont": "내용",
            "photoid": f'["{photo.photoid}"]',
        }
    ]


def test_a_deleted_comment_stays_as_deleted(api, hong):
    comment = CommentFactory(author=hong, title="제목")
    photo = CommentPhotoFactory(comment=comment, photo__uploader=hong).photo
    photos = type(photo).objects
    assert photos.visible_to(anonymous()).filter(pk=photo.pk).exists()

    assert api.delete("/comment", {"rule": {"commid": comment.commid}}).contents is True

    [row] = Api().get("/comment", {"rule": {"postid": comment.post.postid}}).contents
    assert (row["commid"], row["title"], row["cont"], row["photoid"]) == (comment.commid, "", "", "[]")
    assert Api().get("/post", {"rule": "all"}).contents[0]["comment"] == f'["{comment.commid}"]'
    assert Api().get("/comment", {"rule": {"title": "제목"}}).contents == []
    assert not photos.visible_to(anonymous()).filter(pk=photo.pk).exists()
    body = {"base": {"commid": comment.commid}, "data": {"title": "다시"}}
    assert api.patch("/comment", body).contents is True
    assert Comment.objects.get().title == "제목"


@pytest.mark.parametrize("name", ["userid", "ip", "postid", "commid", "title"])
def test_filters(name, hong):
    comment = CommentFactory(author=hong, title="제목", ip="192.0.2.9")
    CommentFactory()
    rule = {
        "userid": "hong",
        "ip": "192.0.2.9",
        "postid": comment.post.postid,
        "commid": comment.commid,
        "title": "제목",
    }

    assert [row["commid"] for row in as_app().get("/comment", {"rule": {name: rule[name]}}).contents] == [
        comment.commid
    ]
    assert [row["commid"] for row in as_app().get("/comment", {"rule": rule}).contents] == [comment.commid]


def test_a_comment_is_written(api, hong):
    post, photo = PostFactory(), PhotoFactory(uploader=hong)

    answer = api.post("/comment", wish(postid=post.postid, photoid=[photo.photoid]))

    comment = Comment.objects.get()
    assert answer.contents == {
        "res": True,
        "regInfo": {"user_id": "Hong", "title": "예뻐요", "postid": post.postid, "commid": comment.commid},
    }
    assert (comment.author, comment.ip, list(comment.photos.all())) == (hong, "127.0.0.1", [photo])


@pytest.mark.parametrize("missing", ["userid", "title", "cont", "postid"])
def test_something_is_missing(api, missing):
    body = wish(postid="x")
    del body[missing]

    assert api.post("/comment", body).failure == MISSED


def test_unknown_post_and_photo(api):
    photo, post = PhotoFactory(), PostFactory()

    assert api.post("/comment", wish(postid="x")).failure == (400, 400, "ERR: Cannot find post: x")
    refusal = (400, 400, f"ERR: Cannot find photo: {photo.photoid}")
    assert api.post("/comment", wish(postid=post.postid, photoid=[photo.photoid])).failure == refusal


@pytest.mark.parametrize(
    ("long", "refusal"),
    [
        ({"title": "가" * 51}, "ERR: 'title' length exceed"),
        ({"cont": "가" * 2001}, "ERR: 'cont' length exceed"),
        ({"photoid": ["x"] * 6}, "ERR: Image attachment length exceed"),
    ],
)
def test_what_is_too_long(api, hong, long, refusal):
    comment = CommentFactory(author=hong)

    assert api.post("/comment", wish(postid=comment.post.postid, **long)).failure == (400, 705, refusal)
    body = {"base": {"commid": comment.commid}, "data": long}
    assert api.patch("/comment", body).failure == (400, 705, refusal)


def test_words_and_photos_change(api, hong):
    comment = CommentFactory(author=hong)
    CommentPhotoFactory(comment=comment)
    photo = PhotoFactory(uploader=hong)
    data = {"title": "새 제목", "cont": "새 내용", "photoid": [photo.photoid]}

    assert api.patch("/comment", {"base": {"commid": comment.commid}, "data": data}).contents is True

    comment.refresh_from_db()
    assert (comment.title, comment.cont, list(comment.photos.all())) == ("새 제목", "새 내용", [photo])


@pytest.mark.parametrize("base", [{"postid": "x"}, {"cont": "x"}, {}, "some"])
def test_a_base_of_the_wrong_kind(api, base):
    assert api.patch("/comment", {"base": base, "data": {"title": "x"}}).failure == MISTYPED


@pytest.mark.parametrize(
    ("rule", "deleted"),
    [
        ({"commit": "C"}, True),
        ({"commid": "C", "commit": "C"}, True),
        ({"commid": "C", "commit": "D"}, None),
        ({"commit": 5}, None),
        ({"commit": "D"}, False),
        ({"title": "예뻐요", "userid": "hong"}, True),
        ("all", True),
    ],
)
def test_delete_knows_commid_by_another_name(rule, deleted, api, hong):
    comment = CommentFactory(commid="C", author=hong)

    answer = api.delete("/comment", {"rule": rule})

    comment.refresh_from_db()
    assert (comment.trashed_at is not None) == bool(deleted)
    assert answer.failure == MISTYPED if deleted is None else answer.contents is True
