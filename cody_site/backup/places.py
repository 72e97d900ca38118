"""Where backups lie, and which of them are whole."""

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from cody_site.backup.databases import Tables

STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Place:
    """A folder of backups; each is named by its stamp, the UTC time at which its database was read."""

    folder: Path

    def create(self) -> None:
        """Personal data lie here: for nobody else to look into."""
        for name in ("database", "photos", "gone"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def photos(self) -> Path:
        return self.folder / "photos"

    def dump(self, stamp: str) -> Path:
        return self.folder / "database" / f"{stamp}.dump"

    def gone(self, stamp: str) -> Path:
        """What the backup of this stamp found destroyed."""
        return self.folder / "gone" / stamp

    def gone_since(self, stamp: str) -> list[Path]:
        """What a database of this stamp tells of, and has been destroyed since."""
        return sorted(found for found in (self.folder / "gone").glob("*Z") if found.name >= stamp)

    def stamps(self) -> list[str]:
        """Of the backups that are whole, the oldest first."""
        return sorted(found.stem for found in (self.folder / "database").glob("*Z.json"))

    def tables(self, stamp: str) -> Tables:
        tables: Tables = json.loads(self._told(stamp).read_text())["tables"]
        return tables

    def is_whole(self, stamp: str, tables: Tables) -> None:
        """Say so, once everything of it is there."""
        unfinished = self._told(stamp).with_suffix(".part")
        unfinished.write_text(json.dumps({"tables": tables}, indent=1))
        unfinished.replace(self._told(stamp))

    def forget_before(self, time: dt.datetime) -> list[str]:
        """Remove the databases from before then, whole or not, all but the newest that is whole, and photos that no
        other tells of."""
        newest = self.stamps()[-1]
        dumps = sorted(found.stem for found in (self.folder / "database").glob("*Z.dump"))
        old = [stamp for stamp in dumps if stamp < min(newest, time.strftime(STAMP))]
        for stamp in old:
            self._told(stamp).unlink(missing_ok=True)
            self.dump(stamp).unlink()
        for found in (self.folder / "gone").glob("*Z"):
            if found.name < self.stamps()[0]:
                shutil.rmtree(found)
        return old

    def _told(self, stamp: str) -> Path:
        return self.folder / "database" / f"{stamp}.json"


def new_stamp() -> str:
    return timezone.now().strftime(STAMP)
