"""Paths of the data that a restore prepares, and of the data that it replaces."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from chatsite.lib.fsync import sync

RESTORING, REPLACED = "restoring", "replaced"


@dataclass(frozen=True)
class Files:
    """Files and folders that are exchanged by renaming.

    `targets` are the site's own paths that the backup has something for, `replacing` those that
    are there and go, a database's logs before it. Beside each target lie folders with the restore's
    stamp in their names.
    """

    stamp: str
    targets: list[str]
    replacing: list[str]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def swap(self) -> None:
        """Exchange them. It can be called again after it was interrupted anywhere."""
        for name in self.replacing:
            kept = place(Path(name), REPLACED, self.stamp)
            if not kept.exists() and Path(name).exists():  # SQLite deletes logs that are written
                _move(Path(name), kept)
        for name in self.targets:
            prepared = place(Path(name), RESTORING, self.stamp)
            if prepared.exists():
                _clear(Path(name))
                _move(prepared, Path(name))
        self.discard()

    def discard(self) -> None:
        """Delete what is prepared and in no place yet."""
        for name in self.targets:
            folder = place(Path(name), RESTORING, self.stamp).parent
            shutil.rmtree(folder, ignore_errors=True)


def place(target: Path, kind: str, stamp: str) -> Path:
    """The path for what shall stand at `target`, or stood there."""
    return target.parent / f"{kind}-{stamp}" / target.name


def logs_of(database: Path) -> list[Path]:
    """Files that SQLite keeps beside a database: committed rows may be nowhere else."""
    return [database.with_name(f"{database.name}{ending}") for ending in ("-wal", "-shm")]


def _clear(target: Path) -> None:
    """Something was started meanwhile and began anew. A log beside another database than its own
    would destroy that.
    """
    for path in (target, *logs_of(target)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.rename(target)
    for folder in {source.parent, target.parent, target.parent.parent}:
        sync(folder)
