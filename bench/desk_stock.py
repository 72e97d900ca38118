"""What of the salon only the back-office lists; `fill` runs in `manage.py shell` of the site under test."""

import sys
from pathlib import Path

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from accounts.models import User
from accounts.sessions import SessionStore
from bench.names import BUSY_DAY, RARE

BOSS, RARE_CUSTOMER = "boss", "제갈보배"


def fill() -> None:
    """Fill the tables besides, sign an administrator in, and write the session's key to stdout."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        values = {"rare": RARE, "rare_customer": RARE_CUSTOMER, "boss": BOSS, "busy_day": BUSY_DAY.isoformat()}
        cursor.execute(Path(__file__).with_name("desk.sql").read_text(), values)
        cursor.execute("VACUUM ANALYZE")
    boss, session = User.objects.get(userid=BOSS), SessionStore()
    session[SESSION_KEY] = str(boss.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = boss.get_session_auth_hash()
    session.create()
    sys.stdout.write(str(session.session_key))
