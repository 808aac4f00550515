"""Times at which the site's own chores were last done, as empty files in the data folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

FOLDER = "moments"


def note(name: str) -> None:
    """Note that the chore called `name` was done just now. A full disk is no reason to fail."""
    path = _path(name)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return


def last(name: str) -> datetime | None:
    """When the chore was last done, as far as this data folder knows."""
    try:
        return datetime.fromtimestamp(_path(name).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _path(name: str) -> Path:
    folder: Path = settings.DATA_DIR / FOLDER
    return folder / name
