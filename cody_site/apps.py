from django.apps import AppConfig


class CodySiteConfig(AppConfig):
    name = "cody_site"
    verbose_name = "매일 달라지는 코디"
