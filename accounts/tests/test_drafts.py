"""What is typed before signing in is there afterwards, once, and for its writer only."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from accounts import drafts, staff_sessions
from accounts.sessions import SessionStore
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    return request


def test_a_draft_is_there_until_it_is_forgotten(visit):
    drafts.keep(visit, "comment:1", {"cont": "예뻐요"})
    drafts.keep(visit, "comment:2", {"cont": "저도요"})

    assert drafts.kept(visit, "comment:1") == drafts.kept(visit, "comment:1") == {"cont": "예뻐요"}
    drafts.forget(visit, "comment:1")
    assert drafts.kept(visit, "comment:1") is None
    assert drafts.kept(visit, "comment:2") == {"cont": "저도요"}


def test_a_draft_is_replaced_by_the_next_of_its_name(visit):
    drafts.keep(visit, "reserve", {"note": "앞머리"})
    drafts.keep(visit, "reserve", {"note": "뒷머리"})

    assert drafts.kept(visit, "reserve") == {"note": "뒷머리"}


def test_drafts_end_by_time_and_by_number(visit, clock):
    drafts.keep(visit, "old", {"cont": "1"})
    clock.shift(dt.timedelta(seconds=drafts.KEPT_SECONDS))
    assert drafts.kept(visit, "old") is None

    for number in range(drafts.KEPT_AT_MOST + 1):
        drafts.keep(visit, str(number), {"cont": "1"})
    assert drafts.kept(visit, "0") is None
    assert drafts.kept(visit, "1") is not None


def test_a_draft_outlives_the_first_of_two_steps_of_signing_in(visit):
    drafts.keep(visit, "post", {"title": "휴가 안내"})
    user = UserFactory(staff=True)
    user.backend = "accounts.backends.RoleBackend"

    staff_sessions.begin(visit, user, next_page="/board/write/")

    assert drafts.kept(visit, "post") == {"title": "휴가 안내"}


def test_the_draft_of_who_was_signed_in_is_not_the_next_persons(visit):
    visit.user = UserFactory()
    drafts.keep(visit, "post", {"title": "제 이야기"})
    user = UserFactory(staff=True)
    user.backend = "accounts.backends.RoleBackend"

    staff_sessions.begin(visit, user, next_page="/board/write/")

    assert drafts.kept(visit, "post") is None
