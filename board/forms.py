from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.acting import ActForm
from board.models import Comment, Post, beginning
from cody_site.api.params import CONTROL
from media_store.fields import PhotosField


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


class Line(forms.CharField):
    """One line of text: what no line has becomes a space."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(CONTROL.sub(" ", value) if isinstance(value, str) else value)


class Lines(forms.CharField):
    """Text with line breaks, each of which is one character, however the browser sends it.

    The field itself takes more than `most`, for who pastes too much shall see it all, and what is too much of it.
    """

    def __init__(self, *, most: int, rows: int, **kwargs: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": rows, "data-most": most, "data-left": _("남은 글자")})
        super().__init__(max_length=most, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class WithPhotos(forms.Form):
    """Words with photos, which somebody chooses who has signed in and whose words they are."""

    def __init__(self, *args: Any, photos: PhotosField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if photos is not None:
            self.fields["photos"] = photos

    @property
    def words(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "photos"}

    @property
    def photoids(self) -> list[str] | None:
        """What shall be shown; None if that is to stay as it is."""
        return self.cleaned_data["photos"] if "photos" in self.changed_data else None


class WritingForm(WithPhotos):
    """A post, new or changed."""

    title = Line(
        label=_("제목"),
        max_length=settings.TITLE_MAX_CHARACTERS,
        error_messages={"required": _("제목을 써 주세요.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "next"}),
    )
    cont = Lines(
        label=_("내용"),
        most=settings.POST_MAX_CHARACTERS,
        rows=12,
        error_messages={"required": _("내용을 써 주세요.")},
    )


class CommentingForm(WithPhotos):
    """A comment, new or changed. People write no title to a comment; the manual's is the beginning of what they say."""

    cont = Lines(
        label=_("댓글"),
        most=settings.COMMENT_MAX_CHARACTERS,
        rows=4,
        error_messages={"required": _("댓글을 써 주세요.")},
    )

    def clean_cont(self) -> str:
        cont: str = self.cleaned_data["cont"]
        if not beginning(cont):  # control characters are no words
            raise forms.ValidationError(_("댓글을 써 주세요."), code="required")
        return cont
