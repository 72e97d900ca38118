"""Pages of the second factor: the second step of signing in, and what staff and designers do about it themselves."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as remember_device

from accounts import second_factor, staff_sessions
from accounts.errors import AlreadyEnrolled, WrongCode
from accounts.forms import CodeForm, ProvenCodeForm
from accounts.models import User
from accounts.pages.oauth import let_lead_to_an_app

KEY = "key_to_enrol"
"""In the session: each has its own, so that nobody confirms a key which somebody else has seen before."""


@login_not_required
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: a code of the app, or one of the backup codes."""
    found = staff_sessions.half_signed_in(request)
    if found is None:
        return redirect("accounts:sign_in")
    user, half = found
    if not second_factor.is_on(user):
        return redirect("accounts:enrol")
    form = ProvenCodeForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        staff_sessions.enter(request, user, backend=half.backend, device=form.device)
        return HttpResponseRedirect(half.next)
    page = render(request, "accounts/second_step.html", {"form": form})
    let_lead_to_an_app(page, half.next)
    return page


@login_not_required
@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up an app, in the middle of signing in or later; it ends with the backup codes, which are shown this once."""
    found = staff_sessions.half_signed_in(request)
    user = found[0] if found else request.user
    if not user.is_staff:
        return redirect("accounts:sign_in")
    if second_factor.is_on(user):
        return redirect("accounts:second_step" if found else "accounts:security")
    key = request.session.setdefault(KEY, second_factor.new_key())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device, codes = second_factor.enrol(user, key, form.cleaned_data["code"])
        except WrongCode:
            form.add_error("code", CodeForm.error_messages["wrong"])
        except AlreadyEnrolled:  # by a second click, or in another window
            return redirect("accounts:second_step" if found else "accounts:security")
        else:
            del request.session[KEY]
            if found is None:
                remember_device(request, device)
                return _backup_codes(request, codes, reverse("accounts:security"))
            staff_sessions.enter(request, user, backend=found[1].backend, device=device)
            return _backup_codes(request, codes, found[1].next)
    context = {
        "form": form, "qr_code": second_factor.qr_code(user, key), "key": second_factor.typed_key(key),
        "asked": found is not None,
    }  # fmt: skip
    return render(request, "accounts/enrol.html", context)


@never_cache
def security(request: HttpRequest) -> HttpResponse:
    return _security(request)


@never_cache
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New backup codes, for a code of now."""
    user = _person(request)
    form = _to_act(user, "renew", request.POST)
    if not form.is_valid():
        return _security(request, renewing=form)
    return _backup_codes(request, second_factor.renew_backup_codes(user), reverse("accounts:security"))


@never_cache
@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    """Without a second factor from now on, where the salon allows that, for a code of now."""
    user = _person(request)
    if settings.STAFF_SECOND_FACTOR:
        raise PermissionDenied
    form = _to_act(user, "off", request.POST)
    if not form.is_valid():
        return _security(request, ending=form)
    second_factor.forget(user)
    request.session.pop(DEVICE_ID_SESSION_KEY, None)  # this session goes on; others of the device are over
    return redirect("accounts:security")


def _person(request: HttpRequest) -> User:
    """Of staff and designers; these pages are for nobody else."""
    user = request.user
    if not user.is_staff:
        raise PermissionDenied
    return user


def _security(
    request: HttpRequest, *, renewing: ProvenCodeForm | None = None, ending: ProvenCodeForm | None = None
) -> HttpResponse:
    user = _person(request)
    context = {
        "is_on": second_factor.is_on(user),
        "codes_left": second_factor.backup_codes_left(user),
        "enforced": settings.STAFF_SECOND_FACTOR,
        "renewing": renewing or _to_act(user, "renew"),
        "ending": ending or _to_act(user, "off"),
    }
    return render(request, "accounts/security.html", context)


def _to_act(user: User, act: str, given: QueryDict | None = None) -> ProvenCodeForm:
    """One form of several on the page: none draws the cursor to itself."""
    form = ProvenCodeForm(given, user=user, auto_id=f"{act}_%s")
    del form.fields["code"].widget.attrs["autofocus"]
    return form


def _backup_codes(request: HttpRequest, codes: list[str], next_page: str) -> HttpResponse:
    shown = [f"{code[:5]} {code[5:]}" for code in codes]
    return render(request, "accounts/backup_codes.html", {"codes": shown, "next_page": next_page})
