from django.urls import path, register_converter

from board.api import CommentViewSet, PostViewSet
from board.pages import commenting, reading, writing

app_name = "board"


class Id:
    """A postid or commid, as models.new_id makes them."""

    regex = "[A-Za-z0-9_-]{1,16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Id, "board_id")

urlpatterns = [
    # the manual's routes, letter for letter
    path(
        "post",
        PostViewSet.as_view({"get": "list", "post": "create", "patch": "partial_update", "delete": "destroy"}),
        name="post",
    ),
    path(
        "comment",
        CommentViewSet.as_view({"get": "list", "post": "create", "patch": "partial_update", "delete": "destroy"}),
        name="comment",
    ),
    # pages
    path("board/", reading.posts, name="posts"),
    path("board/write/", writing.write, name="write"),
    path("board/<board_id:postid>/", reading.post_page, name="post_page"),
    path("board/<board_id:postid>/edit/", writing.edit, name="edit"),
    path("board/<board_id:postid>/trash/", writing.trash, name="trash"),
    path("board/<board_id:postid>/restore/", writing.restore, name="restore"),
    path("board/<board_id:postid>/comments/", commenting.write_comment, name="write_comment"),
    path("board/<board_id:postid>/comments/<board_id:commid>/edit/", commenting.edit_comment, name="edit_comment"),
    path(
        "board/<board_id:postid>/comments/<board_id:commid>/delete/", commenting.delete_comment, name="delete_comment"
    ),
    path(
        "board/<board_id:postid>/comments/<board_id:commid>/restore/",
        commenting.restore_comment,
        name="restore_comment",
    ),
]
