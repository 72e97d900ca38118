from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from accounts.acting import Desk, actor_of
from accounts.models import ACCOUNT_MANAGERS, AccountType
from media_store import services
from media_store.models import Photo


@admin.register(Photo)
class PhotoAdmin(Desk):
    """Photos are uploaded by whom they show, and never changed; staff trash and restore them."""

    list_display = ["preview", "filename", "uploader", "content_type", "created_at", "remark"]
    list_display_links = ["preview", "filename"]
    list_filter = [("trashed_at", admin.EmptyFieldListFilter), "content_type", "created_at"]
    list_select_related = ["uploader"]
    search_fields = ["filename", "photoid", "uploader__userid", "uploader__name"]
    ordering = ["-pk"]
    actions = ["trash", "restore"]
    fields = [
        "picture", "photoid", "filename", "uploader", "content_type", "size", "ip", "created_at", "trashed_at",
        "trashed_by", "destroy_after",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        photos: QuerySet[Photo] = super().get_queryset(request)
        return photos.filter(live_at__isnull=False)

    @admin.display(description="사진")
    def preview(self, photo: Photo) -> str:
        return _shown(photo, "small", 64)

    @admin.display(description="사진")
    def picture(self, photo: Photo) -> str:
        return _shown(photo, "large", 480)

    @admin.display(description="비고", empty_value="")
    def remark(self, photo: Photo) -> str | None:
        return "휴지통" if photo.trashed_at else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        return False

    def has_trash_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type == AccountType.ADMINISTRATOR

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type in ACCOUNT_MANAGERS

    @admin.action(description="휴지통으로", permissions=["trash"])
    def trash(self, request: HttpRequest, queryset: Any) -> None:
        by = actor_of(request)
        self.act_on_each(
            request, queryset.live(), lambda row: services.trash(by=by, photo=row), "{count}장을 휴지통에 넣었습니다."
        )

    @admin.action(description="휴지통에서 되살리기", permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: Any) -> None:
        self.act_on_each(
            request, queryset.trashed(), lambda row: services.restore(photo=row), "{count}장을 되살렸습니다."
        )


def gallery(photos: Iterable[Photo]) -> str:
    """What a form shows of the photos that belong to its row: small, each a link to the large one."""
    return format_html_join(
        " ",
        '<a href="{}" target="_blank"><img src="{}" alt="{}" width="160" loading="lazy" class="inline rounded"></a>',
        (
            (
                reverse("media_store:photo", args=[photo.photoid, "large"]),
                reverse("media_store:photo", args=[photo.photoid, "small"]),
                photo.filename,
            )
            for photo in photos
            if photo.content_type
        ),
    )


def _shown(photo: Photo, size: str, pixels: int) -> str:
    if photo.trashed_at or not photo.content_type:
        return "–"
    address = reverse("media_store:photo", args=[photo.photoid, size])
    return format_html('<img src="{}" alt="" width="{}" loading="lazy">', address, pixels)
