"""All settings, read from the environment and from `.env` (see .env.example)."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()


def number(name: str, default: int) -> int:
    """A whole number; empty means the default."""
    return int(env.str(name, default="") or default)


environ.Env.read_env(BASE_DIR / ".env")
VAR_DIR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var")

# ---------------------------------------------------------------- deployment
DEBUG = bool(number("DEBUG", 0))
SECRET_KEY = env.str("SECRET_KEY", default="") or ("development-only-not-a-secret" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it in the environment or in .env (or DEBUG=1 to develop).")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
"""Earlier keys: what was signed with them still counts."""
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
# How many proxies of ours stand in front: so many entries, from the right, of X-Forwarded-For are to be trusted.
TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
"""The Bearer that reads /metrics; without one there is no such page."""
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise ImproperlyConfigured("METRICS_TOKEN is too short to keep a secret: 32 random characters at least.")

DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'cdeday.sqlite3'}"
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = 600  # a connection a request costs seven times the query
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(exist_ok=True)
    Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    _database["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads and then writes must not find another writer in between.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: with NORMAL a power cut may lose the last commits, and payments are written ahead.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    _database["OPTIONS"] = {
        "connect_timeout": 3,
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
        " -c jit=off",  # it compiles for longer than our queries run
        **_database.get("OPTIONS", {}),  # what the URL asks for, sslmode above all
    }

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Every caller has a counter; the default of 300 entries forgets who was refused.
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    )
}

# ---------------------------------------------------------------- the project
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "accounts.apps.FailedSignIns",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "cody_site",
    "accounts",
    "media_store",
    "board",
    "reservations",
    "payments",
]
MIDDLEWARE = [
    "cody_site.middleware.RequestId",
    "cody_site.middleware.BrowserRules",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cody_site.middleware.ContentSecurityPolicy",
    "cody_site.middleware.TokenDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "cody_site.middleware.CompressedPages",
    "accounts.sessions.Sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.staff_sessions.StaffSessions",
    "cody_site.middleware.PageThrottle",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    "cody_site.middleware.ConflictPage",
]
ROOT_URLCONF = "cody_site.urls"
WSGI_APPLICATION = "cody_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cody_site.customers.salon.salon",
            ]
        },
    }
]
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # userids are unique by Lower("userid"), which the check does not see
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # Django's own is forgotten with the window
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True
FORMAT_MODULE_PATH = "cody_site.formats"

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = env.str("MEDIA_ROOT", default="") or VAR_DIR / "media"
S3_BUCKET = env.str("S3_BUCKET", default="")
X_ACCEL_LOCATION = env.str("X_ACCEL_LOCATION", default="")
PHOTO_MAX_BYTES = number("PHOTO_MAX_BYTES", 20 * 1024 * 1024)
PHOTO_MAX_PIXELS = 50_000_000
"""A picture of more, all frames of an animation together, is never decoded."""
PHOTO_ORPHAN_HOURS = 24
"""An upload that has not ended after so long will not end any more."""
STORAGES = {
    "default": (
        {
            "BACKEND": "media_store.storage.S3Photos",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
                "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
                "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "media_store.storage.LocalPhotos"}
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# ---------------------------------------------------------------- the salon
SALON_PHONE = env.str("SALON_PHONE", default="") or ("02-555-0147" if DEBUG else "")
SALON_ADDRESS = env.str("SALON_ADDRESS", default="") or ("서울 성동구 서울숲길 17, 2층" if DEBUG else "")
"""How customers reach it; what is empty is shown nowhere."""

# ---------------------------------------------------------------- mail and the worker
SITE_URL = env.str("SITE_URL", default="") or (
    f"http://127.0.0.1:{number('PORT', 8000)}" if DEBUG else f"https://{(ALLOWED_HOSTS or ['localhost'])[0]}"
)
vars().update(
    env.email_url_config(env.str("EMAIL_URL", default="") or ("consolemail:" if DEBUG else "smtp://localhost:25"))
)
EMAIL_TIMEOUT = 30  # seconds; shorter than a mail's lease
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="") or f"no-reply@{urlsplit(SITE_URL).hostname}"

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if CELERY_BROKER_URL == "filesystem://":
    (VAR_DIR / "broker").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = dict.fromkeys(
        ["data_folder_in", "data_folder_out", "control_folder"], str(VAR_DIR / "broker")
    )
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # a lost tick loses nothing, and a request must not wait for the broker
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "cody_site.tasks.tick", "schedule": 10.0, "options": {"expires": 10}},
    "send-mail": {"task": "accounts.tasks.send_mail", "schedule": 10.0, "options": {"expires": 10}},
    "keep-house": {"task": "accounts.tasks.keep_house", "schedule": 3600.0, "options": {"expires": 3600}},
    "render-photos": {"task": "media_store.tasks.render_photos", "schedule": 10.0, "options": {"expires": 10}},
    "destroy-photos": {"task": "media_store.tasks.destroy_photos", "schedule": 60.0, "options": {"expires": 60}},
    "keep-the-photos": {"task": "media_store.tasks.keep_house", "schedule": 3600.0, "options": {"expires": 3600}},
    "remind": {"task": "reservations.tasks.remind", "schedule": 300.0, "options": {"expires": 300}},
    "offer-seats": {"task": "reservations.tasks.offer_seats", "schedule": 60.0, "options": {"expires": 60}},
    "keep-the-waits": {"task": "reservations.tasks.keep_house", "schedule": 3600.0, "options": {"expires": 3600}},
    "ask-imp": {"task": "payments.tasks.reconcile", "schedule": 10.0, "options": {"expires": 10}},
    "give-up-unpaid": {"task": "payments.tasks.give_up_unpaid", "schedule": 10.0, "options": {"expires": 10}},
    "keep-the-payments": {"task": "payments.tasks.keep_house", "schedule": 3600.0, "options": {"expires": 3600}},
    "keep-the-board": {"task": "board.tasks.keep_house", "schedule": 3600.0, "options": {"expires": 3600}},
}

# ---------------------------------------------------------------- payments
IMP_SANDBOX_PORT = number("IMP_SANDBOX_PORT", 8001)
IMP_SANDBOX_DATA = VAR_DIR / "imp_sandbox"
IMP_BASE_URL = env.str("IMP_BASE_URL", default="") or (
    f"http://127.0.0.1:{IMP_SANDBOX_PORT}" if DEBUG else "https://api.iamport.kr"
)
IMP_CREDENTIALS_FILE = env.str("IMP_CREDENTIALS_FILE", default="")
_in_sandbox = f"http://127.0.0.1:{IMP_SANDBOX_PORT}" == IMP_BASE_URL
IMP_KEY = env.str("IMP_KEY", default="") or ("imp-demo-key" if _in_sandbox else "")
IMP_SECRET = env.str("IMP_SECRET", default="") or ("imp-demo-secret" if _in_sandbox else "")
IMP_PG = env.str("IMP_PG", default="") or "nice_v2"
IMP_TEST_CHANNEL = bool(number("IMP_TEST_CHANNEL", int(_in_sandbox)))
IMP_DEADLINE_SECONDS = number("IMP_DEADLINE_SECONDS", 60)
IMP_AT_ONCE = number("IMP_AT_ONCE", 5)
"""So many of a process's 8 threads may wait for IMP; a payment beyond them is answered 503."""
PAYMENT_CANCEL_DAYS = number("PAYMENT_CANCEL_DAYS", 7)
"""So many days its payer may cancel a payment that no reservation is tied to."""

