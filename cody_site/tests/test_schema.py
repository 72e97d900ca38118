"""The API's own description and the page that shows it."""

import re

import jsonschema
import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client as Browser

from accounts.models import AccountType
from tests.api import Api
from tests.factories import ClientFactory, UserFactory


@pytest.fixture
def document():
    return Browser().get("/schema.json").json()


def test_it_is_valid_and_complete(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


def test_everybody_may_read_it_in_english_whatever_they_speak():
    answer = Browser().get("/schema.json", headers={"Accept-Language": "ko"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["openapi"] == "3.1.0"
    scopes = answer.json()["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    assert scopes["payment"] == "pay and get refunds"


@pytest.mark.parametrize(
    ("path", "method", "security"),
    [
        ("/user", "get", [{"oauth2": ["users:read"]}, {"session": []}, {}]),
        ("/user", "post", [{"oauth2": ["users:write"]}, {"session": [], "csrf": []}, {}]),
        ("/reserv", "get", [{"oauth2": ["reservations:read"]}, {"session": []}]),
        ("/payment/OAuth2.0/api", "post", [{"oauth2": ["payment"]}, {"session": [], "csrf": []}]),
        ("/payment/OAuth2.0/getToken", "post", [{"client": []}, {}]),
    ],
)
def test_each_operation_tells_what_opens_it(document, path, method, security):
    assert document["paths"][path][method]["security"] == security


def test_a_rule_is_all_or_an_object_of_its_filters(document):
    rule, limit, after = document["paths"]["/user"]["get"]["parameters"]

    everything, json_text = rule["schema"]["anyOf"]
    assert (rule["name"], rule["required"], everything["const"]) == ("rule", True, "all")
    assert json_text["contentMediaType"] == "application/json"
    filters = json_text["contentSchema"]
    assert set(filters["properties"]) == {"userid", "name", "type", "pn", "email"}
    assert (filters["additionalProperties"], filters["minProperties"]) == (False, 1)
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000}
    assert not after["required"]


def test_bodies_come_in_three_forms_and_numbers_keep_their_meaning(document):
    body = document["paths"]["/user"]["post"]["requestBody"]["content"]

    assert set(body) == {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    assert body["application/json"]["schema"]["required"] == ["userid", "pw", "type", "name", "pn", "email", "birth"]
    assert body["multipart/form-data"]["schema"]["properties"]["type"]["enum"] == AccountType.values


def test_delete_takes_its_rule_in_the_query_or_the_body(document):
    operation = document["paths"]["/reserv"]["delete"]

    assert [(entry["name"], entry["required"]) for entry in operation["parameters"]] == [("rule", False)]
    assert not operation["requestBody"]["required"]


def test_each_status_has_its_messages(document):
    answers = document["paths"]["/user"]["patch"]["responses"]

    def told(http):
        errors = answers[http]["content"]["application/json"]["schema"]["properties"]
        return errors["status"]["enum"], [
            entry.get("const", entry.get("pattern")) for entry in errors["errors"]["anyOf"]
        ]

    assert told("400") == (
        [400],
        [
            "ERR: Malformed request.", "Some of Information Type Not Match",
            "Some of Information Expected, but missed.",
        ],
    )  # fmt: skip
    assert told("404") == ([500], ["^ERR: Cannot find user: "])
    assert answers["429"] == {"$ref": "#/components/responses/TOO_MANY_REQUESTS"}


@pytest.mark.django_db
def test_a_persons_token_is_as_described(document):
    ClientFactory(public=True, client_id="mobile", password_grant=True)
    UserFactory(userid="hong", password=make_password("long-enough"))

    wish = {"client_id": "mobile", "grant_type": "password", "userid": "hong", "pw": "long-enough"}
    answer = Api().post("/payment/OAuth2.0/getToken", wish)

    described = document["paths"]["/payment/OAuth2.0/getToken"]["post"]["responses"]["200"]
    jsonschema.validate(answer.body, described["content"]["application/json"]["schema"])
    assert "refresh_token" in answer.contents


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_needs_nothing_from_outside_and_no_inline_code(language):
    page = Browser().get("/docs/", headers={"Accept-Language": language})

    html = page.content.decode()
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|https?://", html)
    for name in re.findall(r'(?:src|href)="/static/([^"#]+)[^"]*"', html):
        assert finders.find(name), name
