"""Webhooks: posted with what they tell of, delivered afterwards, and again if nobody answered 2xx."""

import http.client
import ipaddress
import json
import logging
from urllib.parse import urlsplit

from payments.imp_sandbox.calls import Context, Document
from payments.imp_sandbox.store import Store

logger = logging.getLogger(__name__)

PAUSES = (1, 5, 15, 60, 60)  # seconds after each failed attempt; then it is given up
TIMEOUT = 30


def post(context: Context, payment: Document, cancellation_id: str | None = None) -> None:
    """To the payment's own `notice_url`, or else to the sandbox's address for webhooks, if it has one."""
    row = context.db.execute("SELECT notice_url FROM payment WHERE imp_uid = ?", (payment["imp_uid"],)).fetchone()
    url = row["notice_url"] or context.webhook
    if not url:
        return
    body = {name: payment[name] for name in ("imp_uid", "merchant_uid", "status")}
    if cancellation_id is not None:
        body["cancellation_id"] = cancellation_id
    context.db.execute("INSERT INTO webhook (url, body, due_at) VALUES (?, ?, ?)", (url, json.dumps(body), context.now))


def deliver_due(store: Store, now: int) -> None:
    """Deliver what is due, one after the other, the oldest first."""
    with store.transaction() as db:
        due = db.execute("SELECT id, url, body, attempts FROM webhook WHERE due_at <= ? ORDER BY id", (now,)).fetchall()
    for row in due:
        delivered = _deliver(row["url"], row["body"])
        with store.transaction() as db:
            if delivered or row["attempts"] >= len(PAUSES):
                db.execute("DELETE FROM webhook WHERE id = ?", (row["id"],))
            else:
                again_at = now + PAUSES[row["attempts"]]
                db.execute("UPDATE webhook SET attempts = attempts + 1, due_at = ? WHERE id = ?", (again_at, row["id"]))


def _deliver(url: str, body: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "http" or not _loopback(parts.hostname):
        logger.warning("a webhook was dropped: its address is not http:// on this machine")
        return True
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        path = parts.path or "/"
        connection.request(
            "POST", f"{path}?{parts.query}" if parts.query else path, body, {"Content-Type": "application/json"}
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        logger.info("webhook: %s", type(error).__name__)
        return False
    finally:
        connection.close()
    logger.info("webhook: %s", status)
    return 200 <= status < 300


def _loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
