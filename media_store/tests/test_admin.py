import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from media_store import services
from media_store.files import HashedFile
from media_store.tests.pictures import picture
from reservations.models import Reservation
from tests.factories import (
    DesignerFactory,
    PhotoFactory,
    ReservationFactory,
    ReservationPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = "admin:media_store_photo_changelist"


def desk(user):
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


def act(browser, action, row):
    answer = browser.post(reverse(LIST), {"action": action, "_selected_action": [row.pk]}, follow=True)
    return [str(message) for message in answer.context["messages"]]


def seen(browser, **query):
    return set(browser.get(reverse(LIST), query).context["cl"].queryset)


def test_staff_find_photos_and_trash_and_restore_them():
    boss = desk(UserFactory(staff=True))
    photo, other = PhotoFactory(filename="앞머리.png"), PhotoFactory(filename="b.png")
    uploading = PhotoFactory(uploading=True)

    assert seen(boss) == {photo, other}
    assert uploading not in seen(boss)
    assert seen(boss, q="앞머리") == seen(boss, q=photo.uploader.userid) == seen(boss, q=photo.photoid) == {photo}
    assert act(boss, "trash", photo) == ["1장을 휴지통에 넣었습니다."]
    photo.refresh_from_db()
    assert photo.trashed_at is not None
    assert seen(boss, trash="in") == {photo}
    assert act(boss, "restore", photo) == ["1장을 되살렸습니다."]
    photo.refresh_from_db()
    assert photo.trashed_at is None


def test_what_cannot_come_back_says_why():
    boss = desk(UserFactory(staff=True))
    again = PhotoFactory(trashed=True)
    PhotoFactory(uploader=again.uploader, sha256=again.sha256)
    erased = PhotoFactory(trashed=True, destroy_after=timezone.now())

    assert act(boss, "restore", again) == [f"{again}: 이미 올린 사진입니다."]
    assert act(boss, "restore", erased) == [f"{erased}: 휴지통에 없거나, 이미 지워진 사진입니다."]


@pytest.mark.parametrize(
    ("who", "may_trash", "may_restore"), [("finance", False, False), ("system", False, True), ("staff", True, True)]
)
def test_roles(who, may_trash, may_restore):
    browser = desk(UserFactory(**{who: True}))
    live, trashed = PhotoFactory(), PhotoFactory(trashed=True)

    act(browser, "trash", live)
    act(browser, "restore", trashed)

    live.refresh_from_db()
    trashed.refresh_from_db()
    assert (live.trashed_at is not None, trashed.trashed_at is None) == (may_trash, may_restore)
    change = reverse("admin:media_store_photo_change", args=[live.pk])
    assert browser.post(change, {"filename": "x"}).status_code == 403
    assert browser.get(reverse("admin:media_store_photo_add")).status_code == 403


def test_designers_and_customers_have_no_list_of_photos():
    for user in (DesignerFactory().user, UserFactory()):
        assert desk(user).get(reverse(LIST)).status_code in {302, 403}


def test_the_list_takes_the_same_queries_however_long_it_is(django_assert_max_num_queries):
    boss = desk(UserFactory(staff=True))
    for count in (1, 9):
        PhotoFactory.create_batch(count)
        with django_assert_max_num_queries(9):
            boss.get(reverse(LIST))


def test_a_designer_sees_the_photos_of_a_reservation_on_its_page():
    designer = DesignerFactory()
    with HashedFile("a.png", "") as file:
        file.receive(picture())
        photo = services.upload(uploader=UserFactory(), file=file)
    row = ReservationPhotoFactory(photo=photo, reservation=ReservationFactory(designer=designer)).reservation
    trashed = ReservationPhotoFactory(reservation=row, photo=PhotoFactory(trashed=True), position=1).photo
    browser = desk(designer.user)

    page = browser.get(reverse("admin:reservations_reservation_change", args=[row.pk])).content.decode()

    small = reverse("media_store:photo", args=[photo.photoid, "small"])
    assert small in page
    assert trashed.photoid not in page
    assert browser.get(small).getvalue()[8:12] == b"WEBP"
    Reservation.objects.filter(pk=row.pk).update(designer=DesignerFactory())
    assert browser.get(small).status_code == 404
