"""Photos: what is known of the bytes, whose they are, and where they are shown."""

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from accounts.models import CUSTOMERS, STAFF, AccountType, Designer, User
from cody_site.errors import UnknownPhoto
from cody_site.prepared import Prepared
from cody_site.sql import StringifiedArray

M = TypeVar("M", bound=models.Model)

NAMELESS = "photo"
"""What a file without a usable name is called."""

MAX_PORTFOLIO = 24

UPLOADERS = CUSTOMERS | {AccountType.DESIGNER, AccountType.ADMINISTRATOR}
"""Who has photos of their own (section 9)."""


def new_photoid() -> str:
    """128 random bits, URL-safe: who does not know it does not guess it."""
    return secrets.token_urlsafe(16)


def sees_all(actor: Actor) -> bool:
    """Whom section 9 shows every live photo, and all that is known of it."""
    return actor.is_app_client or actor.account_type in STAFF


class PhotoQuerySet(models.QuerySet["Photo"]):
    def live(self) -> "PhotoQuerySet":
        return self.filter(live_at__isnull=False, trashed_at=None)

    def trashed(self) -> "PhotoQuerySet":
        return self.filter(trashed_at__isnull=False)

    def due_for_destruction(self) -> "PhotoQuerySet":
        return self.filter(destroy_after__lte=timezone.now())

    def kept(self) -> "PhotoQuerySet":
        """Live, or in the trash and still to be brought back: their bytes must be there."""
        lasting = models.Q(destroy_after=None) | models.Q(destroy_after__gt=timezone.now())
        return self.filter(lasting, live_at__isnull=False)

    def unrendered(self) -> "PhotoQuerySet":
        return self.live().filter(rendered_at=None)

    def trash(self, *, by: Actor) -> int:
        """Into the trash (R12); how many there were."""
        now = timezone.now()
        destroy_after = now + dt.timedelta(days=settings.TRASH_DAYS)
        return self.live().update(trashed_at=now, trashed_by=by.user, destroy_after=destroy_after)

    def erase(self) -> int:
        """Gone from every answer at once, and not to come back; the bytes go with the worker's next round (R22)."""
        now = timezone.now()
        return self.update(trashed_at=now, destroy_after=now, filename=NAMELESS, ip=None)

    def shown_nowhere(self) -> "PhotoQuerySet":
        """On no reservation, post or comment, those in the trash included, and by no designer."""
        return self.filter(reservations=None, posts=None, comments=None, portraits=None, portfolios=None)

    def forget_ips(self) -> int:
        return self.filter(ip__isnull=False).update(ip=None)

    def pictures(self) -> "PhotoQuerySet":
        """Without the other files, which the manual's routes take as well."""
        return self.exclude(content_type="")

    def own(self, actor: Actor) -> "PhotoQuerySet":
        return self.filter(uploader=actor.user_pk)

    def restorable_by(self, actor: Actor) -> "PhotoQuerySet":
        """What they took away themselves, as long as it is there."""
        return self.own(actor).filter(trashed_by=actor.user_pk, destroy_after__gt=timezone.now())

    def visible_to(self, actor: Actor) -> "PhotoQuerySet":
        """Section 9: what live posts and comments show, all see; besides their own, and designers their customers'.

        Who reserves sees whom: portraits and portfolios of those who work here are for all, too.
        """
        photos = self.live()
        if sees_all(actor):
            return photos
        return photos.filter(self._shown_on_the_board() | self._shown_by_a_designer() | self._own_or_given_to(actor))

    def found(self, photoid: str, *, by: Actor) -> "Photo | None":
        """The photo of that name, its uploader read with it, if it is visible to the actor."""
        if sees_all(by):
            photo: Photo | None = LIVE.first(photoid)
            return photo
        return self.visible_to(by).select_related("uploader").filter(photoid=photoid).first()

    def original_for(self, actor: Actor) -> "PhotoQuerySet":
        """Who gets the bytes as they came, metadata and all (R31)."""
        photos = self.live()
        if sees_all(actor):
            return photos
        return photos.filter(self._own_or_given_to(actor))

    def named(self, photoids: Iterable[str], *, of: User) -> "list[Photo]":
        """These live photos of one uploader, in the given order, each once; or UnknownPhoto (R36)."""
        wanted = list(dict.fromkeys(photoids))
        if not wanted:
            return []
        found = {photo.photoid: photo for photo in self.live().filter(uploader=of, photoid__in=wanted)}
        for photoid in wanted:
            if photoid not in found:
                raise UnknownPhoto(photoid)
        return [found[photoid] for photoid in wanted]

    def _shown_on_the_board(self) -> models.Q:
        return self._where(posts__isnull=False, posts__trashed_at=None) | self._where(
            comments__isnull=False, comments__trashed_at=None, comments__post__trashed_at=None
        )

    def _shown_by_a_designer(self) -> models.Q:
        working = Designer.objects.working().order_by().values("pk")
        return self._where(portraits__designer__in=working) | self._where(portfolios__designer__in=working)

    def _own_or_given_to(self, actor: Actor) -> models.Q:
        own = models.Q(uploader=actor.user_pk)
        if actor.account_type != AccountType.DESIGNER:
            return own
        return own | self._where(reservations__designer=actor.user_pk, reservations__trashed_at=None)

    def _where(self, **lookups: object) -> models.Q:
        """In the words of the apps above, by the names that they gave their photos' other end."""
        same = self.model.objects.filter(pk=models.OuterRef("pk"), **lookups)
        return models.Q(models.Exists(same))


