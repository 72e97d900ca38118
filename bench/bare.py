"""The least that Django can do: rows by one query, `values_list` and orjson; a file by FileResponse."""

import orjson
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path

from reservations.models import Reservation
from reservations.serializers import RESERVATION

COLUMNS = tuple(RESERVATION.values())


def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(list(Reservation.objects.filter(pk=pk).values_list(*COLUMNS)))


def first(request: HttpRequest, limit: int) -> HttpResponse:
    return _answer(list(Reservation.objects.filter(trashed_at=None).order_by("pk").values_list(*COLUMNS)[:limit]))


def _answer(rows: list[tuple[object, ...]]) -> HttpResponse:
    body = orjson.dumps([dict(zip(RESERVATION, row, strict=True)) for row in rows])
    return HttpResponse(body, content_type="application/json")


def file(request: HttpRequest, key: str) -> FileResponse:
    return FileResponse(default_storage.open(key))


urlpatterns = [path("one/<int:pk>", one), path("first/<int:limit>", first), path("file/<path:key>", file)]
