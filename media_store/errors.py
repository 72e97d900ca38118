from django.utils.translation import gettext_lazy as _

from cody_site.errors import Refusal


class AlreadyUploaded(Refusal):
    """R16: the same person already has a live photo with the same content."""

    status, message = 403, "ERR: Already uploaded file"
    told = _("이미 올린 사진입니다.")

    def __init__(self, photoid: str) -> None:
        super().__init__()
        self.photoid = photoid
        self.contents = {"res": False, "photoid": photoid}


class ManyFiles(Refusal):
    status, message = 413, "ERR: CANNOT UPLOAD MULTIPLE FILES AT ONCE"
    told = _("사진은 한 번에 하나씩 올려 주세요.")


class FileTooLarge(Refusal):
    status, message = 413, "ERR: File too large."
    told = _("파일이 너무 큽니다.")


class FileNotFound(Refusal):
    status, message = 404, "FILE NOT FOUND"
    told = _("그런 사진을 찾을 수 없습니다.")


class BatchTooLarge(Refusal):
    """R17: one photo at a time."""

    status, message = 413, "batchSizeTooLarge"
    told = _("사진은 한 번에 하나씩 받을 수 있습니다.")


class NotInTrash(Refusal):
    status, message = 409, "ERR: Not in the trash."
    told = _("휴지통에 없거나, 이미 지워진 사진입니다.")


class NoPicture(Refusal):
    """Pages take pictures only; the manual's routes take any file."""

    message = "ERR: Not a picture."
    told = _("사진으로 열 수 없는 파일입니다. JPG, PNG, HEIC, WebP 같은 사진 파일을 골라 주세요.")


class PortfolioFull(Refusal):
    message = "ERR: Too many photos."
    told = _("작품 사진은 24장까지 보일 수 있습니다. 먼저 몇 장을 내려 주세요.")


class TooManyUploads(Refusal):
    status, message = 429, "ERR: Too many uploads."
    told = _("잠깐 사이에 너무 많이 올렸어요. 1분 뒤에 다시 올려 주세요.")
