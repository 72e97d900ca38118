from django.urls import path

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

app_name = "payments"

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
]
