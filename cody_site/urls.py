"""The table of contents: one include per app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.languages import choose
from accounts.pages.passwords import PasswordChange
from accounts.pages.signing_in import SignIn, SignOut
from accounts.urls import oauth_urlpatterns
from cody_site import health, pages, scrape
from cody_site.customers.home import home
from cody_site.styleguide import styleguide

urlpatterns = [
    path("", home, name="home"),
    path("", include("cody_site.customers.urls")),
    path("", include("accounts.urls")),
    path("", include("reservations.urls")),
    path("", include("board.urls")),
    path("", include("media_store.urls")),
    path("", include("payments.urls")),
    path("", include(oauth_urlpatterns)),
    path("schema.json", pages.schema, name="schema"),
    path("docs/", pages.docs, name="docs"),
    path("i18n/setlang/", choose, name="set_language"),
    path("admin/login/", SignIn.as_view()),  # one door for passwords, one counter behind it
    path("admin/logout/", SignOut.as_view()),
    path("admin/password_change/", PasswordChange.as_view()),
    path("admin/", include("cody_site.back_office.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", pages.favicon),
    path("robots.txt", pages.robots),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", scrape.metrics),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = "cody_site.views.bad_request"
handler403 = "cody_site.views.permission_denied"
handler404 = "cody_site.views.not_found"
handler500 = "cody_site.views.server_error"
