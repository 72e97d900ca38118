"""The salon in which the browser's tests take place: a Tuesday, twenty past ten."""

import datetime as dt
from types import SimpleNamespace

from django.utils import timezone

from payments.models import State
from reservations.models import Status
from tests.clock import NOW
from tests.factories import (
    ClientNoteFactory,
    DesignerFactory,
    PaymentFactory,
    PostFactory,
    ReservationFactory,
    UserFactory,
)

TODAY = NOW.date()
AT = NOW.replace(hour=10, minute=20)


def build():
    """People, and a day with one reservation of each kind; the names of what the tests speak of."""
    hanul = DesignerFactory(user__name="김하늘", user__userid="hanul", max_per_hour=1, order=1)
    junho = DesignerFactory(user__name="이준호", user__userid="junho", max_per_hour=2, order=2)
    soyul = DesignerFactory(user__name="박소율", user__userid="soyul", max_per_hour=4, order=3)
    yerin = UserFactory(name="강예린", pn="+821012345678", userid="yerin")
    chaewon = UserFactory(name="문채원", pn="+821087654321", userid="chaewon")
    ReservationFactory(
        customer=chaewon, designer=hanul, date=TODAY - dt.timedelta(days=30), time=dt.time(11), status=Status.DONE
    )
    ReservationFactory(
        customer=chaewon, designer=junho, date=TODAY - dt.timedelta(days=9), time=dt.time(11), no_show_at=timezone.now()
    )
    late = ReservationFactory(customer=chaewon, designer=hanul, date=TODAY, time=dt.time(10), note="앞머리 고민")
    paid = ReservationFactory(customer__name="고민석", designer=hanul, date=TODAY, time=dt.time(12))
    PaymentFactory(reservation=paid, payer=paid.customer, amount=30_000)
    ReservationFactory(customer__name="권나은", designer=junho, date=TODAY, time=dt.time(10), status=Status.CONSULTING)
    evening = ReservationFactory(customer__name="홍라희", designer=hanul, date=TODAY, time=dt.time(17))
    account = ReservationFactory(customer__name="김도현", designer=junho, date=TODAY, time=dt.time(15))
    PaymentFactory(reservation=account, payer=account.customer, account=True, state=State.READY, amount=50_000)
    ReservationFactory(customer__name="나윤아", designer=soyul, date=TODAY, time=dt.time(16), trashed=True)
    ClientNoteFactory(customer=chaewon, text="두피가 예민합니다.")
    PostFactory(author=chaewon)
    return SimpleNamespace(
        boss=UserFactory(staff=True, name="한서연", userid="boss"),
        hanul=hanul,
        junho=junho,
        soyul=soyul,
        yerin=yerin,
        chaewon=chaewon,
        late=late,
        paid=paid,
        evening=evening,
    )
