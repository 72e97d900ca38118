import pytest
from django.test import Client as Browser
from django.urls import reverse

from board.models import Comment, Post
from tests.factories import (
    CommentFactory,
    CommentPhotoFactory,
    DesignerFactory,
    PostFactory,
    PostPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def desk(user):
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


@pytest.fixture
def boss():
    return desk(UserFactory(staff=True))


def page(row, name="change"):
    return reverse(f"admin:board_{row._meta.model_name}_{name}", args=[row.pk] if name == "change" else [])


def act(browser, action, row):
    answer = browser.post(page(row, "changelist"), {"action": action, "_selected_action": [row.pk]}, follow=True)
    return [str(message) for message in answer.context["messages"]]


def shown(row):
    prefix = "attachments"
    return {f"{prefix}-TOTAL_FORMS": row.attachments.count(), f"{prefix}-INITIAL_FORMS": row.attachments.count()}


def test_a_post_is_written_for_somebody_and_changed(boss):
    author = UserFactory()
    boss.post(reverse("admin:board_post_add"), {"author": author.pk, "title": "제목", "cont": "내용"})
    post = Post.objects.get()
    PostPhotoFactory(post=post)

    answer = boss.post(page(post), {"title": "새 제목", "cont": "새 내용"} | shown(post))

    post.refresh_from_db()
    assert (answer.status_code, post.title, post.cont, post.author) == (302, "새 제목", "새 내용", author)
    assert post.attachments.count() == 1


def test_a_comment_is_written_for_somebody_and_changed(boss):
    post, author = PostFactory(), UserFactory()
    boss.post(
        reverse("admin:board_comment_add"), {"post": post.pk, "author": author.pk, "title": "제목", "cont": "내용"}
    )
    comment = Comment.objects.get()
    CommentPhotoFactory(comment=comment)

    boss.post(page(comment), {"title": "새 제목", "cont": "새 내용"} | shown(comment))

    comment.refresh_from_db()
    assert (comment.title, comment.cont, comment.author, comment.post) == ("새 제목", "새 내용", author, post)


def test_what_is_too_long_is_said_and_nothing_is_lost(boss):
    post = PostFactory()

    answer = boss.post(page(post), {"title": "가" * 51, "cont": "내용"} | shown(post))

    assert "제목이 너무 깁니다." in answer.text
    assert "가" * 51 in answer.text


def test_a_comment_on_a_post_that_went_meanwhile(boss):
    post = PostFactory(trashed=True)
    data = {"post": post.pk, "author": UserFactory().pk, "title": "제목", "cont": "내용"}

    assert "그런 글을 찾을 수 없습니다." in boss.post(reverse("admin:board_comment_add"), data).text


@pytest.mark.parametrize("factory", [PostFactory, CommentFactory])
def test_into_the_trash_and_back(boss, factory):
    row = factory()

    assert act(boss, "trash", row) == ["1건을 휴지통에 넣었습니다."]
    row.refresh_from_db()
    assert row.trashed_at is not None
    assert boss.get(page(row)).status_code == 200
    assert boss.post(page(row), {"title": "x", "cont": "x"} | shown(row)).status_code == 403
    assert act(boss, "restore", row) == ["1건을 되살렸습니다."]
    row.refresh_from_db()
    assert row.trashed_at is None


@pytest.mark.parametrize("factory", [PostFactory, CommentFactory])
@pytest.mark.parametrize(
    ("role", "sees", "restores"), [("finance", True, False), ("system", True, True), ("designer", False, False)]
)
def test_who_may_what(factory, role, sees, restores):
    row = factory()
    type(row).objects.update(trashed_at="2026-03-03T00:00Z")
    user = DesignerFactory().user if role == "designer" else UserFactory(**{role: True})
    browser = desk(user)

    assert (browser.get(page(row, "changelist")).status_code == 200) == sees
    assert browser.get(page(row, "add")).status_code == 403
    browser.post(page(row, "changelist"), {"action": "restore", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.trashed_at is None) == restores


@pytest.mark.parametrize("model", ["post", "comment"])
def test_lists_take_the_same_queries_however_long_they_are(boss, model, django_assert_max_num_queries):
    for number in (1, 10):
        CommentFactory.create_batch(number)
        with django_assert_max_num_queries(9):
            assert boss.get(reverse(f"admin:board_{model}_changelist"), {"q": "예뻐요 단발"}).status_code == 200
