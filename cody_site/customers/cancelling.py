"""Cancelling by oneself: what goes back, which way and until when one may, before the click."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.visitors import visitor
from cody_site.customers.money import Money, money, payments
from cody_site.customers.visits import leeway, own_or_404, place
from cody_site.errors import Refusal
from payments.cancelling import cancel_reservation
from payments.forms import AccountForm
from payments.terms import consultation_terms
from reservations.errors import Gone, TooLateToCancel
from reservations.models import Reservation

REASONS = {
    "일정이 바뀜": gettext_lazy("일정이 바뀌었어요"),
    "다른 시간에 다시 예약": gettext_lazy("다른 시간에 다시 예약할게요"),
    "다른 곳에서 상담": gettext_lazy("다른 곳에서 상담받기로 했어요"),
    "몸이 좋지 않음": gettext_lazy("몸이 좋지 않아요"),
    "그 밖의 이유": gettext_lazy("그 밖의 이유"),
}
"""As the desk reads them, and as customers do."""


class CancelForm(AccountForm):
    """Why; and for money that came by a virtual account, where it goes."""

    reason = forms.ChoiceField(
        label=gettext_lazy("취소하는 이유"), choices=list(REASONS.items()), widget=forms.RadioSelect
    )
    words = forms.CharField(label=gettext_lazy("더 알려 주실 것 (선택)"), max_length=200, required=False, strip=True)

    field_order = ["reason", "words", *AccountForm.ACCOUNT]

    def __init__(self, data: Any, *, needs_account: bool) -> None:
        super().__init__(data)
        self.ask_for_account(needed=needs_account)

    @property
    def told(self) -> str:
        """For the desk, in one line."""
        words = " ".join(str(self.cleaned_data["words"]).split())
        return ": ".join(filter(None, (self.cleaned_data["reason"], words)))


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    by, row = visitor(request), own_or_404(request, pk)
    if row.trashed_at is not None:
        messages.info(request, _("이미 취소된 예약이에요."))
        return redirect("pages:reservation", pk)
    prefetch_related_objects([row], payments())
    paid = money(row, consultation_terms())
    needs_account = paid.payment is not None and paid.payment.needs_account
    form = CancelForm(request.POST if request.method == "POST" else None, needs_account=needs_account)
    may = leeway(by, row)
    if request.method == "POST" and request.POST.get("seen") != seen(row, paid):
        form.add_error(None, _("그 사이에 예약이나 결제가 바뀌었어요. 아래 내용을 다시 확인하고 취소해 주세요."))
    elif request.method == "POST" and not may.may_cancel:
        form.add_error(None, TooLateToCancel.told)
    elif request.method == "POST" and form.is_valid():
        try:
            cancel_reservation(by=by, reservation=row, reason=form.told, account=form.account)
        except Gone:
            return redirect("pages:cancel", pk)  # which tells what has become of it
        except Refusal as refusal:
            form.add_error(None, refusal.told)
        else:
            messages.success(request, _("예약을 취소했어요."))
            return redirect("pages:reservation", pk)
    return render(
        request,
        "pages/cancel.html",
        {"row": row, "form": form, "leeway": may, "money": paid, "seen": seen(row, paid)},
    )


def seen(row: Reservation, paid: Money) -> str:
    """What the page has shown: nobody cancels, or is refunded, what they have not read."""
    payment = paid.payment
    standing = (payment.pk, payment.state, payment.left) if payment else ()
    return ".".join(map(str, (place(row), *standing)))
