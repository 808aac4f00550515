"""Attachments: sealed files, copied from the site's storage and checked on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from chatsite.lib import wire
from messaging.files.models import File, sealed_files

FOLDER = "files"
INDEX = "files.jsonl"
NAME = re.compile(r"\w+/\w+", re.A)
"""The storage's path of a file: one folder per room."""
CHUNK = 1024 * 1024
"""Bytes read at once."""


@dataclass(frozen=True)
class Attachment:
    """A file as its row has it. `name` is its path in the storage, `sha` the SHA-256 of its
    sealed bytes in base64url.
    """

    room: str
    fid: str
    name: str
    size: int
    sha: str

    @property
    def title(self) -> str:
        return f"{self.room}/{self.fid}"


COLUMNS = ("room", "file_id", "content", "size", "sha256")
"""By their present names."""
Row = tuple[str, str, str, int | str, str]


def attachments(rows: Iterable[Row]) -> Iterator[Attachment]:
    """Rows of `COLUMNS`, as any engine gives them, but for those whose bytes are still coming: no
    message names such a file, and it has no name in the storage yet.
    """
    for room, fid, name, size, sha in rows:
        if name:
            yield Attachment(room, fid, name, int(size), sha)


def copy(found: Iterable[Attachment], folder: Path) -> tuple[int, list[Attachment]]:
    """Copy files into `folder`.

    Returns:
        How many were copied, and those that the storage lacks or has otherwise than they came.
    """
    (folder / FOLDER).mkdir(mode=0o700)
    copied, lacking = 0, []
    with (folder / INDEX).open("w", encoding="utf-8") as index:
        for file in found:
            if _copy_one(file, folder / FOLDER / file.name):
                index.write(json.dumps(asdict(file)) + "\n")
                copied += 1
            else:
                lacking.append(file)
    return copied, lacking


def location() -> Path:
    """The folder of the site's own attachments."""
    storage: Any = sealed_files()
    return Path(storage.location)


def still_there(file: Attachment) -> bool:
    """True if the site still knows the file. It may have been deleted since its row was read."""
    return File.objects.filter(room=file.room, file_id=file.fid).exists()


def read_index(folder: Path) -> Iterator[Attachment]:
    """The index that `copy` wrote; ValueError for a foreign line."""
    with (folder / INDEX).open(encoding="utf-8") as index:
        for number, line in enumerate(index, 1):
            try:
                file = Attachment(**json.loads(line))
            except (ValueError, TypeError):
                file = None
            if file is None or not NAME.fullmatch(file.name):
                raise ValueError(f"line {number} is no attachment")
            yield file


def is_whole(file: Attachment, path: Path) -> bool:
    """True if the bytes at `path` are those that were stored."""
    total, size = sha256(), 0
    try:
        with path.open("rb") as source:
            while block := source.read(CHUNK):
                total.update(block)
                size += len(block)
    except OSError:
        return False
    return (size, wire.b64(total.digest())) == (file.size, file.sha)


def _copy_one(file: Attachment, target: Path) -> bool:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with sealed_files().open(file.name) as source, target.open("wb") as copy:
            while block := source.read(CHUNK):
                copy.write(block)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return False
    if is_whole(file, target):
        return True
    target.unlink()
    return False
