from django.apps import AppConfig


class Next(AppConfig):
    name = "tests.releases.next"
    label = "next_release"
