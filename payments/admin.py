from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.acting import Desk, actor_of
from payments import settling
from payments.models import CASHIERS, Payment, PaymentEvent, PaymentItem, Product, Refund


@admin.register(Product)
class ProductAdmin(Desk):
    """What is sold; what is not sold any more is taken off sale, for old payments name it."""

    list_display = ["name", "price", "on_sale"]
    list_filter = ["on_sale"]
    search_fields = ["name"]
    ordering = ["pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Told(TabularInline):
    """Rows to read."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Items(Told):
    model = PaymentItem
    fields = ["name", "price", "quantity"]


class Refunds(Told):
    model = Refund
    fields = ["created_at", "amount", "state", "reason", "by", "fail_reason", "settled_at"]


class Events(Told):
    model = PaymentEvent
    fields = ["at", "what", "by", "client", "door", "detail"]


@admin.register(Payment)
class PaymentAdmin(Desk):
    """Payments with all that happened to them, to read; who writes money takes alarms off them."""

    list_display = ["payment_uid", "payer", "amount", "refunded_amount", "state", "created_at", "alarm"]
    list_filter = ["state", ("alarm", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["payer"]
    search_fields = ["payment_uid", "imp_uid", "payer__userid", "payer__name"]
    ordering = ["-pk"]
    actions = ["acknowledge"]
    inlines = [Items, Refunds, Events]
    fields = [
        "payment_uid", "imp_uid", "payer", "reservation", "state", "amount", "paid_amount", "refunded_amount",
        "card_number", "instalment_months", "code", "fail_reason", "receipt_url", "ip", "created_at", "requested_at",
        "paid_at", "late_at", "alarm",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Payment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Payment | None = None) -> bool:
        return False

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).account_type in CASHIERS

    @admin.action(description="확인함", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: Any) -> None:
        by = actor_of(request)
        self.act_on_each(
            request,
            queryset.alarming(),
            lambda row: settling.acknowledge(by=by, payment=row),
            "{count}건을 확인했습니다.",
        )
