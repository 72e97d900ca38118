from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.acting import ToRead, actor_of
from accounts.lists import CreatedAt, Trash
from accounts.models import ACCOUNT_MANAGERS, AccountType
from media_store import services
from media_store.models import Photo


@admin.register(Photo)
class PhotoAdmin(ToRead):
    """Photos are uploaded by whom they show, and never changed; staff trash and restore them."""

    list_display = ["preview", "filename", "uploader", "created_at", "remark"]
    list_display_links = ["preview", "filename"]
    list_filter = [CreatedAt, Trash]
    list_select_related = ["uploader"]
    search_fields = ["photoid"]
    search_person = "uploader"
    search_words = "filename"
    search_help_text = _("올린 사람, 전화 끝 네 자리, 파일 이름의 일부")
    ordering = ["-created_at", "-pk"]
    actions = ["trash", "restore"]
    fields = [
        "picture", "photoid", "filename", "uploader", "content_type", "size", "ip", "created_at", "trashed_at",
        "trashed_by", "destroy_after",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        photos: QuerySet[Photo] = super().get_queryset(request)
        return photos.filter(live_at__isnull=False)

    @admin.display(description=_("사진"))
    def preview(self, photo: Photo) -> str:
        return _shown(photo, "small", 64)

    @admin.display(description=_("사진"))
    def picture(self, photo: Photo) -> str:
        return _shown(photo, "large", 480)

    @admin.display(description=_("비고"), empty_value="")
    def remark(self, photo: Photo) -> str | None:
        return str(_("휴지통")) if photo.trashed_at else None

    def has_trash_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type == AccountType.ADMINISTRATOR

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type in ACCOUNT_MANAGERS

    @admin.action(description=_("휴지통으로"), permissions=["trash"])
    def trash(self, request: HttpRequest, queryset: Any) -> None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.live(),
            lambda row: services.trash(by=by, photo=row),
            _("{count}장을 휴지통에 넣었습니다."),
        )

    @admin.action(description=_("휴지통에서 되살리기"), permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: Any) -> None:
        self.act_on_each(
            request, queryset.trashed(), lambda row: services.restore(photo=row), _("{count}장을 되살렸습니다.")
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
