"""What leaving would do, for who thinks of it; `services.withdraw` does it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import User

if TYPE_CHECKING:
    from reservations.models import Reservation


@dataclass(frozen=True)
class Ends:
    """What a withdrawal does besides erasing the account. The amount is in won."""

    reservations: "list[Reservation]"
    """Cancelled, the next first."""

    refund: int
    """Goes back, for those that may still be cancelled."""

    late: int
    """So many of the reservations may not be cancelled any more: what is paid for them stays paid."""

    by_transfer: bool
    """Some of it came from a virtual account, and needs one to go back to."""

    in_doubt: bool
    """A payment's outcome is not known yet; until it is, nobody leaves."""


def what_ends(user: User) -> Ends:
    upcoming = user.reservations.live().upcoming()
    rows = list(upcoming.with_people().order_by("date", "time"))
    in_time = set(upcoming.in_time_to_cancel().values_list("pk", flat=True))
    payments = list(user.payments.live())
    going_back = [row for row in payments if row.reservation_id in in_time and not row.is_waiting]
    return Ends(
        reservations=rows,
        refund=sum(row.left for row in going_back),
        late=len(rows) - len(in_time),
        by_transfer=any(row.needs_account for row in going_back),
        in_doubt=any(row.is_in_doubt for row in payments),
    )
