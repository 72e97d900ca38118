from itertools import pairwise
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.acting import ActForm
from accounts.models import Client, User
from accounts.oauth import ALL_SCOPES
from accounts.phone_numbers import e164


class SignInForm(AuthenticationForm):
    """Userid and password; every failure reads the same, so that nobody learns which userids exist."""

    username = UsernameField(
        label=_("아이디"),
        max_length=30,
        widget=forms.TextInput(attrs={"autofocus": True, "autocapitalize": "none", "autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("비밀번호"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": _("아이디나 비밀번호가 맞지 않습니다. 다시 확인해 주세요."),
        "inactive": _("아이디나 비밀번호가 맞지 않습니다. 다시 확인해 주세요."),
    }


class ChangePasswordForm(PasswordChangeForm):
    """The old password is checked by authenticate(), so that wrong ones are counted."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old


class ForgottenPasswordForm(forms.Form):
    email = forms.EmailField(
        label=_("이메일"), max_length=50, widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "email"})
    )


class UserForm(ActForm[User]):
    """Open an account at the desk, or change one."""

    pn = forms.CharField(label=_("전화번호"), max_length=20, widget=UnfoldAdminTextInputWidget)
    password = forms.CharField(
        label=_("비밀번호"),
        max_length=256,
        strip=False,
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ["userid", "type", "name", "pn", "email", "birth"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new = self.is_new
        self.fields["password"].required = new
        self.fields["password"].help_text = "" if new else "새 비밀번호. 비워 두면 그대로 둡니다."
        for name in ("name", "email", "birth"):
            if name in self.fields:
                self.fields[name].required = new or name == "name"

    def clean_pn(self) -> str:
        try:
            return e164(self.cleaned_data["pn"])
        except ValueError:
            raise forms.ValidationError("전화번호를 다시 확인해 주세요. 예: 010-1234-5678") from None


class HoursFormSet(forms.BaseInlineFormSet):
    """A designer's week; spans of one day do not overlap."""

    def clean(self) -> None:
        super().clean()
        spans = sorted(
            (form.cleaned_data["weekday"], form.cleaned_data["start"], form.cleaned_data["end"])
            for form in self.forms
            if {"weekday", "start", "end"} <= form.cleaned_data.keys() and not form.cleaned_data.get("DELETE")
        )
        for (day, _start, end), (next_day, next_start, _end) in pairwise(spans):
            if day == next_day and next_start < end:
                raise forms.ValidationError("같은 요일의 근무 시간이 겹칩니다.")


class ClientForm(forms.ModelForm):
    """An app client; its secret is made here, told once, and never typed."""

    class Meta:
        model = Client
        fields = [
            "name", "client_type", "authorization_grant_type", "redirect_uris", "scope", "password_grant", "enabled",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grants = {Client.GRANT_AUTHORIZATION_CODE, Client.GRANT_CLIENT_CREDENTIALS}
        field = self.fields["authorization_grant_type"]
        field.choices = [(value, label) for value, label in Client.GRANT_TYPES if value in grants]  # type: ignore[attr-defined]

    def clean_scope(self) -> str:
        scope = " ".join(self.cleaned_data["scope"].split())
        unknown = set(scope.split()) - ALL_SCOPES.keys()
        if unknown:
            raise forms.ValidationError(f"없는 scope입니다: {', '.join(sorted(unknown))}")
        return scope
