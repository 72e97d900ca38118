"""What designers show of themselves, and who may say so."""

import pytest
from django.db import IntegrityError, transaction

from accounts import services as accounts
from accounts.actors import Actor, Door, anonymous, system
from accounts.models import Designer, User
from cody_site.errors import Forbidden, UnknownPhoto
from media_store import portfolio, services, showing
from media_store.errors import NoPicture, PortfolioFull
from media_store.models import MAX_PORTFOLIO, Photo, PortfolioPhoto, Portrait
from reservations.models import Reservation
from tests.factories import (
    DesignerFactory,
    PhotoFactory,
    PortfolioPhotoFactory,
    PortraitFactory,
    ReservationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def designer():
    return DesignerFactory()


def own(designer, count=1, **fields):
    return [photo.photoid for photo in PhotoFactory.create_batch(count, uploader=designer.user, **fields)]


def acting(user):
    return Actor(Door.ADMIN, user=user)


def shown(designer):
    return [(row.photo.photoid, row.position, row.caption) for row in designer.portfolio.shown()]


def test_a_portrait_is_one_of_the_designers_own_photos_and_the_last_chosen_counts(designer):
    first, second = own(designer, 2)

    for photoid in (first, second):
        portfolio.choose_portrait(by=acting(designer.user), designer=designer, photoid=photoid)

    assert Portrait.objects.get().photo.photoid == second
    portfolio.remove_portrait(by=acting(designer.user), designer=designer)
    assert not Portrait.objects.exists()
    assert Photo.objects.live().count() == 2


def test_nobody_is_shown_with_anothers_photo_with_no_picture_or_with_one_in_the_trash(designer):
    foreign = PhotoFactory().photoid
    (document,) = own(designer, content_type="")
    (trashed,) = own(designer, trashed=True)

    for photoid, refusal in [
        (foreign, UnknownPhoto),
        (trashed, UnknownPhoto),
        (document, NoPicture),
    ]:
        with pytest.raises(refusal):
            portfolio.choose_portrait(by=acting(designer.user), designer=designer, photoid=photoid)
        with pytest.raises(refusal):
            portfolio.add_to_portfolio(by=acting(designer.user), designer=designer, photoids=[photoid])


@pytest.mark.parametrize("kind", [{"staff": True}, {"system": True}])
def test_account_managers_choose_for_everybody(kind, designer):
    (photoid,) = own(designer)

    portfolio.add_to_portfolio(by=acting(UserFactory(**kind)), designer=designer, photoids=[photoid])

    assert shown(designer) == [(photoid, 0, "")]


@pytest.mark.parametrize("stranger", ["customer", "finance", "another designer", "anonymous"])
def test_others_change_nothing(stranger, designer):
    by = {
        "customer": lambda: acting(UserFactory()),
        "finance": lambda: acting(UserFactory(finance=True)),
        "another designer": lambda: acting(DesignerFactory().user),
        "anonymous": anonymous,
    }[stranger]()
    (photoid,) = own(designer)
    PortraitFactory(designer=designer)

    for act in (
        lambda: portfolio.choose_portrait(by=by, designer=designer, photoid=photoid),
        lambda: portfolio.remove_portrait(by=by, designer=designer),
        lambda: portfolio.add_to_portfolio(by=by, designer=designer, photoids=[photoid]),
        lambda: portfolio.arrange_portfolio(by=by, designer=designer, photoids=[photoid]),
        lambda: portfolio.take_from_portfolio(by=by, designer=designer, photoid=photoid),
    ):
        with pytest.raises(Forbidden):
            act()


def test_who_is_no_designer_any_more_shows_nothing_new(designer):
    (photoid,) = own(designer)
    User.objects.filter(pk=designer.pk).update(type=1)

    with pytest.raises(Forbidden):
        portfolio.choose_portrait(by=acting(User.objects.get(pk=designer.pk)), designer=designer, photoid=photoid)


def test_a_portfolio_is_added_to_arranged_captioned_and_taken_from(designer):
    by, (one, two, three) = acting(designer.user), own(designer, 3)
    portfolio.add_to_portfolio(by=by, designer=designer, photoids=[one, two])
    portfolio.add_to_portfolio(by=by, designer=designer, photoids=[two, three])
    assert shown(designer) == [(one, 0, ""), (two, 1, ""), (three, 2, "")]

    portfolio.arrange_portfolio(
        by=by, designer=designer, photoids=[three, "unknown", one], captions={three: "레이어드", "unknown": "?"}
    )
    assert shown(designer) == [(three, 0, "레이어드"), (one, 1, ""), (two, 2, "")]

    portfolio.take_from_portfolio(by=by, designer=designer, photoid=one)
    assert shown(designer) == [(three, 0, "레이어드"), (two, 1, "")]


def test_a_portfolio_has_an_end(designer):
    by, photoids = acting(designer.user), own(designer, MAX_PORTFOLIO + 1)
    portfolio.add_to_portfolio(by=by, designer=designer, photoids=photoids[:-1])

    with pytest.raises(PortfolioFull):
        portfolio.add_to_portfolio(by=by, designer=designer, photoids=photoids[-1:])

    with pytest.raises(IntegrityError), transaction.atomic():
        PortfolioPhotoFactory(designer=designer, position=MAX_PORTFOLIO)


def test_a_place_and_a_photo_are_in_a_portfolio_once(designer):
    row = PortfolioPhotoFactory(designer=designer)

    for again in ({"position": 0}, {"position": 1, "photo": row.photo}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PortfolioPhotoFactory(designer=designer, **again)


def test_everybody_sees_portraits_and_portfolios_of_those_who_work_here(designer):
    PortraitFactory(designer=designer)
    PortfolioPhotoFactory(designer=designer)
    PortraitFactory(photo__trashed=True)
    PhotoFactory(uploader=designer.user)
    everybody = [anonymous(), acting(UserFactory()), acting(DesignerFactory().user)]

    assert {Photo.objects.visible_to(actor).count() for actor in everybody} == {2}

    Designer.objects.update(active=False)
    assert {Photo.objects.visible_to(actor).count() for actor in everybody} == {0}


def test_who_withdraws_takes_portrait_and_portfolio_along(designer):
    PortraitFactory(designer=designer)
    PortfolioPhotoFactory(designer=designer)

    accounts.withdraw(by=system(), users=User.objects.filter(pk=designer.pk))

    assert not Photo.objects.visible_to(anonymous()).exists()
    assert not Portrait.objects.shown().exists()
    services.destroy_trash()
    assert (Portrait.objects.count(), PortfolioPhoto.objects.count(), Photo.objects.count()) == (0, 0, 0)


def test_a_photo_that_a_designer_shows_is_shown_somewhere(designer):
    PortraitFactory(designer=designer)
    PortfolioPhotoFactory(designer=designer)
    nowhere = PhotoFactory()

    assert list(Photo.objects.shown_nowhere()) == [nowhere]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_have_portraits_and_portfolios_in_a_query_each(count, django_assert_num_queries):
    for _number in range(count):
        row = ReservationFactory(designer=PortraitFactory().designer)
        PortfolioPhotoFactory(designer=row.designer, position=1)
        first = PortfolioPhotoFactory(designer=row.designer, position=0)
        PortfolioPhotoFactory(designer=row.designer, position=2, photo__trashed=True)
    PortraitFactory(photo__trashed=True)

    with django_assert_num_queries(3):
        designers = list(Designer.objects.working().prefetch_related(showing.portrait(), showing.portfolio()))
        faces = [getattr(designer, "portrait", None) for designer in designers]
        assert [face.photo.uploader_id if face else None for face in faces] == [
            *(designer.pk for designer in designers[:-1]), None,
        ]  # fmt: skip
        assert [[row.position for row in designer.portfolio.all()] for designer in designers] == [[0, 1]] * count + [[]]
        assert first.photo in [designer.portfolio.all()[0].photo for designer in designers[:-1]]
    with django_assert_num_queries(2):
        rows = Reservation.objects.select_related("designer__user").prefetch_related(
            showing.portrait("designer__portrait")
        )
        assert [row.designer.portrait.photo.uploader_id == row.designer_id for row in rows] == [True] * count
