import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Client, Designer, Policy, TimeOff, User, WorkingHours
from tests.factories import (
    ClientFactory,
    DesignerFactory,
    PolicyFactory,
    TimeOffFactory,
    UserFactory,
    WorkingHoursFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "model", "broken"),
    [
        (UserFactory, User, {"type": 6}),
        (UserFactory, User, {"name": ""}),
        (UserFactory, User, {"withdrawn_at": timezone.now()}),
        (DesignerFactory, Designer, {"max_per_hour": 0}),
        (DesignerFactory, Designer, {"max_per_hour": 101}),
        (DesignerFactory, Designer, {"slot_minutes": 4}),
        (WorkingHoursFactory, WorkingHours, {"end": dt.time(10)}),
        (WorkingHoursFactory, WorkingHours, {"weekday": 7}),
        (TimeOffFactory, TimeOff, {"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}),
        (PolicyFactory, Policy, {"id": 2}),
        (ClientFactory, Client, {"hash_client_secret": False}),
    ],
)
def test_the_database_refuses(factory, model, broken):
    row = factory()

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**broken)


def test_userids_differ_by_more_than_case():
    UserFactory(userid="Hong")

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(userid="hONG")


def test_hours_of_one_day_begin_at_different_times():
    hours = WorkingHoursFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        WorkingHoursFactory(designer=hours.designer)


def test_a_user_is_found_by_userid_in_any_case():
    user = UserFactory(userid="Hong")

    assert User.objects.get_by_natural_key("hONG") == user
    assert list(User.objects.named("HONG")) == [user]


def test_the_policy_has_the_manuals_defaults_even_without_its_row():
    Policy.objects.all().delete()

    policy = Policy.current()

    assert (policy.reserve_notice, policy.change_notice, policy.cancel_notice) == (
        dt.timedelta(minutes=60),
        dt.timedelta(hours=24),
        dt.timedelta(hours=24),
    )
    assert (policy.days_ahead, policy.open_reservations) == (60, 10)


def test_superusers_are_administrators():
    user = User.objects.create_superuser("boss", "a password of some length", name="사장")

    assert (user.is_superuser, user.is_staff, user.check_password("a password of some length")) == (True, True, True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("길동", ["hong"]), ("홍", ["hong"]), ("5678", ["hong", "kim"]), ("홍 5678", ["hong"]), ("김.5678", ["kim"]),
        ("010-1234-5678", ["hong"]), ("01012345678", ["hong"]), ("HONG", ["hong"]), ("5679", []), ("", []), (" ", []),
        ("홍 9999", []), ("123", []), ("+", []),
    ],
)  # fmt: skip
def test_the_desk_finds_people_by_what_it_knows_of_them(words, found):
    UserFactory(userid="hong", name="홍길동", pn="+821012345678")
    UserFactory(userid="kim", name="김철수", pn="+821099995678")

    assert sorted(user.userid for user in User.objects.matching(words)) == found
