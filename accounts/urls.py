from django.urls import include, path
from oauth2_provider.views import OAuthServerMetadataView

from accounts import security
from accounts.api import ClientViewSet, TokenViewSet, UserViewSet
from accounts.pages import devices, joining, passwords, profile, signing_in, withdrawal

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
    path("login/", signing_in.SignIn.as_view(), name="sign_in"),
    path("login/code/", security.second_step, name="second_step"),
    path("login/device/", security.enrol, name="enrol"),
    path("security/", security.security, name="security"),
    path("security/codes/", security.renew_codes, name="renew_codes"),
    path("security/off/", security.turn_off, name="turn_off"),
    path("join/", joining.Join.as_view(), name="join"),
    path("address/<str:token>/", joining.confirm_address, name="confirm_address"),
    path("invitation/<str:token>/", joining.invitation, name="invitation"),
    path("password/", passwords.password_forgotten, name="password_forgotten"),
    path("password/change/", passwords.PasswordChange.as_view(), name="password_change"),
    path("password/<uidb64>/<token>/", passwords.NewPassword.as_view(), name="new_password"),
    path("my/profile/", profile.profile, name="profile"),
    path("my/profile/address/", profile.address, name="address"),
    path("my/profile/confirm/", profile.confirm_again, name="confirm_again"),
    path("my/profile/marketing/", profile.marketing, name="marketing"),
    path("my/sessions/", devices.sessions, name="sessions"),
    path("my/apps/", devices.apps, name="apps"),
    path("my/withdrawal/", withdrawal.withdrawal, name="withdrawal"),
    path("farewell/", withdrawal.farewell, name="farewell"),
    path("logout/", signing_in.SignOut.as_view(), name="sign_out"),
]

oauth_urlpatterns = [
    path("oauth/", include("accounts.oauth_urls")),
    path(".well-known/oauth-authorization-server", OAuthServerMetadataView.as_view(), name="oauth-metadata"),
]
