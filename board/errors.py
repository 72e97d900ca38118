from cody_site.errors import Refusal


class UnknownPost(Refusal):
    message = "ERR: Cannot find post"
    told = "그런 글을 찾을 수 없습니다."


class TitleTooLong(Refusal):
    status, message = 705, "ERR: 'title' length exceed"
    told = "제목이 너무 깁니다."


class ContTooLong(Refusal):
    status, message = 705, "ERR: 'cont' length exceed"
    told = "내용이 너무 깁니다."


class TooManyPhotos(Refusal):
    status, message = 705, "ERR: Image attachment length exceed"
    told = "사진이 너무 많습니다."


class NoFreePostid(Refusal):
    message = "ERR: creating postid failed"
    told = "글을 저장하지 못했습니다. 다시 시도해 주세요."


class NoFreeCommid(Refusal):
    message = "ERR: creating commid failed"
    told = "댓글을 저장하지 못했습니다. 다시 시도해 주세요."


class NotInTrash(Refusal):
    status, message = 409, "ERR: Not in the trash."
    told = "휴지통에 없거나, 이미 지워진 글입니다."
