"""From a backup into an empty database and another storage, held against what was backed up."""

import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cody_site.backup import databases, photos
from cody_site.backup.places import Place


class Command(BaseCommand):
    help = (
        "Fill the empty database and the photos' storage of these settings from a backup; exit 1 and name each table "
        "that is not as it was. Then: migrate, verify --with-photos, reconcile --since."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", type=Path, help="the folder that `backup` wrote")
        parser.add_argument("--stamp", help="which of its backups; else the newest")
        parser.add_argument("--compare", action="store_true", help="restore nothing, only look for differences")
        parser.add_argument("--minutes", type=float, default=240, help="give up after, for each half (%(default)s)")

    def handle(self, *args: Any, place: Path, stamp: str | None, compare: bool, minutes: float, **options: Any) -> None:
        source = Place(place.absolute())
        stamps = source.stamps()
        if not stamps or (stamp and stamp not in stamps):
            raise CommandError(f"No such backup there; there are: {', '.join(stamps) or 'none'}.")
        stamp = stamp or stamps[-1]
        if not compare:
            self._restore(source, stamp, minutes * 60)
        different = databases.differences(source.tables(stamp), databases.tables())
        for line in different:
            self.stdout.write(line)
        if different:
            raise CommandError(f"{len(different)} tables are not as they were at {stamp}.")
        self.stdout.write(f"{stamp}: all {len(source.tables(stamp))} tables are as they were.")

    def _restore(self, source: Place, stamp: str, seconds: float) -> None:
        try:
            databases.load(source.dump(stamp), seconds=seconds)
            photos.copy_back(source, stamp, seconds=seconds)
        except databases.NotEmpty:
            raise CommandError("This database has tables; a backup goes into an empty one only.") from None
        except photos.NoRclone:
            raise CommandError("rclone is not installed (apt-get install rclone).") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise CommandError(f"{Path(error.cmd[0]).name} failed; nothing is to be relied on.") from None
