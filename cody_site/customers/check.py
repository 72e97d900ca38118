"""The last look at a reservation before it is made; and what else there is, when it cannot be."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import drafts
from accounts.models import CUSTOMERS
from accounts.visitors import visitor
from cody_site.customers.asked import Asked, check_address, reserve_address
from cody_site.customers.note import KEPT, Note
from cody_site.customers.wish import Wish
from cody_site.errors import Conflict, Refusal
from cody_site.templatetags.people import moment
from payments import booking
from payments.terms import consultation_terms, price_of
from reservations.errors import AlreadyReserved, HourFull, NotAvailable, TooManyOpen

DRAFT = "reserve"

TOLD = {
    HourFull: gettext_lazy("방금 다른 분이 이 시간을 예약하셨어요. 가까운 빈 시간을 찾아 두었어요."),
    AlreadyReserved: gettext_lazy("그 시간에 이미 다른 예약이 있어요. 다른 시간을 골라 주세요."),
    NotAvailable: gettext_lazy("이 시간은 예약할 수 없어요. 가까운 빈 시간을 찾아 두었어요."),
}
"""Where the desk's words are not for customers."""


class NoteForm(forms.Form):
    note = Note(
        label=gettext_lazy("디자이너에게 남길 말 (선택)"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("머리 고민이나 원하는 스타일을 적어 주세요. 1,000자까지 적을 수 있어요."),
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """`?designer=&date=&time=`; without a designer it is whoever is free then, and the page says who. A POST books.

    The note outlives every way out of the page but the reservation itself. 409: that time cannot be had, and the page
    offers what is near.
    """
    wish = Wish.of(request)
    if wish is None:
        messages.warning(request, _("그 시간을 찾을 수 없어요. 다시 골라 주세요."))
        return redirect("pages:reserve")
    if request.method == "POST":
        return _leave(request, wish) or _book(request, wish)
    if mine := wish.kept_by(visitor(request)):
        return redirect("pages:reservation", mine.pk)
    refusal = None if wish.is_free else NotAvailable()
    return _page(request, wish, NoteForm(initial=drafts.kept(request, DRAFT)), refusal)


def _leave(request: HttpRequest, wish: Wish) -> HttpResponse | None:
    """For another time, or to sign in first; what was typed is there when one comes back."""
    if "instead" in request.POST:
        other = Asked.by(QueryDict(request.POST["instead"]))
        team = wish.availability.designers
        to = reserve_address(None) if other.start is None else check_address(other.of(team), other.start)
    elif "other" in request.POST:
        to = reserve_address(wish.designer, wish.start.date())
    elif not request.user.is_authenticated:
        door = reverse("accounts:join" if "join" in request.POST else "accounts:sign_in")
        to = f"{door}?{urlencode({'next': wish.address})}"
    else:
        return None
    drafts.keep(request, DRAFT, {"note": request.POST.get("note", "")[:KEPT]})
    return redirect(to)


def _book(request: HttpRequest, wish: Wish) -> HttpResponse:
    by, form = visitor(request), NoteForm(request.POST)
    if by.user is None or by.account_type not in CUSTOMERS:
        raise PermissionDenied  # the desk has a page of its own
    if not form.is_valid():
        return _page(request, wish, form)
    try:
        if wish.host is None:
            raise HourFull
        row = booking.book(
            by=by,
            customer=by.user,
            designer=wish.host,
            date=wish.start.date(),
            time=wish.start.time(),
            note=form.cleaned_data["note"],
        )
    except Refusal as refusal:
        if mine := wish.kept_by(by):  # the button was pressed twice
            return redirect("pages:reservation", mine.pk)
        return _page(request, Wish.of(request) or wish, form, refusal)
    drafts.forget(request, DRAFT)
    messages.success(request, _("예약했어요. %(moment)s에 만나요!") % {"moment": moment(row.start)})
    price = price_of(row)
    prepaid = price is not None and price.is_prepaid
    return redirect("payments:pay" if prepaid else "pages:reservation", row.pk)


def _page(request: HttpRequest, wish: Wish, form: NoteForm, refusal: Refusal | None = None) -> HttpResponse:
    by, policy, terms = visitor(request), wish.availability.policy, consultation_terms()
    elsewhere = refusal is not None and not isinstance(refusal, (Conflict, TooManyOpen))
    own, others = wish.instead(then=not isinstance(refusal, AlreadyReserved)) if elsewhere else ([], [])
    context = {
        "wish": wish,
        "form": form,
        "refused": TOLD.get(type(refusal), refusal.told) if refusal else "",
        "elsewhere": elsewhere,
        "own": own,
        "others": others,
        "too_many": isinstance(refusal, TooManyOpen),
        "move_until": wish.until(policy.change_notice),
        "cancel_until": wish.until(policy.cancel_notice),
        "terms": terms,
        "is_customer": by.user is None or by.account_type in CUSTOMERS,
    }
    status = 409 if refusal else 400 if form.errors else 200
    return render(request, "pages/check.html", context, status=status)
