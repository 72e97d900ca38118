"""Plain OAuth 2.0 (RFC 6749, 7009, 7662); each endpoint with or without a slash, as client libraries differ."""

from django.urls import re_path
from oauth2_provider.views import RevokeTokenView

from accounts.pages.oauth import Authorize, Introspect, Token

app_name = "oauth2_provider"

urlpatterns = [
    re_path(r"^authorize/?$", Authorize.as_view(), name="authorize"),
    re_path(r"^token/?$", Token.as_view(), name="token"),
    re_path(r"^revoke/?$", RevokeTokenView.as_view(), name="revoke-token"),
    re_path(r"^introspect/?$", Introspect.as_view(), name="introspect"),
]
