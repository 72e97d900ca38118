"""Section 5, row by row."""

import json

import pytest

from board.models import Comment, Post
from tests.api import Api, as_app, as_person
from tests.factories import (
    CommentFactory,
    PhotoFactory,
    PostFactory,
    PostPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MISSED = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")
NO_RULE = (400, 400, "Cannot find key 'rule'")


@pytest.fixture
def hong():
    return UserFactory(userid="Hong")


@pytest.fixture
def api(hong):
    return as_person(hong)


def wish(**fields):
    return {"userid": "hong", "title": "단발", "cont": "잘랐어요.\n마음에 들어요."} | fields


# ---------------------------------------------------------------- GET


def test_a_row_is_as_the_manual_shows_it(hong):
    post = PostFactory(author=hong, title="제목", cont="내용")
    second, first = PhotoFactory(), PhotoFactory()
    PostPhotoFactory(post=post, photo=second, position=1)
    PostPhotoFactory(post=post, photo=first, position=0)
    comments = CommentFactory.create_batch(2, post=post)

    assert Api().get("/post", {"rule": "all"}).contents == [
        {
            "userid": "Hong",
            "date": "20260303",
            "time": "09:00",
            "postid": post.postid,
            "photoid": json.dumps([first.photoid, second.photoid], separators=(",", ":")),
            "title": "제목",
            "cont": "내용",
            "comment": json.dumps([comment.commid for comment in comments], separators=(",", ":")),
        }
    ]


def test_nothing_is_told_of_what_is_in_the_trash(hong):
    PostFactory(trashed=True)
    post = PostFactory()
    PostPhotoFactory(post=post, photo__trashed=True)
    PostPhotoFactory(post=post, photo__uploading=True, position=1)
    CommentFactory(post=post, deleted=True, left_out=True)
    deleted = CommentFactory(post=post, deleted=True)

    [row] = Api().get("/post", {"rule": "all"}).contents

    assert (row["postid"], row["photoid"], row["comment"]) == (post.postid, "[]", f'["{deleted.commid}"]')


def test_who_has_left_is_named_so_and_found_by_no_userid(hong):
    PostFactory(author=UserFactory(userid="gone", gone=True))

    [row] = Api().get("/post", {"rule": "all"}).contents

    assert row["userid"] == "탈퇴한 회원"
    assert Api().get("/post", {"rule": {"userid": "gone"}}).contents == []


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"userid": "HONG"}, True),
        ({"userid": "park"}, False),
        ({"title": "제목"}, True),
        ({"title": "제"}, False),
        ({"ip": "192.0.2.1"}, True),
        ({"ip": "::ffff:192.0.2.1"}, True),
        ({"ip": "192.0.2.2"}, False),
        ({"userid": "hong", "title": "제목", "ip": "192.0.2.1"}, True),
        ({"userid": "hong", "title": "다른 제목"}, False),
    ],
)
def test_filters(rule, found, hong):
    post = PostFactory(author=hong, title="제목")

    rows = as_app().get("/post", {"rule": rule}).contents

    assert [row["postid"] for row in rows] == ([post.postid] if found else [])
    assert [row["postid"] for row in as_app().get("/post", {"rule": {"postid": post.postid}}).contents] == [post.postid]


@pytest.mark.parametrize(
    "rule", ["some", {}, {"cont": "x"}, {"ip": "192.0.2"}, {"ip": 5}, {"title": 5}, {"postid": ""}]
)
def test_a_rule_of_the_wrong_kind(rule):
    assert as_app().get("/post", {"rule": rule}).failure == MISTYPED


