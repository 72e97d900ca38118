"""What leaving would do, for who thinks of it; `services.withdraw` does it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import User

if TYPE_CHECKING:
    from reservations.models import Reservation


@dataclass(frozen=True)
class Ends:
    """What a withdrawal does besides erasing the account. Amounts are in won."""

    reservations: "list[Reservation]"
    """Cancelled, the next first."""

    refund: int
    """Goes back, for those that may still be cancelled."""

    stays_paid: int
    """Does not, for those that may not be cancelled any more."""

    by_transfer: bool
    """Some of what goes back came by a virtual account, and needs an account to go to."""

    closes: bool
    """Something waits to be paid, and shall not be."""

    in_doubt: bool
    """A payment's outcome is not known yet; until it is, nobody leaves."""


def what_ends(user: User) -> Ends:
    upcoming = user.reservations.live().upcoming()
    rows = list(upcoming.with_people().order_by("date", "time"))
    in_time = set(upcoming.in_time_to_cancel().values_list("pk", flat=True))
    late = {row.pk for row in rows} - in_time
    payments = list(user.payments.live())
    settled = [row for row in payments if not row.is_waiting and not row.is_in_doubt]
    going_back = [row for row in settled if row.reservation_id in in_time]
    return Ends(
        reservations=rows,
        refund=sum(row.left for row in going_back),
        stays_paid=sum(row.left for row in settled if row.reservation_id in late),
        by_transfer=any(row.needs_account for row in going_back),
        closes=any(row.is_waiting for row in payments),
        in_doubt=any(row.is_in_doubt for row in payments),
    )
