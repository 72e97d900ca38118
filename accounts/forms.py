import math
import unicodedata
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.models import Device
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts import second_factor
from accounts.acting import ActForm
from accounts.errors import TryCodeLater, WrongCode
from accounts.models import Client, User
from accounts.oauth import ALL_SCOPES
from accounts.phone_numbers import e164

SHOWN = {"data-show": _("비밀번호 보기"), "data-hide": _("비밀번호 숨기기")}
"""For static/js/account.js: beside which password a button stands that shows it, and what that says."""


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
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"} | SHOWN),
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
        for field in self.fields.values():
            field.widget.attrs |= SHOWN

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old


class ForgottenPasswordForm(forms.Form):
    email = forms.EmailField(
        label=_("이메일"), max_length=50, widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "email"})
    )


class PhoneField(forms.CharField):
    """A telephone number as people write it; E.164 once it is clean."""

    widget = forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> str:
        return phone_number(super().clean(value))


class CodeForm(forms.Form):
    """The code that an authenticator app shows, typed as people type it."""

    code = forms.CharField(
        label=_("인증 코드"),
        max_length=32,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "class": "code"}
        ),
    )
    error_messages = {
        "form": _("숫자로 된 코드를 넣어 주세요."),
        "wrong": _("코드가 맞지 않습니다. 앱에 지금 보이는 코드를 넣어 주세요. 쓴 코드는 다시 쓸 수 없습니다."),
        "later": _("틀린 코드가 이어져 잠시 막았습니다. %(wait)s 뒤에 다시 시도해 주세요."),
    }

    def clean_code(self) -> str:
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        code = "".join(typed.split()).replace("-", "")
        if not (code.isascii() and code.isdigit()):
            raise forms.ValidationError(self.error_messages["form"], code="form")
        return code


class ProvenCodeForm(CodeForm):
    """A code of this person's app, or a backup code; valid once, for the check spends it."""

    device: Device

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code = super().clean_code()
        try:
            self.device = second_factor.accept(self.user, code)
        except TryCodeLater as refusal:
            raise forms.ValidationError(
                self.error_messages["later"], code="later", params={"wait": in_words(float(str(refusal.value)))}
            ) from None
        except WrongCode:
            raise forms.ValidationError(self.error_messages["wrong"], code="wrong") from None
        return code


def in_words(seconds: float) -> str:
    """How long to wait, never less than it is."""
    whole = math.ceil(seconds)
    if whole < 120:
        return ngettext("%(count)d초", "%(count)d초", whole) % {"count": whole}
    minutes = math.ceil(whole / 60)
    return ngettext("%(count)d분", "%(count)d분", minutes) % {"count": minutes}


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
        self.fields["password"].help_text = "" if new else _("새 비밀번호. 비워 두면 그대로 둡니다.")
        for name in ("name", "email", "birth"):
            if name in self.fields:
                self.fields[name].required = new or name == "name"

    def clean_pn(self) -> str:
        return phone_number(self.cleaned_data["pn"])


def phone_number(typed: str) -> str:
    """As E.164, or a ValidationError that shows how to type it."""
    try:
        return e164(typed)
    except ValueError:
        raise forms.ValidationError(_("전화번호를 다시 확인해 주세요. 예: 010-1234-5678")) from None


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
                raise forms.ValidationError(_("같은 요일의 근무 시간이 겹칩니다."))


class ClientForm(forms.ModelForm):
    """An app client; its secret is made here, told once, and never typed."""

    class Meta:
        model = Client
        fields = [
            "name", "client_type", "authorization_grant_type", "redirect_uris", "scope", "password_grant", "enabled",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("authorization_grant_type")
        if field is None:
            return  # who only reads has no fields
        grants = {Client.GRANT_AUTHORIZATION_CODE, Client.GRANT_CLIENT_CREDENTIALS}
        field.choices = [(value, label) for value, label in Client.GRANT_TYPES if value in grants]  # type: ignore[attr-defined]

    def clean_scope(self) -> str:
        scope = " ".join(self.cleaned_data["scope"].split())
        unknown = set(scope.split()) - ALL_SCOPES.keys()
        if unknown:
            raise forms.ValidationError(_("없는 scope입니다: %(scopes)s") % {"scopes": ", ".join(sorted(unknown))})
        return scope
