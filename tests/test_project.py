"""Tests about the project itself: what no single app's tests can see."""

import ast
import gzip
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import global_settings, settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql import psycopg_any
from django.template.loader import get_template
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext, override

from cody_site.api.views import Route
from tests import factories

ROOT = Path(settings.BASE_DIR)
OURS = ["cody_site", "accounts", "reservations", "media_store", "board", "payments"]

# What becomes of each model's rows when the person they are about withdraws (R22, R12).
PERSONAL_DATA = {
    "accounts.User": "erased at withdrawal, all but the userid",
    "accounts.Designer": "kept: the salon's own record of its work",
    "accounts.WorkingHours": "not personal",
    "accounts.TimeOff": "kept: the salon's own record of its work",
    "accounts.Policy": "not personal",
    "accounts.Consent": "erased at withdrawal",
    "accounts.Session": "ends at withdrawal",
    "accounts.Mail": "erased at withdrawal; its words once it is sent",
    "accounts.CalendarFeed": "deleted at withdrawal",
    "accounts.Client": "not personal",
    "reservations.Reservation": "kept: a contract record, about a person no longer named",
    "reservations.ReservationPhoto": "goes with its photo",
    "media_store.Photo": "erased at withdrawal",
    "media_store.Rendition": "goes with its photo",
    "media_store.Portrait": "goes with its photo",
    "media_store.PortfolioPhoto": "goes with its photo",
    "board.Post": "kept under 탈퇴한 회원, its address erased at withdrawal",
    "board.Comment": "kept under 탈퇴한 회원, its address erased at withdrawal",
    "board.PostPhoto": "goes with its photo",
    "board.CommentPhoto": "goes with its photo",
    "reservations.ClientNote": "erased at withdrawal",
    "cody_site.Tick": "not personal",
    "cody_site.AccessLog": "kept: the law asks for it; about a person no longer named",
    "reservations.Wait": "erased at withdrawal",
    "reservations.Reminder": "goes with its mail",
    "reservations.Move": "kept: the record of who did what",
    "payments.ConsultationTerms": "not personal",
    "payments.Product": "not personal",
    "payments.PaymentDue": "kept with its reservation, until that is cancelled",
    "payments.Payment": "kept for five years: the law asks for it; about a person no longer named",
    "payments.PaymentItem": "kept with its payment",
    "payments.PaymentEvent": "kept with its payment",
    "payments.Refund": "kept with its payment",
    "payments.Schedule": "kept with its payments; the card that IMP keeps for it goes when the last is over",
    "payments.IdempotencyKey": "goes after 30 days",
}


