"""Log lines are as docs/observing.md has them: their keys, the security events, the request's id."""

import io
import json
import logging
import re

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousOperation
from django.test import Client as Browser
from django_otp.plugins.otp_totp.models import TOTPDevice
from gunicorn.glogging import Logger

from accounts import second_factor, services
from accounts.actors import Actor, Door
from accounts.models import AccountType, User
from cody_site.logs import JsonLine, Scrubbed, WithRequestId
from cody_site.models import Access, AccessLog
from cody_site.security_events import Event
from tests.api import Api, as_app, as_person
from tests.factories import ClientFactory, UserFactory

PASSWORD = "a password of some length"

PAGE = (django_settings.BASE_DIR / "docs" / "observing.md").read_text()
KEYS = re.findall(r"^\| `(\w+)` \| (all|requests|security|errors) \|", PAGE, re.MULTILINE)
EVENTS = dict(re.findall(r"^\| `([a-z-]+)` \| (INFO|WARNING|ERROR) \|", PAGE, re.MULTILINE))


def documented(*of):
    return {key for key, whose in KEYS if whose in of}


@pytest.fixture
def lines():
    """What the process logs, line by line, through the filters and the formatter of operation."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLine())
    handler.addFilter(WithRequestId())
    handler.addFilter(Scrubbed())
    logging.getLogger().addHandler(handler)
    yield lambda logger: [
        line for line in map(json.loads, handler.stream.getvalue().splitlines()) if line["logger"] == logger
    ]
    logging.getLogger().removeHandler(handler)


def events(lines):
    return [(line["event"], line["user"], line["by"], line["detail"]) for line in lines("cody_site.security")]


def suspicions():
    """Django's own classes of what it takes for an attack."""
    classes = [SuspiciousOperation]
    for kind in classes:
        classes += kind.__subclasses__()
    return {kind.__name__ for kind in classes if kind.__module__.startswith("django.")}


@pytest.mark.django_db
def test_what_django_takes_for_an_attack_is_a_warning_without_what_was_typed(lines):
    desk = Browser(raise_request_exception=False)
    desk.force_login(UserFactory(staff=True), backend="accounts.backends.RoleBackend")

    statuses = [
        desk.get("/admin/accounts/user/", {"password__startswith": "typed"}).status_code,
        Browser().get("/", headers={"Host": "typed.example"}).status_code,
    ]

    assert statuses == [400, 400]
    for kind in ("DisallowedModelAdminLookup", "DisallowedHost"):
        (line,) = lines(f"django.security.{kind}")[:1]
        assert (line["level"], line["message"]) == ("WARNING", "suspicious request")
        assert "exc_info" not in line
        assert "password__startswith" not in str(line)
        assert "typed" not in str(line)


def test_no_kind_of_attack_that_django_knows_is_told_in_its_words():
    assert suspicions() == set(django_settings.SUSPICIOUS)


# ---------------------------------------------------------------- keys


@pytest.mark.django_db
def test_a_requests_line_has_the_documented_keys_and_no_others(lines):
    as_person(UserFactory()).get("/user", {"rule": "all"})
    as_app().get("/reserv", {"rule": "{"})
    Browser().get("/no/such/page")
    Browser().get("/healthz")

    told = lines("cody_site.requests")
    assert len(told) == 4
    for line in told:
        assert set(line) == documented("all", "requests")


@pytest.mark.django_db
def test_a_security_events_line_has_the_documented_keys_and_no_others(lines):
    Browser().post("/login/", {"username": "nobody", "password": "wrong"})

    (line,) = lines("cody_site.security")
    assert set(line) == documented("all", "security")
    assert (line["message"], line["level"]) == ("sign in refused", "WARNING")


def test_an_errors_line_has_the_documented_keys_and_no_others(lines):
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("some.module").exception("unforeseen")

    (line,) = lines("some.module")
    assert set(line) == documented("all", "errors") - {"status_code"}


# ---------------------------------------------------------------- the request's id


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["abcdefgh", "A-1" * 21, "0" * 64])
def test_a_callers_id_is_taken_and_echoed(given, lines):
    answer = Browser().get("/healthz", headers={"X-Request-ID": given})

    assert answer["X-Request-ID"] == given
    assert [line["request_id"] for line in lines("cody_site.requests")] == [given]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    ["", "short", "0" * 65, "with space", "line\\nbreak1", "한글로된아이디입니다", "a_underscore", "x" * 9 + "\n"],
)
def test_another_id_is_not(given, lines):
    answer = Browser().get("/healthz", headers={"X-Request-ID": given})

    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])
    assert [line["request_id"] for line in lines("cody_site.requests")] == [answer["X-Request-ID"]]


