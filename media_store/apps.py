from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class MediaStoreConfig(AppConfig):
    name = "media_store"
    verbose_name = pgettext_lazy("plural", "사진")
