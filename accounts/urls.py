from django.contrib.auth.views import LogoutView
from django.urls import include, path
from oauth2_provider.views import OAuthServerMetadataView

from accounts import pages
from accounts.api import ClientViewSet, TokenViewSet, UserViewSet

app_name = "accounts"

urlpatterns = [
    # the manual's routes, letter for letter
    path(
        "user",
        UserViewSet.as_view({"get": "list", "post": "create", "patch": "partial_update", "delete": "destroy"}),
        name="user",
    ),
    path("payment/OAuth2.0/api", ClientViewSet.as_view({"post": "create"}), name="clients"),
    path("payment/OAuth2.0/getToken", TokenViewSet.as_view({"post": "create"}), name="token"),
    # pages
    path("login/", pages.SignIn.as_view(), name="sign_in"),
    path("address/<str:token>/", pages.confirm_address, name="confirm_address"),
    path("invitation/<str:token>/", pages.invitation, name="invitation"),
    path("password/", pages.password_forgotten, name="password_forgotten"),
    path("password/change/", pages.PasswordChange.as_view(), name="password_change"),
    path("password/<uidb64>/<token>/", pages.NewPassword.as_view(), name="new_password"),
    path("logout/", LogoutView.as_view(), name="sign_out"),
]

oauth_urlpatterns = [
    path("oauth/", include("accounts.oauth_urls")),
    path(".well-known/oauth-authorization-server", OAuthServerMetadataView.as_view(), name="oauth-metadata"),
]
