"""What becomes of photos: trash, destruction, erasure, copies, and what interrupted acts leave behind."""

import datetime as dt
import io
import os
import subprocess
import sys
from contextlib import closing

import pytest
from django.db import IntegrityError
from django.utils import timezone
from PIL import Image

from accounts import services as accounts
from accounts.actors import Actor, Door, system
from accounts.models import User
from media_store import rendering, services, sniffing
from media_store.errors import AlreadyUploaded, NotInTrash
from media_store.files import HashedFile
from media_store.models import Kind, Photo, Rendition
from media_store.storage import new_key, photos
from media_store.tasks import destroy_photos, keep_house, render_photos
from media_store.tests.pictures import HIDING, SECRET, animated, growing_gif, picture, with_gps
from tests.api import Api
from tests.factories import PhotoFactory, PostPhotoFactory, UserFactory
from tests.servers import S3_KEY, S3_SECRET

pytestmark = pytest.mark.django_db


def kept(body=None, name="머리.png", uploader=None):
    file = HashedFile(name, "")
    file.receive(picture() if body is None else body)
    try:
        return services.upload(uploader=uploader or UserFactory(), file=file)
    finally:
        file.close()


def fetched(rendition):
    with closing(photos().read(rendition.storage_key, 0, rendition.size)) as body:
        return b"".join(body)


def days_ago(days):
    return timezone.now() - dt.timedelta(days=days)


def stored():
    """All keys of the days that tests live in."""
    days = {f"{timezone.now() - dt.timedelta(days=days):%Y/%m/%d}" for days in range(3)}
    return {key for day in days for key in photos().keys(day)}


def known():
    return {
        *Photo.objects.values_list("storage_key", flat=True),
        *Rendition.objects.values_list("storage_key", flat=True),
    }


# ---------------------------------------------------------------- trash


def test_into_the_trash_and_back():
    shown = PostPhotoFactory()
    photo, by = shown.photo, Actor(Door.ADMIN, user=UserFactory(staff=True))

    services.trash(by=by, photo=photo)

    assert Api().get("/post", {"rule": "all"}).contents[0]["photoid"] == "[]"
    photo.refresh_from_db()
    assert (photo.trashed_by, photo.destroy_after) == (by.user, timezone.now() + dt.timedelta(days=30))
    services.restore(photo=photo)
    assert Api().get("/post", {"rule": "all"}).contents[0]["photoid"] == f'["{photo.photoid}"]'
    with pytest.raises(NotInTrash):
        services.restore(photo=photo)


def test_what_was_uploaded_again_since_does_not_come_back():
    trashed = PhotoFactory(trashed=True)
    again = PhotoFactory(uploader=trashed.uploader, sha256=trashed.sha256)

    with pytest.raises(AlreadyUploaded) as refusal:
        services.restore(photo=trashed)

    assert refusal.value.photoid == again.photoid


def test_the_trash_is_destroyed_after_thirty_days(storage):
    old, young = kept(), kept()
    rendering.render(old)
    Photo.objects.trash(by=system())
    Photo.objects.filter(pk=old.pk).update(destroy_after=timezone.now())

    destroy_photos()
    destroy_photos()

    assert list(Photo.objects.all()) == [young]
    assert stored() == {young.storage_key}
    services.restore(photo=young)


def test_who_leaves_takes_the_photos_along_at_once(storage):
    user = UserFactory()
    photo = kept(uploader=user, name="홍길동.png")
    shown = PostPhotoFactory(photo=photo)
    rendering.render(photo)

    accounts.withdraw(by=Actor(Door.API, user=user), users=User.objects.filter(pk=user.pk))

    assert Api().get("/post", {"rule": {"postid": shown.post.postid}}).contents[0]["photoid"] == "[]"
    photo.refresh_from_db()
    assert (photo.filename, photo.ip) == ("photo", None)
    with pytest.raises(NotInTrash):
        services.restore(photo=photo)
    destroy_photos()
    assert not Photo.objects.exists()
    assert stored() == set()


