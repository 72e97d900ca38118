"""Money that goes back, and what shall not be paid any more: each asks first, with the amount."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.visitors import throttled, visitor
from cody_site.errors import Conflict, Refusal
from payments import ending, refunds
from payments.errors import DeclinedByImp, MoneyRefusal, TooMuchToRefund
from payments.models import Payment, Refund, RefundState
from payments.money import won
from payments.pages.forms import GiveBackForm
from payments.pages.mine import goes_with_its_reservation, may_end, may_refund, one
from payments.throttles import Payments

REASON = "고객 요청"
REFUNDED = _("%(amount)s을 환불했어요.")
UNDER_WAY = _("환불을 접수했어요. 결제사가 확인하면 끝납니다.")
ENDED = _("취소했어요. 나간 돈은 없습니다.")
ENDING = _("취소를 접수했어요. 결제사에 알리는 대로 끝납니다.")
MEANWHILE = _("그 사이에 상태가 바뀌었어요. 지금 상태를 확인해 주세요.")
NOTHING_SENT = _("결제사와 연결되지 않아 환불하지 못했어요. 잠시 뒤에 다시 눌러 주세요.")


@throttled(Payments)
def refund(request: HttpRequest, payment_uid: str) -> HttpResponseBase:
    """All that is left; what keeps its reservation goes back by cancelling that."""
    payment = one(request, payment_uid)
    if goes_with_its_reservation(payment) and payment.reservation is not None:
        return redirect("pages:cancel", payment.reservation.pk)
    if not may_refund(request, payment):
        return _back(payment)
    form = GiveBackForm(request.POST or None, payment=payment)
    if request.method == "POST" and form.is_valid():
        try:
            done = refunds.refund(
                by=visitor(request), payment=payment, amount=payment.left, reason=REASON, account=form.account
            )
        except (Conflict, TooMuchToRefund):
            messages.info(request, str(MEANWHILE))
            return _back(payment)
        except Refusal as refusal:
            if _may_still_come(refusal):
                messages.info(request, str(UNDER_WAY))
                return _back(payment)
            form.add_error(None, _words(refusal))
        else:
            messages.success(request, REFUNDED % {"amount": won(done.amount)})
            return _back(payment)
    return render(request, "payments/refund.html", {"payment": payment, "form": form})


@throttled(Payments)
def end(request: HttpRequest, payment_uid: str) -> HttpResponseBase:
    """Close a virtual account that nobody has paid into, or revoke what is to be charged later."""
    payment = one(request, payment_uid)
    if not may_end(payment):
        return _back(payment)
    if request.method != "POST":
        return render(request, "payments/end.html", {"payment": payment})
    try:
        done = ending.end(by=visitor(request), payment=payment)
    except Conflict:
        messages.info(request, str(MEANWHILE))
    except MoneyRefusal:
        messages.info(request, str(ENDING))
    except Refusal as refusal:
        messages.error(request, str(refusal.told))
    else:
        was_charged = isinstance(done, Refund)
        messages.success(request, REFUNDED % {"amount": won(done.amount)} if was_charged else str(ENDED))
    return _back(payment)


def _back(payment: Payment) -> HttpResponse:
    return redirect("payments:payment_page", payment.payment_uid)


def _may_still_come(refusal: Refusal) -> bool:
    """The refund was written, and has not failed: the worker goes on with it."""
    about = refusal.about if isinstance(refusal, MoneyRefusal) else None
    return isinstance(about, Refund) and about.state != RefundState.FAILED


def _words(refusal: Refusal) -> str:
    if isinstance(refusal, DeclinedByImp):
        return str(refusal.value or refusal.told)
    if isinstance(refusal, MoneyRefusal) and refusal.position:
        return str(NOTHING_SENT)
    return str(refusal.told)
