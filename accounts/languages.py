"""The language that a person reads: chosen on the pages, and kept for what is mailed to them."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from accounts.models import Language, User


@login_not_required
def choose(request: HttpRequest) -> HttpResponseBase:
    """Django's own switch, which keeps the choice in a cookie; of who is signed in it is remembered as well."""
    if request.method == "POST" and request.user.is_authenticated:
        remember(request.user, request.POST.get(LANGUAGE_QUERY_PARAMETER, ""))
    return set_language(request)


def remember_from_cookie(request: HttpRequest, user: User) -> None:
    """Who signs in on a page that they have switched reads that language."""
    remember(user, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))


def remember(user: User, language: str) -> None:
    if language in Language.values and language != user.language:
        User.objects.filter(pk=user.pk).update(language=language)