def our_models():
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def routes(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.callback


def api_routes():
    return [(path, callback.cls, callback.actions) for path, callback in routes() if hasattr(callback, "cls")]


def test_every_api_action_declares_who_may_call_it_and_is_documented():
    assert {path for path, _cls, _actions in api_routes()} == {
        "reserv", "user", "post", "comment", "photo_u", "photo_d", "photo_w", "photo_l",
        "payment/OAuth2.0/api", "payment/OAuth2.0/getToken", "product", "payment", "payment/card/onetime",
        "payment/OAuth2.0/card/onetime", "payment/OAuth2.0/card/schedule", "payment/OAuth2.0/vbank/onetime",
            "payment/OAuth2.0/vbank/schedule", "payment/cancel", "payment/OAuth2.0/cancel", "payment/webhook",
    }  # fmt: skip
    for path, cls, actions in api_routes():
        assert issubclass(cls, Route)
        assert set(actions.values()) == set(cls.access) == set(cls.operations), path


@pytest.mark.parametrize(
    "path",
    [
        "/reserv",
        "/user",
        "/post",
        "/comment",
        "/payment/OAuth2.0/api",
        "/payment/OAuth2.0/getToken",
        "/product",
        "/payment",
        "/payment/card/onetime",
        "/payment/OAuth2.0/cancel",
        "/payment/webhook",
    ],
)
def test_every_api_route_answers_in_the_envelope(path):
    for method, content_type, body in [
        ("PUT", "application/json", "{}"), ("POST", "application/json", "{"), ("POST", "text/plain", "x"),
        ("POST", "application/json", '{"a":"' + "x" * 2**20 + '"}'),
    ]:  # fmt: skip
        answer = Browser().generic(method, path, body, content_type=content_type)
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        assert set(answer.json()) == {"status", "contents", "errors"}
        assert answer.json()["status"] == answer.status_code
        assert answer["X-Request-ID"]


def test_every_page_but_these_needs_a_sign_in():
    public = {
        path
        for path, callback in routes()
        if not getattr(callback, "login_required", True) and not hasattr(callback, "cls") and "admin/" not in path
    }

    assert public == {
        "", "favicon.ico", "robots.txt", "terms/", "privacy/", "offline/", "service-worker.js", "manifest.webmanifest",
        "healthz", "readyz", "metrics", "schema.json", "docs/", "login/", "login/code/", "login/device/",
        "join/", "farewell/", "i18n/setlang/",
        ".well-known/oauth-authorization-server",
        # these ask for the person or the client by themselves
        "address/<str:token>/", "invitation/<str:token>/", "calendar/<slug:token>.ics",
        "photos/<photoid:photoid>/<size:size>", "password/", "password/<uidb64>/<token>/",
        # these are read by everybody, and ask who reserves or writes to sign in without losing a word
        "designers/", "designers/<int:pk>/", "reserve/", "reserve/check/", "my/reservations/<int:pk>/",
        "board/", "board/write/", "board/<board_id:postid>/", "board/<board_id:postid>/edit/",
        "board/<board_id:postid>/comments/", "board/<board_id:postid>/comments/<board_id:commid>/edit/",
        "oauth/^authorize/?$", "oauth/^token/?$", "oauth/^revoke/?$", "oauth/^introspect/?$",
    }  # fmt: skip


def test_every_model_has_a_factory_a_name_and_a_decision_about_personal_data():
    made = {
        vars(value)["_meta"].model
        for value in vars(factories).values()
        if hasattr(value, "_meta") and value._meta.model
    }
    for model in our_models():
        assert model in made, model
        assert not re.fullmatch(r"[a-z ]+", str(model._meta.verbose_name)), f"{model} has no Korean name"
    assert {model._meta.label for model in our_models()} == set(PERSONAL_DATA)


def test_every_constraint_is_named_after_its_model():
    for model in our_models():
        for constraint in model._meta.constraints:
            assert constraint.name.startswith(f"{model._meta.model_name}_"), constraint.name


@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth():
    call_command("migrate", "accounts", "zero", verbosity=0)  # takes with it all that stands on it
    assert "accounts_user" not in connection.introspection.table_names()

    call_command("migrate", verbosity=0)

    assert "reservations_move" in connection.introspection.table_names()


def test_every_template_is_used_and_compiles():
    templates = [path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")]
    sources = "\n".join(
        path.read_text()
        for app in [*OURS, "templates"]
        for path in (ROOT / app).rglob("*.*")
        if path.suffix in (".py", ".html")
    )
    for name in templates:
        get_template(name)
        called = {name, Path(name).stem} if name.startswith("mail/") else {name}
        assert any(f'"{way}"' in sources for way in called), f"{name} is used nowhere"


def test_no_setting_of_ours_is_unknown():
    known = set(dir(global_settings)) | {
        "AXES_", "OAUTH2_PROVIDER", "REST_FRAMEWORK", "UNFOLD", "CONTENT_SECURITY_POLICY", "WHITENOISE_", "THROTTLE_",
        "API_", "BASE_DIR", "VAR_DIR", "REDIS_URL", "DATABASE_URL", "TRUSTED_PROXY_COUNT", "ROOT_URLCONF", "SILENCED_",
        "CELERY_", "SITE_URL", "SPECTACULAR_", "TITLE_MAX_", "POST_MAX_", "COMMENT_MAX_", "TRASH_DAYS", "IP_DAYS",
        "PHOTO_", "SALON_", "STAFF_", "OTP_", "S3_", "X_ACCEL_LOCATION", "METRICS_TOKEN",
        "IMP_", "PAYMENT_", "PERMISSIONS_POLICY", "SUSPICIOUS",
    }  # fmt: skip
    tree = ast.parse((ROOT / "cody_site/settings.py").read_text())
    ours = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper() and not target.id.startswith("_")
    }
    assert [name for name in ours if not any(name == k or name.startswith(k) for k in known)] == []


def test_psycopg_3_is_not_installed():
    assert not getattr(psycopg_any, "is_psycopg3", False)


@pytest.mark.django_db
def test_the_databases_own_settings_are_in_force():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout")
            assert cursor.fetchone() == (20_000,)
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)  # FULL
            assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        else:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("15s",)
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("5s",)
    assert connection.settings_dict["CONN_MAX_AGE"] == 600


def test_the_example_environment_names_every_variable():
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read = set(re.findall(r"env\.[a-z_]+\(\"([A-Z0-9_]+)\"", (ROOT / "cody_site/settings.py").read_text()))
    read |= set(
        re.findall(r"environ\.get\(\"([A-Z_]+)\"", (ROOT / "cody_site/management/commands/serve.py").read_text())
    )

    assert read <= named


def test_the_english_catalogue_is_complete():
    catalogue = (ROOT / "locale/en/LC_MESSAGES/django.po").read_text()

    assert re.findall(r'msgid "(.+)"\nmsgstr ""\n(?!")', catalogue) == []
    assert "#, fuzzy" not in catalogue
    with override("en"):
        assert str(gettext("로그인")) == "Sign in"
        assert str(settings.OAUTH2_PROVIDER["SCOPES"]["payment"]) == "pay and get refunds"


def test_the_customers_style_sheet_is_at_most_8_kb_as_it_is_sent():
    assert len(gzip.compress((ROOT / "static/css/site.css").read_bytes())) <= 8 * 1024
