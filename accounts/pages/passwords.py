"""A forgotten password, and a changed one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from accounts import services
from accounts.forms import ChangePasswordForm, ForgottenPasswordForm
from accounts.lockout import too_many
from accounts.throttles import PASSWORDS
from accounts.visitors import seconds_to_wait


@login_not_required
def password_forgotten(request: HttpRequest) -> HttpResponse:
    form = ForgottenPasswordForm(request.POST or None)
    if request.method == "POST":
        if wait := seconds_to_wait(request, *PASSWORDS):
            return too_many(request, wait)
        if form.is_valid():
            services.send_reset_links(form.cleaned_data["email"])
            return render(request, "accounts/password_forgotten.html", {"sent": True})
    return render(request, "accounts/password_forgotten.html", {"form": form})


class NewPassword(PasswordResetConfirmView):
    """The link of the mail leads here, once."""

    template_name = "accounts/new_password.html"
    success_url = reverse_lazy("accounts:sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        services.reset_password(user=form.user, password=form.cleaned_data["new_password1"])
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        messages.success(self.request, _("비밀번호를 바꿨어요. 새 비밀번호로 로그인해 주세요."))
        return redirect(self.get_success_url())


class PasswordChange(PasswordChangeView):
    """Also the admin's: the old password is one more try at the one counter, and what the old one opened is closed."""

    template_name = "accounts/new_password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("accounts:profile")
    extra_context = {"validlink": True}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        services.reset_password(user=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("비밀번호를 바꿨고, 다른 기기에서는 로그아웃했어요."))
        return redirect(self.get_success_url())
