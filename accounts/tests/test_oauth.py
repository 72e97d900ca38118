"""Plain OAuth 2.0 under /oauth/: RFC 6749, 7636, 7009, 7662, 8414."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser

from tests.api import Api
from tests.factories import ClientFactory, UserFactory

pytestmark = pytest.mark.django_db

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def mobile():
    return ClientFactory(client_id="mobile", public=True, name="머리 앱")


@pytest.fixture
def browser():
    browser = Browser()
    browser.force_login(UserFactory(userid="hong"), backend="accounts.backends.RoleBackend")
    return browser


def authorize(browser, method="get", **more):
    query = {
        "client_id": "mobile",
        "response_type": "code",
        "state": "xyz",
        "scope": "reservations:read",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | more
    return browser.get("/oauth/authorize", {key: value for key, value in query.items() if value is not None})


def consent(browser, **more):
    page = authorize(browser, **more)
    hidden = dict(re.findall(r'name="([a-z_]+)"\s+value="([^"]*)"', page.content.decode()))
    hidden.pop("csrfmiddlewaretoken", None)
    hidden.pop("language", None)
    hidden.pop("next", None)
    return browser.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], hidden | {"allow": "true"})


def test_the_person_must_sign_in_first(mobile):
    answer = authorize(Browser())

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=/oauth/authorize")


def test_the_person_reads_what_the_app_asks_for(mobile, browser):
    page = authorize(browser).content.decode()

    assert "머리 앱에 연결할까요?" in page
    assert "예약 보기" in page
    assert "결제와 환불" not in page


def redeeming(code, verifier=VERIFIER):
    return {
        "grant_type": "authorization_code",
        "client_id": "mobile",
        "code": code,
        "redirect_uri": "cdeday://callback",
        "code_verifier": verifier,
    }


def test_code_with_pkce_becomes_a_token_that_acts_as_the_person(mobile, browser):
    answer = consent(browser)
    location = urlsplit(answer["Location"])
    query = parse_qs(location.query)

    assert (location.scheme, query["state"], query["iss"]) == ("cdeday", ["xyz"], ["http://testserver"])
    token = Browser().post("/oauth/token", redeeming(query["code"][0])).json()
    assert token["scope"] == "reservations:read"
    assert Api(token=token["access_token"]).get("/reserv", {"rule": "all"}).status == 200


def test_a_code_that_comes_again_ends_all_that_it_gave(mobile, browser):
    code = parse_qs(urlsplit(consent(browser)["Location"]).query)["code"][0]
    body = redeeming(code)
    first = Browser().post("/oauth/token", body).json()
    renewal = {"grant_type": "refresh_token", "client_id": "mobile", "refresh_token": first["refresh_token"]}
    renewed = Browser().post("/oauth/token", renewal).json()
    assert Api(token=renewed["access_token"]).get("/reserv", {"rule": "all"}).status == 200

    again = Api().post("/payment/OAuth2.0/getToken", body)

    assert again.failure == (400, 400, "invalid_grant")
    assert Api(token=renewed["access_token"]).get("/reserv", {"rule": "all"}).status == 401
    renewal["refresh_token"] = renewed["refresh_token"]
    assert Browser().post("/oauth/token", renewal).json()["error"] == "invalid_grant"


def test_a_wrong_verifier_gets_nothing(mobile, browser):
    code = parse_qs(urlsplit(consent(browser)["Location"]).query)["code"][0]

    assert Browser().post("/oauth/token", redeeming(code, verifier="w" * 64)).json()["error"] == "invalid_grant"


def test_without_consent_there_is_no_code(mobile, browser):
    page = authorize(browser)
    answer = browser.post(
        "/oauth/authorize?" + page.request["QUERY_STRING"],
        {
            "client_id": "mobile",
            "redirect_uri": "cdeday://callback",
            "response_type": "code",
            "scope": "reservations:read",
        },
    )

    assert parse_qs(urlsplit(answer["Location"]).query)["error"] == ["access_denied"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "nope"}, "invalid_scope"),
    ],
)
def test_bad_requests_go_back_to_the_app(wrong, error, mobile, browser):
    answer = authorize(browser, **wrong) if "plain" not in wrong.values() else consent(browser, **wrong)

    assert error in answer["Location"]


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}])
def test_an_unknown_app_or_address_gets_a_page_and_no_redirect(wrong, mobile, browser):
    answer = authorize(browser, **wrong)

    assert answer.status_code == 400
    assert "앱을 연결할 수 없습니다" in answer.content.decode()


def test_nobody_consents_to_more_than_the_app_may_have(browser):
    ClientFactory(client_id="mobile", public=True, scope="reservations:read")
    page = authorize(browser)
    hidden = {
        "client_id": "mobile",
        "redirect_uri": "cdeday://callback",
        "response_type": "code",
        "scope": "reservations:read payment",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "allow": "true",
    }

    answer = browser.post("/oauth/authorize?" + page.request["QUERY_STRING"], hidden)

    assert "code=" not in answer["Location"]


def test_tokens_are_revoked_and_introspected():
    ClientFactory(client_id="server", client_secret="s3cret", scope="users:read introspection")
    basic = {"Authorization": "Basic " + base64.b64encode(b"server:s3cret").decode()}
    token = Browser().post("/oauth/token/", {"grant_type": "client_credentials"}, headers=basic).json()["access_token"]

    alive = Browser().post("/oauth/introspect", {"token": token}, headers=basic).json()
    Browser().post("/oauth/revoke", {"token": token}, headers=basic)
    dead = Browser().post("/oauth/introspect", {"token": token}, headers=basic)

    assert (alive["active"], alive["scope"], alive["client_id"]) == (True, "users:read introspection", "server")
    assert dead.json() == {"active": False}
    assert Api(token=token).get("/user", {"rule": "all"}).failure == (401, 401, "ERR: Authentication required.")


def test_plain_oauth_counts_passwords_like_every_other_door(settings):
    settings.THROTTLE_PASSWORD = 2
    ClientFactory(client_id="mobile", public=True, password_grant=True)
    body = {"grant_type": "password", "client_id": "mobile", "username": "hong", "password": "wrong"}

    answers = [Browser().post("/oauth/token", body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[2].json() == {"error": "too_many_attempts"}
    assert 0 < int(answers[2]["Retry-After"]) <= 61


def test_the_metadata_name_the_endpoints():
    metadata = Browser().get("/.well-known/oauth-authorization-server").json()

    assert {key: metadata[key] for key in ("issuer", "authorization_endpoint", "token_endpoint")} == {
        "issuer": "http://testserver",
        "authorization_endpoint": "http://testserver/oauth/authorize",
        "token_endpoint": "http://testserver/oauth/token",
    }
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["response_types_supported"] == ["code"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "bearer \u00f1", "Bearer a b"])
def test_a_token_that_does_not_hold_is_401_on_public_routes_too(header):
    answer = Api().send("GET", "/user?rule=all", headers={"Authorization": header})

    assert answer.failure == (401, 401, "ERR: Authentication required.")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cdeday", error="invalid_token"'
