"""The plan of a restore, on the disk before it exchanges anything: a restore that was killed
goes on from there, and no process of the site starts before it has.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from chatsite.lib.fsync import sync
from chatsite.ops.backup.notice import Notice
from chatsite.ops.backup.places import Files

NAME = "restore.json"
UNFINISHED = (
    "A restore was interrupted while it exchanged the data: run `manage.py restore` again with any "
    "good backup's folder, it first completes what was begun."
)


@dataclass(frozen=True)
class Journal:
    """`old_…` are there and make room, `new_…` are prepared and take their place."""

    stamp: str
    made: str
    files: Files
    old_tables: list[str]
    new_tables: list[str]
    old_collections: list[str]
    new_collections: list[str]
    notice: Notice

    def write(self) -> None:
        partial = path().with_name(f".{NAME}")
        partial.write_text(json.dumps(asdict(self)), "utf-8")
        sync(partial)
        partial.rename(path())
        sync(path().parent)

    @classmethod
    def read(cls) -> Self | None:
        """The journal of a restore that was interrupted, if there is one."""
        try:
            found: dict[str, Any] = json.loads(path().read_text("utf-8"))
        except FileNotFoundError:
            return None
        return cls(**{**found, "files": Files(**found["files"])})

    def close(self) -> None:
        """All is exchanged."""
        path().unlink()
        sync(path().parent)


def path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def is_open() -> bool:
    """True if a restore was interrupted half way."""
    return path().exists()
