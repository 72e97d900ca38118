"""What clients were told, held against what is stored."""

import contextlib
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg2
import requests

from cody_site.demo.sign_ins import CLIENT_SECRET
from deploy.chaos.journal import OK, REFUSED, Journal
from deploy.cluster import Cluster

KEYS = (
    "SELECT k.key, p.payment_uid, p.state FROM payments_idempotencykey k JOIN payments_payment p ON p.id = k.payment_id"
)
UNSETTLED = "SELECT payment_uid, state FROM payments_payment WHERE state IN ('created', 'requested', 'pending')"


def violations(cluster: Cluster, journal: Journal, before: set[str]) -> Iterator[str]:
    """A line for each; `before` is what verify had to say of the salon as it was opened."""
    yield from sorted(verify(cluster) - before)
    yield from _reservations(cluster, journal)
    yield from _charges(cluster, journal)
    yield from _photos(cluster, journal)
    yield from journal.strange
    yield from _tracebacks(cluster)


def verify(cluster: Cluster) -> set[str]:
    """What `verify --with-imp` names, line by line."""
    done = cluster.manage("verify", "--with-imp", check=False)
    return {line for line in done.stdout.splitlines() if line and line != "No violations."}


def _reservations(cluster: Cluster, journal: Journal) -> Iterator[str]:
    stored: dict[str, list[tuple[int, bool]]] = {}
    for note, pk, live in _query(cluster, "SELECT note, id, trashed_at IS NULL FROM reservations_reservation"):
        stored.setdefault(note, []).append((pk, live))
    for words, (meaning, pk) in journal.bookings.items():
        found = stored.get(words, [])
        if len(found) > 1:
            yield f"booked once, stored {len(found)} times: {words}"
        if meaning == OK and not found:
            yield f"confirmed and lost: {words}"
        if meaning == REFUSED and found:
            yield f"refused and stored: {words}"
        if meaning == OK and pk and found and found[0][0] != pk:
            yield f"confirmed as {pk}, stored as {found[0][0]}"
        if found and not found[0][1] and found[0][0] not in journal.cancellations:
            yield f"cancelled by nobody: {found[0][0]}"
        if pk and found and found[0][1] and journal.cancellations.get(pk) == OK:
            yield f"cancelled, and still there: {pk}"


def _charges(cluster: Cluster, journal: Journal) -> Iterator[str]:
    ledger = requests.get(f"http://127.0.0.1:{cluster.services['imp-sandbox'].port}/sandbox/ledger", timeout=20).json()
    charged = Counter(entry["merchant_uid"] for entry in ledger if entry["kind"] == "charge")
    for uid, times in charged.items():
        if times > 1:
            yield f"charged {times} times: {uid}"
    keys: dict[str, list[tuple[str, str]]] = {}
    for key, uid, state in _query(cluster, KEYS):
        keys.setdefault(key, []).append((uid, state))
    for key, (meaning, uid) in journal.charges.items():
        found = keys.get(key, [])
        if len(found) > 1:
            yield f"one key, {len(found)} payments: {key}"
        if meaning == OK and (not found or found[0][0] != uid or charged[uid] != 1):
            yield f"told paid, and not charged once: {uid}"
        if meaning == REFUSED and found and found[0][1] == "paid":
            yield f"told refused, and paid: {found[0][0]}"
    for uid, state in _query(cluster, UNSETTLED):
        if charged[uid]:  # of what IMP does not know the worker is in doubt for a quarter of an hour
            yield f"charged, and {state} still: {uid}"


def _photos(cluster: Cluster, journal: Journal) -> Iterator[str]:
    body = {"client_id": "demo-server", "client_secret": CLIENT_SECRET}
    given = requests.post(f"{cluster.url}/payment/OAuth2.0/getToken", json=body, timeout=20).json()["contents"]
    with requests.Session() as app:
        app.headers["Authorization"] = f"Bearer {given['access_token']}"
        for photoid, digest in journal.uploads.items():
            answer = app.post(f"{cluster.url}/photo_d", json={"photoid": photoid}, timeout=20)
            if hashlib.sha256(answer.content).hexdigest() != digest:
                yield f"uploaded and lost: {photoid} ({answer.status_code})"


def _tracebacks(cluster: Cluster) -> Iterator[str]:
    """What the sites logged as an unforeseen fault, once for each kind."""
    seen: set[str] = set()
    for service in cluster.sites:
        for line in cluster.log(service).splitlines():
            with contextlib.suppress(ValueError):
                told: dict[str, Any] = json.loads(line)
                if told.get("level") == "ERROR" and "exc_info" in told and told.get("status") == 500:
                    seen.add(re.sub(r"\s+", " ", str(told["exc_info"])[-200:]))
    yield from sorted(f"a site fell over: {what}" for what in seen)


def _query(cluster: Cluster, query: str) -> list[tuple[Any, ...]]:
    url = cluster.environment["DATABASE_URL"]
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
