import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts.acting import Desk, ToRead, actor_of
from accounts.lists import CreatedAt
from cody_site.errors import Refusal
from payments import cancelling, ending, money, refunds, settling
from payments.banks import banks
from payments.forms import RefundForm
from payments.models import (
    CASHIERS,
    WAITING,
    ConsultationTerms,
    Method,
    Payment,
    PaymentEvent,
    PaymentItem,
    PaymentQuerySet,
    Product,
    Refund,
    Schedule,
    State,
)
from reservations.admin import ReservationAdmin
from reservations.models import Reservation, ReservationQuerySet

END = _("가상계좌 닫기 · 예약 결제 취소")
ENDED = _("{count}건을 취소했습니다.")
UNDO = _("잘못된 결제를 결제사에서 취소")
UNDO_WARNING = _("결제사가 우리가 청구한 것과 다르게 결제한 금액을 모두 고객에게 돌려줍니다.")
UNDONE = _("{count}건을 결제사에서 취소했습니다.")
ASKED = _("{count}건을 결제사에 물었습니다. 지금 상태를 확인해 주세요.")
SEEN = _("{count}건을 확인했습니다.")
REFUNDED = _("%(amount)s을 환불했습니다.")


def writes_money(request: HttpRequest) -> bool:
    return actor_of(request).account_type in CASHIERS


@admin.register(Product)
class ProductAdmin(Desk):
    """What is sold; what is not sold any more is taken off sale, for old payments name it."""

    list_display = ["name", "won", "on_sale"]
    list_filter = ["on_sale"]
    search_fields = ["id"]
    search_words = "name"
    search_help_text = _("이름의 일부, 번호")
    ordering = ["pk"]

    @admin.display(description=_("가격"))
    def won(self, product: Product) -> str:
        return money.won(product.price)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ConsultationTerms)
class ConsultationTermsAdmin(Desk):
    """One row, as the policy: the list is the form."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        ConsultationTerms.objects.get_or_create(pk=1)
        return redirect("admin:payments_consultationterms_change", 1)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Told(TabularInline):
    """Rows to read."""

    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Items(Told):
    model = PaymentItem
    fields = ["name", "won", "quantity"]
    readonly_fields = ["won"]

    @admin.display(description=_("가격"))
    def won(self, item: PaymentItem) -> str:
        return money.won(item.price)


class Refunds(Told):
    model = Refund
    fields = [
        "created_at", "won", "state", "reason", "account_holder", "bank", "account_number", "by", "fail_reason",
        "settled_at",
    ]  # fmt: skip
    readonly_fields = ["won", "bank"]

    @admin.display(description=_("금액"))
    def won(self, refund: Refund) -> str:
        return money.won(refund.amount)

    @admin.display(description=_("은행"), empty_value="-")
    def bank(self, refund: Refund) -> str | None:
        return banks().get(refund.account_bank, refund.account_bank) or None


class Events(Told):
    model = PaymentEvent
    fields = ["at", "what", "by", "client", "door", "details"]
    readonly_fields = ["details"]

    @admin.display(description=_("내용"), empty_value="-")
    def details(self, event: PaymentEvent) -> str | None:
        return ", ".join(f"{name}: {value}" for name, value in event.detail.items()) or None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request).select_related("by")
        return rows


class Payments(Told):
    model = Payment
    fields = readonly_fields = ["number", "due_at", "state", "won", "alarm"]

    @admin.display(description=_("금액"))
    def won(self, payment: Payment) -> str:
        return money.won(payment.amount)

    @admin.display(description=_("결제 번호"))
    def number(self, payment: Payment) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:payments_payment_change", args=[payment.pk]), payment)


class Asked(CreatedAt):
    """Without a date, whatever needs a person or pays for the visits of a day is shown, however old it is."""

    default = "30-days"

    def __init__(self, request: HttpRequest, *rest: Any) -> None:
        if request.GET.get(NeedsPerson.parameter_name) or request.GET.get(Visit.parameter_name):
            self.default = "all"  # type: ignore[misc]
        super().__init__(request, *rest)


class NeedsPerson(admin.SimpleListFilter):
    title = _("확인 필요")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("person", _("사람이 확인할 것"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        rows: QuerySet = queryset.needing_person() if self.value() else queryset
        return rows


class Visit(admin.SimpleListFilter):
    """What lives of the payments for one day's visits; the day of the first screen asks for it, nobody chooses it."""

    title = _("방문한 날")
    parameter_name = "visit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        asked = request.GET.get(self.parameter_name, "")
        try:
            return [(asked, dt.date.fromisoformat(asked))]
        except ValueError:
            return []

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        if not self.value():
            return queryset  # type: ignore[no-any-return]
        rows: QuerySet = queryset.live().filter(reservation__date=self.value(), reservation__trashed_at=None)
        return rows


