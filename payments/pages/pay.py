"""Paying for a reservation: by card, into a virtual account, or by card on the day of the visit.

Whatever is under way for it already is shown instead, so that nobody pays twice.
"""

import datetime as dt
from enum import StrEnum

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.actors import Actor
from accounts.clock import salon_today
from accounts.visitors import throttled, visitor
from cody_site.api.client_ip import client_ip
from cody_site.errors import Conflict, Refusal
from payments import services, terms
from payments.errors import DeclinedByImp, MoneyRefusal
from payments.keys import Key
from payments.models import Payment, Schedule
from payments.pages.forms import TYPED_AGAIN, CardForm, DepositForm, PayForm, new_key
from payments.terms import Price, price_of
from payments.throttles import Payments
from payments.wishes import Deposit, Wish
from reservations.models import Reservation

DAY_OF_VISIT = dt.time(9)
"""When a card is charged on the day of the visit."""


class Way(StrEnum):
    CARD = "card"
    ACCOUNT = "account"
    DAY = "day"


LABELS = {Way.CARD: _("카드"), Way.ACCOUNT: _("가상계좌"), Way.DAY: _("방문하는 날 결제")}
PAID = _("결제했어요. 고맙습니다.")
OPENED = _("가상계좌를 만들었어요. 기한까지 입금해 주세요.")
SCHEDULED = _("방문하는 날 아침에 결제되도록 예약했어요.")
CANCELLED = _("이미 취소된 예약이에요. 결제하지 않으셔도 됩니다.")
FREE = _("결제할 것이 없는 예약이에요.")
OTHERWISE = _("다른 카드로 결제하시거나 카드사에 확인해 주세요.")
NOTHING_SENT = _("결제사와 연결되지 않았어요. 돈은 나가지 않았으니 잠시 뒤에 다시 눌러 주세요.")
ANOTHER = _("같은 상품의 다른 결제를 확인하고 있어요. 몇 분 뒤에 다시 눌러 주세요.")


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@throttled(Payments)
def pay(request: HttpRequest, pk: int) -> HttpResponseBase:
    by = visitor(request)
    rows = Reservation.objects.filter(customer=by.user_pk).select_related("customer", "designer__user")
    reservation = get_object_or_404(rows, pk=pk)
    if elsewhere := _elsewhere(request, reservation):
        return elsewhere
    price = price_of(reservation)
    if price is None:
        return _back(request, reservation, FREE)
    ways = _ways(reservation, price)
    way = _way(request.GET.get("by", ""), ways)
    kind: type[PayForm] = DepositForm if way == Way.ACCOUNT else CardForm
    form = kind(request.POST or None, price=price, payer=reservation.customer)
    if request.method == "POST" and form.is_valid():
        try:
            done = _ask(by, reservation, price, way, form, client_ip(request))
        except Refusal as refusal:
            if elsewhere := _elsewhere(request, reservation, refusal):
                return elsewhere
            form.add_error(None, _words(refusal))
        else:
            return _done(request, reservation, done)
    return _page(request, reservation, price, way, ways, form)


def _elsewhere(request: HttpRequest, reservation: Reservation, refusal: Refusal | None = None) -> HttpResponse | None:
    """Where to look instead of paying: at a payment that pays or may yet pay, or at what was cancelled."""
    about = refusal.about if isinstance(refusal, MoneyRefusal) else None
    if isinstance(about, Payment) and about.late_at is not None:
        return redirect("payments:payment_page", about.payment_uid)
    live = Payment.objects.live().filter(reservation=reservation).first()
    if live is not None:
        return redirect("payments:payment_page", live.payment_uid)
    if not Reservation.objects.live().filter(pk=reservation.pk).exists():
        return _back(request, reservation, CANCELLED)
    return None


def _back(request: HttpRequest, reservation: Reservation, words: str | Promise) -> HttpResponse:
    messages.info(request, str(words))
    return redirect("pages:reservation", reservation.pk)


def _ways(reservation: Reservation, price: Price) -> list[Way]:
    """On the day only what need not be paid before, and whose day is after tomorrow."""
    later = reservation.date > salon_today() + dt.timedelta(days=1)
    return [Way.CARD, Way.ACCOUNT, *([Way.DAY] if later and not price.is_prepaid else [])]


def _way(asked: str, ways: list[Way]) -> Way:
    return next((way for way in ways if way == asked), Way.CARD)


@sensitive_variables()
def _ask(by: Actor, reservation: Reservation, price: Price, way: Way, form: PayForm, ip: str) -> Payment | Schedule:
    """Raises what the services of this way do."""
    # of one form: whatever else is typed into it, a second click is the same act
    key = Key(by.key, f"pay-{way}", form.cleaned_data["key"], f"reservation:{reservation.pk}")
    wish = Wish(
        payer=reservation.customer,
        products=[(price.product, 1)],
        instalment_months=form.months if isinstance(form, CardForm) else 0,
        reservation=reservation.pk,
        ip=ip,
        deposit=_deposit(reservation, price, form) if isinstance(form, DepositForm) else None,
        times=[_on_the_day(reservation)] if way == Way.DAY else [],
    )
    if not isinstance(form, CardForm):
        return services.open_account(by=by, wish=wish, key=key)
    if way == Way.DAY:
        return services.schedule_card(by=by, wish=wish, card=form.card, key=key)
    return services.charge(by=by, wish=wish, card=form.card, key=key)


def _deposit(reservation: Reservation, price: Price, form: DepositForm) -> Deposit:
    return Deposit(form.cleaned_data["bank"], reservation.customer.name, _deposit_by(reservation, price))


def _deposit_by(reservation: Reservation, price: Price) -> dt.datetime:
    return price.deposit_by or terms.deposit_by(terms.consultation_terms(), reservation)


def _on_the_day(reservation: Reservation) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(reservation.date, DAY_OF_VISIT))


def _done(request: HttpRequest, reservation: Reservation, done: Payment | Schedule) -> HttpResponse:
    if isinstance(done, Schedule):
        messages.success(request, str(SCHEDULED))
        return redirect("payments:payment_page", done.payments.values_list("payment_uid", flat=True)[0])
    if done.is_waiting:
        messages.success(request, str(OPENED))
        return redirect("payments:payment_page", done.payment_uid)
    messages.success(request, str(PAID))
    return redirect("pages:reservation", reservation.pk)


def _words(refusal: Refusal) -> str:
    """What has happened, in the card company's own words where it has some, and what to do."""
    if isinstance(refusal, DeclinedByImp):
        return f"{refusal.value or refusal.told} {OTHERWISE}"
    if isinstance(refusal, MoneyRefusal) and refusal.position:
        return str(NOTHING_SENT)
    return str(ANOTHER if isinstance(refusal, Conflict) else refusal.told)


def _page(
    request: HttpRequest, reservation: Reservation, price: Price, way: Way, ways: list[Way], form: PayForm
) -> HttpResponse:
    now = timezone.now()
    context = {
        "reservation": reservation,
        "price": price,
        "minutes_left": max(0, int((price.pay_by - now).total_seconds() // 60)) if price.pay_by else None,
        "way": way,
        "ways": [(one, LABELS[one]) for one in ways],
        "form": form,
        "key": new_key(),
        "typed_again": TYPED_AGAIN if form.is_bound and isinstance(form, CardForm) else "",
        "deposit_by": _deposit_by(reservation, price) if way == Way.ACCOUNT else None,
        "on_the_day": _on_the_day(reservation),
    }
    return render(request, "payments/pay.html", context)
