"""Section 1: every answer has the envelope, whatever goes wrong."""

import json
import re

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection
from django.db.models.expressions import RawSQL
from django.test import Client as Browser
from django.test import RequestFactory, override_settings
from django.urls import include, path
from rest_framework.response import Response

from cody_site import views, wsgi
from cody_site.api.envelope import told
from cody_site.api.errors import is_down
from cody_site.api.permissions import OPEN
from cody_site.api.views import Route
from cody_site.errors import Refusal
from reservations.models import Reservation
from tests.api import Api, as_app, as_person
from tests.factories import ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

ID = re.compile(r"[0-9a-f]{32}")


class Broken(Route):
    """A route with our bug in it, and one with a refusal that is no HTTP code."""

    access = {"list": OPEN, "create": OPEN}

    def list(self, request):
        raise ZeroDivisionError("the card number was 4111111111111111")

    def create(self, request):
        raise TooLong("title")


def waited_in_vain(request):
    raise OperationalError("database is locked")


def our_bug(request):
    raise ZeroDivisionError


class Undeclared(Route):
    def list(self, request):
        return Response("should never be seen")


class TooLong(Refusal):
    status, message = 705, "ERR: 'title' length exceed"

    def __str__(self):
        return self.message


urlpatterns = [
    path("broken", Broken.as_view({"get": "list", "post": "create"})),
    path("waited", login_not_required(waited_in_vain)),
    path("bug", login_not_required(our_bug)),
    path("undeclared", Undeclared.as_view({"get": "list"})),
    path("", include("cody_site.urls")),
]
handler404 = "cody_site.views.not_found"
handler500 = "cody_site.views.server_error"

with_broken_routes = pytest.mark.urls(__name__)


@with_broken_routes
def test_our_bug_tells_its_id_and_nothing_else(caplog):
    client = Browser(raise_request_exception=False)

    answer = client.get("/broken", headers={"X-Request-ID": "a-known-id-1"})

    assert answer.status_code == 500
    assert answer.json() == {"status": 500, "contents": None, "errors": "ERR: Internal Server Error (a-known-id-1)"}
    assert answer["X-Request-ID"] == "a-known-id-1"
    assert "ZeroDivisionError" in caplog.text


@with_broken_routes
def test_our_bug_is_seen_by_error_reporters():
    with pytest.raises(ZeroDivisionError):
        Browser().get("/broken")


