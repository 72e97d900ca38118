from django.urls import path

from board.api import CommentViewSet, PostViewSet

app_name = "board"

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
]
