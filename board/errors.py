from django.utils.translation import gettext_lazy as _

from cody_site.errors import Refusal


class UnknownPost(Refusal):
    message = "ERR: Cannot find post"
    told = _("그런 글을 찾을 수 없습니다.")


class UnknownComment(Refusal):
    """Only the pages say it: the API's answer is that no row matched (R35)."""

    message = "ERR: Cannot find comment"
    told = _("그런 댓글을 찾을 수 없습니다.")


class TitleTooLong(Refusal):
    status, message = 705, "ERR: 'title' length exceed"
    told = _("제목이 너무 깁니다.")


class ContTooLong(Refusal):
    status, message = 705, "ERR: 'cont' length exceed"
    told = _("내용이 너무 깁니다.")


class TooManyPhotos(Refusal):
    status, message = 705, "ERR: Image attachment length exceed"
    told = _("사진이 너무 많습니다.")


class NoFreePostid(Refusal):
    message = "ERR: creating postid failed"
    told = _("글을 저장하지 못했습니다. 다시 시도해 주세요.")


class NoFreeCommid(Refusal):
    message = "ERR: creating commid failed"
    told = _("댓글을 저장하지 못했습니다. 다시 시도해 주세요.")


class NotInTrash(Refusal):
    status, message = 409, "ERR: Not in the trash."
    told = _("휴지통에 없거나, 이미 지워진 글입니다.")
