"""What the API's document tells of /user and of app clients' keys and tokens; the code is in api.py."""

from accounts.errors import (
    CannotConfirmUser,
    DuplicateUserid,
    GuardianConsentRequired,
    LastAdministrator,
    PaymentPending,
    TokenRefused,
    UpcomingReservations,
    WeakPassword,
)
from accounts.models import AccountType
from accounts.serializers import ChangeUsers, ClientWish, ReadUsers, SignUp, TokenWish
from cody_site.api.operations import COUNT, TEXT, TRUE, Operation, changed, listed, nullable, record
from cody_site.api.params import Birth, OneOf, Userid
from cody_site.errors import Conflict

LEAVING = [LastAdministrator(), UpcomingReservations(), Conflict()]

USER = {
    "list": Operation(
        "Users that the caller may see and that meet the rule",
        ReadUsers,
        listed(
            record(
                userid=Userid(),
                type=nullable(OneOf(AccountType)),
                name=nullable(TEXT),
                pn=nullable(TEXT),
                email=nullable(TEXT),
                birth=nullable(Birth()),
            )
        ),
        example={"rule": {"type": 2}},
        paged=True,
        description="What the caller may not see in a row is null.",
    ),
    "create": Operation(
        "Register",
        SignUp,
        TRUE,
        [DuplicateUserid(), WeakPassword(), GuardianConsentRequired(), Conflict()],
        example={
            "userid": "hong",
            "pw": "a-long-password",
            "type": 1,
            "name": "홍길동",
            "pn": "+821012345678",
            "email": "hong@example.com",
            "birth": "1990.05.17",
        },
    ),
    "partial_update": Operation(
        "Change all these users, or none",
        ChangeUsers,
        changed("updateInfo"),
        [CannotConfirmUser("hong"), *LEAVING],
        example={"base": {"userid": "hong"}, "data": {"pn": "010-1234-5678"}},
    ),
    "destroy": Operation(
        "Withdraw: close all these accounts, or none",
        ReadUsers,
        changed("delInfo"),
        [PaymentPending(), *LEAVING],
        description="`rule` comes in the query string or in the body; staff and app clients must name `userid` in it.",
        example={"rule": {"userid": "hong"}},
    ),
}

CLIENTS = {
    "create": Operation(
        "Issue an api key and its secret",
        ClientWish,
        record(api_key=TEXT, api_secret=TEXT, scope=TEXT),
        description="The secret is told this once.",
        example={"name": "Reception tablet", "scope": "reservations:read reservations:write"},
    )
}

TOKENS = {
    "create": Operation(
        "Issue a token (RFC 6749 in the envelope)",
        TokenWish,
        record(
            optional={"refresh_token": TEXT},
            access_token=TEXT, expires_in=COUNT, token_type={"const": "Bearer"}, scope=TEXT,
        ),
        [
            *(TokenRefused(400, code) for code in (
                "invalid_request", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
            )),
            TokenRefused(401, "invalid_client"),
        ],
        description="`grant_type` is client_credentials unless it says otherwise. The client names itself by "
        "`api_key` and `api_secret`, by `client_id` and `client_secret`, or by HTTP Basic.",
        example={"api_key": "demo-server", "api_secret": "demo-secret"},
        security=[{"client": []}, {}],
    )
}  # fmt: skip