def test_addresses_are_forgotten_after_three_months():
    old, young = (
        PhotoFactory(created_at=days_ago(91), ip="192.0.2.1"),
        PhotoFactory(created_at=days_ago(89), ip="192.0.2.1"),
    )

    keep_house()

    assert [Photo.objects.get(pk=row.pk).ip for row in (old, young)] == [None, "192.0.2.1"]


@pytest.mark.parametrize(
    "broken", [{"trashed_at": "2026-03-03T00:00Z"}, {"destroy_after": "2026-03-03T00:00Z"}, {"original_is_clean": True}]
)
def test_the_database_states_it_too(broken):
    PhotoFactory()

    with pytest.raises(IntegrityError):
        Photo.objects.update(**broken)


# ---------------------------------------------------------------- interrupted


def test_the_sweeper_takes_what_never_ended_and_nothing_else(storage, clock):
    waiting = PhotoFactory(uploading=True, storage_key=new_key())
    photos().save(waiting.storage_key, io.BytesIO(b"half"))
    orphan = new_key()
    photos().save(orphan, io.BytesIO(b"nobody's"))
    live = kept()
    rendering.render(live)
    everything = stored()

    keep_house()
    assert stored() == everything
    Photo.objects.filter(pk=waiting.pk).update(created_at=days_ago(2))
    services.sweep(older_than=dt.timedelta(0))
    services.sweep(older_than=dt.timedelta(0))

    assert list(Photo.objects.all()) == [live]
    assert stored() == known() == everything - {waiting.storage_key, orphan}


def test_an_upload_that_the_sweeper_took_does_not_go_live():
    photo = PhotoFactory(uploading=True, created_at=days_ago(2))
    services.sweep()

    with pytest.raises(services.Conflict):
        services._go_live(photo)


def test_of_two_at_once_the_second_to_end_is_refused(storage, monkeypatch):
    user = UserFactory()
    save = type(photos()._wrapped).save
    winners = []

    def slow(self, name, content, **more):
        if not winners:
            winners.append(None)
            winners[0] = kept(uploader=user)  # the other one ends while this one is still being stored
        return save(self, name, content, **more)

    monkeypatch.setattr(type(photos()._wrapped), "save", slow)

    with pytest.raises(AlreadyUploaded) as refusal:
        kept(uploader=user)

    assert refusal.value.photoid == winners[0].photoid
    assert stored() == known() == {winners[0].storage_key}


KILLED = int(os.environ.get("KILLED_PHOTOS", "60"))
WORKLOAD = """
import os, random, signal, sys, time
import django
django.setup()
from accounts.models import User
from media_store import services
from media_store.files import HashedFile
from media_store.models import Photo

def work(rng):
    user = User.objects.get(userid="killed")
    while True:
        with HashedFile("a.png", "") as file:
            file.receive(rng.randbytes(200_000))
            photo = services.upload(uploader=user, file=file)
        if rng.random() < 0.5:
            Photo.objects.filter(pk=photo.pk).erase()
            services.destroy_trash()

rng = random.Random(7)
for number in range(int(sys.argv[1])):
    child = os.fork()
    if not child:
        work(random.Random(number))
    time.sleep(rng.uniform(0.01, 0.15))
    os.kill(child, signal.SIGKILL)
    if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        sys.exit("a child ended before it was killed")
"""


