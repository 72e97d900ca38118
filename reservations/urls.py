from django.urls import path

from reservations import pages
from reservations.api import ReservationViewSet

app_name = "reservations"

urlpatterns = [
    # the manual's routes, letter for letter
    path(
        "reserv",
        ReservationViewSet.as_view({"get": "list", "post": "create", "patch": "partial_update", "delete": "destroy"}),
        name="reserv",
    ),
    # pages
    path("my/waits/", pages.waits, name="waits"),
    path("my/waits/join/", pages.wait, name="wait"),
    path("my/waits/<int:pk>/", pages.offer, name="offer"),
    path("my/waits/<int:pk>/leave/", pages.leave, name="leave"),
]
