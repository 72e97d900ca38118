"""Forms about money, at the desk and for customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from payments.banks import banks
from payments.models import Account, Method, Payment
from payments.money import won

AT_MOST = _("환불할 수 있는 금액은 %(amount)s입니다.")


class AccountForm(forms.Form):
    """Where money goes that came by a virtual account; its subclasses say whether it must be told."""

    holder = forms.CharField(label=_("예금주"), max_length=16, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    bank = forms.ChoiceField(label=_("은행"))
    number = forms.RegexField(
        label=_("계좌번호"),
        regex=r"^[0-9](?:-?[0-9]){5,19}$",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("숫자와 하이픈으로 된 계좌번호를 입력해 주세요.")},
    )

    ACCOUNT = ("holder", "bank", "number")

    def ask_for_account(self, *, needed: bool) -> None:
        """Offer the banks of the gateway in use; or, for money that goes back to a card, leave the fields out."""
        if needed:
            self.fields["bank"].choices = [("", gettext("은행 선택")), *banks().items()]  # type: ignore[attr-defined]
        else:
            for name in self.ACCOUNT:
                del self.fields[name]

    @property
    def account(self) -> Account | None:
        given = self.cleaned_data
        if not given.get("number"):
            return None
        return Account(given["holder"], given["number"].replace("-", ""), given["bank"])


class RefundForm(AccountForm):
    """How much goes back, why, and where to: a virtual account's money needs an account.

    `left` is the balance that the form was shown with: sent twice, the second time it is not that any more.
    """

    left = forms.IntegerField(widget=forms.HiddenInput)
    amount = forms.IntegerField(label=_("환불 금액(원)"), min_value=1, widget=UnfoldAdminIntegerFieldWidget)
    reason = forms.CharField(label=_("사유"), max_length=256, widget=UnfoldAdminTextInputWidget)
    field_order = ["left", "amount", "reason", *AccountForm.ACCOUNT]

    def __init__(self, data: Any = None, *, payment: Payment) -> None:
        super().__init__(data, initial={"left": payment.left, "amount": payment.left})
        self.payment = payment
        amount = self.fields["amount"]
        amount.max_value = payment.left  # type: ignore[attr-defined]
        amount.widget.attrs["max"] = payment.left
        amount.help_text = AT_MOST % {"amount": won(payment.left)}
        for name in self.ACCOUNT:
            widget = UnfoldAdminSelectWidget if name == "bank" else UnfoldAdminTextInputWidget
            self.fields[name].widget = widget(attrs=self.fields[name].widget.attrs)
        self.ask_for_account(needed=payment.method == Method.VIRTUAL_ACCOUNT)

    def clean_left(self) -> int:
        left: int = self.cleaned_data["left"]
        if left != self.payment.left:
            raise forms.ValidationError(_("그 사이에 환불되어 잔액이 바뀌었습니다. 금액을 다시 확인해 주세요."))
        return left

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount > self.payment.left:
            raise forms.ValidationError(AT_MOST % {"amount": won(self.payment.left)})
        return amount
