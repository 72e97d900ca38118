"""Photos in a form: one's own to choose from, and new ones."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.visitors import person
from cody_site.api.params import UNSTORABLE
from cody_site.errors import UnknownPhoto
from media_store.models import Photo
from media_store.receiving import keep

RECENT = 24
"""So many of one's photos are offered."""

NEW = "-new"
"""What the input for files is called, behind the field's name."""


@dataclass
class Given:
    """What the form brought: photoids that were chosen, and files."""

    photoids: list[str] = field(default_factory=list)
    files: list[UploadedFile] = field(default_factory=list)


class PhotosInput(forms.Widget):
    """Written by templates/media_store/_picker.html."""

    needs_multipart_form = True
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Given:
        return Given(_listed(data, name), _listed(files, f"{name}{NEW}"))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False  # none chosen is nothing sent


def _listed(sent: Any, name: str) -> list[Any]:
    return list(sent.getlist(name)) if hasattr(sent, "getlist") else list(sent.get(name, []))


@dataclass
class Choice:
    photo: Photo
    chosen: bool


class BoundPhotos(BoundField):
    """What templates/media_store/_picker.html shows of the field."""

    field: "PhotosField"

    @property
    def file_name(self) -> str:
        return f"{self.html_name}{NEW}"

    @property
    def file_id(self) -> str:
        return f"{self.auto_id}{NEW}"

    @property
    def most_bytes(self) -> int:
        return int(settings.PHOTO_MAX_BYTES)

    @functools.cached_property
    def choices(self) -> list[Choice]:
        """Those chosen, in their order, then the latest others of one's own; two queries."""
        chosen = [photoid for photoid in self.value() or [] if not UNSTORABLE.search(photoid)]
        own = Photo.objects.live().filter(uploader=self.field.uploader).exclude(content_type="")
        shown = {photo.photoid: photo for photo in own.filter(photoid__in=chosen[:100])}
        others = own.exclude(photoid__in=[*shown, *self.field.without]).order_by("-pk")[:RECENT]
        return [
            *(Choice(shown[photoid], chosen=True) for photoid in dict.fromkeys(chosen) if photoid in shown),
            *(Choice(photo, chosen=False) for photo in others),
        ]


class PhotosField(forms.Field):
    """Cleaned to the photoids, at most `most`, all of them live photos of who is signed in; `without` are not offered.

    The page is decorated with `receiving.takes_photos`, its form sent as multipart/form-data. New files are kept
    while the field is cleaned, whatever else is wrong with the form: the form that is shown again has them chosen, and
    nobody uploads them twice.
    """

    widget = PhotosInput
    bound_field_class = BoundPhotos
    default_error_messages = {"required": gettext_lazy("사진을 골라 주세요.")}

    def __init__(
        self, *, request: HttpRequest, most: int, without: Sequence[str] = (), required: bool = False, **kwargs: Any
    ) -> None:
        self.request, self.uploader, self.most, self.without = request, person(request), most, list(without)
        self.uploaded: list[str] = []
        kwargs.setdefault("label", gettext_lazy("사진"))
        super().__init__(required=required, **kwargs)

    def clean(self, value: Given) -> list[str]:
        kept = keep(self.request, value.files, uploader=self.uploader)
        self.uploaded = [photo.photoid for photo in kept.photos]
        photoids = self._chosen(value)
        if kept.refused:
            raise forms.ValidationError([f"{name}: {told}" for name, told in kept.refused])
        if len(photoids) > self.most:
            raise forms.ValidationError(_("사진은 %(count)d장까지 고를 수 있어요."), params={"count": self.most})
        if any(UNSTORABLE.search(photoid) for photoid in photoids):
            raise forms.ValidationError(UnknownPhoto.told)
        try:
            Photo.objects.named(photoids, of=self.uploader)
        except UnknownPhoto as refusal:
            raise forms.ValidationError(refusal.told) from None
        if self.required and not photoids:
            raise forms.ValidationError(self.error_messages["required"])
        return photoids

    def bound_data(self, data: Given, initial: Sequence[str] | None) -> list[str]:
        return self._chosen(data)

    def has_changed(self, initial: Sequence[str] | None, data: Given | None) -> bool:
        return data is not None and (bool(data.files) or data.photoids != list(initial or []))

    def _chosen(self, given: Given) -> list[str]:
        return list(dict.fromkeys([*given.photoids, *self.uploaded]))
