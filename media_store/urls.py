from django.urls import path, register_converter

from media_store import pages
from media_store.api import DetailViewSet, DownloadViewSet, UploadViewSet, ViewViewSet

app_name = "media_store"


class Size:
    regex = "small|large"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PhotoId:
    """Anything else is no photo's."""

    regex = "[A-Za-z0-9_-]{1,100}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Size, "size")
register_converter(PhotoId, "photoid")

urlpatterns = [
    # the manual's routes, letter for letter
    path("photo_u", UploadViewSet.as_view({"post": "create"}), name="photo_u"),
    path("photo_d", DownloadViewSet.as_view({"post": "create"}), name="photo_d"),
    path("photo_w", ViewViewSet.as_view({"get": "retrieve"}), name="photo_w"),
    path("photo_l", DetailViewSet.as_view({"get": "retrieve"}), name="photo_l"),
    # pages
    path("photos/<photoid:photoid>/<size:size>", pages.photo, name="photo"),
    path("my/photos/", pages.mine, name="mine"),
    path("my/photos/upload/", pages.upload, name="upload"),
    path("my/photos/<photoid:photoid>/remove/", pages.remove, name="remove"),
    path("my/photos/<photoid:photoid>/restore/", pages.restore, name="restore"),
]
