"""What a customer types to pay. Of a card nothing is kept but the Card on its way to IMP."""

import re
import unicodedata
import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from cody_site.logs import is_card_number
from payments.banks import banks
from payments.cards import NUMBER, Card
from payments.forms import AccountForm
from payments.models import Method, Payment
from payments.services import SMALLEST_INSTALMENT
from payments.terms import Price

EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*[/.\- ]\s*(?:20)?([0-9]{2})|(0[1-9]|1[0-2])(?:20)?([0-9]{2})")
BIRTH = re.compile("[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
LONGEST_VALID = 20
"""Years that a card may have left."""

CHANGED = _("그 사이에 금액이 바뀌었어요. 금액을 확인하고 다시 눌러 주세요.")
STALE = _("화면이 오래되었어요. 금액을 확인하고 다시 눌러 주세요.")
TYPED_AGAIN = _("카드 번호와 비밀번호는 저장하지 않으니 다시 입력해 주세요.")


def new_key() -> str:
    return uuid.uuid4().hex


class PayForm(forms.Form):
    """`key` makes a second click the same act, `amount` is what the page has shown."""

    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    amount = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, price: Price, payer: User) -> None:
        super().__init__(data)
        self.price, self.payer = price, payer

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount != self.price.amount:
            self.add_error(None, CHANGED)
        return amount

    def clean(self) -> dict[str, Any]:
        if {"key", "amount"} & self.errors.keys():
            self.add_error(None, STALE)
        return self.cleaned_data


class Untold(forms.TextInput):
    """What was typed is never shown again."""

    def format_value(self, value: Any) -> None:
        return None


class CardForm(PayForm):
    card_number = forms.CharField(
        label=_("카드 번호"),
        max_length=40,
        widget=Untold(attrs={"autocomplete": "cc-number", "inputmode": "numeric", "data-card": "number"}),
    )
    expiry = forms.CharField(
        label=_("유효기간"),
        max_length=12,
        help_text=_("카드에 적힌 대로 월/년 (예: 08/29)"),
        widget=forms.TextInput(attrs={"autocomplete": "cc-exp", "inputmode": "numeric", "data-card": "expiry"}),
    )
    pwd = forms.CharField(
        label=_("카드 비밀번호 앞 두 자리"),
        max_length=2,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    birth = forms.CharField(
        label=_("카드 주인의 생년월일"),
        max_length=6,
        help_text=_("여섯 자리 (예: 900517)"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    instalments = forms.TypedChoiceField(
        label=_("할부"),
        coerce=int,
        choices=[(0, _("일시불")), *((months, _("%d개월") % months) for months in range(2, 13))],
        initial=0,
    )

    card: Card
    """Of a valid form."""

    def __init__(self, data: Any = None, *, price: Price, payer: User) -> None:
        super().__init__(data, price=price, payer=payer)
        self.fields["birth"].required = payer.birth is None
        if price.amount < SMALLEST_INSTALMENT:
            del self.fields["instalments"]

    def clean_card_number(self) -> str:
        number = _plain(self.cleaned_data["card_number"])
        digits = len(re.sub("[^0-9]", "", number))
        if re.search("[^0-9 -]", number):
            raise forms.ValidationError(_("카드 번호는 숫자로 입력해 주세요."))
        if NUMBER.fullmatch(number) is None:
            words = ngettext_lazy(
                "카드 번호가 %d자리예요. 13~19자리인지 확인해 주세요.",
                "카드 번호가 %d자리예요. 13~19자리인지 확인해 주세요.",
            )
            raise forms.ValidationError(words % digits)
        if not is_card_number(number):
            raise forms.ValidationError(_("카드 번호에 잘못 누른 숫자가 있어요. 카드와 다시 견주어 보세요."))
        return number

    def clean_expiry(self) -> str:
        """As the API takes it: `2029-08`."""
        found = EXPIRY.fullmatch(_plain(self.cleaned_data["expiry"]))
        if found is None:
            raise forms.ValidationError(_("유효기간은 카드에 적힌 대로 월/년으로 입력해 주세요. 예: 08/29"))
        month, year = int(found[1] or found[3]), 2000 + int(found[2] or found[4])
        today = timezone.localdate()
        if (year, month) < (today.year, today.month):
            raise forms.ValidationError(_("유효기간이 지난 카드예요. 다른 카드로 결제해 주세요."))
        if year > today.year + LONGEST_VALID:
            raise forms.ValidationError(_("월과 년의 순서를 확인해 주세요. 예: 08/29"))
        return f"{year}-{month:02}"

    def clean_pwd(self) -> str:
        pwd = _plain(self.cleaned_data["pwd"])
        if re.fullmatch("[0-9]{2}", pwd) is None:
            raise forms.ValidationError(_("비밀번호 앞 두 자리를 숫자로 입력해 주세요."))
        return pwd

    def clean_birth(self) -> str:
        birth = _plain(self.cleaned_data["birth"])
        if birth and BIRTH.fullmatch(birth) is None:
            raise forms.ValidationError(_("생년월일은 여섯 자리 숫자로 입력해 주세요. 예: 900517"))
        return birth

    def clean(self) -> dict[str, Any]:
        """The card is one object from here on, which shows nothing of itself."""
        given = super().clean()
        told = {name: given.pop(name, None) for name in ("card_number", "expiry", "pwd", "birth")}
        if not self.errors:
            self.card = Card(
                number=str(told["card_number"]),
                expiry=str(told["expiry"]),
                password=str(told["pwd"]),
                birth=str(told["birth"]),
            )
        return given

    @property
    def months(self) -> int:
        return int(self.cleaned_data.get("instalments", 0))


class DepositForm(PayForm):
    bank = forms.ChoiceField(label=_("입금할 은행"))

    def __init__(self, data: Any = None, *, price: Price, payer: User) -> None:
        super().__init__(data, price=price, payer=payer)
        self.fields["bank"].choices = [("", _("은행을 골라 주세요")), *banks().items()]  # type: ignore[attr-defined]


class GiveBackForm(AccountForm):
    """All that is left goes back; what came by a virtual account, to the account that is told here."""

    left = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, payment: Payment) -> None:
        super().__init__(data, initial={"left": payment.left})
        self.payment = payment
        self.ask_for_account(needed=payment.method == Method.VIRTUAL_ACCOUNT)

    def clean_left(self) -> int:
        left: int = self.cleaned_data["left"]
        if left != self.payment.left:
            self.add_error(None, CHANGED)
        return left


def _plain(typed: str) -> str:
    """Full-width digits and signs as their plain ones."""
    return unicodedata.normalize("NFKC", typed).strip()
