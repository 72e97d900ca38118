"""What the API's document tells of /reserv; the code is in api.py."""

from cody_site.api.operations import TEXT, TRUE, Operation, changed, listed, record
from cody_site.api.params import Date, Integer, OneOf, String, Time, Userid, stringified
from cody_site.errors import Conflict, UnknownPhoto, UnknownUser
from reservations.errors import (
    AlreadyReserved,
    ForbiddenMove,
    HourFull,
    NotAvailable,
    TimePassed,
    TooFarAhead,
    TooLateToCancel,
    TooLateToChange,
    TooLateToReserve,
    TooManyOpen,
)
from reservations.models import NEXT, Status
from reservations.serializers import CancelReservations, ChangeReservations, ReadReservations, Reserve

PLACES = [HourFull(), AlreadyReserved(), NotAvailable(), TimePassed(), TooLateToReserve(), TooFarAhead(), Conflict()]
MOVES = [
    ForbiddenMove(before, after)
    for before in Status.values
    for after in Status.values
    if after != before and after not in NEXT[before]
]

RESERV = {
    "list": Operation(
        "Reservations that the caller may see and that meet the rule",
        ReadReservations,
        listed(
            record(
                id=Integer(),
                userid=Userid(),
                status=OneOf(Status),
                designerid=Userid(),
                date=Date(),
                time=Time(),
                note=String(max_length=1000, blank=True),
                photoid=stringified(listed(TEXT)),
            )
        ),
        example={"rule": {"userid": "hong"}},
        paged=True,
    ),
    "create": Operation(
        "Reserve",
        Reserve,
        record(
            res=TRUE,
            regInfo=record(id=Integer(), user_id=Userid(), date=Date(), time=Time(), designer_id=Userid()),
        ),
        [UnknownUser("hong"), UnknownPhoto("X"), *PLACES, TooManyOpen()],
        example={"time": "20200109-10:30", "id": "hong", "designer_id": "kim", "note": "첫 방문입니다."},
    ),
    "partial_update": Operation(
        "Change all these reservations, or none",
        ChangeReservations,
        changed("updateInfo"),
        [UnknownUser("hong"), *PLACES, *MOVES, TooLateToChange()],
        example={"base": {"id": 1}, "data": {"date": "20200110", "time": "11:00"}},
    ),
    "destroy": Operation(
        "Cancel all these reservations, or none",
        CancelReservations,
        changed("delInfo", payments=listed(TEXT)),
        [TooLateToCancel(), Conflict()],
        example={"rule": {"id": 1}},
        description="`rule` comes in the query string or in the body.",
    ),
}
