"""POST /payment/OAuth2.0/getToken and POST /payment/OAuth2.0/api (R23, R24)."""

import base64
import hashlib

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.test import override_settings
from oauth2_provider.models import get_access_token_model

from accounts.models import AccountType, Client
from accounts.oauth import SCOPES
from tests.api import Api, as_app, as_person
from tests.factories import ClientFactory, DesignerFactory, UserFactory

pytestmark = pytest.mark.django_db

PATH = "/payment/OAuth2.0/getToken"
PASSWORD = "a password of some length"


@pytest.fixture
def server():
    return ClientFactory(client_id="server", client_secret="s3cret", scope="users:read reservations:read")


@pytest.fixture
def mobile():
    return ClientFactory(client_id="mobile", public=True, password_grant=True)


@pytest.fixture
def customer():
    user = UserFactory(userid="hong")
    user.set_password(PASSWORD)
    user.save()
    return user


def password_request(**more):
    return {"client_id": "mobile", "grant_type": "password", "userid": "hong", "pw": PASSWORD} | more


@pytest.mark.parametrize(
    "credentials",
    [
        {"api_key": "server", "api_secret": "s3cret"},
        {"client_id": "server", "client_secret": "s3cret"},
        {"api_key": "server", "api_secret": "s3cret", "grant_type": "client_credentials"},
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_an_app_client_gets_a_token(credentials, content_type, server):
    body = credentials if content_type.endswith("json") else "&".join(f"{k}={v}" for k, v in credentials.items())

    answer = Api().post(PATH, body, content_type=content_type)

    assert answer.http == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {key: value for key, value in answer.contents.items() if key != "access_token"} == {
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "users:read reservations:read",
    }
    assert Api(token=answer.contents["access_token"]).get("/reserv", {"rule": "all"}).status == 200


def test_http_basic_identifies_the_client(server):
    basic = base64.b64encode(b"server:s3cret").decode()

    assert Api().post(PATH, {}, headers={"Authorization": f"Basic {basic}"}).contents["token_type"] == "Bearer"


def test_tokens_and_secrets_are_stored_hashed(server):
    raw = Api().post(PATH, {"api_key": "server", "api_secret": "s3cret"}).contents["access_token"]

    stored = get_access_token_model().objects.get()
    assert (stored.token, stored.token_checksum) == ("", hashlib.sha256(raw.encode()).hexdigest())
    assert "s3cret" not in server.client_secret


def test_a_narrower_scope_is_given(server):
    answer = Api().post(PATH, {"api_key": "server", "api_secret": "s3cret", "scope": "users:read"})

    assert answer.contents["scope"] == "users:read"
    assert Api(token=answer.contents["access_token"]).get("/reserv", {"rule": "all"}).status == 403


@pytest.mark.parametrize(
    ("body", "http", "errors"),
    [
        ({}, 401, "invalid_client"),
        ({"api_key": "server"}, 401, "invalid_client"),
        ({"api_key": "server", "api_secret": "wrong"}, 401, "invalid_client"),
        ({"api_key": "nobody", "api_secret": "s3cret"}, 401, "invalid_client"),
        ({"api_key": "server", "api_secret": "s3cret", "scope": "users:write"}, 400, "invalid_scope"),
        ({"api_key": "server", "api_secret": "s3cret", "grant_type": "nope"}, 400, "unsupported_grant_type"),
        ({"api_key": "server", "client_id": "other", "api_secret": "s3cret"}, 400, "invalid_request"),
        ({"api_key": "server", "api_secret": 5}, 400, "invalid_request"),
        ({"api_key": "ser\0ver", "api_secret": "s3cret"}, 400, "invalid_request"),
        (
            {"api_key": "server", "api_secret": "s3cret", "grant_type": "password", "userid": "hong", "pw": PASSWORD},
            400,
            "unauthorized_client",
        ),
    ],
)
def test_refusals_speak_rfc_6749(body, http, errors, server, customer):
    answer = Api().post(PATH, body)

    assert (answer.http, answer.status, answer.contents, answer.errors) == (http, http, None, errors)


def test_a_disabled_client_gets_nothing_and_its_tokens_end(server):
    token = Api().post(PATH, {"api_key": "server", "api_secret": "s3cret"}).contents["access_token"]
    Client.objects.update(enabled=False)

    assert Api().post(PATH, {"api_key": "server", "api_secret": "s3cret"}).errors == "invalid_client"
    assert Api(token=token).get("/reserv", {"rule": "all"}).status == 401


@pytest.mark.parametrize("names", [("userid", "pw"), ("username", "password")])
def test_a_person_signs_in_with_a_password(names, mobile, customer):
    body = {"client_id": "mobile", "grant_type": "password", names[0]: "HONG", names[1]: PASSWORD}

    answer = Api().post(PATH, body)

    assert set(answer.contents) == {"access_token", "expires_in", "token_type", "scope", "refresh_token"}
    rows = Api(token=answer.contents["access_token"]).get("/user", {"rule": {"userid": "hong"}}).contents
    assert rows[0]["email"] == customer.email


def test_passwords_are_for_customers_and_test_accounts(mobile):
    for account_type in AccountType:
        user = UserFactory(userid=f"type{account_type}", type=account_type)
        user.set_password(PASSWORD)
        user.save()
        body = password_request(userid=user.userid)

        allowed = account_type in (AccountType.CUSTOMER, AccountType.TEST)
        assert Api().post(PATH, body).errors == (None if allowed else "invalid_grant")
        with override_settings(DEBUG=True):
            assert Api().post(PATH, body).errors is None


@pytest.mark.parametrize("wrong", [{"pw": "wrong"}, {"userid": "nobody"}, {"userid": "ho\u00f1g"}])
def test_a_wrong_password_is_an_invalid_grant(wrong, mobile, customer):
    assert Api().post(PATH, password_request(**wrong)).failure == (400, 400, "invalid_grant")


def test_refresh_tokens_rotate_and_a_reused_one_ends_the_family(mobile, customer):
    first = Api().post(PATH, password_request()).contents
    refresh = {"client_id": "mobile", "grant_type": "refresh_token"}

    second = Api().post(PATH, refresh | {"refresh_token": first["refresh_token"]}).contents
    stolen = Api().post(PATH, refresh | {"refresh_token": first["refresh_token"]})
    third = Api().post(PATH, refresh | {"refresh_token": second["refresh_token"]})

    assert second["access_token"] != first["access_token"]
    assert (stolen.errors, third.errors) == ("invalid_grant", "invalid_grant")


def test_ten_wrong_passwords_lock_the_person_out_at_every_door(mobile, customer, settings):
    settings.THROTTLE_PASSWORD = 0
    settings.THROTTLE_PASSWORD_PER_IP = 0
    answers = [Api().post(PATH, password_request(userid="hong" if n % 2 else "HONG", pw="wrong")) for n in range(10)]

    locked = Api().post(PATH, password_request())

    assert [answer.http for answer in answers[:9]] == [400] * 9
    assert locked.failure == (429, 429, "ERR: Too many requests.")
    assert locked.headers["Retry-After"] == "901"
    assert Browser().post("/login/", {"username": "Hong", "password": PASSWORD}).status_code == 429


def test_the_lock_opens_again(mobile, customer, settings, clock):
    settings.THROTTLE_PASSWORD = settings.THROTTLE_PASSWORD_PER_IP = 0
    for _ in range(10):
        Api().post(PATH, password_request(pw="wrong"))
    assert Api().post(PATH, password_request()).http == 429

    clock.shift(901)

    assert Api().post(PATH, password_request()).http == 200


def test_a_right_password_forgets_the_wrong_ones(mobile, customer, settings):
    settings.THROTTLE_PASSWORD = settings.THROTTLE_PASSWORD_PER_IP = 0
    for _ in range(3):
        for _ in range(6):
            Api().post(PATH, password_request(pw="wrong"))
        assert Api().post(PATH, password_request()).http == 200


def test_ten_passwords_a_minute_for_each_person(mobile, customer):
    answers = [Api().post(PATH, password_request()).http for _ in range(11)]

    assert answers == [200] * 10 + [429]
    assert Api().post(PATH, password_request(userid="other")).errors == "invalid_grant"


def test_a_password_of_a_withdrawn_person_is_refused(mobile, customer):
    as_person(customer).delete("/user", {"rule": "all"})

    assert Api().post(PATH, password_request()).errors == "invalid_grant"


@pytest.mark.parametrize("userid", ["hong gildong", "\x1f전", "\ud800", "x" * 300])
def test_whatever_was_typed_as_a_userid_is_refused_and_counted(mobile, userid):
    answers = [Api().post(PATH, password_request(userid=userid)) for _attempt in range(11)]

    assert answers[0].http == 400
    assert answers[0].errors in ("invalid_grant", "invalid_request")
    assert answers[-1].http == 429


# ---------------------------------------------------------------- /payment/OAuth2.0/api

KEYS = "/payment/OAuth2.0/api"


@pytest.mark.parametrize("trait", ["staff", "system"])
def test_account_managers_issue_keys(trait):
    answer = as_person(UserFactory(**{trait: True})).post(KEYS, {"name": "예약 키오스크", "scope": "reservations:read"})

    key, secret = answer.contents["api_key"], answer.contents["api_secret"]
    assert answer.contents == {"api_key": key, "api_secret": secret, "scope": "reservations:read"}
    assert secret not in Client.objects.get(client_id=key).client_secret
    token = Api().post(PATH, {"api_key": key, "api_secret": secret}).contents
    assert token["scope"] == "reservations:read"


def test_a_key_without_a_scope_may_do_all_that_app_clients_may():
    answer = as_person(UserFactory(staff=True)).post(KEYS, {"name": "서버"})

    assert answer.contents["scope"].split() == list(SCOPES)


@pytest.mark.parametrize(
    "body", [{"name": "x", "scope": "nope"}, {"name": "x" * 256}, {"name": 5}, {"name": "x", "scope": 5}]
)
def test_keys_of_a_wrong_type(body):
    answer = as_person(UserFactory(staff=True)).post(KEYS, body)

    assert answer.failure == (400, 400, "Some of Information Type Not Match")


def test_keys_need_a_name():
    answer = as_person(UserFactory(staff=True)).post(KEYS, {})

    assert answer.failure == (400, 400, "Some of Information Expected, but missed.")


def test_nobody_else_issues_keys():
    body = {"name": "x"}
    denied = (403, 403, "ERR: Permission denied.")

    assert Api().post(KEYS, body).failure == (401, 401, "ERR: Authentication required.")
    assert as_app().post(KEYS, body).failure == denied
    for user in (UserFactory(), UserFactory(tester=True), UserFactory(finance=True), DesignerFactory().user):
        assert as_person(user).post(KEYS, body).failure == denied
    assert as_person(UserFactory(staff=True), ["users:read"]).post(KEYS, body).failure == denied


def test_a_public_client_gets_no_token_for_itself():
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientFactory(public=True, authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS)
    public = ClientFactory(public=True, authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE)

    Client.objects.filter(pk=public.pk).update(
        client_type="confidential", authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS
    )

    for secret in ("", None):
        assert Api().post(PATH, {"api_key": public.client_id, "api_secret": secret}).errors == "invalid_client"


def test_a_key_may_do_no_more_than_the_token_that_asks_for_it():
    api = as_person(UserFactory(staff=True), ["payment", "users:read"])

    assert api.post(KEYS, {"name": "x", "scope": "payment users:write"}).failure == (
        403,
        403,
        "ERR: Permission denied.",
    )
    assert set(api.post(KEYS, {"name": "x"}).contents["scope"].split()) == {"payment", "users:read"}
    assert api.post(KEYS, {"name": "x", "scope": " payment  payment "}).contents["scope"] == "payment"


@pytest.mark.parametrize("grant", ["urn:ietf:params:oauth:grant-type:device_code", "implicit", "nope"])
def test_other_grants_are_unsupported_at_both_doors(grant, server):
    body = {"client_id": "server", "client_secret": "s3cret", "grant_type": grant, "device_code": "x"}

    assert Api().post(PATH, body).failure == (400, 400, "unsupported_grant_type")
    plain = Browser().post("/oauth/token", body)
    assert (plain.status_code, plain.json()) == (400, {"error": "unsupported_grant_type"})


def test_a_nul_is_an_invalid_request_at_both_doors(mobile):
    body = password_request(username="ho\0ng")

    assert Browser().post("/oauth/token", body).json() == {"error": "invalid_request"}


def test_a_client_that_may_do_less_now_does_less_at_once(mobile, customer):
    first = Api().post(PATH, password_request()).contents
    Client.objects.filter(client_id="mobile").update(scope="users:read")

    assert Api(token=first["access_token"]).get("/reserv", {"rule": "all"}).status == 403
    again = {"client_id": "mobile", "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert Api().post(PATH, again).contents["scope"] == "users:read"


def test_a_new_account_type_ends_the_tokens_of_the_old_one(mobile, customer):
    token = Api().post(PATH, password_request()).contents["access_token"]

    as_person(UserFactory(staff=True)).patch("/user", {"base": {"userid": "hong"}, "data": {"type": 4}})

    assert Api(token=token).get("/user", {"rule": "all"}).status == 401


@pytest.mark.parametrize("trick", [{"userid": "other{n}"}, {"username": "{spaces}hong"}])
def test_no_spelling_of_a_name_gets_more_tries(trick, mobile, customer):
    browser = Browser()
    answers = []
    for n in range(12):
        form = {"username": "hong", "password": PASSWORD}
        form |= {key: value.format(n=n, spaces=" " * n) for key, value in trick.items()}
        answers.append(browser.post("/login/", form).status_code)

    assert answers[:10] == [302] * 10
    assert answers[10:] == [429, 429]


def test_a_bearer_beside_it_opens_no_way_around_the_lockout(mobile, customer, settings):
    """A request with a Bearer goes past the middleware for browsers, that of axes among it."""
    settings.THROTTLE_PASSWORD = settings.THROTTLE_PASSWORD_PER_IP = 0
    for _ in range(10):
        Api(token="x").post(PATH, password_request(pw="wrong"))

    assert Api(token="x").post(PATH, password_request()).failure == (429, 429, "ERR: Too many requests.")
    assert Api().post(PATH, password_request()).http == 429
