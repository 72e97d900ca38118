"""The terms and what becomes of personal data: readable by everybody, and true."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import consents, tasks
from accounts.models import ConsentKind


def text(name):
    answer = Client().get(reverse(name))
    assert answer.status_code == 200
    main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize(("name", "kind"), [("pages:terms", ConsentKind.TERMS), ("pages:privacy", ConsentKind.PRIVACY)])
def test_its_date_is_the_one_that_people_agree_to(name, kind):
    since = consents.VERSIONS[kind]

    assert f"시행일: {since.year}년 {since.month}월 {since.day}일" in text(name)


def test_the_periods_are_those_that_the_code_keeps():
    told = text("pages:privacy")

    assert f"휴지통에서 {settings.TRASH_DAYS}일 뒤" in told
    assert f"{settings.IP_DAYS}일, 탈퇴하면 곧바로 지웁니다" in told
    assert f"{tasks.KEEP_MAIL.days}일. 본문은 보내는 대로 지우고" in told
    assert f"{tasks.KEEP_FAILURES.days}일" in told
    assert "14일" in told
    assert f"결제한 날부터 {settings.PAYMENT_CANCEL_DAYS}일 안에" in text("pages:terms")
