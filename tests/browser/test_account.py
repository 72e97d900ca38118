"""Joining and leaving in a real browser, as wide as a desk's screen and as a telephone's."""

import pytest

from accounts.models import ConsentKind, User

PASSWORD = "a password of some length"
TOLD = {"userid": "minseo", "name": "김민서", "pn": "010-2345-6789", "email": "minseo@example.com", "birth": "19950517"}


def fill(page, **told):
    for name, text in told.items():
        page.fill(f"[name={name}]", text)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_one_box_agrees_to_all_with_and_without_the_script(script, sign_in, salon):
    page = sign_in(None, java_script_enabled=script)
    page.goto("/join/?next=/board/")
    fill(page, password=PASSWORD, **TOLD)
    page.check("[name=everything]")
    if script:
        assert page.is_checked("[name=terms]")
        assert page.is_checked("[name=marketing]")

    page.click("text=가입하기")
    page.wait_for_url("**/board/")

    assert "반갑습니다" in page.inner_text("main")
    assert set(User.objects.get(userid="minseo").consents.open().values_list("kind", flat=True)) == set(ConsentKind)


def test_who_takes_one_consent_back_does_not_agree_to_all(sign_in, salon):
    page = sign_in(None)
    page.goto("/join/")
    page.check("[name=everything]")
    page.uncheck("[name=marketing]")

    assert not page.is_checked("[name=everything]")
    assert page.is_checked("[name=terms]")


def test_a_password_is_shown_by_a_button_and_sent_hidden(sign_in, salon):
    page = sign_in(None)
    page.goto("/login/")
    fill(page, username="yerin", password="wrong")

    page.click("text=비밀번호 보기")
    assert page.get_attribute("[name=password]", "type") == "text"
    page.click("text=비밀번호 숨기기")
    assert page.get_attribute("[name=password]", "type") == "password"


def test_what_was_typed_stays_and_the_summary_leads_to_what_is_wrong(sign_in, salon):
    page = sign_in(None)
    page.goto("/join/")
    fill(page, password="12345678", **(TOLD | {"userid": "yerin", "birth": "20200101"}))
    page.check("[name=everything]")

    page.click("text=가입하기")
    page.click("main [role=alert] a >> nth=0")

    assert page.evaluate("document.activeElement.name") == "password"
    assert page.input_value("[name=birth]") == "20200101"
    assert page.input_value("[name=password]") == ""


def test_whoever_leaves_reads_what_ends_and_says_good_bye(sign_in, salon):
    salon.chaewon.set_password(PASSWORD)
    salon.chaewon.save()
    page = sign_in(salon.chaewon)
    page.goto("/my/withdrawal/")
    fill(page, password=PASSWORD)
    page.check("[name=sure]")

    page.click("main button:has-text('탈퇴하기')")
    page.wait_for_url("**/farewell/")

    assert "그동안 고마웠어요" in page.inner_text("h1")
    assert not User.objects.active().filter(pk=salon.chaewon.pk).exists()
