"""Every parameter of every route, in every encoding that the manual knows, with values of every kind.

Whatever comes, the answer is the envelope, never a 500; and what was asked stays answerable by the same door: the
invariants that `manage.py verify` knows still hold at the end.
"""

import json
import os

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, get_resolver
from django.utils.http import urlencode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cody_site.api.params import types
from cody_site.api.views import Route
from tests.factories import (
    CommentFactory,
    DesignerFactory,
    PhotoFactory,
    PostPhotoFactory,
    ReservationFactory,
    UserFactory,
    bearer,
)
from tests.fuzz.conftest import counted

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
FORM = "application/x-www-form-urlencoded"


def routes(resolver, prefix="/"):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            if issubclass(getattr(entry.callback, "cls", object), Route):
                yield prefix + str(entry.pattern), entry.callback
        elif str(entry.pattern) != "admin/":
            yield from routes(entry, prefix + str(entry.pattern))


OPERATIONS = [
    (method.upper(), path, callback.cls.operations[action])
    for path, callback in routes(get_resolver())
    for method, action in callback.actions.items()
    if method != "head"
]

WORDS = st.sampled_from(
    ["all", "hong", "kim", "HONG", "", " ", "0", "-1", "1.0", "null", "20260310", "20261331", "10:00", "24:00",
     "20260310-10:00", "2026.03.10", "010-1234-5678", "192.0.2.1", "::1", "카드", "\x00", "\ud800", "a" * 51, "💇" * 31,
     "' OR 1=1 --", "%", "[]", "{}", '{"id":1}', "true", "P" * 22, "P" * 16]
)  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=8))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)


def objects(params):
    """An object of the parameter's own keys, with any values."""
    names = list(types(params))
    return st.dictionaries(st.sampled_from([*names, "other"]), VALUES, min_size=1, max_size=4)


@st.composite
def requests(draw):
    method, path, operation = draw(st.sampled_from(OPERATIONS))
    fields = types(operation.params())
    chosen = draw(st.sets(st.sampled_from([*fields, "limit", "after", "other"])))
    given = {}
    for name in chosen:
        inner = getattr(fields.get(name), "fields", None)
        given[name] = draw(VALUES if inner is None else st.one_of(objects(fields[name]), VALUES))
    encoding = draw(st.sampled_from(["json", "form", "multipart", "query"]))
    return (
        method,
        path,
        encoding,
        given,
        draw(st.sampled_from(["administrator", "app", "customer", "designer", "nobody"])),
    )


def as_text(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode(errors="replace").decode()


def ask(request, tokens):
    method, path, encoding, given, caller = request
    headers = {"Authorization": f"Bearer {tokens[caller]}"} if caller in tokens else {}
    return counted(lambda: send(method, path, encoding, given, headers))


def send(method, path, encoding, given, headers):
    browser = Browser(raise_request_exception=False)
    texts = {name: as_text(value) for name, value in given.items()}
    if encoding == "query" or method == "GET":
        return browser.generic(method, f"{path}?{urlencode(texts)}", headers=headers)
    body, content_type = {
        "json": lambda: (json.dumps(given), "application/json"),
        "form": lambda: (urlencode(texts), FORM),
        "multipart": lambda: (encode_multipart(BOUNDARY, texts), MULTIPART_CONTENT),
    }[encoding]()
    return browser.generic(method, path, body, content_type=content_type, headers=headers)


@pytest.fixture
def tokens():
    """Of every kind of caller, in a salon that has a row of everything."""
    hong = UserFactory(userid="hong")
    kim = DesignerFactory(user__userid="kim")
    ReservationFactory(customer=hong, designer=kim)
    photo = PhotoFactory(uploader=hong, photoid="P" * 22)
    comment = CommentFactory(author=hong, commid="P" * 16, post__author=hong, post__postid="P" * 16)
    PostPhotoFactory(post=comment.post, photo=photo)
    callers = {"administrator": UserFactory(staff=True), "app": None, "customer": hong, "designer": kim.user}
    return {name: bearer(user) for name, user in callers.items()}


@settings(max_examples=EXAMPLES * 20, suppress_health_check=list(HealthCheck))
@given(request=requests())
def test_whatever_comes_the_answer_is_the_envelope(request, tokens):
    answer = ask(request, tokens)

    body = json.loads(answer.getvalue())
    assert answer.status_code < 500 or "ERR: Cannot find user" in body["errors"], body
    assert {"status", "contents", "errors"} <= body.keys()
    assert (body["errors"] is None) == (answer.status_code == 200)


def test_nothing_is_broken_after_all_that(tokens):
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(many=st.lists(requests(), min_size=5, max_size=20))
    def run(many):
        for one in many:
            ask(one, tokens)
        call_command("verify", verbosity=0)

    run()
