"""What is done to a reservation from the day: each a POST, each by the service that the API calls too."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import actor_of
from cody_site.back_office.pages import desk_page
from cody_site.errors import Refusal
from reservations import history, services
from reservations.errors import Gone
from reservations.models import Act, Move, Reservation, Status
from reservations.undoing import undo as take_back

CHANGE = "reservations.change_reservation"


def changeable(request: HttpRequest, pk: int) -> Reservation:
    """The reservation of this number, if this person may change it; 404 for what this person may not even see.

    It may have been cancelled since the page was opened: the services say so, and `gone` where none is called.
    """
    by = actor_of(request)
    row = Reservation.objects.visible_to(by).with_people().filter(pk=pk).first()
    if row is None:
        raise Http404
    if not Reservation.objects.changeable_by(by).filter(pk=pk).exists():
        raise PermissionDenied
    return row


def back(request: HttpRequest, row: Reservation) -> HttpResponseRedirect:
    """To the page of ours that the person came from, or to the reservation in its day."""
    return HttpResponseRedirect(came_from(request) or in_its_day(row))


def came_from(request: HttpRequest) -> str:
    """The page of the back-office that `next` names; "" for any other address."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = asked.startswith("/admin/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours else ""


def gone(request: HttpRequest, row: Reservation) -> HttpResponseRedirect:
    """Back from the page of a reservation that is cancelled."""
    messages.error(request, Gone.told)
    return back(request, row)


def in_its_day(row: Reservation) -> str:
    return f"{reverse('back_office:day')}?date={row.date.isoformat()}#r{row.pk}"


def told(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do it and say what was done, or why not."""
    try:
        done = act()
    except Refusal as refusal:
        messages.error(request, refusal.told)
        return False
    messages.success(request, done)
    return True


@require_POST
@desk_page(CHANGE)
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """The status that the button names."""
    row = changeable(request, pk)
    by = actor_of(request)
    status = next((status for status in Status if str(status.value) == request.POST.get("status")), None)
    if status is None:
        raise Http404

    def act() -> str:
        rows = Reservation.objects.changeable_by(by).filter(pk=pk)
        if not services.change(by=by, reservations=rows, data=services.Change(status=status)).matched:
            raise Gone
        return _("%(name)s님: %(status)s") % {"name": row.customer.called, "status": status.label}

    told(request, act)
    return back(request, row)


@require_POST
@desk_page(CHANGE)
def no_show(request: HttpRequest, pk: int) -> HttpResponse:
    """`missed=1` marks it, `missed=0` takes the mark back."""
    row = changeable(request, pk)
    missed = request.POST.get("missed") != "0"

    def act() -> str:
        services.mark_no_show(by=actor_of(request), reservation=row, missed=missed)
        words = _("%s님: 노쇼로 표시했습니다.") if missed else _("%s님: 노쇼 표시를 지웠습니다.")
        return words % row.customer.called

    told(request, act)
    return back(request, row)


@require_POST
@desk_page(CHANGE)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the act of that number in the history, which is its reservation's latest and 10 minutes old at most."""
    by = actor_of(request)
    move = Move.objects.select_related("reservation__customer").filter(pk=pk).first()
    if move is None or not Reservation.objects.changeable_by(by).filter(pk=move.reservation_id).exists():
        raise Http404

    def act() -> str:
        row = take_back(by=by, move=move)
        if move.act == Act.CANCELLED and row.payments.filter(refunded_amount__gt=0).exists():
            messages.warning(request, _("이미 환불된 결제는 돌아오지 않습니다. 필요하면 결제를 다시 받아 주세요."))
        return _("%(name)s님: 되돌렸습니다 (%(what)s).") % {
            "name": move.reservation.customer.called,
            "what": history.undone(move),
        }

    told(request, act)
    return back(request, move.reservation)
