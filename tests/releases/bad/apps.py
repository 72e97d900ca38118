from django.apps import AppConfig


class Bad(AppConfig):
    name = "tests.releases.bad"
    label = "bad_release"