class Photo(models.Model):
    """A file somebody uploaded: uploading until `live_at`, live until `trashed_at`, destroyed at `destroy_after`.

    `content_type` is what was found in the bytes, never what was claimed; without one it is no picture. The bytes lie
    in the storage under `storage_key`, which tells nothing of them.
    """

    photoid = models.CharField(_("사진 ID"), max_length=22, unique=True, default=new_photoid, editable=False)
    uploader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="photos", verbose_name=_("올린 사람"))
    filename = models.CharField(_("파일 이름"), max_length=255)
    content_type = models.CharField(_("형식"), max_length=50, blank=True)
    size = models.PositiveBigIntegerField(_("크기(바이트)"))
    sha256 = models.CharField("SHA-256", max_length=64)
    storage_key = models.CharField(max_length=100, unique=True, editable=False)
    ip = models.GenericIPAddressField("IP", null=True, blank=True)
    created_at = models.DateTimeField(_("올린 때"), default=timezone.now)
    live_at = models.DateTimeField(_("저장됨"), null=True, blank=True)
    rendered_at = models.DateTimeField(_("사본 만듦"), null=True, blank=True)
    original_is_clean = models.BooleanField(_("메타데이터 없음"), default=False)
    trashed_at = models.DateTimeField(_("버림"), null=True, blank=True)
    trashed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("버린 사람")
    )
    destroy_after = models.DateTimeField(_("완전히 지울 때"), null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    if TYPE_CHECKING:
        renditions: models.QuerySet["Rendition"]

    class Meta:
        verbose_name, verbose_name_plural = _("사진"), pgettext_lazy("plural", "사진")
        constraints = [
            models.UniqueConstraint(
                name="photo_one_per_content",
                fields=["uploader", "sha256"],
                condition=models.Q(live_at__isnull=False, trashed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="photo_trashed_with_dates",
                condition=models.Q(trashed_at__isnull=False, destroy_after__isnull=False)
                | models.Q(trashed_at__isnull=True, destroy_after__isnull=True, trashed_by__isnull=True),
            ),
            models.CheckConstraint(
                name="photo_clean_once_rendered",
                condition=models.Q(original_is_clean=False) | models.Q(rendered_at__isnull=False),
            ),
        ]
        indexes = [  # what the worker looks for
            models.Index(fields=["created_at"], name="photo_uploading", condition=models.Q(live_at__isnull=True)),
            models.Index(
                fields=["live_at"],
                name="photo_unrendered",
                condition=models.Q(rendered_at__isnull=True, trashed_at__isnull=True),
            ),
            models.Index(fields=["destroy_after"], name="photo_trash", condition=models.Q(destroy_after__isnull=False)),
            models.Index(fields=["created_at"], name="photo_with_ip", condition=models.Q(ip__isnull=False)),
            # the back-office's lists
            models.Index(fields=["created_at"], name="photo_created"),
            models.Index(fields=["created_at"], name="photo_trashed", condition=models.Q(trashed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.filename


OF_PHOTO = tuple(field.name for field in Photo._meta.concrete_fields)  # noqa: SLF001 -- documented in spite of its name
LIVE = Prepared(
    lambda photoid: (
        Photo.objects.filter(photoid=photoid, live_at__isnull=False, trashed_at=None)
        .select_related("uploader")
        .only(*OF_PHOTO, "uploader__userid")
    )
)


class Kind(models.TextChoices):
    COPY = "copy", _("메타데이터 없는 사본")
    LARGE = "large", _("큰 미리보기")
    SMALL = "small", _("작은 미리보기")


class Rendition(models.Model):
    """What was made of a photo, in an object of its own: the copy without metadata (R31), or a thumbnail."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renditions", verbose_name=_("사진"))
    kind = models.CharField(_("종류"), max_length=5, choices=Kind.choices)
    content_type = models.CharField(_("형식"), max_length=50)
    size = models.PositiveBigIntegerField(_("크기(바이트)"))
    sha256 = models.CharField("SHA-256", max_length=64)
    storage_key = models.CharField(max_length=100, unique=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("사진 사본"), pgettext_lazy("plural", "사진 사본")
        constraints = [
            models.UniqueConstraint(name="rendition_one_per_kind", fields=["photo", "kind"]),
            models.CheckConstraint(name="rendition_kind_known", condition=models.Q(kind__in=Kind.values)),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Attachment(models.Model):
    """A photo's place on a reservation, a post, a comment or in a portfolio; abstract."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="+", verbose_name=_("사진"))
    position = models.PositiveSmallIntegerField(_("순서"))

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position}: {self.photo}"


class ShownQuerySet(models.QuerySet[M]):
    def shown(self) -> Self:
        """Those whose photos are live, with these."""
        return self.filter(photo__live_at__isnull=False, photo__trashed_at=None).select_related("photo")


class Portrait(models.Model):
    """The designer's face, one photo of the designer's own; shown to everybody while the designer works."""

    designer = models.OneToOneField(
        Designer, on_delete=models.CASCADE, primary_key=True, related_name="portrait", verbose_name=_("디자이너")
    )
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="portraits", verbose_name=_("사진"))

    objects = ShownQuerySet["Portrait"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("프로필 사진"), pgettext_lazy("plural", "프로필 사진")

    def __str__(self) -> str:
        return str(self.photo)


class PortfolioPhoto(Attachment):
    """A photo of the designer's own that shows their work; to everybody, while the designer works."""

    designer = models.ForeignKey(
        Designer, on_delete=models.CASCADE, related_name="portfolio", verbose_name=_("디자이너")
    )
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="portfolios", verbose_name=_("사진"))
    caption = models.CharField(_("설명"), max_length=60, blank=True)
    """What is to be seen, for who sees it and for who does not."""

    objects = ShownQuerySet["PortfolioPhoto"].as_manager()

    class Meta(Attachment.Meta):
        verbose_name, verbose_name_plural = _("작품 사진"), pgettext_lazy("plural", "작품 사진")
        constraints = [
            models.UniqueConstraint(name="portfoliophoto_one_per_place", fields=["designer", "position"]),
            models.UniqueConstraint(name="portfoliophoto_one_per_photo", fields=["designer", "photo"]),
            models.CheckConstraint(name="portfoliophoto_not_too_many", condition=models.Q(position__lt=MAX_PORTFOLIO)),
        ]


def photoids(attachments: models.QuerySet[Attachment]) -> StringifiedArray:
    """The manual's `photoid`: what is live of these attachments, in order; a correlated subquery for a list's rows."""
    live = attachments.filter(photo__live_at__isnull=False, photo__trashed_at=None)
    return StringifiedArray(live.order_by("position").values(member=models.F("photo__photoid")))
