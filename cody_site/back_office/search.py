"""The one box that finds whom or what somebody at the desk, or on the telephone, speaks of."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.acting import actor_of
from accounts.actors import Actor
from accounts.lists import key
from accounts.models import STAFF, User
from cody_site.back_office.client_card import with_visits
from cody_site.back_office.forms import SearchForm
from cody_site.back_office.pages import desk_page, render
from payments.models import Payment
from reservations.models import Reservation

SHOWN = 20


@dataclass(frozen=True)
class Found:
    clients: list[User]
    more_clients: bool
    reservations: list[Reservation]
    payments: list[Payment]

    @property
    def only(self) -> str | None:
        """The page of what was found, if it is just one thing."""
        pages = [
            *(reverse("back_office:client", args=[client.pk]) for client in self.clients),
            *(reverse("admin:reservations_reservation_change", args=[row.pk]) for row in self.reservations),
            *(reverse("admin:payments_payment_change", args=[payment.pk]) for payment in self.payments),
        ]
        return pages[0] if len(pages) == 1 else None


@require_safe
@desk_page()
def search(request: HttpRequest) -> HttpResponse:
    """Clients by name, phone end or both; a reservation by its number; a payment by its UID. One hit opens at once."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = find(actor_of(request), words) if words else None
    if found is not None and found.only is not None:
        return redirect(found.only)
    return render(request, "admin/back_office/search.html", _("찾기"), form=form, words=words, found=found)


def find(actor: Actor, words: str) -> Found:
    """What the words may mean, of what the actor may see."""
    active = User.objects.active().clients_of(actor).matching(words)
    clients = list(with_visits(active, actor).order_by("-pk")[: SHOWN + 1])
    number = words.removeprefix("#")
    reservations = Reservation.objects.visible_to(actor).with_people().filter(pk=key(number))
    payments = Payment.objects.filter(payment_uid=words.upper()).select_related("payer")
    return Found(
        clients=clients[:SHOWN],
        more_clients=len(clients) > SHOWN,
        reservations=list(reservations),
        payments=list(payments) if actor.account_type in STAFF else [],
    )
