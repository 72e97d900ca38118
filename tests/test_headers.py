"""What every answer tells browsers and caches: each route of the site, by each method, whoever asks."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import (
    ClientNoteFactory,
    CommentFactory,
    ConsultationTermsFactory,
    DesignerFactory,
    MoveFactory,
    PaymentItemFactory,
    PhotoFactory,
    ReservationFactory,
    UserFactory,
    WaitFactory,
    bearer,
)

pytestmark = pytest.mark.django_db

EVIL = {"Origin": "https://evil.example"}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}
POLICY = {
    "default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "img-src 'self' data:",
    "object-src 'none'",
}  # fmt: skip
IN_THE_ADMIN = {"script-src 'self' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'"}
OPEN_TO_APPS = "/oauth/authorize"
FOR_EVERYBODY = "/service-worker.js"  # the same for all, and asked for anew each time
READ_ELSEWHERE = "/.well-known/oauth-authorization-server"  # RFC 8414: for scripts of other sites too, without cookies
READ_BY_SCRIPTS = {"__Host-csrftoken"}
METHODS = ("GET", "POST", "OPTIONS")


def routes(resolver=None, prefix=""):
    """Every pattern of the urlconf: `my/reservations/<int:pk>/`."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern)


@pytest.fixture
def rows():
    """One of everything, the customer's where it can be one's."""
    customer, designer = UserFactory(userid="hong", reachable=True), DesignerFactory()
    reservation = ReservationFactory(customer=customer, designer=designer)
    return {
        "customer": customer,
        "designer": designer,
        "reservation": reservation,
        "comment": CommentFactory(author=customer, post__author=customer),
        "move": MoveFactory(reservation=reservation),
        "note": ClientNoteFactory(customer=customer),
        "payment": PaymentItemFactory(payment__payer=customer).payment,
        "photo": PhotoFactory(uploader=customer),
        "wait": WaitFactory(customer=customer),
        "staff": UserFactory(staff=True),
    }


@pytest.fixture
def paths(rows):
    """Every route as a path, of those rows where it names one."""
    named = [
        ("my/waits/<int:pk>", rows["wait"]),
        ("my/reservations/<int:pk>", rows["reservation"]),
        ("admin/visits/<int:pk>", rows["reservation"]),
        ("admin/moves/<int:pk>", rows["move"]),
        ("admin/clients/<int:pk>", rows["customer"]),
        ("admin/showcase/<int:pk>", rows["designer"]),
        ("designers/<int:pk>", rows["designer"]),
    ]
    values = {
        "postid": rows["comment"].post.postid,
        "commid": rows["comment"].commid,
        "photoid": rows["photo"].photoid,
        "payment_uid": rows["payment"].payment_uid,
        "note_pk": rows["note"].pk,
        "size": "small",
        "slug": "revenue",
    }

    def filled(route):
        for start, row in named:
            if route.startswith(start):
                route = route.replace("<int:pk>", str(row.pk), 1)
        if match := re.match(r"admin/(\w+)/(\w+)/<path:object_id>", route):
            row = apps.get_model(*match.groups()).objects.first()
            route = route.replace("<path:object_id>", str(row.pk if row else 1))
        route = re.sub(r"\(\?P<\w+>.*?\)|[\^$]|/\?", "", route)
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values.get(match[1], 1)), route)

    return sorted({filled(route) for route in routes()})


def signed_in(user=None):
    browser = Browser(raise_request_exception=False, enforce_csrf_checks=True)
    if user is not None:
        browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


def policies(path):
    """Those that it may have; what is refused before the view has the common one."""
    if "/photos/" in path:
        return POLICY, {"default-src 'none'", "sandbox"}
    if path.startswith("/admin/"):
        return POLICY | IN_THE_ADMIN, POLICY
    return (POLICY, POLICY - {"form-action 'self'"}) if path == OPEN_TO_APPS else (POLICY,)


