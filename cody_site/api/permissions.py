"""Section 9, the columns: which callers a route is for. Which rows, the querysets say."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class Caller(Protocol):
    """Who calls, as far as a route must know; accounts.actors.Actor is the one there is."""

    @property
    def key(self) -> str: ...
    @property
    def is_anonymous(self) -> bool: ...
    @property
    def account_type(self) -> int | None: ...
    def has_scope(self, scope: str) -> bool: ...


@dataclass(frozen=True)
class Access:
    """Who may call a route: with a token's `scope`, of these account types (None = all), app clients, anybody."""

    scope: str
    types: Collection[int] | None = None
    clients: bool = True
    public: bool = False

    def allows(self, caller: Caller) -> bool:
        if caller.is_anonymous:
            return self.public
        if not caller.has_scope(self.scope):
            return False
        if caller.account_type is None:
            return self.clients
        return self.types is None or caller.account_type in self.types


OPEN = Access(scope="", public=True)
"""For routes that identify their caller by themselves: tokens are asked for there."""


class Declared(BasePermission):
    """Denied unless the viewset's `access` table allows the action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        access = getattr(view, "access", {}).get(view.action)
        return access is not None and (access is OPEN or access.allows(request.auth))