# ---------------------------------------------------------------- signing in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2id",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "accounts.hashers.ClientSecret",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["userid", "name", "email", "pn"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

STAFF_SECOND_FACTOR = bool(number("STAFF_SECOND_FACTOR", int(not DEBUG)))
"""Staff and designers need a code of their phone besides the password; who has set one up is asked for it anyway."""
STAFF_IDLE_MINUTES = number("STAFF_IDLE_MINUTES", 60)
"""After so many without anything done in them the sessions of staff and designers end; 0 = never."""
OTP_TOTP_ISSUER = "CDEDAY"  # Hangul makes the QR code twice as dense

AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # by IP alone, one guest would lock out a whole salon
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or an attacker keeps the owner out for ever
AXES_CLIENT_IP_CALLABLE = "cody_site.api.client_ip.client_ip"
AXES_USERNAME_CALLABLE = "accounts.lockout.counted_userid"
AXES_HANDLER = "accounts.lockout.Failures"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "userid", "pw", "api_secret", "client_secret", "code", "refresh_token"]
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# ---------------------------------------------------------------- OAuth 2.0
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.Client"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "users:read": _("회원 정보 보기"),
        "users:write": _("회원 등록과 수정"),
        "reservations:read": _("예약 보기"),
        "reservations:write": _("예약하기, 바꾸기, 취소하기"),
        "photos:read": _("사진 보기"),
        "photos:write": _("사진 올리기와 지우기"),
        "board:read": _("게시판 보기"),
        "board:write": _("게시판에 쓰기"),
        "payment": _("결제와 환불"),
        "introspection": _("토큰 확인"),
    },
    "DEFAULT_SCOPES": [],
    "SCOPES_BACKEND_CLASS": "accounts.oauth.ClientScopes",
    "OAUTH2_VALIDATOR_CLASS": "accounts.oauth.Validator",
    "CLIENT_SECRET_HASHER": "client_secret",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "cdeday", *(["http"] if DEBUG else [])],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    # The `password` grant of the manual (R23) is allowed by accounts.oauth.Validator, client by client.
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
            "PKCE_REQUIRED",
        )
    },
}

