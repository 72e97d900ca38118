"""What the salon's people note about clients and visits; clients never see it."""

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AccountType, User
from cody_site.errors import Forbidden
from cody_site.transactions import retried
from reservations.models import ClientNote, Reservation

WRITERS = frozenset({AccountType.ADMINISTRATOR, AccountType.DESIGNER})


@retried
def write(*, by: Actor, customer: User, text: str, reservation: Reservation | None = None) -> ClientNote:
    """Note something about the customer, or about this visit of theirs.

    Raises Forbidden for whom it is not a client of, for another's visit, and for who writes no notes (section 7).
    """
    if by.user is None or by.account_type not in WRITERS:
        raise Forbidden
    clients = User.objects.active().clients_of(by).select_for_update(of=("self",), no_key=True)
    if not clients.filter(pk=customer.pk):  # locked: who leaves meanwhile leaves no note behind
        raise Forbidden
    visits = Reservation.objects.visible_to(by).filter(customer=customer)
    if reservation is not None and not visits.filter(pk=reservation.pk).exists():
        raise Forbidden
    return ClientNote.objects.create(customer=customer, reservation=reservation, text=text, by=by.user)


def trash(*, by: Actor, note: ClientNote) -> None:
    """Into the trash, from where `restore` brings it back. Raises Forbidden."""
    rows = ClientNote.objects.changeable_by(by).filter(pk=note.pk)
    if not rows.update(trashed_at=timezone.now()):
        raise Forbidden


def restore(*, by: Actor, note: ClientNote) -> None:
    """Raises Forbidden."""
    rows = ClientNote.objects.changeable_by(by).filter(pk=note.pk)
    if not rows.update(trashed_at=None):
        raise Forbidden