@pytest.mark.races
@pytest.mark.parametrize("where", ["local", "s3"])
def test_killed_anywhere_nothing_is_left_without_its_other_half(where, tmp_path, request):
    """kill -9 at random moments of uploads and deletions, in a process of its own, then one sweep."""
    environment = os.environ | {
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/killed.sqlite3",
        "DJANGO_SETTINGS_MODULE": "cody_site.settings",
        "MEDIA_ROOT": str(tmp_path),
        "TMPDIR": str(tmp_path),
    }
    if where == "s3":
        environment |= s3_environment(request.getfixturevalue("s3_server"))

    def run(*command, **more):
        return subprocess.run(
            [sys.executable, *command], env=environment, check=True, capture_output=True, text=True, **more
        )

    run("manage.py", "migrate", "-v0")
    run("manage.py", "shell", "--no-imports", "-v0", "-c", MAKE_USER)
    run("-c", WORKLOAD, str(KILLED))

    told = run("manage.py", "shell", "--no-imports", "-v0", "-c", COMPARE).stdout

    assert told.splitlines()[-1] == "rows without bytes: 0, bytes without a row: 0"
    assert int(told.splitlines()[-2].split()[0]) > 0  # some were left in the middle


MAKE_USER = (
    "from accounts.models import User; User.objects.create(userid='killed', name='x')\n"
    "from django.conf import settings\n"
    "from django.core.files.storage import default_storage\n"
    "if settings.S3_BUCKET: default_storage.connection.create_bucket(Bucket=settings.S3_BUCKET)"
)
COMPARE = """
import datetime as dt
from media_store import services
from media_store.models import Photo
from media_store.storage import photos
from django.utils import timezone
def keys():
    days = {f"{timezone.now() - dt.timedelta(days=n):%Y/%m/%d}" for n in range(2)}
    return {key for day in days for key in photos().keys(day)}
def rows():
    return set(Photo.objects.values_list("storage_key", flat=True))
print(len(keys() ^ rows()) + Photo.objects.filter(live_at=None).count(), "left in the middle")
services.sweep(older_than=dt.timedelta(0))
assert not Photo.objects.filter(live_at=None).exists()
print(f"rows without bytes: {len(rows() - keys())}, bytes without a row: {len(keys() - rows())}")
"""


def s3_environment(endpoint):
    return {
        "S3_BUCKET": "killed",
        "S3_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": S3_KEY,
        "AWS_SECRET_ACCESS_KEY": S3_SECRET,
    }


# ---------------------------------------------------------------- renditions


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_where_there_was_no_metadata_the_bytes_are_the_same(storage, kind):
    photo = kept(picture(kind))

    render_photos()

    photo.refresh_from_db()
    assert photo.original_is_clean
    assert set(photo.renditions.values_list("kind", flat=True)) == {Kind.SMALL, Kind.LARGE}


@pytest.mark.parametrize(
    "body",
    [
        with_gps(), picture("PNG", exif=Image.Exif()) + b"<script>", picture("JPEG", comment=b"secret"),
        picture("WEBP", xmp=b"<x:xmpmeta>secret</x:xmpmeta>"), picture("JPEG") + b"secret", picture("AVIF"),
        picture("HEIF"), animated("GIF") + b"secret", animated("WEBP")[:-1] + b"\0secret",
    ],
)  # fmt: skip
def test_metadata_is_taken_away(storage, body):
    photo = rendering.render(kept(body))

    assert not photo.original_is_clean
    copy = rendering.rendition(photo, Kind.COPY)
    if copy is None:
        assert body.startswith(b"RIFF")  # cut off: nobody but its owner gets it
        return
    sent = fetched(copy)
    assert b"secret" not in sent
    assert b"<script>" not in sent
    with Image.open(io.BytesIO(sent)) as image:
        assert not image.getexif()


@pytest.mark.parametrize("name", HIDING)
def test_what_hides_in_a_picture_is_not_shown(name):
    body = HIDING[name]
    shown = PostPhotoFactory(photo=kept(body))
    assert SECRET in body

    answer = Api().client.get("/photo_w", {"photoid": shown.photo.photoid})

    sent = answer.getvalue()
    assert answer.status_code == 200
    assert SECRET not in sent
    with Image.open(io.BytesIO(sent)) as image:
        assert not image.getexif()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_without_metadata_is_shown_as_it_is(kind):
    assert rendering.render(kept(animated(kind))).original_is_clean


