"""Every route against its own description: inputs that fit it, inputs that do not, and what the answers may be.

Whatever is asked by whomever, the answer is one that /schema.json names: status, message, contents, headers. What does
not fit is refused, and what fits is never called mistyped. `make fuzz` runs it, FUZZ_EXAMPLES=1000 makes it long.
"""

import contextlib
import datetime as dt
import json
import os

import pytest
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st

from cody_site.api.errors import MALFORMED
from cody_site.api.operations import Operation
from cody_site.api.params import Birth, Date, Time, When
from cody_site.api.schema import document
from cody_site.api.views import MissingKey
from cody_site.errors import Missing, Mistyped
from cody_site.wsgi import application
from tests.factories import DesignerFactory, ReservationFactory, UserFactory, bearer
from tests.fuzz.conftest import counted

pytestmark = pytest.mark.django_db
examples = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "10")))

_JSON, FORM, MULTIPART = Operation.takes
NOT_UNDERSTOOD = {str(Mistyped()), str(Missing()), str(MissingKey("rule")), MALFORMED[1]}


# ---------------------------------------------------------------- the description, as far as schemathesis can read it


def readable(schema):
    """The description, with JSON in the place of JSON text and with what its prose says: absent may be empty."""
    if isinstance(schema, list):
        return [readable(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "contentSchema" in schema:
        return readable(schema["contentSchema"])
    schema = dict(schema)
    if "delete" in schema:  # its rule in the body only; in two places it must be the same
        schema["delete"] = {key: value for key, value in schema["delete"].items() if key != "parameters"}
    if schema.get("in") == "query":
        if schema["name"] == "rule":
            schema["content"] = {"application/json": {"schema": schema.pop("schema")}}
        elif not schema["required"]:
            schema["schema"] = may_be_empty(schema["schema"])
    if "properties" in schema and "additionalProperties" not in schema:  # the parameters in a body
        schema["required"] = schema.get("required") or [name for name in schema["properties"] if name == "rule"]
        schema["properties"] = {
            name: value if name in schema["required"] else may_be_empty(value)
            for name, value in schema["properties"].items()
        }
    return {
        key: value if key == "responses" else readable(value)
        for key, value in schema.items()
        if not is_hidden(key, value, schema)
    }


def may_be_empty(schema):
    return {"anyOf": [schema, {"enum": ["", None]}]}


def is_hidden(key, value, schema):
    """multipart is read as the other form is where there is one, and neither shows what the JSON text in it must be."""
    return (key == MULTIPART and FORM in schema) or (key == FORM and "contentSchema" in json.dumps(value))


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Write what the readable description says as the real one wants it."""
    if isinstance(case.query, dict) and case.query.get("rule") == '"all"':
        case.query["rule"] = "all"
    if case.media_type == "application/json":
        case.body = whole(case.body)
    elif isinstance(case.body, dict):
        case.body = {key: in_form(value) for key, value in case.body.items()}


def in_form(value):
    """Nothing is empty text; an object is JSON text (werkzeug would take it for a file, and leave it out)."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, dict) else value


def whole(value):
    """1.0 is an integer to JSON Schema, and none to the manual (R7)."""
    if isinstance(value, dict):
        return {key: whole(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [whole(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


MOMENTS = st.datetimes(min_value=dt.datetime(1000, 1, 1))
for kind in (Date, Time, When, Birth):
    schemathesis.openapi.format(kind.notation, MOMENTS.map(lambda moment, kind=kind: f"{moment:{kind.format}}"))
schemathesis.openapi.format("phone", st.from_regex(r"(\+8210|010-)[2-9][0-9]{3}-?[0-9]{4}", fullmatch=True))
schemathesis.openapi.format("email", st.from_regex(r"[a-z0-9._-]{1,9}[a-z0-9]@[a-z]{1,9}\.(com|kr)", fullmatch=True))


# ---------------------------------------------------------------- checks


@schemathesis.check
def what_fits_is_understood(ctx, response, case):
    """In the place of positive_data_acceptance: data of the right types may meet a rule, and nothing else."""
    if case.meta and case.meta.generation.mode.value == "positive" and not told_in_prose(case):
        assert response.json()["errors"] not in NOT_UNDERSTOOD


def told_in_prose(case):
    """What no type says: staff and app clients must name the userid they withdraw (section 7), `data.id` must be the
    row's own (R15), `commit` and `commid` are two names of one thing."""
    match case.method, case.path:
        case "DELETE", "/user":
            return True
        case "PATCH", "/reserv":
            return "id" in case.body["data"]
        case "PATCH", "/post":
            return "commid" in case.body["data"]
        case "DELETE", "/comment":
            return "commit" in case.body["rule"]
    return False


def check(case, headers):
    left_out = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
    # Several photoids are 413 before any type is looked at (R17); a webhook is a hint, which nothing refuses.
    if case.path.startswith(("/photo_", "/payment/webhook")):
        left_out.append(schemathesis.checks.CHECKS.get_one("negative_data_rejection"))
    counted(lambda: case.call_and_validate(headers=headers, excluded_checks=left_out))


# ---------------------------------------------------------------- tests


def ended(environ, start_response):
    """The site, and the end of each request, which schemathesis leaves to the server (PEP 3333, `close`)."""
    with contextlib.closing(application(environ, start_response)) as answer:
        return [b"".join(answer)]


def described(*, borderline):
    """The description, with or without schemathesis's long list of borderline cases."""
    schema = schemathesis.openapi.from_dict(readable(document()), config=schemathesis.Config())
    schema.config.phases.coverage.enabled = borderline
    schema.app, schema.location = ended, "/schema.json"
    return schema


@pytest.fixture(params=["administrator", "app", "customer", "nobody"])
def headers(request):
    """A caller's, in a salon with the people of the description's examples."""
    hong = UserFactory(userid="hong")
    ReservationFactory(customer=hong, designer=DesignerFactory(user__userid="kim"))
    callers = {"administrator": UserFactory(staff=True), "app": None, "customer": hong}
    return {"Authorization": f"Bearer {bearer(callers[request.param])}"} if request.param in callers else {}


@pytest.mark.parametrize("headers", ["administrator"], indirect=True)
@described(borderline=True).parametrize()
@examples
def test_borderline_cases(case, headers):
    check(case, headers)


@described(borderline=False).parametrize()
@examples
def test_drawn_cases(case, headers):
    check(case, headers)