class Money(ToRead):
    """Rows about money."""

    def has_money_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may refund, close, revoke and decide (section 7)."""
        return writes_money(request)


@admin.register(Payment)
class PaymentAdmin(Money):
    """Payments with all that happened to them; who writes money refunds them, ends them, and decides in doubt."""

    list_display = ["payer", "when", "status", "charged", "refunded", "method", "payment_uid", "warning"]
    list_filter = [Asked, NeedsPerson, Visit, "state", "method"]
    list_select_related = ["payer"]
    search_fields = ["payment_uid", "imp_uid", "vbank_num"]
    search_person = "payer"
    search_help_text = _("이름, 전화 끝 네 자리, 결제 번호, 가상계좌 번호")
    ordering = ["-created_at", "-pk"]
    actions = ["acknowledge", "ask_again", "end", "undo"]
    actions_detail = ["refund", "end_this", "undo_this", "ask_this", "acknowledge_this"]
    inlines = [Items, Refunds, Events]
    told = [
        "alarm", "payment_uid", "imp_uid", "payer", "reservation", "method", "state", "charged", "paid", "refunded",
        "card_number", "instalment_months", "vbank_name", "vbank_num", "vbank_holder", "vbank_due", "schedule",
        "due_at", "code", "fail_reason", "receipt", "ip", "created_at", "requested_at", "paid_at", "late_at",
        "ending_at",
    ]  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Payment | None = None) -> list[str]:
        """What there is to tell of this one: a card has no account, and few are late."""
        return self.told if obj is None else [name for name in self.told if self._tells(obj, name)]

    def _tells(self, payment: Payment, name: str) -> bool:
        value = getattr(self if name in ("charged", "paid", "refunded", "receipt") else payment, name)
        return (value(payment) if callable(value) else value) not in ("", None, 0)

    @display(
        description=_("상태"),
        label={
            State.PAID: "success", State.FAILED: "danger", State.CANCELLED: "danger", State.REVOKED: "danger",
            State.PENDING: "warning", State.READY: "warning", State.EXPIRED: "warning", State.SCHEDULED: "info",
        },
    )  # type: ignore[untyped-decorator]  # fmt: skip
    def status(self, payment: Payment) -> tuple[str, str]:
        return payment.state, payment.get_state_display()

    @admin.display(description=_("확인 필요"), empty_value="")
    def warning(self, payment: Payment) -> str | None:
        return payment.alarm or None

    @admin.display(description=_("영수증"))
    def receipt(self, payment: Payment) -> str:
        """A link where it is one; whatever the gateway wrote, nothing but a web address is followed."""
        if not payment.receipt_url.startswith(("https://", "http://")):
            return payment.receipt_url
        return format_html(
            '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', payment.receipt_url, _("영수증 보기")
        )

    @admin.display(description=_("결제액"))
    def paid(self, payment: Payment) -> str | None:
        return money.won(payment.paid_amount) if payment.paid_amount else None

    @admin.display(description=_("때"))
    def when(self, payment: Payment) -> dt.datetime:
        """When it was asked for, or for when it is scheduled."""
        return payment.due_at or payment.created_at

    @admin.display(description=_("청구액"))
    def charged(self, payment: Payment) -> str:
        return money.won(payment.amount)

    @admin.display(description=_("환불액"), empty_value="–")
    def refunded(self, payment: Payment) -> str | None:
        return money.won(payment.refunded_amount) if payment.refunded_amount else None

    @admin.action(description=_("확인함"), permissions=["money"])
    def acknowledge(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset.alarming(), settling.acknowledge, SEEN)

    @admin.action(description=_("결제사에 다시 묻기"), permissions=["money"])
    def ask_again(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, ending.ask_again, ASKED)

    @admin.action(description=END, permissions=["money"])
    def end(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        rows = queryset.waiting().select_related("payer")
        if page := self.confirmed(request, END, map(_line, rows)):
            return page
        self._each(request, rows, ending.end, ENDED)
        return None

    @admin.action(description=UNDO, permissions=["money"])
    def undo(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        rows = queryset.alarming().filter(paid_at=None).select_related("payer")
        if page := self.confirmed(request, UNDO, map(_line, rows), warning=UNDO_WARNING):
            return page
        self._each(request, rows, ending.undo, UNDONE)
        return None

    def _each(self, request: HttpRequest, rows: QuerySet, act: Callable[..., object], done: str | Promise) -> None:
        by = actor_of(request)
        rows = rows.select_related("payer", "schedule")
        self.act_on_each(request, rows, lambda row: act(by=by, payment=row), done)

    # ---- the same for one payment, on its page; each asks first, since a link may not change anything

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._offers(request, object_id, state=State.PAID)

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._offers(request, object_id, state__in=WAITING)

    def has_alarm_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return writes_money(request) and _one(object_id).alarming().exists()

    def has_undo_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_alarm_permission(request, object_id) and self._offers(request, object_id, paid_at=None)

    def _offers(self, request: HttpRequest, object_id: Any, **lookups: object) -> bool:
        return writes_money(request) and _one(object_id).filter(**lookups).exists()

    @action(description=END, url_path="end", permissions=["end"])  # type: ignore[untyped-decorator]
    def end_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._this(request, object_id, END, ending.end, ENDED)

    @action(description=UNDO, url_path="undo", permissions=["undo"])  # type: ignore[untyped-decorator]
    def undo_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._this(request, object_id, UNDO, ending.undo, UNDONE, warning=UNDO_WARNING)

    @action(description=_("결제사에 다시 묻기"), url_path="ask", permissions=["money"])  # type: ignore[untyped-decorator]
    def ask_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._this(request, object_id, _("결제사에 다시 묻기"), ending.ask_again, ASKED)

    @action(description=_("확인함"), url_path="acknowledge", permissions=["alarm"])  # type: ignore[untyped-decorator]
    def acknowledge_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._this(request, object_id, _("확인함"), settling.acknowledge, SEEN)

    def _this(
        self,
        request: HttpRequest,
        object_id: str,
        title: str | Promise,
        act: Callable[..., object],
        done: str | Promise,
        warning: str | Promise = "",
    ) -> HttpResponse:
        rows = _one(object_id).select_related("payer")
        if page := self.confirmed(request, title, map(_line, rows), warning=warning):
            return page
        self._each(request, rows, act, done)
        return redirect("admin:payments_payment_change", object_id)

    @action(description=_("환불"), url_path="refund", permissions=["refund"])  # type: ignore[untyped-decorator]
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = self.get_object(request, object_id)
        if payment is None:
            raise Http404
        page = reverse("admin:payments_payment_change", args=[payment.pk])
        form = RefundForm(request.POST or None, payment=payment)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                done = refunds.refund(
                    by=actor_of(request),
                    payment=payment,
                    amount=given["amount"],
                    reason=given["reason"],
                    account=form.account,
                )
            except Refusal as refusal:
                form.add_error(None, f"{refusal.told} {_words(refusal)}".strip())
            else:
                self.message_user(request, REFUNDED % {"amount": money.won(done.amount)}, messages.SUCCESS)
                return redirect(page)
        context = self.admin_site.each_context(request) | {
            "title": _("환불"), "form": form, "payment": payment, "paid": money.won(payment.paid_amount),
            "opts": self.opts, "page": page,
        }  # fmt: skip
        return TemplateResponse(request, "admin/payments/payment/refund.html", context)


def _one(object_id: Any) -> PaymentQuerySet:
    """Of the path, where anything may stand."""
    return Payment.objects.filter(pk=object_id) if str(object_id).isdecimal() else Payment.objects.none()


def _line(payment: Payment) -> str:
    """What a person must know to say yes."""
    account = f", {payment.vbank_name} {payment.vbank_num}" if payment.vbank_num else ""
    due = ""
    if payment.due_at:
        due = _(", %(when)s 예약") % {"when": f"{timezone.localtime(payment.due_at):%Y-%m-%d %H:%M}"}
    return f"{payment.payer} {money.won(payment.amount)} ({payment.payment_uid}{account}{due})"


def _words(refusal: Refusal) -> str:
    """The gateway's own, which say more than ours."""
    return str(refusal.value or "")


