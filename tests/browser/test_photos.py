"""Uploading photos in Chromium: each by itself with the script, all with the form without it."""

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from accounts.models import Session
from media_store.tests.pictures import PDF, picture
from media_store.tests.test_services import kept
from tests.browser.conftest import NARROW
from tests.factories import ReservationFactory, UserFactory

PASSWORD = "long enough 1446"


@pytest.fixture
def size():
    return NARROW


@pytest.fixture
def me(settings, tmp_path, transactional_db):
    settings.MEDIA_ROOT = tmp_path
    return UserFactory(password=make_password(PASSWORD))


def file(body, name, kind="image/png"):
    return {"name": name, "mimeType": kind, "buffer": body}


def colours(count):
    return [file(picture(color=(90 * number, 90, 60)), f"{number}.png") for number in range(count)]


def hold_uploads(page):
    """They wait until a test lets them go on."""
    held = []

    def hold(route):
        held.append(route)

    page.route("**/my/photos/upload/", hold)
    return held


def names(me):
    return sorted(me.photos.live().values_list("filename", flat=True))


def test_photos_go_up_one_by_one_and_the_page_shows_them(sign_in, me):
    page = sign_in(me)
    page.goto(reverse("media_store:mine"))
    assert not page.get_by_role("button", name="올리기", exact=True).is_visible()

    page.get_by_label("사진 올리기").set_input_files(colours(3))
    page.locator(".photo-card").nth(2).wait_for()
    page.wait_for_load_state("networkidle")  # its pictures are there too

    assert names(me) == ["0.png", "1.png", "2.png"]


def test_what_is_wrong_with_one_is_said_beside_it_and_the_others_stay(sign_in, me, settings):
    settings.PHOTO_MAX_BYTES = 30_000
    page = sign_in(me)
    page.goto(reverse("media_store:mine"))

    large = file(b"\0" * 30_001, "큰.png")
    page.get_by_label("사진 올리기").set_input_files([large, file(PDF, "글.pdf", "application/pdf"), *colours(1)])
    page.get_by_role("link", name="올린 사진 보기").wait_for()

    told = page.locator(".upload__file").all_inner_texts()
    assert ["파일이 너무 커요" in told[0], "사진으로 열 수 없는" in told[1], "올렸어요" in told[2]] == [True] * 3
    page.get_by_role("link", name="올린 사진 보기").click()
    page.locator(".photo-card").wait_for()
    page.wait_for_load_state("networkidle")
    assert names(me) == ["0.png"]


def test_an_upload_is_cancelled_and_tried_again(sign_in, me):
    page = sign_in(me)
    held = hold_uploads(page)
    page.goto(reverse("media_store:mine"))

    page.get_by_label("사진 올리기").set_input_files(colours(2))
    page.get_by_role("button", name="취소 0.png").click()
    page.get_by_text("그만뒀어요").wait_for()
    while not held[1:]:  # the second begins when the first has ended
        page.wait_for_timeout(20)
    held[1].continue_()
    page.get_by_role("link", name="올린 사진 보기").wait_for()
    page.get_by_role("button", name="다시 시도 0.png").click()
    while not held[2:]:
        page.wait_for_timeout(20)
    held[2].continue_()
    page.locator(".photo-card").nth(1).wait_for()

    assert names(me) == ["0.png", "1.png"]


def test_whose_session_ended_signs_in_elsewhere_and_tries_again(sign_in, me):
    page = sign_in(me)
    page.goto(reverse("media_store:mine"))
    Session.objects.all().delete()

    page.get_by_label("사진 올리기").set_input_files(colours(1))
    page.get_by_text("로그아웃되었어요. 새 창에서 로그인한 뒤 다시 시도해 주세요.").first.wait_for()
    other = page.context.new_page()
    other.goto(reverse("accounts:sign_in"))
    other.get_by_label("아이디").fill(me.userid)
    other.get_by_label("비밀번호").first.fill(PASSWORD)
    other.get_by_role("main").get_by_role("button", name="로그인").click()
    other.wait_for_url("**/")
    page.get_by_role("button", name="다시 시도 0.png").click()
    page.locator(".photo-card").wait_for()

    assert names(me) == ["0.png"]


def test_a_form_waits_for_photos_that_are_on_their_way(sign_in, me):
    row = ReservationFactory(customer=me)
    kept(name="전.png", uploader=me)
    page = sign_in(me)
    page.goto(reverse("pages:reservation_photos", args=[row.pk]))
    held = hold_uploads(page)

    page.get_by_label("새 사진", exact=True).set_input_files(colours(1))
    page.get_by_role("checkbox", name="전.png").check()
    page.get_by_role("button", name="고른 사진 보여 주기").click()
    assert page.get_by_role("status").get_by_text("다 올리는 대로 보냅니다").count() == 1
    held[0].continue_()
    page.get_by_text("디자이너에게 보여 줄 사진을 바꿨어요.").wait_for()

    assert [attached.photo.filename for attached in row.attachments.all()] == ["전.png", "0.png"]


def test_without_scripts_all_go_with_the_form(sign_in, me):
    page = sign_in(me, java_script_enabled=False)
    page.goto(reverse("media_store:mine"))

    page.get_by_label("사진 올리기").set_input_files([*colours(2), file(PDF, "글.pdf", "application/pdf")])
    page.get_by_role("button", name="올리기", exact=True).click()

    page.get_by_text("사진 2장을 올렸어요.").wait_for()
    assert page.get_by_text("글.pdf: 사진으로 열 수 없는 파일입니다.").is_visible()
    page.get_by_role("button", name="지우기").first.click()
    page.get_by_role("button", name="되돌리기").click()
    page.get_by_text("사진을 되살렸어요.").wait_for()
    assert names(me) == ["0.png", "1.png"]
