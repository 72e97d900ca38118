"""/reserv (section 3)."""

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import CUSTOMERS, STAFF, AccountType, Designer, User
from cody_site.api.envelope import told
from cody_site.api.params import Selection
from cody_site.api.permissions import Access
from cody_site.api.views import Route
from cody_site.api.walk import kept, walk
from cody_site.errors import Forbidden, UnknownUser
from reservations import services
from reservations.models import Reservation, ReservationQuerySet
from reservations.schema import RESERV
from reservations.serializers import (
    RESERVATION,
    CancelReservations,
    ChangeReservations,
    ReadReservations,
    Reserve,
    reg_info,
)

# Once: to resolve its columns takes longer than to ask for them.
LISTED = kept(told(Reservation.objects.live(), RESERVATION))
WRITERS = CUSTOMERS | {AccountType.DESIGNER, AccountType.ADMINISTRATOR}


class ReservationViewSet(Route):
    access = {
        "list": Access("reservations:read"),
        "create": Access("reservations:write", types=WRITERS),
        "partial_update": Access("reservations:write", types=WRITERS),
        "destroy": Access("reservations:write", types=WRITERS),
    }
    operations = RESERV
    named_if_missing = frozenset({"rule"})

    def list(self, request: Request) -> HttpResponseBase:
        rule: Selection = self.parsed(ReadReservations)["rule"]
        scoped = self.actor.account_type in WRITERS - STAFF
        return self.answer_list(walk(LISTED.visible_to(self.actor), rule.lookups, scoped=scoped), RESERVATION)

    def create(self, request: Request) -> Response:
        wish = self.parsed(Reserve)
        self.refuse_foreign(customer=wish["id"], designer=wish["designer_id"])
        reservation = services.book(
            by=self.actor,
            customer=wish["id"],
            designer=wish["designer_id"],
            date=wish["time"].date(),
            time=wish["time"].time(),
            note=wish.get("note", ""),
            photoids=wish.get("photo", []),
        )
        return Response({"res": True, "regInfo": reg_info(reservation)})

    def partial_update(self, request: Request) -> Response:
        given = self.parsed(ChangeReservations)
        base: Selection = given["base"]
        outcome = services.change(
            by=self.actor,
            reservations=self.changeable(base),
            data=self.change(given["data"]),
            skipping=base.everything,
        )
        return self.answer_change("updateInfo", base, matched=outcome.matched, changed=outcome.changed)

    def destroy(self, request: Request) -> Response:
        rule: Selection = self.parsed(CancelReservations)["rule"]
        outcome = services.cancel(by=self.actor, reservations=self.changeable(rule), skipping=rule.everything)
        return self.answer_change(
            "delInfo", rule, matched=outcome.matched, changed=outcome.changed, payments=still_paid(outcome.pks)
        )

    def changeable(self, selection: Selection) -> ReservationQuerySet:
        return Reservation.objects.live().changeable_by(self.actor).filter(**selection.lookups)

    def refuse_foreign(self, *, customer: str, designer: str) -> None:
        """Section 9, POST: customers for themselves; designers for themselves, or for anybody with themselves."""
        if self.actor.account_type in CUSTOMERS and not self.actor.is_user(customer):
            raise Forbidden
        if self.actor.account_type == AccountType.DESIGNER and not (
            self.actor.is_user(customer) or self.actor.is_user(designer)
        ):
            raise Forbidden

    def change(self, data: dict[str, Any]) -> services.Change:
        """PATCH's `data`, after section 9's say on who may change which field."""
        if self.actor.account_type in CUSTOMERS and (
            "status" in data or ("userid" in data and not self.actor.is_user(data["userid"]))
        ):
            raise Forbidden
        if self.actor.account_type == AccountType.DESIGNER and (
            "designerid" in data and not self.actor.is_user(data["designerid"])
        ):
            raise Forbidden
        return services.Change(
            pk=data.get("id"),
            customer=user_named(data["userid"]) if "userid" in data else None,
            designer=designer_named(data["designerid"]) if "designerid" in data else None,
            date=data.get("date"),
            time=data.get("time"),
            note=data.get("note"),
            status=data.get("status"),
        )


def still_paid(pks: Sequence[int]) -> list[str]:
    """What is still paid for these reservations: their cancelling does not refund (section 3)."""
    found: list[str] = []
    for start in range(0, len(pks), 500):  # SQLite takes only so many parameters
        found += Reservation.objects.filter(pk__in=pks[start : start + 500]).still_paid()
    return found


def user_named(userid: str) -> User:
    user = User.objects.active().named(userid).first()
    if user is None:
        raise UnknownUser(userid)
    return user


def designer_named(userid: str) -> Designer:
    designer = Designer.objects.in_service().filter(user__userid__lower=userid.lower()).first()
    if designer is None:
        raise UnknownUser(userid)
    return designer
