"""Nothing typed is lost: not by a refusal, and not by having to sign in first."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import drafts
from accounts.visitors import visitor
from board.pages.reading import may_write
from cody_site.errors import Refusal

Done = TypeVar("Done")


def accepted(form: Form, act: Callable[[], Done]) -> Done | None:
    """What the act comes to, or None once the form tells why it was refused."""
    try:
        return act()
    except Refusal as refusal:
        form.add_error(None, str(refusal.told))
        return None


def sign_in_first(request: HttpRequest, name: str, form: Form, *, back: str) -> HttpResponse:
    """Keep what the form was sent under this name; who has signed in finds it at `back`."""
    drafts.keep(request, name, {field: str(value) for field, value in form.cleaned_data.items()})
    messages.info(request, _("로그인하면 쓰시던 글이 그대로 이어집니다."))
    return redirect_to_login(back)


def refuse_readers(request: HttpRequest) -> None:
    """Some of the staff only read here (section 9)."""
    if not may_write(visitor(request)):
        raise PermissionDenied
