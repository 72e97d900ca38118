"""Is the process up; can it do its work?"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

OK = "ok"


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 while something that requests need is down; the answer names it, and nothing more."""
    told = states()
    ready = all(state == OK for state in told.values())
    return JsonResponse({"ready": ready} | told, status=200 if ready else 503)


def states() -> dict[str, str]:
    """Of each thing that requests need: OK, or what is the matter with it."""
    return {name: _state(check) for name, check in CHECKS.items()}


def _state(check: Callable[[], bool]) -> str:
    try:
        return OK if check() else "not ready"
    except Exception as error:  # noqa: BLE001 -- whatever is wrong, the answer is "down"
        return f"down ({type(error).__name__})"


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache() -> bool:
    cache.set("readyz", 1, 10)
    return bool(cache.get("readyz") == 1)


def _storage() -> bool:
    default_storage.exists("readyz")
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "storage": _storage,
}
