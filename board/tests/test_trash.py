"""What the trash gives back, and for how long; and who may no longer write."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts import services as accounts
from accounts.actors import Actor, Door
from accounts.models import User
from board import services
from board.errors import NotInTrash
from board.models import Comment, Post
from cody_site.errors import UnknownUser
from media_store.models import Photo
from tests.factories import (
    CommentFactory,
    CommentPhotoFactory,
    PhotoFactory,
    PostFactory,
    PostPhotoFactory,
    ReservationPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("factory", "word"), [(PostFactory, "post"), (CommentFactory, "comment")])
def test_what_is_due_for_destruction_does_not_come_back(factory, word):
    now = timezone.now()
    old, young = (factory(trashed_at=now - dt.timedelta(days=days, seconds=1)) for days in (30, 29))
    restore = getattr(services, f"restore_{word}")

    restore(**{word: young})
    with pytest.raises(NotInTrash):
        restore(**{word: old})


def test_who_has_withdrawn_meanwhile_writes_no_more():
    author, post = UserFactory(), PostFactory()
    stale = User.objects.get(pk=author.pk)
    accounts.withdraw(by=Actor(Door.API, user=author), users=User.objects.filter(pk=author.pk))

    with pytest.raises(UnknownUser):
        services.write_post(author=stale, title="제목", cont="내용", ip="192.0.2.9")
    with pytest.raises(UnknownUser):
        services.write_comment(author=stale, postid=post.postid, title="제목", cont="내용", ip="192.0.2.9")

    assert list(Post.objects.all()) == [post]
    assert not Comment.objects.exists()


def test_photos_are_destroyed_with_what_alone_showed_them():
    long_ago = timezone.now() - dt.timedelta(days=31)
    post, comment = PostFactory(trashed_at=long_ago), CommentFactory(trashed_at=long_ago)
    alone = [
        PostPhotoFactory(post=post).photo,
        CommentPhotoFactory(comment=CommentFactory(post=post)).photo,
        CommentPhotoFactory(comment=comment).photo,
    ]
    elsewhere = [PostPhotoFactory(post=post, position=place).photo for place in (1, 2, 3)]
    PostPhotoFactory(photo=elsewhere[0])
    CommentPhotoFactory(photo=elsewhere[1], comment=CommentFactory(deleted=True))
    ReservationPhotoFactory(photo=elsewhere[2])
    free = PhotoFactory()

    services.destroy_trash()

    assert set(Photo.objects.live()) == {*elsewhere, free}
    assert set(Photo.objects.due_for_destruction()) == set(alone)
