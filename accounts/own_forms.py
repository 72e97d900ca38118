"""What people fill in about their own account: joining, being invited, changing it, leaving."""

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.clock import salon_today
from accounts.forms import SHOWN, PhoneField
from accounts.lockout import forget_failures
from accounts.models import ConsentKind, User
from cody_site.api.params import CONTROL

BIRTH = re.compile(r"([0-9]{4})[\s./년-]*([0-9]{1,2})[\s./월-]*([0-9]{1,2})[\s.일]*")
FIRST_YEAR = 1900


class NewPasswordField(forms.CharField):
    """A password to be set; what a bad one lacks, the validators say."""

    def __init__(self) -> None:
        super().__init__(
            label=_("비밀번호"),
            help_text=_("8자 이상. 숫자로만, 또는 아이디나 이름과 비슷하게 지을 수는 없어요."),
            max_length=256,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"} | SHOWN),
        )


class NameField(forms.CharField):
    """A person's name, in one line."""

    widget = forms.TextInput(attrs={"autocomplete": "name"})
    default_validators = [
        RegexValidator(CONTROL, _("이름에는 글자만 쓸 수 있어요."), inverse_match=True),
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("이름"), max_length=30, **kwargs)


class BirthField(forms.CharField):
    """A date of birth as people type it on a phone: eight digits, with or without marks between them."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday", "placeholder": "19950517"})
    default_error_messages = {"form": _("생년월일 여덟 자리를 넣어 주세요. 예: 19950517")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("생년월일"), max_length=20, help_text=_("숫자 여덟 자리"), **kwargs)

    def clean(self, value: Any) -> dt.date:
        typed = unicodedata.normalize("NFKC", super().clean(value))
        found = BIRTH.fullmatch(typed)
        try:
            birth = dt.date(*map(int, found.groups())) if found else None
        except ValueError:
            birth = None
        if birth is None or not dt.date(FIRST_YEAR, 1, 1) <= birth <= salon_today():
            raise forms.ValidationError(self.error_messages["form"], code="form")
        return birth


class NecessaryBox(forms.CheckboxInput):
    """Asked for by the server, not by the browser, which knows nothing of the one box that ticks all."""

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class Agreeing(forms.Form):
    """The consents, each a box of its own; one more box ticks them all, by the script or, without it, on the server."""

    everything = forms.BooleanField(label=_("모두 동의합니다 (선택 항목 포함)"), required=False)
    terms = forms.BooleanField(
        label=_("이용약관에 동의합니다"),
        widget=NecessaryBox(attrs={"aria-required": "true"}),
        error_messages={"required": _("이용약관에 동의해 주세요.")},
    )
    privacy = forms.BooleanField(
        label=_("개인정보 수집·이용에 동의합니다"),
        widget=NecessaryBox(attrs={"aria-required": "true"}),
        error_messages={"required": _("개인정보 수집·이용에 동의해 주세요.")},
    )
    marketing = forms.BooleanField(label=_("혜택과 새 소식을 메일로 받겠습니다"), required=False)

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None and data.get("everything"):
            data = data.copy()
            data.update(dict.fromkeys(ConsentKind.values, "on"))
        super().__init__(data, *args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The boxes as one value, `consents`."""
        cleaned = super().clean() or self.cleaned_data
        cleaned.pop("everything", None)
        cleaned["consents"] = frozenset(kind for kind in ConsentKind if cleaned.pop(kind, False))
        return cleaned


class _Joining(Agreeing):
    """What joining and accepting an invitation have in common."""

    userid = UsernameField(
        label=_("아이디"),
        max_length=30,
        validators=User.userid.field.validators,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}),
        help_text=_("영문과 숫자로 30자까지"),
    )
    password = NewPasswordField()
    name = NameField()
    pn = PhoneField(label=_("휴대전화"))
    birth = BirthField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "password" in cleaned:
            person = User(**{name: cleaned.get(name, "") for name in ("userid", "name", "email", "pn")})
            try:
                validate_password(cleaned["password"], person)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return cleaned


class JoinForm(_Joining):
    email = forms.EmailField(
        label=_("이메일"),
        max_length=50,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("예약 확인과 비밀번호 찾기에 씁니다."),
    )
    field_order = ["userid", "password", "name", "pn", "email", "birth"]


class InvitationForm(_Joining):
    """What an invited client adds to what the desk knows, and what the desk may have misheard."""

    field_order = ["userid", "password", "name", "pn", "birth"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["userid"].help_text = _("그대로 써도 되고, 기억하기 쉬운 것으로 바꾸어도 됩니다.")


class ProfileForm(forms.Form):
    name = NameField()
    pn = PhoneField(label=_("휴대전화"))


class ProvenForm(forms.Form):
    """What nobody may do who only found the telephone unlocked: the password once more, counted like every try."""

    password = forms.CharField(
        label=_("지금 비밀번호"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"} | SHOWN),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        userid = self.request.user.get_username()
        if authenticate(self.request, username=userid, password=password) is None:
            raise forms.ValidationError(_("비밀번호가 맞지 않아요. 다시 확인해 주세요."), code="wrong")
        forget_failures(self.request, userid)
        return password


class AddressForm(ProvenForm):
    email = forms.EmailField(
        label=_("새 이메일"), max_length=50, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ["email", "password"]


class WithdrawalForm(ProvenForm):
    sure = forms.BooleanField(
        label=_("위 내용을 모두 읽었고, 되돌릴 수 없다는 것을 알고 있습니다"),
        error_messages={"required": _("내용을 확인하고 표시해 주세요.")},
    )