# ---------------------------------------------------------------- the API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.Bearer", "accounts.authentication.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["cody_site.api.permissions.Declared"],
    "DEFAULT_THROTTLE_CLASSES": ["cody_site.api.throttles.PerCaller"],
    "DEFAULT_PARSER_CLASSES": [
        "cody_site.api.parsers.StrictJSON",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["cody_site.api.envelope.EnvelopeRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "cody_site.api.envelope.OnlyJson",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "cody_site.api.schema.RouteSchema",
    "EXCEPTION_HANDLER": "cody_site.api.errors.exception_handler",
    "UNAUTHENTICATED_TOKEN": "accounts.actors.anonymous",
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "cody_site.api.schema.Document",
    "OAS_VERSION": "3.1.0",
    "TITLE": "CDEDAY",
    "VERSION": "1.0",
}
API_MAX_BODY_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BODY_BYTES
API_MAX_JSON_DEPTH = 16

# ---------------------------------------------------------------- the board
TITLE_MAX_CHARACTERS = 50
POST_MAX_CHARACTERS, POST_MAX_PHOTOS = 5000, 10
COMMENT_MAX_CHARACTERS, COMMENT_MAX_PHOTOS = 2000, 5
TRASH_DAYS = 30
"""After so many days in the trash posts, comments and photos are destroyed (R12)."""
IP_DAYS = 90
"""After so many days the addresses that posts, comments and photos came from are erased (R18)."""

# Requests a minute; 0 = no limit (for benchmarks; the counters stay on).
THROTTLE_ANON = number("THROTTLE_ANON", 300)
THROTTLE_USER = number("THROTTLE_USER", 1200)
THROTTLE_SIGNUP = number("THROTTLE_SIGNUP", 60)
THROTTLE_PASSWORD = number("THROTTLE_PASSWORD", 10)
THROTTLE_UPLOAD = number("THROTTLE_UPLOAD", 60)
THROTTLE_PAYMENT = number("THROTTLE_PAYMENT", 120)
THROTTLE_REFUSED_CARDS = number("THROTTLE_REFUSED_CARDS", 10)  # an hour
THROTTLE_PASSWORD_PER_IP = THROTTLE_PASSWORD * 12

# ---------------------------------------------------------------- browsers
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cody_site.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "img-src": ["'self'", "data:"],
    }
}
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
MESSAGE_STORAGE = "cody_site.messages.Messages"
if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ---------------------------------------------------------------- logs
SUSPICIOUS = (
    "SuspiciousOperation", "DisallowedHost", "DisallowedRedirect", "DisallowedModelAdminLookup",
    "DisallowedModelAdminToField", "InvalidSessionKey", "RequestDataTooBig", "SuspiciousFileOperation",
    "SuspiciousMultipartForm", "SuspiciousSession", "TooManyFieldsSent", "TooManyFilesSent",
)  # fmt: skip
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "cody_site.logs.WithRequestId"},
        "scrubbed": {"()": "cody_site.logs.Scrubbed"},
        "without_path": {"()": "cody_site.logs.WithoutPath"},
        "only_reason": {"()": "cody_site.logs.OnlyReason"},
        "suspicious": {"()": "cody_site.logs.Suspicious"},
    },
    "formatters": {"json": {"()": "cody_site.logs.JsonLine"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id", "scrubbed"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": "INFO"},
        "django.request": {
            "level": "ERROR",
            "filters": ["without_path"],
        },  # its lines for 4xx repeat cody_site.requests'
        "django.security.csrf": {"filters": ["only_reason"]},
        **{f"django.security.{kind}": {"filters": ["suspicious"]} for kind in SUSPICIOUS},
        "django.server": {"handlers": [], "propagate": True},
        "axes": {"level": "CRITICAL"},  # its lines carry user names; accounts.lockout logs what matters
        "oauth2_provider": {"level": "ERROR"},
        "oauthlib": {"level": "ERROR"},
        "urllib3": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},  # it warns that files have no host name
    },
}

# ---------------------------------------------------------------- the admin
UNFOLD = {
    "SITE_TITLE": _("매일 달라지는 코디"),
    "SITE_HEADER": _("매일 달라지는 코디"),
    "SITE_SYMBOL": "content_cut",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {"navigation": [{"title": _("보안"), "link": reverse_lazy("accounts:security")}]},
    "SHOW_LANGUAGES": True,
    "SIDEBAR": {"navigation": "cody_site.back_office.navigation.navigation"},
    "STYLES": [
        lambda request: static("css/admin.css"),
        lambda request: static("css/back_office.css"),
        lambda request: static("css/clients.css"),
        lambda request: static("css/reports.css"),
    ],
    "SCRIPTS": [lambda request: static("js/admin-search.js"), lambda request: static("js/autofocus.js")],
}
