"""Writing folders that are whole or not there, even after a power cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from chatsite.lib.fsync import sync, sync_tree
from chatsite.ops.backup.errors import BackupError

CHUNK = 1024 * 1024
"""Bytes read at once."""
PARTIAL = ".partial"
STAMP = "%Y%m%dT%H%M%SZ"
TAKEN = "A backup of this second is there already: {folder}. Run the command again."
FOLDER_UNUSABLE = "The folder {folder} cannot be written to ({reason}): name one that can."


def stamp(moment: datetime | None = None) -> str:
    """A moment (now, if none is given) in UTC as `20261126T061308Z`."""
    return (moment or datetime.now(UTC)).strftime(STAMP)


@contextmanager
def whole_folder(parent: Path, name: str) -> Iterator[Path]:
    """A new folder, for its owner alone, that gets its name when it is complete.

    Args:
        parent: is made if it is absent.
        name: of the folder. Until it is complete its name ends with `.partial`.

    Raises:
        BackupError: `name` is taken, or `parent` cannot be written to.
    """
    final, partial = parent / name, parent / f"{name}{PARTIAL}"
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if final.exists():
            raise BackupError(TAKEN.format(folder=final))
        partial.mkdir(mode=0o700)
    except FileExistsError:
        raise BackupError(TAKEN.format(folder=partial)) from None
    except OSError as error:
        problem = FOLDER_UNUSABLE.format(folder=parent, reason=error.strerror)
        raise BackupError(problem) from None
    try:
        yield partial
    except BaseException:  # refusals every night must not fill the disk
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_tree(partial)
    partial.rename(final)
    sync(parent)


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            total.update(block)
    return total.hexdigest()
