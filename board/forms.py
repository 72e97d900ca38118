from typing import Any

from accounts.acting import ActForm
from board.models import Comment, Post


class PostForm(ActForm[Post]):
    class Meta:
        model = Post
        fields = ["author", "title", "cont"]


class CommentForm(ActForm[Comment]):
    class Meta:
        model = Comment
        fields = ["post", "author", "title", "cont"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"title", "cont"} & self.fields.keys():
            self.fields[name].required = True  # only a deleted one has no words
