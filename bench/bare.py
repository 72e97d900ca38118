"""The least that Django can do for a row: one query by `values_list`, orjson, and nothing around it."""

import orjson
from django.http import HttpRequest, HttpResponse
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


urlpatterns = [path("one/<int:pk>", one), path("first/<int:limit>", first)]
