from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ReservationsConfig(AppConfig):
    name = "reservations"
    verbose_name = pgettext_lazy("plural", "예약")