@pytest.mark.parametrize("path", ["/post", "/comment"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_without_a_rule(method, path, api):
    assert api.send(method, path).failure == NO_RULE


def test_pages(hong):
    posts = PostFactory.create_batch(3, author=hong)

    first = Api().get("/post", {"rule": {"userid": "hong"}, "limit": 2})
    rest = Api().get("/post", {"rule": {"userid": "hong"}, "limit": 2, "after": first.headers["X-Next-Cursor"]})

    assert [row["postid"] for row in first.contents + rest.contents] == [post.postid for post in posts]
    assert "X-Next-Cursor" not in rest.headers


@pytest.mark.parametrize("path", ["/post", "/comment"])
def test_a_list_takes_two_queries_however_long_it_is(path, django_assert_num_queries):
    api = as_app()
    for number in (1, 3):
        for comment in CommentFactory.create_batch(number):
            PostPhotoFactory(post=comment.post)
        with django_assert_num_queries(2):
            api.get(path, {"rule": "all"})


# ---------------------------------------------------------------- POST


def test_a_post_is_written(api, hong):
    photos = PhotoFactory.create_batch(2, uploader=hong)
    wanted = [photos[1].photoid, photos[0].photoid, photos[1].photoid]

    answer = api.post("/post", wish(photoid=wanted))

    post = Post.objects.get()
    assert answer.contents == {
        "res": True,
        "regInfo": {"user_id": "Hong", "title": "단발", "cont": "잘랐어요.\n마음에 들어요.", "postid": post.postid},
    }
    assert (post.author, post.ip) == (hong, "127.0.0.1")
    assert Api().get("/post", {"rule": "all"}).contents[0]["photoid"] == f'["{wanted[0]}","{wanted[1]}"]'


def test_a_form_takes_the_array_as_text(hong):
    api = as_person(hong)
    photo = PhotoFactory(uploader=hong)
    answer = api.client.post(
        "/post", wish(photoid=json.dumps([photo.photoid])), headers=api.headers, format="multipart"
    )

    assert answer.status_code == 200
    assert Post.objects.get().photos.get() == photo


@pytest.mark.parametrize("missing", ["userid", "title", "cont"])
@pytest.mark.parametrize("how", ["absent", "null", "empty"])
def test_something_is_missing(api, missing, how):
    body = wish()
    if how == "absent":
        del body[missing]
    else:
        body[missing] = None if how == "null" else ""

    assert api.post("/post", body).failure == MISSED


@pytest.mark.parametrize(
    "wrong",
    [
        {"userid": 1},
        {"title": 1},
        {"title": "두\n줄"},
        {"cont": []},
        {"cont": "\0"},
        {"photoid": "x"},
        {"photoid": {}},
        {"photoid": [1]},
    ],
)
def test_something_is_mistyped(api, wrong):
    assert api.post("/post", wish(**wrong)).failure == MISTYPED


@pytest.mark.parametrize(
    ("long", "refusal"),
    [
        ({"title": "가" * 51}, "ERR: 'title' length exceed"),
        ({"cont": "가" * 5001}, "ERR: 'cont' length exceed"),
        ({"photoid": ["x"] * 11}, "ERR: Image attachment length exceed"),
    ],
)
def test_what_is_too_long(api, hong, long, refusal):
    post = PostFactory(author=hong)

    assert api.post("/post", wish(**long)).failure == (400, 705, refusal)
    assert api.patch("/post", {"base": {"postid": post.postid}, "data": long}).failure == (400, 705, refusal)
    assert Post.objects.get().title == post.title


def test_what_is_just_short_enough(api):
    assert api.post("/post", wish(title="가" * 50, cont="💇" * 5000)).status == 200


def test_unknown_people_and_photos(api, hong):
    foreign, trashed = PhotoFactory(), PhotoFactory(uploader=hong, trashed=True)

    assert as_app().post("/post", wish(userid="nobody")).failure == (400, 400, "ERR: Cannot find user: nobody")
    for photoid in ("nothing", foreign.photoid, trashed.photoid):
        refusal = (400, 400, f"ERR: Cannot find photo: {photoid}")
        assert api.post("/post", wish(photoid=[photoid])).failure == refusal
    assert not Post.objects.exists()


def test_an_id_that_is_taken_is_drawn_again(api, monkeypatch):
    post = PostFactory()
    drawn = iter([post.postid, post.postid, "b" * 16])
    monkeypatch.setattr("board.services.new_id", lambda: next(drawn))

    assert api.post("/post", wish()).contents["regInfo"]["postid"] == "b" * 16


@pytest.mark.parametrize("path", ["/post", "/comment"])
def test_when_no_id_is_free(api, monkeypatch, path):
    comment = CommentFactory()
    taken = comment.post.postid if path == "/post" else comment.commid
    monkeypatch.setattr("board.services.new_id", lambda: taken)

    name = "postid" if path == "/post" else "commid"
    assert api.post(path, wish(postid=comment.post.postid)).failure == (400, 400, f"ERR: creating {name} failed")


# ---------------------------------------------------------------- PATCH


def test_all_or_none_are_changed(hong):
    own, foreign = PostFactory(author=hong), PostFactory()
    photo = PhotoFactory(uploader=hong)

    answer = as_app().patch("/post", {"base": "all", "data": {"title": "새 제목", "photoid": [photo.photoid]}})

    assert answer.failure == (400, 400, f"ERR: Cannot find photo: {photo.photoid}")
    assert set(Post.objects.values_list("title", flat=True)) == {own.title, foreign.title}
    assert not photo.posts.exists()


def test_photos_are_replaced_and_taken_down(api, hong):
    post = PostFactory(author=hong)
    PostPhotoFactory.create_batch(1, post=post)
    photos = PhotoFactory.create_batch(2, uploader=hong)
    base = {"postid": post.postid}

    assert api.patch("/post", {"base": base, "data": {"photoid": [p.photoid for p in photos]}}).contents is True
    assert list(post.photos.order_by("pk")) == photos

    assert api.patch("/post", {"base": base, "data": {"photoid": []}}).contents is True
    assert not post.photos.exists()


@pytest.mark.parametrize(
    ("caller", "userid", "failure"),
    [
        ("hong", "nobody", (404, 500, "ERR: Cannot find user: nobody")),
        ("hong", "park", (404, 500, "ERR: Cannot find user: park")),
        ("hong", "hong", None),
        ("app", "park", None),
        ("app", "Nobody", (404, 500, "ERR: Cannot find user: Nobody")),
    ],
)
@pytest.mark.parametrize("path", ["/post", "/comment"])
def test_a_base_that_names_nobody(path, caller, userid, failure, api):
    UserFactory(userid="park")
    client = as_app() if caller == "app" else api

    answer = client.patch(path, {"base": {"userid": userid}, "data": {"title": "x"}})

    assert (answer.failure if failure else answer.contents) == (failure or True)


@pytest.mark.parametrize("data", [{}, {"userid": "x"}, {"title": ""}, {"title": None}, {"commid": "x"}])
def test_data_of_the_wrong_kind(api, data):
    PostFactory()

    assert api.patch("/post", {"base": "all", "data": data}).failure == MISTYPED


def test_comments_left_out_leave_the_list(api, hong):
    post = PostFactory(author=hong)
    kept, own, deleted = CommentFactory(post=post), CommentFactory(post=post, author=hong), None
    deleted = CommentFactory(post=post, author=hong, deleted=True)
    base = {"postid": post.postid}

    answer = api.patch("/post", {"base": base, "data": {"commid": [kept.commid]}})

    assert answer.contents is True
    assert Api().get("/post", {"rule": base}).contents[0]["comment"] == f'["{kept.commid}"]'
    assert [row["commid"] for row in Api().get("/comment", {"rule": base}).contents] == [kept.commid]
    assert set(Comment.objects.trashed()) == {own, deleted}


def test_only_staff_and_apps_leave_out_the_comments_of_others(api, hong):
    post = PostFactory(author=hong)
    comment = CommentFactory(post=post)
    body = {"base": {"postid": post.postid}, "data": {"title": "x", "commid": []}}

    assert api.patch("/post", body).failure == (403, 403, "ERR: Permission denied.")
    post.refresh_from_db()
    assert post.title != "x"
    assert as_person(UserFactory(staff=True)).patch("/post", body).contents is True
    comment.refresh_from_db()
    assert comment.left_out


@pytest.mark.parametrize("whose", ["another post's", "nobody's", "one left out before"])
def test_an_id_that_is_no_comment_of_the_post(whose, api, hong):
    post = PostFactory(author=hong)
    commid = {
        "another post's": lambda: CommentFactory().commid,
        "nobody's": lambda: "nothing",
        "one left out before": lambda: CommentFactory(post=post, deleted=True, left_out=True).commid,
    }[whose]()

    assert api.patch("/post", {"base": {"postid": post.postid}, "data": {"commid": [commid]}}).failure == MISTYPED


# ---------------------------------------------------------------- DELETE


def test_a_post_goes_with_its_comments(api, hong):
    post = PostFactory(author=hong)
    comment = CommentFactory(post=post)

    assert api.delete("/post", {"rule": {"postid": post.postid}}).contents is True

    post.refresh_from_db()
    assert (post.trashed_by, post.trashed_at is None) == (hong, False)
    assert Api().get("/post", {"rule": "all"}).contents == Api().get("/comment", {"rule": "all"}).contents == []
    refusal = (400, 400, f"ERR: Cannot find post: {post.postid}")
    assert api.post("/comment", wish(postid=post.postid)).failure == refusal
    assert api.patch("/comment", {"base": {"commid": comment.commid}, "data": {"title": "x"}}).contents is True
    comment.refresh_from_db()
    assert comment.title != "x"


def test_all_means_all_of_ones_own(api, hong):
    own, foreign = PostFactory(author=hong), PostFactory()

    assert api.client.delete("/post?rule=all", headers=api.headers).json()["contents"] is True

    assert list(Post.objects.live()) == [foreign]
    assert list(Post.objects.trashed()) == [own]
