"""What a customer shows the designer of a reservation."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.actors import Actor, Door
from cody_site.errors import UnknownPhoto
from media_store.models import Photo
from media_store.tests.pictures import PDF, picture
from reservations.errors import Gone, TooManyPhotos
from reservations.models import MAX_PHOTOS, Move, Status
from reservations.photos import show_photos
from tests.factories import DesignerFactory, PhotoFactory, ReservationFactory, ReservationPhotoFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    reservation = ReservationFactory()
    client.force_login(reservation.customer)
    return reservation


def page_of(row):
    return reverse("pages:reservation_photos", args=[row.pk])


def attached(row, count=1):
    rows = [
        ReservationPhotoFactory(reservation=row, photo=PhotoFactory(uploader=row.customer), position=position)
        for position in range(count)
    ]
    return [attachment.photo.photoid for attachment in rows]


def shown(row):
    return list(row.attachments.order_by("position").values_list("photo__photoid", flat=True))


def told(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_shows_what_is_attached_and_offers_the_rest(client, row, count, django_assert_max_num_queries):
    photoids = attached(row, count)
    others = [photo.photoid for photo in PhotoFactory.create_batch(count, uploader=row.customer)]
    PhotoFactory()

    with django_assert_max_num_queries(12):
        page = client.get(page_of(row))

    assert [photo.photoid for photo in page.context["shown"]] == photoids
    assert [choice.photo.photoid for choice in page.context["form"]["photos"].choices] == others[::-1]
    assert row.designer.user.name in page.content.decode()


def test_photos_are_added_from_those_that_are_there_and_new_ones(client, row):
    (before,) = attached(row)
    known = PhotoFactory(uploader=row.customer).photoid
    new = SimpleUploadedFile("새.png", picture())

    page = client.post(page_of(row), {"photos": [known], "photos-new": [new]}, follow=True)

    assert told(page) == ["디자이너에게 보여 줄 사진을 바꿨어요."]
    assert shown(row) == [before, known, Photo.objects.get(filename="새.png").photoid]
    assert not Move.objects.exists()


def test_the_good_ones_of_an_upload_are_chosen_when_another_is_no_picture(client, row):
    sent = [SimpleUploadedFile("새.png", picture()), SimpleUploadedFile("글.pdf", PDF)]

    page = client.post(page_of(row), {"photos-new": sent})

    choices = page.context["form"]["photos"].choices
    assert (page.status_code, [(choice.photo.filename, choice.chosen) for choice in choices]) == (
        200, [("새.png", True)],
    )  # fmt: skip
    assert "글.pdf: 사진으로 열 수 없는 파일입니다" in page.content.decode()
    assert shown(row) == []


def test_nothing_chosen_is_said(client, row):
    assert "사진을 골라 주세요." in client.post(page_of(row), {"photos-new": ""}).content.decode()


@pytest.mark.parametrize(
    ("act", "place", "after"),
    [("up", 1, [1, 0, 2]), ("up", 0, [0, 1, 2]), ("down", 1, [0, 2, 1]), ("down", 2, [0, 1, 2]), ("remove", 1, [0, 2])],
)
def test_what_is_shown_is_arranged_and_taken_down(client, row, act, place, after):
    photoids = attached(row, 3)

    client.post(page_of(row), {"act": f"{act}:{photoids[place]}"})

    assert shown(row) == [photoids[number] for number in after]
    assert Photo.objects.live().count() == 3


@pytest.mark.parametrize("act", ["up", "up:", "up:unknown", "x:{}", "\0", "remove:\0"])
def test_an_act_that_means_nothing_changes_nothing(client, row, act):
    photoids = attached(row, 2)

    assert client.post(page_of(row), {"act": act.format(photoids[1])}).status_code == 302

    assert shown(row) == photoids


def test_ten_are_enough(client, row):
    attached(row, MAX_PHOTOS - 1)
    more = [photo.photoid for photo in PhotoFactory.create_batch(2, uploader=row.customer)]

    page = client.post(page_of(row), {"photos": more})
    assert "사진은 1장까지 고를 수 있어요." in page.content.decode()

    client.post(page_of(row), {"photos": more[:1]})
    assert len(shown(row)) == MAX_PHOTOS
    assert "먼저 한 장을 내려 주세요" in client.get(page_of(row)).content.decode()


@pytest.mark.parametrize("chosen", ["another's", "unknown"])
def test_nobody_shows_anothers_photo(client, row, chosen):
    photoid = PhotoFactory().photoid if chosen == "another's" else "\0"

    page = client.post(page_of(row), {"photos": [photoid]})

    assert "그런 사진을 찾을 수 없습니다." in page.content.decode()
    assert shown(row) == []


def test_a_strangers_reservation_has_no_such_page(client, row):
    stranger = ReservationFactory()

    assert [client.get(page_of(stranger)).status_code, client.post(page_of(stranger)).status_code] == [404, 404]
    assert client.get("/my/reservations/99999999999999999999/photos/").status_code == 404
    client.logout()
    assert client.get(page_of(row)).status_code == 302


@pytest.mark.parametrize("state", ["cancelled", "done"])
def test_photos_of_what_is_over_stay_as_they_are(client, state):
    row = ReservationFactory(**{"trashed": True} if state == "cancelled" else {"status": Status.DONE})
    client.force_login(row.customer)
    photoids = attached(row)

    page = client.post(page_of(row), {"act": f"remove:{photoids[0]}"}, follow=True)

    assert told(page) == ["그 사이에 취소되었거나 바꿀 수 없게 된 예약입니다."]
    assert "끝났거나 취소한 예약의 사진은 바꿀 수 없어요." in page.content.decode()
    assert shown(row) == photoids


def test_photos_are_shown_by_their_customer_in_the_given_order(row):
    by = Actor(Door.PAGES, user=row.customer)
    one, two = (photo.photoid for photo in PhotoFactory.create_batch(2, uploader=row.customer))

    show_photos(by=by, reservation=row, photoids=[two, one, two])
    assert shown(row) == [two, one]

    many = [photo.photoid for photo in PhotoFactory.create_batch(MAX_PHOTOS + 1, uploader=row.customer)]
    for photoids, refusal in [(many, TooManyPhotos), ([PhotoFactory().photoid], UnknownPhoto)]:
        with pytest.raises(refusal):
            show_photos(by=by, reservation=row, photoids=photoids)
    for user in (UserFactory(), DesignerFactory().user, UserFactory(finance=True)):
        with pytest.raises(Gone):
            show_photos(by=Actor(Door.PAGES, user=user), reservation=row, photoids=[one])
    assert shown(row) == [two, one]
