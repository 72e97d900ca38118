"""Taking back what was just done to a reservation, at the desk."""

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.actors import Actor, Door
from accounts.models import CUSTOMERS, AccountType, Designer, User
from cody_site.errors import Forbidden
from cody_site.transactions import retried
from reservations import notices, waiting
from reservations.errors import NotAvailable, NothingToUndo, PaidMeanwhile
from reservations.models import OPEN, UNDO_WITHIN, Act, Move, MoveQuerySet, Reservation
from reservations.notices import Step
from reservations.seats import lock_designers, refuse_doubles, slot, take_seats
from reservations.services import take_down_foreign_photos, told

UNDOABLE = (Act.BOOKED, Act.CHANGED, Act.CANCELLED, Act.RESTORED, Act.NO_SHOW)


def undoable(moves: MoveQuerySet) -> MoveQuerySet:
    """Of these, the desk's own that are recent enough, and after which nothing came but other words of the note.

    Those words are in no history, and cannot be brought back; nor is anything for who has left.
    """
    noted = Q(act=Act.CHANGED, before=F("after"))
    later = Move.objects.filter(~noted, reservation=OuterRef("reservation"), pk__gt=OuterRef("pk"))
    recent = moves.filter(
        ~noted, ~Exists(later), at__gt=timezone.now() - UNDO_WITHIN, act__in=UNDOABLE, door=Door.ADMIN
    )
    return recent.filter(reservation__customer__withdrawn_at=None)


@retried
def undo(*, by: Actor, move: Move) -> Reservation:
    """Bring a reservation back to what it was before its latest act, which is at most 10 minutes old.

    Money does not come back with it: what a cancellation refunded stays refunded; nor do photos that were taken down.
    Raises NothingToUndo (too old, something was done since, or whose it was has left), PaidMeanwhile, Forbidden, and
    HourFull, AlreadyReserved or NotAvailable where the place is taken.
    """
    designers = lock_designers({move.reservation.designer_id, _before(move).get("designer", 0)})
    people = {move.reservation.customer_id, _before(move).get("customer", 0)}
    locked = User.objects.filter(pk__in=people).select_for_update(of=("self",), no_key=True).order_by("pk")
    customers = {customer.pk: customer for customer in locked}
    row = Reservation.objects.changeable_by(by).filter(pk=move.reservation_id).locked().first()
    if row is None or by.user is None or by.account_type in CUSTOMERS:
        raise Forbidden
    if not undoable(row.moves.filter(pk=move.pk)).exists():
        raise NothingToUndo
    was_of, before = row.customer_id, told(row) if row.trashed_at is None else None
    _take_back(by, row, move, designers)
    if not customers[row.customer_id].is_active:
        raise NothingToUndo
    if row.customer_id != was_of and by.account_type != AccountType.ADMINISTRATOR:
        raise Forbidden  # who may not hand it over
    row.save()
    if row.customer_id != was_of:
        take_down_foreign_photos([row])
    Move.objects.record([row], Act.UNDONE, by=by, before=move.after, after=move.before | {"undone": move.pk})
    after = told(row) if row.trashed_at is None else None
    notices.tell(by, [Step(row.pk, before, after, returns=before is None)])
    if row.trashed_at is None:
        waiting.fulfil([row], by=by)
    return row


def _take_back(by: Actor, row: Reservation, move: Move, designers: dict[int, Designer]) -> None:
    if move.act == Act.NO_SHOW:
        row.no_show_at = None if move.after["no_show"] else timezone.now()
    elif move.act in (Act.BOOKED, Act.RESTORED):
        if row.payments.live().exists():
            raise PaidMeanwhile
        row.trashed_at, row.trashed_by = timezone.now(), by.user
    elif move.act == Act.CANCELLED:
        row.trashed_at = row.trashed_by = None
        row.cancel_reason = ""
        _seat(by, row, designers)
    else:
        _put_back(by, row, move, designers)


def _put_back(by: Actor, row: Reservation, move: Move, designers: dict[int, Designer]) -> None:
    """As it was before a change; the words of a note are in no history, and stay."""
    before = _before(move)
    if before == move.after:
        raise NothingToUndo
    was_in = slot(row)
    row.customer_id, row.designer_id = before["customer"], before["designer"]
    row.date = dt.date.fromisoformat(str(move.before["date"]))
    row.time = dt.time.fromisoformat(str(move.before["time"]))
    row.status = before["status"]
    if row.status not in OPEN:
        row.no_show_at = None
    if slot(row) != was_in:
        _seat(by, row, designers)
    else:
        refuse_doubles([row])


def _seat(by: Actor, row: Reservation, designers: dict[int, Designer]) -> None:
    if not designers[row.designer_id].in_service:
        raise NotAvailable
    refuse_doubles([row])
    take_seats([row], designers, by=by)


def _before(move: Move) -> dict[str, int]:
    """The keys and the status of before; nothing for an act that changed none."""
    return move.before if move.act == Act.CHANGED else {}
