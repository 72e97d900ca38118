"""Backups: whole or not at all, and held against what they are of. `make drill` restores one elsewhere."""

import datetime as dt
import io
import subprocess

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from cody_site.backup import databases
from cody_site.backup import photos as copied
from cody_site.backup.places import STAMP, Place
from media_store.checking import differences_from_storage
from media_store.models import Kind
from media_store.storage import photos
from tests.factories import PhotoFactory, RenditionFactory, UserFactory
from tests.servers import s3_program

needs_rclone = pytest.mark.skipif(not s3_program(), reason="rclone is not installed")


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path / "place")
    place.create()
    return place


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


def stored(key, data=b"bytes"):
    photos().save(key, io.BytesIO(data))
    return key


# ---------------------------------------------------------------- the database


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        lambda: User.objects.filter(userid="gone").delete(),
        lambda: User.objects.filter(userid="gone").update(name="다른 이름"),
        UserFactory,
    ],
    ids=["a row is missing", "a row is another", "there is a row too many"],
)
def test_a_database_that_is_not_as_it_was_backed_up_is_named_by_its_table(change, tmp_path):
    UserFactory(userid="kept"), UserFactory(userid="gone", name="이름")
    backed_up = databases.dump(tmp_path / "dump", seconds=60)

    assert databases.differences(backed_up, databases.tables()) == []
    change()

    (line,) = databases.differences(backed_up, databases.tables())
    assert line.startswith("accounts_user: ")
    assert "backed up were 2 rows" in line


@pytest.mark.django_db(transaction=True)
def test_the_same_rows_in_another_order_are_the_same():
    first = UserFactory()
    before = databases.tables()["accounts_user"]
    UserFactory()

    User.objects.filter(pk=first.pk).update(name=first.name)  # PostgreSQL writes it anew, behind the second
    User.objects.exclude(pk=first.pk).delete()

    assert databases.tables()["accounts_user"] == before


@pytest.mark.django_db(transaction=True)
def test_nothing_is_restored_over_a_database_that_has_tables(tmp_path):
    databases.dump(tmp_path / "dump", seconds=60)

    with pytest.raises(databases.NotEmpty):
        databases.load(tmp_path / "dump", seconds=60)


@pytest.mark.django_db(transaction=True)
def test_a_dump_that_fails_leaves_no_backup_behind(place, media, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")  # neither pg_dump nor rclone
    if connection.vendor == "sqlite":
        monkeypatch.setattr("sys.executable", "/nowhere/python")

    with pytest.raises((CommandError, FileNotFoundError)):
        call_command("backup", str(place.folder))

    assert place.stamps() == []


@needs_rclone
@pytest.mark.django_db(transaction=True)
def test_a_backup_is_for_its_owner_alone_and_can_be_compared(place, media, capsys):
    stored("2026/03/01/a")
    call_command("backup", str(place.folder))
    (stamp,) = place.stamps()

    call_command("restore", str(place.folder), compare=True)

    assert place.dump(stamp).stat().st_mode & 0o077 == 0
    assert (place.photos / "2026/03/01/a").read_bytes() == b"bytes"
    assert f"{stamp}: all " in capsys.readouterr().out
    UserFactory()
    with pytest.raises(CommandError, match="1 tables are not as they were"):
        call_command("restore", str(place.folder), compare=True)
    with pytest.raises(CommandError, match=f"No such backup there; there are: {stamp}"):
        call_command("restore", str(place.folder), stamp="20200101T000000Z")


def test_old_backups_go_and_the_newest_stays_however_old(place):
    now = timezone.now()
    stamps = [(now - dt.timedelta(days=days)).strftime(STAMP) for days in (60, 40, 20)]
    for stamp in stamps:
        place.dump(stamp).write_bytes(b"")
        place.gone(stamp).mkdir()
        place.is_whole(stamp, {})

    assert place.forget_before(now - dt.timedelta(days=30)) == stamps[:2]
    assert place.stamps() == [found.name for found in (place.folder / "gone").iterdir()] == stamps[2:]
    assert place.forget_before(now) == []
    assert place.stamps() == stamps[2:]


def test_what_a_backup_left_that_never_became_whole_goes_with_those_of_its_time(place):
    now = timezone.now()
    broken, whole, running = [(now - dt.timedelta(days=days)).strftime(STAMP) for days in (31, 20, 0)]
    for stamp in (broken, whole, running):
        place.dump(stamp).write_bytes(b"")
    place.is_whole(whole, {})

    assert place.forget_before(now - dt.timedelta(days=30)) == [broken]
    assert [place.dump(stamp).exists() for stamp in (broken, whole, running)] == [False, True, True]


# ---------------------------------------------------------------- the photos


@needs_rclone
def test_what_was_destroyed_since_a_backup_comes_back_with_its_database(place, media):
    kept, destroyed, too_early = stored("2026/01/01/kept"), stored("2026/01/01/soon gone"), stored("2026/01/01/gone")
    copied.copy_to(place, "20260101T000000Z", seconds=60)
    photos().delete(too_early)
    copied.copy_to(place, "20260102T000000Z", seconds=60)
    photos().delete(destroyed)
    copied.copy_to(place, "20260103T000000Z", seconds=60)
    photos().delete(kept)

    copied.copy_back(place, "20260103T000000Z", seconds=60)
    assert [photos().exists(key) for key in (kept, destroyed, too_early)] == [True, True, False]

    copied.copy_back(place, "20260102T000000Z", seconds=60)
    assert [photos().exists(key) for key in (kept, destroyed, too_early)] == [True, True, True]


@needs_rclone
def test_a_storage_that_cannot_be_read_is_no_backup(place, media):
    media.rmdir()

    with pytest.raises(subprocess.CalledProcessError):
        copied.copy_to(place, "20260101T000000Z", seconds=60)


@pytest.mark.django_db
def test_every_object_is_read_that_may_be_shown_or_brought_back(media):
    digest = "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"  # of b"bytes"
    good = {"size": 5, "sha256": digest}
    PhotoFactory(storage_key=stored("good"), **good)
    lost, other = PhotoFactory(**good), PhotoFactory(storage_key=stored("other", b"bites"), **good)
    longer = PhotoFactory(storage_key=stored("longer", b"bytes and more"), **good)
    small = RenditionFactory(photo=PhotoFactory(storage_key=stored("of small"), **good), kind=Kind.SMALL, **good)
    later = timezone.now() + dt.timedelta(days=1)
    trashed = PhotoFactory(trashed_at=timezone.now(), destroy_after=later, **good)
    PhotoFactory(trashed_at=timezone.now(), destroy_after=timezone.now(), **good)
    PhotoFactory(live_at=None, **good)

    assert list(differences_from_storage()) == [
        f"photo {lost.photoid}: its bytes are lost",
        f"photo {other.photoid}: its bytes are others",
        f"photo {longer.photoid}: its bytes are others",
        f"photo {trashed.photoid}: its bytes are lost",
        f"photo {small.photo.photoid} (small): its bytes are lost",
    ]
