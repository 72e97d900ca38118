"""The trash: what comes back, what goes for good, and when."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from board import services
from board.errors import NotInTrash
from board.models import Comment, CommentPhoto, Post
from board.tasks import keep_house
from tests.api import Api
from tests.factories import (
    CommentFactory,
    CommentPhotoFactory,
    PostFactory,
    PostPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def days_ago(days):
    return timezone.now() - dt.timedelta(days=days)


def test_a_post_comes_back_with_its_comments_and_photos():
    post = PostFactory(trashed=True)
    PostPhotoFactory(post=post)
    CommentFactory(post=post)

    services.restore_post(post=post)

    [row] = Api().get("/post", {"rule": "all"}).contents
    assert row["photoid"] != "[]"
    assert row["comment"] != "[]"
    with pytest.raises(NotInTrash):
        services.restore_post(post=post)


def test_a_comment_comes_back_with_its_words_and_photos():
    comment = CommentFactory(deleted=True, left_out=True)
    CommentPhotoFactory(comment=comment)

    services.restore_comment(comment=comment)

    [row] = Api().get("/comment", {"rule": "all"}).contents
    assert (row["title"], row["cont"]) == (comment.title, comment.cont)
    assert row["photoid"] != "[]"


def test_the_trash_is_destroyed_after_thirty_days():
    old_post = PostFactory(trashed_at=days_ago(31))
    CommentPhotoFactory(comment__post=old_post)
    young_post = PostFactory(trashed_at=days_ago(29))
    live = PostFactory()
    listed = CommentFactory(post=live, trashed_at=days_ago(31))
    CommentPhotoFactory(comment=listed)
    left_out = CommentFactory(post=live, trashed_at=days_ago(31), left_out=True)
    young = CommentFactory(post=live, trashed_at=days_ago(29))

    keep_house()
    keep_house()

    assert set(Post.objects.all()) == {young_post, live}
    assert set(Comment.objects.all()) == {listed, young}
    listed.refresh_from_db()
    assert (listed.title, listed.cont) == ("", "")
    assert not CommentPhoto.objects.exists()
    assert not Comment.objects.filter(pk=left_out.pk).exists()
    with pytest.raises(NotInTrash):
        services.restore_comment(comment=listed)
    assert Api().get("/post", {"rule": "all"}).contents[0]["comment"] == f'["{listed.commid}","{young.commid}"]'


def test_addresses_are_forgotten_after_three_months():
    old, young = CommentFactory(created_at=days_ago(91)), CommentFactory(created_at=days_ago(89))
    Post.objects.filter(pk=old.post_id).update(created_at=days_ago(91))

    keep_house()

    assert [Comment.objects.get(pk=row.pk).ip for row in (old, young)] == [None, "192.0.2.1"]
    assert [Post.objects.get(pk=row.post_id).ip for row in (old, young)] == [None, "192.0.2.1"]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda post, photo: Post.objects.update(trashed_by=post.author),
        lambda post, photo: Post.objects.update(title=""),
        lambda post, photo: PostPhotoFactory(post=post, photo=photo, position=1),
        lambda post, photo: PostPhotoFactory(post=post),
    ],
    ids=["trashed without a date", "no words", "one photo twice", "two photos in one place"],
)
def test_the_database_states_it_too(break_it):
    attachment = PostPhotoFactory()

    with pytest.raises(IntegrityError):
        break_it(attachment.post, attachment.photo)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["post", "comment"])
def test_two_clicks_at_once_write_once(what):
    author, post = UserFactory(), PostFactory()

    def write(_number):
        try:
            if what == "post":
                return services.write_post(author=author, title="단발", cont="했어요", once=True).pk
            return services.write_comment(author=author, postid=post.postid, title="단발", cont="했어요", once=True).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        written = set(pool.map(write, range(4)))

    assert len(written) == 1
    assert (author.posts.count(), author.comments.count()) == ((1, 0) if what == "post" else (0, 1))
