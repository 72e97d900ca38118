"""What an answer to a call may use."""

import sqlite3
from dataclasses import dataclass
from typing import Any, TypeAlias

from payments.imp_sandbox.gateways import Channel
from payments.imp_sandbox.parameters import Parameters

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """One transaction, at one moment (unix seconds)."""

    db: sqlite3.Connection
    now: int
    channel: Channel
    address: str
    webhook: str


@dataclass(frozen=True)
class Call(Context):
    """A call within its transaction: what it was given, and the named parts of its path."""

    given: Parameters
    path: dict[str, str]
    user_agent: str | None
