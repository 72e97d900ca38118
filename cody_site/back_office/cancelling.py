"""Cancelling from the day: why, and what goes back, before anybody clicks."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import actor_of
from accounts.clock import salon_now
from accounts.models import AccountType, Policy
from cody_site.back_office.acts import CHANGE, back, came_from, changeable, gone
from cody_site.back_office.pages import desk_page, render
from cody_site.errors import Refusal
from payments.cancelling import Cancelled, cancel_reservation
from payments.forms import AccountForm
from payments.models import LIVE, Method, Payment, State

REASONS = [
    gettext_lazy("고객 요청"),
    gettext_lazy("고객과 연락되지 않음"),
    gettext_lazy("디자이너 사정"),
    gettext_lazy("중복 예약"),
]


class CancelForm(AccountForm):
    """Why; and for money that came by a virtual account where it goes, or nothing to leave that for later."""

    reason = forms.CharField(label=gettext_lazy("사유"), max_length=256)

    def __init__(self, data: Any, *, needs_account: bool) -> None:
        super().__init__(data)
        for name in self.ACCOUNT:
            self.fields[name].required = False
        self.ask_for_account(needed=needs_account)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        account = [given.get(name) for name in self.ACCOUNT]
        if any(account) and not all(account) and not self.errors:
            self.add_error(None, _("환불 계좌는 예금주, 은행, 계좌번호를 모두 적거나 모두 비워 주세요."))
        return given


@desk_page(CHANGE)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """A page that shows what goes back and asks why; its POST cancels, and refunds after the commit."""
    row = changeable(request, pk)
    if row.trashed_at:
        return gone(request, row)
    by = actor_of(request)
    amounts = by.account_type != AccountType.DESIGNER
    payment = Payment.objects.filter(reservation=row, state__in=LIVE, late_at=None).first()
    needs_account = payment is not None and payment.needs_account
    form = CancelForm(request.POST if request.method == "POST" else None, needs_account=needs_account)
    if request.method == "POST" and form.is_valid():
        try:
            done = cancel_reservation(by=by, reservation=row, reason=form.cleaned_data["reason"], account=form.account)
        except Refusal as refusal:
            form.add_error(None, refusal.told)
        else:
            messages.success(request, _("%s님의 예약을 취소했습니다.") % row.customer.called)
            if done.refunded:
                messages.success(request, refunded(done, amounts=amounts))
            if done.needs_person or done.under_way:
                messages.warning(request, unfinished(amounts=amounts))
            return back(request, row)
    return render(
        request,
        "admin/back_office/cancel.html",
        _("예약 취소"),
        row=row,
        form=form,
        reasons=REASONS,
        refund=refund_of(payment, amounts=amounts),
        late=row.start < salon_now() + Policy.current().cancel_notice,
        next=came_from(request),
    )


def refunded(done: Cancelled, *, amounts: bool) -> str:
    """What has gone back; designers are not told how much it is (section 7)."""
    return _("%s원을 환불했습니다.") % f"{done.refunded:,}" if amounts else _("결제를 환불했습니다.")


def unfinished(*, amounts: bool) -> str:
    """Where the money is that has not gone back yet; designers do not see that list."""
    if amounts:
        return _("환불이 아직 끝나지 않았습니다. ‘확인이 필요한 돈’에서 볼 수 있습니다.")
    return _("환불이 아직 끝나지 않았습니다. 관리자가 이어서 처리합니다.")


def refund_of(payment: Payment | None, *, amounts: bool = True) -> str:
    """What happens to the money; designers are not told how much it is (section 7)."""
    if payment is None:
        return _("결제된 금액이 없습니다.")
    if payment.state != State.PAID:
        return _("아직 결제되지 않았습니다. 기다리는 결제는 함께 취소됩니다.")
    if not amounts and payment.method == Method.VIRTUAL_ACCOUNT:
        return _("결제된 금액은 환불 계좌를 확인한 뒤 환불됩니다.")
    if not amounts:
        return _("결제된 금액은 모두 환불됩니다.")
    won = f"{payment.left:,}"
    if payment.method == Method.VIRTUAL_ACCOUNT:
        told = _("%s원이 가상계좌로 입금되어 있습니다. 환불 계좌를 적으면 바로 환불하고, 비워 두면 나중에 환불합니다.")
        return told % won
    return _("카드로 결제된 %s원을 모두 환불합니다.") % won
