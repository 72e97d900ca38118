"""What people are told when something is in the way, and what they can do next."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse

from board.models import Post
from cody_site import views
from tests.factories import UserFactory

HTML = {"Accept": "text/html"}


@pytest.mark.django_db
def test_what_is_not_there_can_be_searched_for():
    answer = Client().get("/no/such/page/", headers=HTML)

    assert answer.status_code == 404
    page = answer.content.decode()
    assert "찾으시는 페이지가 없습니다" in page
    assert f'action="{reverse("board:posts")}"' in page
    assert page.count("<h1>") == 1


@pytest.mark.django_db
def test_who_may_not_enter_is_told_why():
    reader = Client()
    reader.force_login(UserFactory(finance=True), backend="accounts.backends.RoleBackend")

    answer = reader.get(reverse("board:write"), headers=HTML)

    assert answer.status_code == 403
    assert "지금 로그인한 계정으로는 볼 수 없는 페이지입니다." in answer.content.decode()


def error(view, **headers):
    request = RequestFactory().post("/board/write/", {"cont": "긴 이야기", "pw": "비밀"}, headers=HTML | headers)
    return view(request)


@pytest.mark.parametrize(
    ("view", "status", "title"),
    [
        (views.bad_request, 400, "요청을 이해하지 못했습니다"),
        (views.permission_denied, 403, "여기에는 들어갈 수 없습니다"),
        (views.not_found, 404, "찾으시는 페이지가 없습니다"),
        (views.conflict, 409, "다른 사람이 동시에 바꾸고 있습니다"),
        (lambda request: views.too_many(request, 30), 429, "잠시 후 다시 시도해 주세요"),
        (views.csrf_failure, 403, "한 번만 다시 보내 주세요"),
        (views.server_error, 500, "문제가 생겼습니다"),
    ],
)
def test_every_page_of_an_error_says_what_to_do_without_the_database(view, status, title):
    answer = error(view, Referer="http://testserver/board/")

    page = answer.content.decode()
    assert answer.status_code == status
    assert title in page
    assert 'href="http://testserver/board/">이전 페이지로</a>' in page


def test_only_a_page_of_ours_is_led_back_to():
    for came_from in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""):
        assert "이전 페이지로</a>" not in error(views.conflict, Referer=came_from).content.decode()


def test_what_a_stale_page_sent_is_shown_to_be_copied():
    assert "긴 이야기" in error(views.csrf_failure, Referer="http://testserver/board/write/").content.decode()
    for view, came_from in [
        (views.csrf_failure, "https://elsewhere.example/"),
        (views.conflict, "http://testserver/board/write/"),
    ]:
        assert "긴 이야기" not in error(view, Referer=came_from).content.decode()
    assert "비밀<" not in error(views.csrf_failure, Referer="http://testserver/").content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_changes_nothing_and_loses_nothing():
    writer = Client(enforce_csrf_checks=True)
    writer.force_login(UserFactory(), backend="accounts.backends.RoleBackend")
    address = reverse("board:write")

    answer = writer.post(
        address, {"title": "제목", "cont": "긴 이야기"}, headers=HTML | {"Referer": f"http://testserver{address}"}
    )

    assert answer.status_code == 403
    assert "긴 이야기" in answer.content.decode()
    assert not Post.objects.exists()


def test_programs_get_the_envelope():
    answer = views.permission_denied(RequestFactory().get("/"), PermissionDenied())

    assert answer["Content-Type"] == "application/json; charset=utf-8"


def test_robots_may_read_the_reserve_page_and_nothing_of_anybodys(django_assert_num_queries):
    answer = Client().get("/robots.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert {"Disallow: /admin/", "Disallow: /my/", "Disallow: /reserv", "Allow: /reserve/"} <= set(lines)