def test_a_gif_does_not_grow_beyond_what_was_checked():
    assert kept(growing_gif()).content_type == ""


def test_an_animation_has_an_end(monkeypatch):
    monkeypatch.setattr(sniffing, "MAX_FRAMES", 2)
    assert kept(animated(frames=2)).content_type == "image/gif"
    assert kept(animated(frames=3)).content_type == ""


def test_a_picture_is_drawn_once_however_many_want_to_see_it(storage, monkeypatch):
    photo, drawn, real = kept(with_gps()), [], rendering._copy
    seen = [Photo.objects.get(pk=photo.pk) for _viewer in range(4)]
    monkeypatch.setattr(rendering, "_copy", lambda *given: drawn.append(given) or real(*given))

    for photo in seen:
        rendering.render(photo)

    assert len(drawn) == 1


def test_one_photo_that_fails_does_not_stand_in_the_others_way(storage, monkeypatch):
    stuck, others = kept(picture(color=(1, 1, 1))), [kept(picture(color=(2, number, 2))) for number in range(2)]
    real = type(photos()._wrapped).delete

    def delete(self, name):
        if name == stuck.storage_key:
            raise PermissionError(name)
        return real(self, name)

    monkeypatch.setattr(type(photos()._wrapped), "delete", delete)
    Photo.objects.erase()

    orphan = new_key()
    photos().save(orphan, io.BytesIO(b"nobody's"))

    with pytest.raises(RuntimeError, match="1 photos failed"):
        services.sweep(older_than=dt.timedelta(0))

    assert list(Photo.objects.all()) == [stuck]
    assert stored() == {stuck.storage_key}
    assert not any(storage.exists(photo.storage_key) for photo in others)


def test_a_photo_that_is_destroyed_while_it_is_drawn_is_gone():
    photo = kept()
    Photo.objects.all().delete()

    with pytest.raises(FileNotFoundError):
        rendering.render(photo)


def test_an_animation_keeps_moving():
    photo = rendering.render(kept(animated() + b"secret"))

    copy = rendering.rendition(photo, Kind.COPY)
    with Image.open(io.BytesIO(fetched(copy))) as image:
        assert image.n_frames == 3


def test_thumbnails_stand_upright_and_are_small(storage):
    photo = rendering.render(kept(picture("JPEG", size=(2000, 1000), exif=sideways())))

    for kind, size in ((Kind.SMALL, (160, 320)), (Kind.LARGE, (640, 1280))):
        found = rendering.rendition(photo, kind)
        with Image.open(io.BytesIO(fetched(found))) as image:
            assert (image.format, image.size) == ("WEBP", size)


def sideways():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def test_rendering_again_or_twice_at_once_changes_nothing(storage):
    photo = kept(with_gps())
    stale = Photo.objects.get(pk=photo.pk)
    rendering.render(photo)
    before = set(photo.renditions.values_list("pk", flat=True))

    rendering.render(photo)
    rendering.render(stale)  # as another worker that had begun as well

    assert set(photo.renditions.values_list("pk", flat=True)) == before
    assert stored() == known()


def test_what_has_too_many_pixels_is_never_decoded(settings):
    settings.PHOTO_MAX_PIXELS = 2000
    photo = kept(animated(frames=9))

    assert photo.content_type == ""


@pytest.mark.parametrize("size", ["small", "large"])
def test_pages_have_an_address_for_thumbnails(size, client):
    shown = PostPhotoFactory(photo=kept())

    answer = client.get(f"/photos/{shown.photo.photoid}/{size}")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Content-Disposition"].startswith("inline")
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"
    assert client.get(f"/photos/{shown.photo.photoid}/huge").status_code == 404
    assert client.get(f"/photos/{kept().photoid}/{size}").status_code == 404
    assert client.get(f"/photos/nothing/{size}").status_code == 404
