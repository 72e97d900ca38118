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
