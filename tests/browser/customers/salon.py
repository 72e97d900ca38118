"""The demo salon with one customer who has been through everything: what every page of the customers has to show."""

import datetime as dt
from types import SimpleNamespace

from accounts.models import Designer
from board.models import Post
from cody_site.demo import photos
from cody_site.demo import salon as demo
from media_store import tasks
from payments.models import State
from reservations.models import Reservation
from tests.clock import NOW
from tests.factories import (
    CommentFactory,
    ConsultationTermsFactory,
    PaymentFactory,
    PaymentItemFactory,
    PostFactory,
    PostPhotoFactory,
    ReservationFactory,
    ReservationPhotoFactory,
    WaitFactory,
)

TODAY = NOW.date()


def build():
    demo.build()
    designer = Designer.objects.get(user__userid="designer1")
    in_time = Reservation.objects.live().upcoming().filter(date__gte=TODAY + dt.timedelta(days=2), payments=None)
    visit = in_time.filter(customer__in=Reservation.objects.live().over().values("customer")).earliest("date", "pk")
    customer, full_day = visit.customer, TODAY + dt.timedelta(days=9)
    for hour in demo.OPEN_HOURS:
        ReservationFactory(designer=designer, date=full_day, time=dt.time(hour))
    ReservationFactory(customer=customer, designer=designer, date=TODAY + dt.timedelta(days=20), trashed=True)
    past = Reservation.objects.live().over().filter(customer=customer).first()
    paid = PaymentFactory(payer=customer, reservation=past)
    account = PaymentFactory(payer=customer, account=True, state=State.READY)
    terms = ConsultationTermsFactory(later=True)
    terms.product.price = 60_000
    terms.product.save()
    for payment in (paid, account):
        PaymentItemFactory(payment=payment, product=terms.product)
    own_post = PostFactory(author=customer)
    photo = photos.upload(photos.STYLES[0].name, uploader=customer, at=NOW)
    ReservationPhotoFactory(reservation=visit, photo=photo)
    PostPhotoFactory(post=own_post, photo=photo)
    CommentFactory(post=own_post)
    tasks.render_photos()
    return SimpleNamespace(
        designer=designer,
        customer=customer,
        full_day=full_day,
        free_day=TODAY + dt.timedelta(days=10),
        visit=visit,
        paid=paid,
        account=account,
        post=Post.objects.live().exclude(pk=own_post.pk).latest("pk"),
        own_post=own_post,
        wait=WaitFactory(customer=customer, date=full_day, designer=designer),
    )
