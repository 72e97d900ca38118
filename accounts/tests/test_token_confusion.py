"""What one app was given is worth nothing in the hands of another, nor in another place than it is meant for."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser
from oauth2_provider.models import get_refresh_token_model

from tests.api import Api
from tests.factories import ClientFactory, UserFactory, bearer

pytestmark = pytest.mark.django_db

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://a.example/callback"
ASKED = {
    "client_id": "app-a",
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "reservations:read",
    "state": "xyz",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(autouse=True)
def _apps():
    ClientFactory(client_id="app-a", public=True, redirect_uris=CALLBACK)
    ClientFactory(client_id="app-b", public=True, redirect_uris="https://b.example/callback")


@pytest.fixture
def browser():
    browser = Browser()
    browser.force_login(UserFactory(userid="hong"), backend="accounts.backends.RoleBackend")
    return browser


def consent(browser, **more):
    page = browser.get("/oauth/authorize", ASKED | more)
    hidden = dict(re.findall(r'name="([a-z_]+)"\s+value="([^"]*)"', page.content.decode()))
    return browser.post(f"/oauth/authorize?{page.request['QUERY_STRING']}", hidden | {"allow": "true"})


def code_of(browser):
    return parse_qs(urlsplit(consent(browser)["Location"]).query)["code"][0]


def exchange(door="/oauth/token", **given):
    body = {
        "grant_type": "authorization_code", "client_id": "app-a", "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
    } | given  # fmt: skip
    return Browser().post(door, {key: value for key, value in body.items() if value is not None})


def exchange_at_both_doors(**given):
    return [exchange(door, **given).status_code for door in ("/oauth/token", "/payment/OAuth2.0/getToken")]


@pytest.mark.parametrize(
    "stolen",
    [
        {"client_id": "app-b"},
        {"client_id": "app-b", "redirect_uri": "https://b.example/callback"},
        {"code_verifier": None},
        {"code_verifier": ""},
        {"code_verifier": CHALLENGE},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": "https://b.example/callback"},
        {"client_id": None},
    ],
)
def test_a_code_is_the_apps_that_asked_for_it_with_its_verifier_and_its_address(stolen, browser):
    code = code_of(browser)

    statuses = exchange_at_both_doors(code=code, **stolen)

    assert set(statuses) <= {400, 401}


@pytest.mark.parametrize(
    "wrong",
    [
        f"{CALLBACK}/../evil", f"{CALLBACK}?a=b", f"{CALLBACK}#fragment", "https://a.example.evil.example/callback",
        "https://a.example@evil.example/callback", "http://a.example/callback", "https://a.example:8443/callback",
        "https://A.example/callback/", "//a.example/callback", "https://a.example\\@evil.example/callback",
        "javascript:alert(1)//https://a.example/callback", "https://b.example/callback", "https://a.example/Callback",
    ],
)  # fmt: skip
def test_a_code_is_sent_to_the_address_that_is_written_down_and_to_no_other(wrong, browser):
    answer = browser.get("/oauth/authorize", ASKED | {"redirect_uri": wrong})

    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("weaker", [{"code_challenge_method": "plain"}, {"code_challenge_method": ""}])
def test_nobody_talks_us_into_less_than_s256(weaker, browser):
    answer = consent(browser, **weaker)

    assert "code=" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("verifier", [None, "", VERIFIER, CHALLENGE])
def test_a_code_that_was_asked_for_with_an_empty_challenge_is_worth_nothing(verifier, browser):
    answer = consent(browser, code_challenge="")
    code = parse_qs(urlsplit(answer["Location"]).query).get("code", [""])[0]

    statuses = exchange_at_both_doors(code=code, code_verifier=verifier)

    assert set(statuses) == {400}


def test_a_refresh_token_is_the_apps_that_got_it_and_gives_no_more_than_was_granted(browser):
    granted = exchange(code=code_of(browser)).json()
    ask = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}

    by_another = Browser().post("/oauth/token", ask | {"client_id": "app-b"}).json()
    for_more = Browser().post(
        "/oauth/token", ask | {"client_id": "app-a", "scope": "reservations:read reservations:write payment"}
    )
    as_granted = Browser().post("/oauth/token", ask | {"client_id": "app-a"}).json()

    assert by_another == {"error": "invalid_grant"}
    assert (for_more.status_code, for_more.json()["error"]) == (400, "invalid_scope")
    assert as_granted["scope"] == "reservations:read"
    assert get_refresh_token_model().objects.filter(revoked=None).count() == 1


@pytest.mark.parametrize("place", ["query", "form", "json", "cookie"])
def test_a_token_counts_in_its_header_and_nowhere_else(place):
    token = bearer(UserFactory())
    browser = Browser()
    if place == "cookie":
        browser.cookies["access_token"] = token

    answer = {
        "query": lambda: browser.get("/reserv", {"rule": "all", "access_token": token}),
        "form": lambda: browser.post("/reserv", {"access_token": token}),
        "json": lambda: browser.post("/reserv", {"access_token": token}, content_type="application/json"),
        "cookie": lambda: browser.get("/reserv", {"rule": "all"}),
    }[place]()

    assert answer.status_code == 401


def test_a_token_for_refreshing_opens_no_route(browser):
    granted = exchange(code=code_of(browser)).json()

    assert Api(token=granted["refresh_token"]).get("/reserv", {"rule": "all"}).http == 401


def test_a_client_cannot_be_two_at_once():
    ClientFactory(client_id="server", client_secret="s3cret")
    basic = {"Authorization": "Basic " + base64.b64encode(b"server:s3cret").decode()}

    answer = Browser().post(
        "/oauth/token", {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "app-a"}, headers=basic
    )

    assert answer.status_code in (400, 401)


def test_nobody_ends_or_looks_at_anothers_tokens():
    ClientFactory(client_id="curious", client_secret="s3cret", scope="users:read")
    basic = {"Authorization": "Basic " + base64.b64encode(b"curious:s3cret").decode()}
    token = bearer(UserFactory())

    Browser().post("/oauth/revoke", {"token": token}, headers=basic)
    told = Browser().post("/oauth/introspect", {"token": token}, headers=basic)

    assert told.status_code == 403
    assert Api(token=token).get("/reserv", {"rule": "all"}).http == 200


def test_a_token_is_told_as_what_it_is_worth_at_the_api():
    ClientFactory(client_id="gate", client_secret="s3cret", scope="introspection")
    basic = {"Authorization": "Basic " + base64.b64encode(b"gate:s3cret").decode()}
    less = ClientFactory(scope="users:read")
    tokens = {
        "narrowed": bearer(UserFactory(userid="hong"), ["users:read", "payment"], client=less),
        "of an app that is off": bearer(UserFactory(), client=ClientFactory(enabled=False)),
        "of who has left": bearer(UserFactory(gone=True)),
        "over": bearer(UserFactory(), expires_in=-1),
        "made up": "x",
    }

    told = {
        name: Browser().post("/oauth/introspect", {"token": token}, headers=basic).json()
        for name, token in tokens.items()
    }
    by_address = Browser().get("/oauth/introspect", {"token": tokens["narrowed"]}, headers=basic)

    narrowed = told.pop("narrowed")
    assert (narrowed["active"], narrowed["scope"], narrowed["username"]) == (True, "users:read", "hong")
    assert list(told.values()) == 4 * [{"active": False}]
    assert by_address.status_code == 405
