"""Who acts: a person, an app client, nobody yet, or the service itself; and through which door."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Client, User


class Door(StrEnum):
    API = "api"
    PAGES = "pages"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """`by` of every service and `visible_to` of every queryset.

    `scopes` limits what a token may do; None means a session, which may do all that its person may.
    """

    door: Door
    user: "User | None" = None
    client: "Client | None" = None
    scopes: frozenset[str] | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.user is None and self.client is None

    @property
    def is_app_client(self) -> bool:
        """A client acting for itself (client_credentials); with a person it acts as that person (R29)."""
        return self.client is not None and self.user is None

    @property
    def account_type(self) -> int | None:
        return None if self.user is None else self.user.type

    @property
    def user_pk(self) -> int:
        """The person's pk; without a person 0, which no row has."""
        return 0 if self.user is None else self.user.pk

    @property
    def key(self) -> str:
        """Stable name of the caller for throttles and logs; tells nothing about the person."""
        if self.user is not None:
            return f"user:{self.user.pk}"
        return "anonymous" if self.client is None else f"client:{self.client.pk}"

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def is_user(self, userid: str) -> bool:
        return self.user is not None and self.user.userid.lower() == userid.lower()


def anonymous() -> Actor:
    return Actor(Door.API)


def system() -> Actor:
    return Actor(Door.SYSTEM)
