"""The database and the photos, copied to another place while the site goes on."""

import datetime as dt
import os
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cody_site.backup import databases, photos
from cody_site.backup.places import Place, new_stamp


class Command(BaseCommand):
    help = "Copy database and photos to a folder: each database in a file of its own, of the photos what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", type=Path, help="a folder, on another disk")
        parser.add_argument("--keep-days", type=int, default=30, help="older databases are removed (%(default)s)")
        parser.add_argument("--minutes", type=float, default=60, help="give up after, for each half (%(default)s)")

    def handle(self, *args: Any, place: Path, keep_days: int, minutes: float, **options: Any) -> None:
        os.umask(0o077)
        to, stamp, seconds = Place(place.absolute()), new_stamp(), minutes * 60
        to.create()
        try:
            tables = databases.dump(to.dump(stamp), seconds=seconds)
            photos.copy_to(to, stamp, seconds=seconds)  # after the database: no row lacks its bytes
        except photos.NoRclone:
            raise CommandError("rclone is not installed (apt-get install rclone).") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise CommandError(f"{stamp} is not whole: {Path(error.cmd[0]).name} failed.") from None
        to.is_whole(stamp, tables)
        old = to.forget_before(timezone.now() - dt.timedelta(days=keep_days))
        rows, size = sum(int(count) for count, _digest in tables.values()), to.dump(stamp).stat().st_size
        objects = sum(found.is_file() for found in to.photos.rglob("*"))
        self.stdout.write(
            f"{stamp}: {len(tables)} tables, {rows:,} rows, {size:,} bytes; {objects:,} objects of photos; "
            f"{len(old)} older removed"
        )
