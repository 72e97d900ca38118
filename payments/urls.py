from django.urls import path, register_converter

from payments import pages
from payments.api import (
    AccountViewSet,
    CancelViewSet,
    CardViewSet,
    PaymentListViewSet,
    ProductViewSet,
    ScheduleAccountViewSet,
    ScheduleCardViewSet,
    TokenCancelViewSet,
    TokenCardViewSet,
    WebhookViewSet,
)
from payments.models import PAYMENT_UID_LENGTH

app_name = "payments"


class PaymentUid:
    regex = f"[A-Z0-9]{{{PAYMENT_UID_LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PaymentUid, "payment_uid")

urlpatterns = [
    # the manual's routes, letter for letter
    path("product", ProductViewSet.as_view({"get": "list"}), name="products"),
    path("payment", PaymentListViewSet.as_view({"get": "list"}), name="payments"),
    path("payment/card/onetime", CardViewSet.as_view({"post": "create"}), name="card"),
    path("payment/OAuth2.0/card/onetime", TokenCardViewSet.as_view({"post": "create"}), name="token_card"),
    path("payment/OAuth2.0/card/schedule", ScheduleCardViewSet.as_view({"post": "create"}), name="schedule_card"),
    path("payment/OAuth2.0/vbank/onetime", AccountViewSet.as_view({"post": "create"}), name="account"),
    path("payment/OAuth2.0/vbank/schedule", ScheduleAccountViewSet.as_view({"post": "create"}), name="due_account"),
    path("payment/cancel", CancelViewSet.as_view({"post": "create"}), name="cancel"),
    path("payment/OAuth2.0/cancel", TokenCancelViewSet.as_view({"post": "create"}), name="token_cancel"),
    path("payment/webhook", WebhookViewSet.as_view({"post": "create"}), name="webhook"),
    # pages
    path("my/reservations/<int:pk>/pay/", pages.pay, name="pay"),
    path("my/payments/", pages.mine, name="mine"),
    path("my/payments/<payment_uid:payment_uid>/", pages.payment_page, name="payment_page"),
    path("my/payments/<payment_uid:payment_uid>/state/", pages.payment_state, name="payment_state"),
    path("my/payments/<payment_uid:payment_uid>/refund/", pages.refund, name="refund"),
    path("my/payments/<payment_uid:payment_uid>/end/", pages.end, name="end"),
]
