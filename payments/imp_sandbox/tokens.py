"""Access tokens, as IMP hands them out: one at a time, the same to everybody who asks."""

import hmac
import secrets
import sqlite3

from payments.imp_sandbox.answers import Refused
from payments.imp_sandbox.calls import Call, Document

IMP_KEY = "imp-demo-key"
IMP_SECRET = "imp-demo-secret"  # noqa: S105 -- known to everybody, and worth nothing

LIFETIME = 30 * 60
NEARLY_OVER = 60
EXTENSION = 5 * 60


def get_token(call: Call) -> Document:
    key, secret = call.given.text("imp_key"), call.given.text("imp_secret")
    if key is None or secret is None:
        raise Refused("imp_key, imp_secret 파라메터가 누락되었습니다.", code=-1, status=400)
    if not hmac.compare_digest(f"{key}\n{secret}".encode(), f"{IMP_KEY}\n{IMP_SECRET}".encode()):
        raise Refused("인증에 실패하였습니다. API키와 secret을 확인하세요.", code=-1, status=401)
    token, expired_at = issue(call.db, call.now)
    return {"access_token": token, "now": call.now, "expired_at": expired_at}


def issue(db: sqlite3.Connection, now: int) -> tuple[str, int]:
    """The present token, with five minutes more if it has less than one left; a new one if it is over."""
    row = db.execute("SELECT access_token, expired_at FROM token WHERE expired_at > ?", (now,)).fetchone()
    if row is None:
        token, expired_at = secrets.token_hex(20), now + LIFETIME
        end_all(db)
        db.execute("INSERT INTO token (access_token, expired_at) VALUES (?, ?)", (token, expired_at))
        return token, expired_at
    token, expired_at = row
    if expired_at - now < NEARLY_OVER:
        expired_at += EXTENSION
        db.execute("UPDATE token SET expired_at = ?", (expired_at,))
    return token, expired_at


def end_all(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM token")


def valid(db: sqlite3.Connection, header: str, now: int) -> bool:
    """Is this an Authorization header, bare or Bearer, with a token that has not expired?"""
    scheme, _, token = header.strip().rpartition(" ")
    if scheme.lower() not in ("", "bearer"):
        return False
    return bool(
        db.execute("SELECT 1 FROM token WHERE access_token = ? AND expired_at > ?", (token.strip(), now)).fetchone()
    )
