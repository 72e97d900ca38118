"""What the API's document tells of /post and /comment; the code is in api.py."""

from accounts.errors import CannotConfirmUser
from board.errors import ContTooLong, NoFreeCommid, NoFreePostid, TitleTooLong, TooManyPhotos, UnknownPost
from board.serializers import (
    ChangeComments,
    ChangePosts,
    DeleteComments,
    ReadComments,
    ReadPosts,
    WriteComment,
    WritePost,
)
from cody_site.api.operations import TEXT, TRUE, Operation, listed, record
from cody_site.api.params import Date, Time, stringified
from cody_site.errors import Conflict, UnknownPhoto, UnknownUser

LENGTHS = [TitleTooLong(), ContTooLong(), TooManyPhotos()]
IDS = stringified(listed(TEXT))

POSTS = {
    "list": Operation(
        "Posts that meet the rule",
        ReadPosts,
        listed(
            record(userid=TEXT, date=Date(), time=Time(), postid=TEXT, photoid=IDS, title=TEXT, cont=TEXT, comment=IDS)
        ),
        example={"rule": {"userid": "hong"}},
        description="A filter by `ip` is for staff and app clients. Who has left the service is `탈퇴한 회원`.",
        paged=True,
    ),
    "create": Operation(
        "Write a post",
        WritePost,
        record(res=TRUE, regInfo=record(user_id=TEXT, title=TEXT, cont=TEXT, postid=TEXT)),
        [UnknownUser("hong"), UnknownPhoto("X"), *LENGTHS, NoFreePostid(), Conflict()],
        example={"userid": "hong", "title": "단발로 바꿨어요", "cont": "어깨까지 기르던 머리를 잘랐습니다."},
    ),
    "partial_update": Operation(
        "Change all these posts, or none",
        ChangePosts,
        TRUE,
        [CannotConfirmUser("hong"), UnknownPhoto("X"), *LENGTHS, Conflict()],
        example={"base": {"postid": "q7Qz0cVb3nA1mXwE"}, "data": {"title": "단발로 바꿨습니다"}},
        description="`commid` is the list of comments as it shall be: comments left out go to the trash (R20).",
    ),
    "destroy": Operation(
        "Put these posts into the trash, with their comments",
        ReadPosts,
        TRUE,
        [Conflict()],
        example={"rule": {"postid": "q7Qz0cVb3nA1mXwE"}},
        description="`rule` comes in the query string or in the body.",
    ),
}

COMMENTS = {
    "list": Operation(
        "Comments that meet the rule, deleted ones without their words",
        ReadComments,
        listed(
            record(userid=TEXT, date=Date(), time=Time(), postid=TEXT, commid=TEXT, title=TEXT, cont=TEXT, photoid=IDS)
        ),
        example={"rule": {"postid": "q7Qz0cVb3nA1mXwE"}},
        description="A filter by `ip` is for staff and app clients. Who has left the service is `탈퇴한 회원`.",
        paged=True,
    ),
    "create": Operation(
        "Write a comment",
        WriteComment,
        record(res=TRUE, regInfo=record(user_id=TEXT, title=TEXT, postid=TEXT, commid=TEXT)),
        [UnknownUser("hong"), UnknownPost("X"), UnknownPhoto("X"), *LENGTHS, NoFreeCommid(), Conflict()],
        example={
            "userid": "hong",
            "title": "예뻐요",
            "cont": "저도 같은 길이로 하고 싶네요.",
            "postid": "q7Qz0cVb3nA1mXwE",
        },
    ),
    "partial_update": Operation(
        "Change all these comments, or none",
        ChangeComments,
        TRUE,
        [CannotConfirmUser("hong"), UnknownPhoto("X"), *LENGTHS, Conflict()],
        example={"base": {"commid": "Jc81sUe0ZtR5kLpY"}, "data": {"cont": "저도 같은 길이로 예약했어요."}},
    ),
    "destroy": Operation(
        "Delete these comments: their place stays, their words and photos go",
        DeleteComments,
        TRUE,
        [Conflict()],
        example={"rule": {"commid": "Jc81sUe0ZtR5kLpY"}},
        description="`rule` comes in the query string or in the body; `commit` is another name of `commid`.",
    ),
}
