"""What we know of a person, for the person to look at and to put right."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import consents, services
from accounts.models import ConsentKind, User
from accounts.own_forms import AddressForm, ProfileForm
from accounts.phone_numbers import spoken
from accounts.throttles import PasswordsPerAddress
from accounts.visitors import person, throttled, visitor
from cody_site.errors import Refusal


def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    known = {"name": user.name, "pn": spoken(user.pn)}
    form = ProfileForm(request.POST or None, initial=known)
    if (
        request.method == "POST"
        and form.is_valid()
        and _changed(request, form, services.UserChange(**form.cleaned_data))
    ):
        messages.success(request, _("저장했어요."))
        return redirect("accounts:profile")
    marketing = user.consents.open().to(ConsentKind.MARKETING).first()
    return render(request, "accounts/profile.html", {"form": form, "marketing": marketing})


@throttled(PasswordsPerAddress)
def address(request: HttpRequest) -> HttpResponse:
    """Another address, with the password: whoever has the address can have a new password."""
    form = AddressForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if _changed(request, form, services.UserChange(email=email)):
            told = _("%(email)s 주소로 확인 메일을 보냈어요. 메일의 단추를 누르면 끝나요.")
            messages.success(request, told % {"email": email})
            return redirect("accounts:profile")
    return render(request, "accounts/address.html", {"form": form})


def _changed(request: HttpRequest, form: ProfileForm | AddressForm, data: services.UserChange) -> bool:
    """Did the service take it? What it refused stands in the form."""
    by = visitor(request)
    users = User.objects.changeable_by(by).filter(pk=by.user_pk)
    try:
        services.change(by=by, users=users, data=data)
    except Refusal as refusal:
        form.add_error(None, refusal.told)
    return not form.errors


@require_POST
def confirm_again(request: HttpRequest) -> HttpResponse:
    try:
        services.ask_again_to_confirm(by=visitor(request))
    except Refusal as refusal:
        messages.warning(request, str(refusal.told))
    else:
        messages.success(request, _("확인 메일을 다시 보냈어요. 3일 안에 메일의 단추를 눌러 주세요."))
    return redirect("accounts:profile")


@require_POST
def marketing(request: HttpRequest) -> HttpResponse:
    """On or off; the law has us say since when."""
    wanted = request.POST.get("wanted") == "1"
    consents.choose_marketing(by=visitor(request), user=person(request), wanted=wanted)
    told = _("이제 혜택과 새 소식을 메일로 보내 드려요.") if wanted else _("혜택과 새 소식 메일을 더는 보내지 않아요.")
    messages.success(request, told)
    return redirect("accounts:profile")