@admin.register(Schedule)
class ScheduleAdmin(Money):
    """What is scheduled, by request; each payment is ended on its own page or in the list of payments."""

    list_display = ["number", "payer", "method", "created_at", "card_forgotten_at"]
    list_filter = [CreatedAt, "method"]
    list_select_related = ["payer"]
    search_fields = ["id"]
    search_person = "payer"
    search_help_text = _("이름, 전화 끝 네 자리, 아이디, 번호")
    ordering = ["-created_at", "-pk"]
    inlines = [Payments]
    fields = ["payer", "method", "created_at", "card_forgotten_at"]

    @admin.display(description=_("번호"))
    def number(self, schedule: Schedule) -> int:
        return schedule.pk


admin.site.unregister(Reservation)


@admin.register(Reservation)
class PaidReservationAdmin(ReservationAdmin):
    """The desk's cancelling refunds in the same step, which the app below knows nothing of, and shows the payments."""

    inlines = [Payments, *ReservationAdmin.inlines]

    def get_fields(self, request: HttpRequest, obj: Reservation | None = None) -> Any:
        return super().get_fields(request, obj) + (["paid"] if obj else [])

    def get_readonly_fields(self, request: HttpRequest, obj: Reservation | None = None) -> list[str]:
        return super().get_readonly_fields(request, obj) + (["paid"] if obj else [])

    @admin.display(description=_("결제됨"), boolean=True)
    def paid(self, reservation: Reservation) -> bool:
        """All that a designer is told about money."""
        return _paid(reservation) is not None

    @admin.action(description=_("예약 취소(환불 포함)"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: ReservationQuerySet) -> HttpResponse | None:
        by = actor_of(request)
        rows = queryset.live().changeable_by(by).select_related("customer")
        line = _with_money if _sees_amounts(request) else _with_refund
        if page := self.confirmed(request, _("예약 취소"), map(line, rows)):
            return page
        refunded, waiting = 0, 0

        def cancel_one(row: Reservation) -> None:
            nonlocal refunded, waiting
            outcome = cancelling.cancel_reservation(by=by, reservation=row)
            refunded += outcome.refunded
            waiting += outcome.needs_person or outcome.under_way

        self.act_on_each(request, rows, cancel_one, _("{count}건을 취소했습니다. 휴지통에서 되살릴 수 있습니다."))
        if refunded and _sees_amounts(request):
            self.message_user(request, REFUNDED % {"amount": money.won(refunded)}, messages.SUCCESS)
        elif refunded:
            self.message_user(request, _("결제를 환불했습니다."), messages.SUCCESS)
        if waiting:
            told = _("%(count)s건은 환불이 끝나지 않았습니다. 왼쪽의 ‘확인이 필요한 돈’에서 확인해 주세요.")
            self.message_user(request, told % {"count": waiting}, messages.WARNING)
        return None


def _sees_amounts(request: HttpRequest) -> bool:
    return request.user.has_perm("payments.view_payment")


def _paid(reservation: Reservation) -> Payment | None:
    return Payment.objects.filter(reservation=reservation, state=State.PAID, late_at=None).first()


def _with_refund(reservation: Reservation) -> str:
    """The same for those whom amounts are nothing to."""
    back = _("결제를 환불") if _paid(reservation) else _("결제 안 됨")
    return f"{reservation.customer} {reservation}: {back}"


def _with_money(reservation: Reservation) -> str:
    """What is cancelled, and what goes back for it."""
    paid = _paid(reservation)
    back = str(_("결제된 금액 없음"))
    if paid is not None and paid.method == Method.VIRTUAL_ACCOUNT:
        back = _("%(amount)s은 환불 계좌를 확인한 뒤 ‘결제’에서 환불") % {"amount": money.won(paid.left)}
    elif paid is not None:
        back = _("%(amount)s 환불") % {"amount": money.won(paid.left)}
    return f"{reservation.customer} {reservation}: {back}"
