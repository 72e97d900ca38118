"""The card of one client: everything on one page, and the acts that begin there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import guests
from accounts.acting import actor_of
from accounts.models import User
from cody_site.api.client_ip import client_ip
from cody_site.back_office import client_card
from cody_site.back_office.consultation import in_consultation, switch
from cody_site.back_office.forms import InviteForm, NoteForm
from cody_site.back_office.pages import desk_page, render
from cody_site.errors import Refusal
from cody_site.models import Access, AccessLog
from reservations import client_notes
from reservations.models import ClientNote, Reservation

READ, COMING_BACK = "card_read", "card_coming_back"
"""In the session: the card that was opened last, and that an act leads back to it, which is not another opening."""


@require_safe
@desk_page()
def client(request: HttpRequest, pk: int) -> HttpResponse:
    """A client's card; each opening is written into the access log."""
    person = _client(request, pk)
    return _page(request, person)


@require_POST
@desk_page()
def write_note(request: HttpRequest, pk: int) -> HttpResponse:
    person, by = _client(request, pk), actor_of(request)
    form = NoteForm(request.POST, visits=_visits(request, person))
    if form.is_valid():
        try:
            client_notes.write(by=by, customer=person, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.told)
        else:
            return _back(request, person, _("메모를 남겼습니다."))
    return _page(request, person, note_form=form)


@require_POST
@desk_page()
def trash_note(request: HttpRequest, pk: int, note_pk: int) -> HttpResponse:
    person, by = _client(request, pk), actor_of(request)
    note = get_object_or_404(_notes(request, person), pk=note_pk)
    try:
        client_notes.trash(by=by, note=note)
    except Refusal as refusal:
        return _back(request, person, str(refusal.told), messages.ERROR)
    return _back(request, person, _("메모를 지웠습니다. ‘지운 메모’에서 되돌릴 수 있습니다."))


@require_POST
@desk_page()
def restore_note(request: HttpRequest, pk: int, note_pk: int) -> HttpResponse:
    person, by = _client(request, pk), actor_of(request)
    note = get_object_or_404(_notes(request, person), pk=note_pk)
    try:
        client_notes.restore(by=by, note=note)
    except Refusal as refusal:
        return _back(request, person, str(refusal.told), messages.ERROR)
    return _back(request, person, _("메모를 되돌렸습니다."))


@require_POST
@desk_page()
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    person, by = _client(request, pk), actor_of(request)
    form = InviteForm(request.POST)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            guests.invite(by=by, user=person, email=email)
        except Refusal as refusal:
            form.add_error(None, refusal.told)
        else:
            return _back(request, person, _("{email} 주소로 초대 메일을 보냅니다.").format(email=email))
    return _page(request, person, invite_form=form)


@require_POST
@desk_page()
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide private notes from the screen, or show them again, on every card of this session."""
    person = _client(request, pk)
    switch(request)
    return _back(request, person)


def _client(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(client_card.clients(actor_of(request)), pk=pk)


def _visits(request: HttpRequest, person: User) -> Any:
    return Reservation.objects.visible_to(actor_of(request)).filter(customer=person)


def _notes(request: HttpRequest, person: User) -> Any:
    return ClientNote.objects.visible_to(actor_of(request)).filter(customer=person)


def _back(request: HttpRequest, person: User, told: str = "", level: int = messages.SUCCESS) -> HttpResponse:
    if told:
        messages.add_message(request, level, told)
    request.session[COMING_BACK] = True
    return redirect("back_office:client", person.pk)


def _page(
    request: HttpRequest, person: User, *, note_form: NoteForm | None = None, invite_form: InviteForm | None = None
) -> HttpResponse:
    coming_back = request.session.pop(COMING_BACK, False) or request.method == "POST"
    if not coming_back or request.session.get(READ) != person.pk:
        AccessLog.objects.record(Access.CARD, by=actor_of(request), ip=client_ip(request), subject=person)
        request.session[READ] = person.pk
    consulting = in_consultation(request)
    card = client_card.card(actor_of(request), person, private=not consulting)
    note_form = note_form or NoteForm(visits=_visits(request, person))
    note_form.offer([visit.reservation for visit in (*card.upcoming, *card.past)])
    return render(
        request,
        "admin/back_office/client.html",
        str(person.name or _("탈퇴한 회원")),
        card=card,
        client=person,
        consulting=consulting,
        book_url=f"{reverse('back_office:book')}?customer={person.pk}",
        note_form=note_form,
        invite_form=invite_form or InviteForm(initial={"email": person.email}),
    )
