from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CodySiteConfig(AppConfig):
    name = "cody_site"
    verbose_name = _("매일 달라지는 코디")