# ---------------------------------------------------------------- security events


def test_every_event_is_documented_with_its_level():
    assert {event.slug: logging.getLevelName(event.level) for event in Event} == EVENTS


@pytest.mark.django_db(transaction=True)
def test_signing_in_is_told_and_the_name_that_was_tried_is_not(lines):
    me = UserFactory()
    me.set_password(PASSWORD)
    me.save()
    browser = Browser()
    browser.post("/login/", {"username": me.userid, "password": "not-the-password"})
    browser.post("/login/", {"username": me.userid, "password": PASSWORD})

    assert events(lines) == [("sign-in-refused", None, None, ""), ("signed-in", me.pk, None, "")]
    assert me.userid not in json.dumps(lines("cody_site.security"))


@pytest.mark.django_db(transaction=True)
def test_the_door_that_closes_is_told(lines, settings):
    settings.AXES_FAILURE_LIMIT = 2
    settings.THROTTLE_PASSWORD = 0
    for _ in range(3):
        Browser().post("/login/", {"username": "somebody", "password": "wrong"})

    assert "locked-out" in [event for event, *_ in events(lines)]


@pytest.mark.django_db(transaction=True)
def test_tokens_are_told_by_client_and_person(lines):
    client = ClientFactory(client_secret="client-secret")
    given = {"client_id": client.client_id, "client_secret": "client-secret"}
    token = Api().post("/payment/OAuth2.0/getToken", given).contents["access_token"]
    Api().post("/payment/OAuth2.0/getToken", given | {"client_secret": "wrong"})
    Browser().post("/oauth/token/", given | {"client_secret": "wrong", "grant_type": "client_credentials"})
    Browser().post("/oauth/revoke/", given | {"token": token})

    by = f"client:{client.pk}"
    assert events(lines) == [
        ("token-issued", None, by, ""),
        ("token-refused", None, None, "invalid_client"),
        ("token-refused", None, None, "401"),
        ("token-revoked", None, by, ""),
    ]
    assert token not in json.dumps(lines("cody_site.security"))


@pytest.mark.django_db(transaction=True)
def test_what_happens_to_an_account_is_told_once_it_has_happened(lines):
    owner, person = UserFactory(staff=True), UserFactory()
    by = Actor(Door.ADMIN, user=owner)

    services.change(by=by, users=User.objects.filter(pk=person.pk), data=services.UserChange(type=AccountType.DESIGNER))
    services.reset_password(user=person, password="another-password-1")
    AccessLog.objects.record(Access.CARD, by=by, ip="127.0.0.1", subject=person)
    AccessLog.objects.record(Access.EXPORT, by=by, ip="127.0.0.1", detail="고객", reason="강예린 님 요청", rows=7)

    assert events(lines) == [
        ("role-changed", person.pk, by.key, "1 to 2"),
        ("password-changed", person.pk, None, ""),
        ("personal-data-read", person.pk, by.key, "card"),
        ("personal-data-read", None, by.key, "export of 7 rows"),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_back_is_not_told(lines):
    """The only administrator cannot become a customer: the change is rolled back with its line."""
    owner = UserFactory(staff=True)

    with pytest.raises(services.LastAdministrator):
        services.change(
            by=Actor(Door.ADMIN, user=owner),
            users=User.objects.filter(pk=owner.pk),
            data=services.UserChange(type=AccountType.CUSTOMER),
        )

    assert events(lines) == []


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_that_goes_is_told(lines):
    me = UserFactory()
    second_factor.forget(me)  # there is none
    TOTPDevice.objects.create(user=me)

    second_factor.forget(me)

    assert events(lines) == [("second-factor-forgotten", me.pk, None, "")]


def test_gunicorn_can_say_in_a_worker_what_went_wrong():
    """Its lines tell the process; we spare ourselves only what no line tells."""
    record = logging.getLogger("gunicorn.error").makeRecord("gunicorn.error", logging.ERROR, "", 0, "broken", (), None)

    assert logging.Formatter(Logger.error_fmt).format(record).endswith("broken")