@with_broken_routes
def test_a_bug_of_a_page_leaves_its_traceback_in_the_log(caplog):
    answer = Browser(raise_request_exception=False).get("/bug", headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "our_bug" in caplog.text


@with_broken_routes
def test_a_lock_waited_for_in_vain_is_a_conflict():
    for_programs = Browser().get("/waited")
    for_people = Browser().get("/waited", headers={"Accept": "text/html"})

    assert (for_programs.status_code, for_programs.json()["errors"]) == (409, "ERR: Conflict, try again.")
    assert "바뀐 것은 없습니다" in for_people.content.decode()


@with_broken_routes
def test_705_travels_as_400():
    assert Api().post("/broken", {}).failure == (400, 705, "ERR: 'title' length exceed")


@with_broken_routes
def test_what_is_not_declared_is_denied():
    assert Api().get("/undeclared").failure == (401, 401, "ERR: Authentication required.")
    assert as_person(UserFactory(staff=True)).get("/undeclared").failure == (403, 403, "ERR: Permission denied.")


@override_settings(DEBUG=True)
@with_broken_routes
def test_development_mode_says_where():
    refused = Api().get("/user", {"rule": "nope"}).body
    broken = Browser(raise_request_exception=False).get("/broken").json()

    assert refused == {
        "status": 400,
        "contents": None,
        "errors": "Some of Information Type Not Match",
        "error": {"position": "rule", "errors": "Some of Information Type Not Match"},
    }
    assert broken["error"]["position"] == f"{__name__}:list"
    assert broken["errors"].startswith("ERR: Internal Server Error (")


@pytest.mark.parametrize("given", ["short", "has space in it", "x" * 65, "semi;colon-1234", "new\tline-1234"])
def test_a_strange_request_id_is_replaced(given):
    answer = Browser().get("/healthz", headers={"X-Request-ID": given})

    assert ID.fullmatch(answer["X-Request-ID"])


@pytest.mark.parametrize("path", ["/reserv/", "/nothing", "/user/1", "/RESERV", "/payment/OAuth2.0/getToken/"])
def test_an_unknown_route_is_told_to_programs_and_people(path):
    for_programs = Browser().get(path)
    for_people = Browser().get(path, headers={"Accept": "text/html,*/*"})

    assert (for_programs.status_code, for_programs.json()) == (
        404,
        {"status": 404, "contents": None, "errors": "ERR: No such route."},
    )
    assert for_programs["Content-Type"] == "application/json; charset=utf-8"
    assert (for_people.status_code, for_people["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "찾으시는 페이지가 없습니다" in for_people.content.decode()


def test_a_foreign_host_is_malformed():
    answer = Browser().get("/user?rule=all", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["errors"]) == (400, "ERR: Malformed request.")


def test_an_accept_header_changes_nothing():
    answer = Browser().get("/user?rule=all&format=xml", headers={"Accept": "application/xml"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "content_type", "failure"),
    [
        ("{", "application/json", (400, "ERR: Malformed request.")),
        ("[]", "application/json", (400, "ERR: Malformed request.")),
        ('"all"', "application/json", (400, "ERR: Malformed request.")),
        ('{"a": NaN}', "application/json", (400, "ERR: Malformed request.")),
        ("\xff", "application/json", (400, "ERR: Malformed request.")),
        ('{"a":' + "[" * 17 + "]" * 17 + "}", "application/json", (400, "ERR: Malformed request.")),
        ("[" * 100_000, "application/json", (400, "ERR: Malformed request.")),
        ('{"a":' + "9" * 5000 + "}", "application/json", (400, "ERR: Malformed request.")),
        ("--x\r\nbroken", "multipart/form-data", (400, "ERR: Malformed request.")),
        (
            "&".join(f"a{n}=1" for n in range(1001)),
            "application/x-www-form-urlencoded",
            (400, "ERR: Malformed request."),
        ),
        ("{}", "text/plain", (415, "ERR: Unsupported media type.")),
        ("<a/>", "application/xml", (415, "ERR: Unsupported media type.")),
        ('{"a":"' + "x" * 2**20 + '"}', "application/json", (413, "ERR: Request too large.")),
        ("a=" + "x" * 2**20, "application/x-www-form-urlencoded", (413, "ERR: Request too large.")),
    ],
)
def test_a_body_that_cannot_be_read(body, content_type, failure):
    answer = Api().send("POST", "/user", body.encode("latin-1"), content_type=content_type)

    assert (answer.http, answer.errors) == failure
    assert answer.status == answer.http


def test_a_body_without_a_length_is_refused_rather_than_lost():
    answer = Api().client.generic("POST", "/user", b"", headers={"Transfer-Encoding": "chunked"})

    assert (answer.status_code, answer.json()["errors"]) == (400, "ERR: Malformed request.")


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_not_allowed_whoever_asks(method):
    answer = Api().send(method, "/reserv", "{", content_type="text/plain")

    assert answer.failure == (405, 405, "ERR: Method not allowed.")
    assert answer.headers["Allow"] == "GET, POST, PATCH, DELETE, HEAD"


def test_head_is_get_without_a_body():
    answer = Browser().head("/user?rule=all")

    assert (answer.status_code, answer.getvalue()) == (200, b"")


def test_unknown_keys_at_the_top_are_ignored():
    assert Api().get("/user", {"rule": "all", "unknown": "1"}).status == 200
    assert Api().get("/user?rule=all&unknown=1&unknown=2").status == 200


@pytest.mark.parametrize("body", ['{"rule":"all","rule":"all"}', '{"rule":{"type":1,"type":1}}'])
def test_a_json_key_given_twice_is_refused(body):
    answer = Api().send("DELETE", "/user", body)

    assert answer.failure == (400, 400, "Some of Information Type Not Match")


def test_a_file_is_no_parameter():
    body = '--b\r\nContent-Disposition: form-data; name="userid"; filename="x.txt"\r\n\r\nhong\r\n--b--\r\n'

    answer = Api().send("POST", "/user", body, content_type="multipart/form-data; boundary=b")

    assert answer.status == 400


def test_answers_are_not_cached_and_not_sniffed():
    headers = as_app().get("/user", {"rule": "all"}).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_hangul_is_not_escaped():
    user = UserFactory(name="홍길동")
    raw = Browser().get("/user?rule=all").getvalue()
    body = Browser().get("/user?rule=all", headers=as_app().headers).getvalue()

    assert raw == b'{"status":200,"contents":[],"errors":null}'
    assert "홍길동".encode() in body
    assert json.loads(body)["contents"][0]["userid"] == user.userid


def test_a_query_that_fails_before_the_first_byte_is_an_envelope(monkeypatch):
    api = as_app()
    api.client.raise_request_exception = False
    nonsense = told(Reservation.objects.all(), {"id": RawSQL("no_such_column", [])})
    monkeypatch.setattr("reservations.api.LISTED", nonsense)
    answer = api.get("/reserv", {"rule": "all"})

    assert (answer.http, answer.status, answer.contents) == (500, 500, None)


def test_a_stream_that_breaks_never_parses(monkeypatch):
    ReservationFactory.create_batch(3)
    monkeypatch.setattr("cody_site.api.envelope.ROWS_A_CHUNK", 1)
    response = Browser().get("/reserv?rule=all", headers=as_app().headers)
    monkeypatch.setattr("cody_site.api.envelope._text", _breaks_at_the_second(response))

    received = []
    with pytest.raises(ConnectionError):
        received.extend(response.streaming_content)

    assert b"".join(received).startswith(b'{"status":200,"contents":[{')
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(received))


def _breaks_at_the_second(response):
    calls = []

    def text(rows, keys):
        calls.append(rows)
        if len(calls) == 2:
            raise ConnectionError
        return b"{}"

    return text


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_streams_join_their_chunks(count, monkeypatch):
    monkeypatch.setattr("cody_site.api.envelope.ROWS_A_CHUNK", 2)
    rows = ReservationFactory.create_batch(count)

    assert [row["id"] for row in as_app().get("/reserv", {"rule": "all"}).contents] == [row.pk for row in rows]


def test_csrf_failures_outside_the_api_speak_the_envelope_to_programs():
    answer = Browser(enforce_csrf_checks=True).post("/login/", {"username": "x"})

    assert (answer.status_code, answer.json()["errors"]) == (403, "ERR: Permission denied.")


@pytest.mark.parametrize(
    ("view", "status", "errors", "told"),
    [
        (views.bad_request, 400, "ERR: Malformed request.", "요청을 이해하지 못했습니다"),
        (views.permission_denied, 403, "ERR: Permission denied.", "여기에는 들어갈 수 없습니다"),
        (views.server_error, 500, "ERR: Internal Server Error (-)", "이 번호를 알려 주세요"),
    ],
)
def test_what_happens_outside_of_any_route_is_told_to_programs_and_people(view, status, errors, told):
    for_programs = view(RequestFactory().get("/"))
    request = RequestFactory().get("/", headers={"Accept": "text/html"})
    request.user = AnonymousUser()
    for_people = view(request)

    assert json.loads(for_programs.content) == {"status": status, "contents": None, "errors": errors}
    assert (for_programs.status_code, for_people.status_code) == (status, status)
    assert told in for_people.content.decode()


@pytest.mark.parametrize("charset", ["hex", "zlib", "punycode", "idna", "utf-8"])
def test_a_foreign_charset_is_nobodys_fault(charset):
    environ = RequestFactory().get("/healthz?a=b").environ | {"CONTENT_TYPE": f"x/y; charset={charset}"}
    told = []

    body = wsgi.application(environ, lambda status, headers, exc_info=None: told.append(status))

    assert (b"".join(body), told) == (b"ok", ["200 OK"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: Api(token="x").get("/reserv", {"rule": "all"}),
        lambda: Api().get("/reserv", {"rule": "all"}),
        lambda: Api().post("/user", "{"),
    ],
)
def test_what_is_refused_is_counted_too(call, settings):
    settings.THROTTLE_ANON = 2

    answers = [call() for _ in range(3)]

    assert [answer.http == 429 for answer in answers] == [False, False, True]
    assert int(answers[2].headers["Retry-After"]) > 0


def test_a_cache_that_is_down_is_no_fault_of_the_caller(settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }

    assert Api().get("/user", {"rule": "all"}).failure == (503, 503, "serviceNotReady")


def test_a_page_says_so_too_when_the_cache_is_down(settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    browser = Browser(raise_request_exception=False)

    answer = browser.get("/", headers={"accept": "text/html"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "잠시 쉬어 가고 있습니다" in answer.content.decode()
    uncounted = [browser.get(path).status_code for path in ("/healthz", "/photos/nobodys/small")]
    assert uncounted == [200, 404]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own words")
@pytest.mark.parametrize("sqlstate", ["53100", "53200", "53300", "57P01"])  # disk, memory, connections, shut down
def test_a_database_that_is_full_or_going_is_down(sqlstate):
    with pytest.raises(OperationalError) as raised, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no more' USING ERRCODE = '{sqlstate}'; END $$")

    assert is_down(raised.value)
