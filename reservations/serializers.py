"""The manual's words for reservations: /reserv (section 3)."""

from typing import Any

from django.db.models import F, OuterRef
from django.db.models.expressions import Combinable

from accounts.models import Designer, User
from cody_site.api.params import (
    Array,
    Date,
    Integer,
    JSONObject,
    OneOf,
    Params,
    Rule,
    String,
    Time,
    Userid,
    UseridKey,
    When,
)
from cody_site.api.text import DateText, TimeText
from media_store.models import photoids
from reservations.models import MAX_PHOTOS, Reservation, ReservationPhoto, Status


class CustomerKey(UseridKey):
    """A userid as the query for its user's pk: joined instead, no index would have the rows in their order."""

    def to_internal_value(self, data: Any) -> Any:
        return User.objects.named(super().to_internal_value(data)).values("pk")[:1]


class DesignerKey(UseridKey):
    def to_internal_value(self, data: Any) -> Any:
        return Designer.objects.filter(user__userid__lower=super().to_internal_value(data)).order_by().values("pk")[:1]


class ReservationFilter(Rule):
    id = Integer(source="pk")
    userid = CustomerKey(source="customer_id")
    status = Integer()
    designerid = DesignerKey(source="designer_id")
    date = Date()
    time = Time()


class ReservationBase(ReservationFilter):
    note = String(max_length=1000, blank=True)


class ReservationData(JSONObject):
    id = Integer()
    userid = Userid()
    status = OneOf(Status)
    designerid = Userid()
    date = Date()
    time = Time()
    note = String(max_length=1000, blank=True)


class ReadReservations(Params):
    rule = ReservationFilter()


class Reserve(Params):
    time = When()
    id = Userid()
    designer_id = Userid()
    note = String(max_length=1000, blank=True, required=False)
    photo = Array(max_items=MAX_PHOTOS, required=False)


class ChangeReservations(Params):
    base = ReservationBase()
    data = ReservationData()  # type: ignore[assignment]  # the manual's word; the serializer's own `data` is never read


class CancelReservations(Params):
    rule = ReservationBase()


RESERVATION: dict[str, Combinable] = {
    "id": F("pk"),
    "userid": F("customer__userid"),
    "status": F("status"),
    "designerid": F("designer__user__userid"),
    "date": DateText(F("date")),
    "time": TimeText(F("time")),
    "note": F("note"),
    "photoid": photoids(ReservationPhoto.objects.filter(reservation=OuterRef("pk"))),
}


def reg_info(reservation: Reservation) -> dict[str, object]:
    return {
        "id": reservation.pk,
        "user_id": reservation.customer.userid,
        "date": f"{reservation.date:%Y%m%d}",
        "time": f"{reservation.time:%H:%M}",
        "designer_id": reservation.designer.user.userid,
    }