def faults(path, answer):
    """What is wrong with its headers."""
    headers = answer.headers
    for name, wanted in ALWAYS.items():
        if headers.get(name) != wanted:
            yield f"{name}: {headers.get(name)}"
    policy = set(headers.get("Content-Security-Policy", "").split("; "))
    if policy not in policies(path):
        yield f"Content-Security-Policy: {policy}"
    cached = set(re.split(r",\s*", headers.get("Cache-Control", "")))
    asked_again = cached & {"no-cache", "max-age=0"} and ("private" in cached or path == FOR_EVERYBODY)
    if "no-store" not in cached and not asked_again:
        yield f"Cache-Control: {cached}"
    kind, _, parameter = headers.get("Content-Type", "").partition(";")
    if kind.startswith("text/") and parameter.strip().replace('"', "") != "charset=utf-8":
        yield f"Content-Type: {headers['Content-Type']}"
    for name in headers:
        if name in ("Server", "X-Powered-By") or (name.startswith("Access-Control-") and path != READ_ELSEWHERE):
            yield f"{name}: {headers[name]}"
    for name, cookie in answer.cookies.items():
        if not (name.startswith("__Host-") and cookie["secure"] and cookie["path"] == "/" and not cookie["domain"]):
            yield f"{name} may be planted"
        if not cookie.value:  # it is taken away
            continue
        if cookie["samesite"] != "Lax" or not (cookie["httponly"] or name in READ_BY_SCRIPTS):
            yield f"{name} goes too far"


@pytest.mark.parametrize("caller", ["anonymous", "customer", "staff"])
def test_every_route_by_every_method_has_every_header(caller, rows, paths):
    browser = signed_in(rows.get(caller))
    wrong, statuses = {}, {}
    for path in paths:
        for method in METHODS if caller == "customer" else ("GET", "POST"):
            answer = browser.generic(method, path, secure=True, headers=EVIL | {"Accept": "text/html"})
            statuses[method, path] = answer.status_code
            if told := list(faults(path, answer)):
                wrong[method, path] = told
            if caller != "anonymous" and "logout" in path:
                browser = signed_in(rows[caller])

    assert wrong == {}
    shown = sum(status == 200 for (method, _path), status in statuses.items() if method == "GET")
    assert shown >= {"anonymous": 15, "customer": 30, "staff": 90}[caller]
    assert 500 not in statuses.values()


@pytest.mark.parametrize("path", ["/reserv", "/user", "/post", "/comment", "/payment", "/product", "/photo_l"])
def test_a_token_is_answered_with_them_too_and_nothing_is_stored(path, rows):
    for headers in ({"Authorization": f"Bearer {bearer(rows['customer'])}"}, {"Authorization": "Bearer none"}):
        answer = Browser().get(path, {"rule": "all"}, secure=True, headers=headers | EVIL)

        assert list(faults(path, answer)) == []
        assert answer["Cache-Control"] == "no-store"


def test_without_https_nothing_is_said_of_https():
    assert "Strict-Transport-Security" not in Browser().get("/login/").headers


def test_http_is_sent_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = Browser().get("/my/?a=b")

    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/my/?a=b")


@pytest.mark.parametrize("name", ["css/site.css", "drf_spectacular_sidecar/swagger-ui-dist/oauth2-redirect.html"])
def test_static_files_are_under_the_same_policy_and_for_this_site_alone(name, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("x")

    answer = Browser().get(f"/static/{name}", secure=True, headers=EVIL)

    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"x")
    answer.headers["Cache-Control"] = "no-store"  # they are everybody's, and kept
    assert list(faults(answer.request["PATH_INFO"], answer)) == []


def test_what_is_told_in_words_stays_where_no_other_host_reaches(rows):
    browser = signed_in(rows["customer"])
    browser.get("/my/profile/", secure=True)
    token = {"csrfmiddlewaretoken": browser.cookies["__Host-csrftoken"].value}

    answer = browser.post(
        "/my/profile/marketing/", token | {"wanted": "1"}, secure=True, headers={"Referer": "https://testserver/"}
    )

    assert answer.status_code == 302
    assert list(faults("/my/profile/marketing/", answer)) == []
    assert "__Host-messages" in answer.cookies


@pytest.mark.parametrize("path", ["/logout/", "/admin/logout/"])
def test_who_signs_out_leaves_no_page_behind_in_the_browser(path, rows):
    browser = Browser()
    browser.force_login(rows["staff"], backend="accounts.backends.RoleBackend")

    answer = browser.post(path, secure=True)

    assert (answer.status_code, answer["Location"], answer["Clear-Site-Data"]) == (302, "/", '"cache"')


SECRET_PAGES = ["/security/", "/login/device/", "/password/1/1/", "/my/reservations/{reservation}/pay/"]


@pytest.mark.parametrize("path", SECRET_PAGES)
def test_pages_with_secrets_are_not_kept_at_all(path, rows):
    ConsultationTermsFactory(later=True)
    browser = signed_in(rows["staff"] if path in ("/security/", "/login/device/") else rows["customer"])

    answer = browser.get(path.format(reservation=rows["reservation"].pk), secure=True)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_every_page_of_the_admin_is_never_kept(rows):
    browser = signed_in(rows["staff"])

    for model in admin.site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert "no-store" in browser.get(path, secure=True)["Cache-Control"]
