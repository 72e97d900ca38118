from django.urls import path

from reservations.api import ReservationViewSet

app_name = "reservations"

urlpatterns = [
    # the manual's routes, letter for letter
    path(
        "reserv",
        ReservationViewSet.as_view({"get": "list", "post": "create", "patch": "partial_update", "delete": "destroy"}),
        name="reserv",
    ),
]
