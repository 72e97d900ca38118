"""The board on a phone, and the page without a network, in Chromium."""

import pytest
from django.urls import reverse

from board.models import Comment
from tests.factories import CommentFactory, PostFactory, UserFactory


@pytest.fixture
def posts(transactional_db):
    return [PostFactory(title=f"글 {number:02}") for number in range(45)]


def test_without_a_network_there_is_a_page_that_says_so(chromium, live_server, transactional_db):
    page = chromium.new_page(base_url=live_server.url, locale="ko-KR")  # whose console may complain of the network
    page.goto("/board/")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")

    page.context.set_offline(True)
    page.goto("/terms/")
    assert page.get_by_role("heading", name="인터넷 연결이 끊겼습니다").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).borderRadius") != "0px"

    page.context.set_offline(False)
    page.get_by_role("link", name="다시 시도하기").click()
    page.get_by_role("heading", name="이용약관", exact=True).wait_for()
    assert page.evaluate("caches.keys().then((names) => names.length)") == 1
    page.context.close()


def test_older_posts_are_appended(sign_in, posts):
    page = sign_in(None)
    page.goto("/board/")

    for known, shown in ((20, 40), (40, 45)):
        page.get_by_role("link", name="다음 글 더 보기").click()
        page.locator(".board__row").nth(shown - 1).wait_for()
        page.locator(f".board__row:nth-child({known + 1}) a:focus").wait_for()

    assert page.url.endswith("/board/")
    assert page.get_by_role("link", name="다음 글 더 보기").count() == 0


def test_a_comment_is_written_changed_deleted_and_brought_back(sign_in, transactional_db):
    comment = CommentFactory()
    author = UserFactory(userid="hong")
    page = sign_in(author)
    page.goto(reverse("board:post_page", args=[comment.post.postid]))

    page.get_by_label("댓글", exact=True).fill("가" * 2000 + "나")
    assert page.get_by_text("남은 글자 -1").is_visible()
    page.get_by_label("댓글", exact=True).fill("예뻐요")
    page.get_by_role("button", name="댓글 올리기").click()
    mine = page.locator("li", has=page.get_by_text("예뻐요", exact=True))
    mine.get_by_role("link", name="고치기").click()
    page.get_by_label("댓글", exact=True).fill("멋져요")
    page.get_by_role("button", name="고친 댓글 올리기").click()
    page.get_by_role("button", name="삭제").click()
    page.get_by_role("button", name="되돌리기").click()
    page.get_by_text("멋져요").wait_for()

    assert Comment.objects.get(author=author).cont == "멋져요"
