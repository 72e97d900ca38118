"""/product and /payment/… (section 8)."""

import json
import re
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import Bearer
from accounts.models import STAFF, AccountType, User
from cody_site.api.client_ip import client_ip
from cody_site.api.envelope import told
from cody_site.api.params import Params, Selection, types
from cody_site.api.permissions import OPEN, Access
from cody_site.api.views import Route
from cody_site.api.walk import kept, walk
from cody_site.errors import Forbidden, Missing, Mistyped, UnknownUser
from payments import ending, imp, keys, refunds, services, settling
from payments.banks import present_code
from payments.cards import Card
from payments.errors import MoneyRefusal, NotReady, UnappropriateAccess, UnknownPayment
from payments.keys import Key
from payments.models import CASHIERS, WAITING, Account, Payment, Product, Refund, Schedule
from payments.schema import (
    CANCEL,
    CANCEL_BY_TOKEN,
    ONETIME,
    ONETIME_BY_TOKEN,
    OPEN_ACCOUNT,
    PAYMENTS,
    PRODUCTS,
    SCHEDULE_ACCOUNT,
    SCHEDULE_CARD,
    WEBHOOK,
)
from payments.serializers import (
    PAYMENT,
    PRODUCT,
    CancelPayment,
    Notice,
    PayByCard,
    PayIntoAccount,
    PayType,
    ReadPayments,
    ReadProducts,
    ScheduleAccount,
    ScheduleCard,
    cancel_contents,
    contents,
)
from payments.throttles import Payments
from payments.wishes import Deposit, Wish, products_named

LISTED = kept(told(Payment.objects.all(), PAYMENT))
ON_SALE = kept(told(Product.objects.on_sale(), PRODUCT))
PAYERS = frozenset(AccountType) - {AccountType.SYSTEM_MANAGER}
KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')


class ProductViewSet(Route):
    """GET /product: what is on sale."""

    access = {"list": Access("payment", public=True)}
    operations = PRODUCTS
    named_if_missing = frozenset({"rule"})

    def list(self, request: Request) -> HttpResponseBase:
        rule: Selection = self.parsed(ReadProducts)["rule"]
        return self.answer_list(walk(ON_SALE, rule.lookups), PRODUCT)


class PaymentListViewSet(Route):
    """GET /payment: payments that the caller may see."""

    access = {"list": Access("payment")}
    operations = PAYMENTS
    throttles = {"list": [Payments]}
    named_if_missing = frozenset({"rule"})

    def list(self, request: Request) -> HttpResponseBase:
        rule: Selection = self.parsed(ReadPayments)["rule"]
        scoped = not (self.actor.is_app_client or self.actor.account_type in STAFF)
        return self.answer_list(walk(LISTED.visible_to(self.actor), rule.lookups, scoped=scoped), PAYMENT)


class MoneyRoute(Route):
    """What the routes that move money have in common."""

    access = {"create": Access("payment", types=PAYERS)}
    throttles = {"create": [Payments]}

    def wish(self, wanted: type[Params]) -> dict[str, Any]:
        """The parameters; none of them at all is the manual's `Unappropriate access`."""
        if all(self.given.get(name) in (None, "") for name in types(wanted())):
            raise UnappropriateAccess
        return self.parsed(wanted)

    def payer(self, userid: str, *, withdrawn: bool = False) -> User:
        """Whose money it is: one's own; who writes money and app clients act for all (section 9).

        What goes back may be `withdrawn` people's too.
        """
        for_all = self.actor.is_app_client or self.actor.account_type in CASHIERS
        if not for_all and not self.actor.is_user(userid):
            raise Forbidden
        users = User.objects.all() if withdrawn else User.objects.active()
        user = users.named(userid).first()
        if user is None:
            raise UnknownUser(userid)
        return user

    def key(self, route: str) -> Key | None:
        """The Idempotency-Key, bare or quoted, with what tells another body from this one."""
        given = self.request.headers.get("Idempotency-Key")
        if given is None:
            return None
        found = KEY.fullmatch(given)
        if found is None:
            raise Mistyped("Idempotency-Key")
        body = {name: value for name, value in self.given.items() if name != "pwd"}
        canonical = json.dumps(body, default=repr, sort_keys=True)  # orjson knows no large integers
        fingerprint = salted_hmac("payments.idempotency", canonical, algorithm="sha256").hexdigest()
        return Key(self.actor.key, route, found[1], fingerprint)


class PayViewSet(MoneyRoute):
    """A POST that asks for money: parameters, payer, Idempotency-Key, a service, and what became of it."""

    wanted: type[Params]
    act: ClassVar[str]
    """What an Idempotency-Key stands for here."""

    def create(self, request: Request) -> Response:
        given = self.wish(self.wanted)
        self.refuse_lacking(given)
        key = self.key(self.act)
        payer = self.payer(given["userid"])
        self.refuse_senseless(given)
        wish = Wish(
            payer=payer,
            products=products_named(given["p_array"]),
            instalment_months=given.get("pay_dur", 0),
            reservation=given.get("reserv_id"),
            ip=client_ip(self.request),
            deposit=_deposit(payer, given),
            times=given.get("time", ()),
        )
        try:
            return Response(contents(self.pay(given, wish, key)))
        except MoneyRefusal as refusal:
            refusal.contents = contents(refusal.about)
            raise

    def refuse_lacking(self, given: dict[str, Any]) -> None:
        """What only some values of other parameters ask for."""

    def refuse_senseless(self, given: dict[str, Any]) -> None:
        """What some values of other parameters forbid; after who may pay for whom (R33)."""

    def pay(self, given: dict[str, Any], wish: Wish, key: Key | None) -> Payment | Schedule:
        raise NotImplementedError


