"""Becoming a customer: by oneself, or by the desk's invitation; and the address that was given."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import FormView

from accounts import guests, services, staff_sessions
from accounts.errors import DuplicateUserid, GuardianConsentRequired, LinkExpired, WeakPassword
from accounts.lockout import too_many
from accounts.models import AccountType
from accounts.own_forms import InvitationForm, JoinForm
from accounts.pages.oauth import LeadsToApps
from accounts.phone_numbers import spoken
from accounts.throttles import SignUps
from accounts.visitors import seconds_to_wait, visitor
from cody_site.errors import Refusal

BACKEND = "accounts.backends.RoleBackend"

WHERE = {DuplicateUserid: "userid", WeakPassword: "password", GuardianConsentRequired: "birth"}
"""Beside which field a refusal is told; all others stand above the form."""


@method_decorator(login_not_required, name="dispatch")
class Join(LeadsToApps, FormView):
    """Open an account and go on with what one came for, signed in.

    That a userid is taken cannot be hidden here; SignUps, which counts POST /user too, keeps it from being asked often.
    """

    template_name = "accounts/join.html"
    form_class = JoinForm
    next_page = "home"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := seconds_to_wait(request, SignUps):
            return too_many(request, wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: JoinForm) -> HttpResponse:
        try:
            user = services.register(by=visitor(self.request), type=AccountType.CUSTOMER, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(WHERE.get(type(refusal)), refusal.told)
            taken = isinstance(refusal, DuplicateUserid)
            return self.render_to_response(self.get_context_data(form=form, taken=taken))
        staff_sessions.enter(self.request, user, backend=BACKEND)
        told = _("%(name)s님, 반갑습니다! %(email)s 주소로 확인 메일을 보냈어요. 메일의 단추를 눌러 주세요.")
        messages.success(self.request, told % {"name": user.name, "email": user.email})
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = self.get_redirect_url()
        reserving = wanted.startswith(reverse("pages:reserve"))
        return super().get_context_data(**kwargs) | {self.redirect_field_name: wanted, "reserving": reserving}


@login_not_required
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail; the button behind it confirms, for mail scanners open links too."""
    if request.method != "POST":
        return render(request, "accounts/confirm_address.html")
    try:
        confirmed = services.confirm_address(token)
    except Refusal as refusal:
        return render(request, "accounts/confirm_address.html", {"refusal": refusal}, status=400)
    return render(request, "accounts/confirm_address.html", {"confirmed": confirmed})


@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail leads here: who came to the desk makes the account their own, once."""
    try:
        invited = guests.invited(token)
    except LinkExpired:
        return render(request, "accounts/invitation.html", status=400)
    known = {"userid": invited.userid, "name": invited.name, "pn": spoken(invited.pn)}
    form = InvitationForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            invited = guests.accept(token=token, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(WHERE.get(type(refusal)), refusal.told)
        else:
            return render(request, "accounts/invitation.html", {"invited": invited})
    return render(request, "accounts/invitation.html", {"invited": invited, "form": form})
