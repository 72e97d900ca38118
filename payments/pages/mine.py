"""What somebody has paid, pays, and gets back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.visitors import visitor
from payments.models import IN_FLIGHT, UNSETTLED, WAITING, Method, Payment, PaymentQuerySet, RefundState, State
from payments.pages.words import REFUNDS, badge, told
from payments.refunds import refuse_late
from payments.wishes import title
from reservations.errors import TooLateToCancel

PAGE = 20
SECONDS = {State.READY: 15, **dict.fromkeys(UNSETTLED, 4)}
"""How long a page waits before it asks again what has become of the money."""


def own(request: HttpRequest) -> PaymentQuerySet:
    """The visitor's own, staff's too: all others are at the desk."""
    return Payment.objects.filter(payer=visitor(request).user_pk)


def one(request: HttpRequest, payment_uid: str) -> Payment:
    """The visitor's own, or Http404."""
    rows = own(request).select_related("payer", "schedule", "reservation__designer__user", "reservation__payment_due")
    return get_object_or_404(rows, payment_uid=payment_uid)


def mine(request: HttpRequest) -> HttpResponse:
    """The latest first; `?before=` is the last that was shown."""
    before = request.GET.get("before", "")
    rows = own(request).order_by("-pk").prefetch_related("items").select_related("reservation__designer__user")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows[: PAGE + 1])
    payments = [
        {"row": row, "title": title((item.name, item.quantity) for item in row.items.all()), "badge": badge(row)}
        for row in shown[:PAGE]
    ]
    older = shown[PAGE - 1].pk if len(shown) > PAGE else None
    return render(request, "payments/mine.html", {"payments": payments, "older": older, "before": before})


def payment_page(request: HttpRequest, payment_uid: str) -> HttpResponse:
    payment = one(request, payment_uid)
    refunds = list(payment.refunds.order_by("pk"))
    context = {
        "payment": payment,
        "badge": badge(payment),
        "told": told(payment),
        "items": payment.items.order_by("pk"),
        "refunds": [(refund, REFUNDS[RefundState(refund.state)]) for refund in refunds],
        "seconds": None if payment.alarm else SECONDS.get(State(payment.state)),
        "receipt": payment.receipt_url if payment.receipt_url.startswith("https://") else "",
        "by_account": payment.method == Method.VIRTUAL_ACCOUNT,
        "may_refund": may_refund(request, payment) and not any(refund.state in IN_FLIGHT for refund in refunds),
        "may_end": may_end(payment),
        "with_reservation": goes_with_its_reservation(payment),
        "may_pay": _may_pay(payment),
    }
    return render(request, "payments/payment.html", context)


def payment_state(request: HttpRequest, payment_uid: str) -> HttpResponse:
    """For a page that waits: nothing while all is as it was shown, or else that it shall be read again."""
    payment = get_object_or_404(own(request), payment_uid=payment_uid)
    if request.GET.get("was") == payment.state:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Refresh": "true"})


def may_refund(request: HttpRequest, payment: Payment) -> bool:
    if payment.state != State.PAID or payment.late_at is not None:
        return False
    try:
        refuse_late(visitor(request), payment)
    except TooLateToCancel:
        return False
    return True


def may_end(payment: Payment) -> bool:
    return payment.state in WAITING and payment.ending_at is None


def goes_with_its_reservation(payment: Payment) -> bool:
    """What is paid ahead keeps its reservation: it goes back when that is cancelled, and not before."""
    row = payment.reservation
    return row is not None and row.trashed_at is None and hasattr(row, "payment_due")


def _may_pay(payment: Payment) -> bool:
    """It has come to nothing, and its reservation waits for another."""
    row = payment.reservation
    ended = payment.state not in (*UNSETTLED, *WAITING, State.PAID)
    return ended and row is not None and row.trashed_at is None and not row.payments.live().exists()