class CardViewSet(PayViewSet):
    """POST /payment/card/onetime: with a session or a token (R25)."""

    operations = ONETIME
    wanted = PayByCard
    act = "onetime"

    def refuse_lacking(self, given: dict[str, Any]) -> None:
        if given["paytype"] == PayType.INSTALMENTS and "pay_dur" not in given:
            raise Missing("pay_dur")

    def refuse_senseless(self, given: dict[str, Any]) -> None:
        if given["paytype"] == PayType.LUMP_SUM and "pay_dur" in given:
            raise UnappropriateAccess

    def pay(self, given: dict[str, Any], wish: Wish, key: Key | None) -> Payment | Schedule:
        return services.charge(by=self.actor, wish=wish, card=_card(given, wish.payer), key=key)


class TokenCardViewSet(CardViewSet):
    """POST /payment/OAuth2.0/card/onetime: with a token."""

    authentication_classes = [Bearer]
    operations = ONETIME_BY_TOKEN


class ScheduleCardViewSet(CardViewSet):
    """POST /payment/OAuth2.0/card/schedule."""

    authentication_classes = [Bearer]
    operations = SCHEDULE_CARD
    wanted = ScheduleCard
    act = "schedule-card"

    def pay(self, given: dict[str, Any], wish: Wish, key: Key | None) -> Payment | Schedule:
        return services.schedule_card(by=self.actor, wish=wish, card=_card(given, wish.payer), key=key)


class AccountViewSet(PayViewSet):
    """POST /payment/OAuth2.0/vbank/onetime."""

    authentication_classes = [Bearer]
    operations = OPEN_ACCOUNT
    wanted = PayIntoAccount
    act = "account"

    def pay(self, given: dict[str, Any], wish: Wish, key: Key | None) -> Payment | Schedule:
        return services.open_account(by=self.actor, wish=wish, key=key)


class ScheduleAccountViewSet(AccountViewSet):
    """POST /payment/OAuth2.0/vbank/schedule."""

    operations = SCHEDULE_ACCOUNT
    wanted = ScheduleAccount
    act = "schedule-account"

    def pay(self, given: dict[str, Any], wish: Wish, key: Key | None) -> Payment | Schedule:
        return services.schedule_account(by=self.actor, wish=wish, key=key)


class CancelViewSet(MoneyRoute):
    """POST /payment/cancel: with a session or a token (R25)."""

    operations = CANCEL

    def create(self, request: Request) -> Response:
        given = self.wish(CancelPayment)
        key = self.key("cancel")
        payer = self.payer(given["userid"], withdrawn=True)
        payment = (
            Payment.objects.select_related("reservation").filter(payer=payer, payment_uid=given["paym_id"]).first()
        )
        if payment is None:
            raise UnknownPayment(given["paym_id"], given["userid"])
        try:
            return Response(cancel_contents(self.cancel(given, payment, key)))
        except MoneyRefusal as refusal:
            refusal.contents = cancel_contents(refusal.about)
            raise

    def cancel(self, given: dict[str, Any], payment: Payment, key: Key | None) -> Refund | Payment:
        """What waits to be paid is ended; what was paid goes back."""
        amount, account = given.get("c_price"), given.get("account")
        if ((used := keys.known(key)) and used.refund is None) or payment.state in WAITING:
            return ending.end(by=self.actor, payment=payment, amount=amount, key=key)
        return refunds.refund(
            by=self.actor,
            payment=payment,
            amount=amount,
            reason=given["reason"],
            account=account and Account(account["holder"], account["number"], present_code(account["bank"])),
            key=key,
        )


class TokenCancelViewSet(CancelViewSet):
    """POST /payment/OAuth2.0/cancel: with a token."""

    authentication_classes = [Bearer]
    operations = CANCEL_BY_TOKEN


class WebhookViewSet(Route):
    """POST /payment/webhook: a hint to ask IMP. What it says is not believed."""

    access = {"create": OPEN}
    authentication_classes = []
    operations = WEBHOOK

    def create(self, request: Request) -> Response:
        notice = self.parsed(Notice)
        payment = (
            Payment.objects.filter(payment_uid=notice.get("merchant_uid", "")).first()
            or Payment.objects.exclude(imp_uid="").filter(imp_uid=notice.get("imp_uid", "")).first()
        )
        if payment is not None:
            try:
                with imp.line():
                    settling.ask(payment, by=self.actor)
            except imp.ImpError:
                raise NotReady from None
        return Response(True)


def _card(given: dict[str, Any], payer: User) -> Card:
    """Whom the desk knows by name and number has no date of birth for it: then the request must tell it."""
    if "birth" not in given and payer.birth is None:
        raise Missing("birth")
    return Card(number=given["cardnum"], expiry=given["expiry"], password=given["pwd"], birth=given.get("birth", ""))


def _deposit(payer: User, given: dict[str, Any]) -> Deposit | None:
    if "bank" not in given:
        return None
    return Deposit(present_code(given["bank"]), given.get("holder") or payer.name, given.get("due"))
