"""The description of a backup: `manifest.json`, and its hash beside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from chatsite.ops.backup.errors import BackupError

FORMAT = 1
NAME = "manifest.json"
HASH_NAME = "manifest.json.sha256"
NO_BACKUP = "{folder} is no backup of this site: it has no readable {name}."
DAMAGED = "{name} is not what was written: {folder} is damaged."
NEWER = (
    "{folder} was written by a newer version of Sotto (format {found}, this one reads {known}): "
    "use that version."
)


@dataclass(frozen=True)
class Part:
    """A file of the backup: bytes and SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Table:
    """A table or collection. `columns` are in the order of the part's fields; none for engines
    whose rows name their own.
    """

    rows: int
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    """`at` is ms since 1970, when the backup began; `made` the same to read.

    `database` is Django's name of the engine, `messages` is "database" or "mongodb". `newest`
    has the newest message of each room that has one, `heads` the newest log event as
    [seq, hash]. `gone` are attachments ("room/id") that messages name and that were deleted while
    the backup was made; `lost` those that the site had lost before; `dropped` rooms whose
    messages were deleted meanwhile.
    """

    at: int
    made: str
    build: str
    database: str
    messages: str
    migrations: list[list[str]]
    tables: dict[str, Table]
    collections: dict[str, Table]
    newest: dict[str, int]
    heads: dict[str, list[Any]]
    files: int
    gone: list[str]
    lost: list[str]
    dropped: list[str]
    parts: dict[str, Part]
    v: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the manifest and its hash into `folder`."""
        text = json.dumps({"sotto": "backup", **asdict(self)}, indent=1, sort_keys=True) + "\n"
        (folder / NAME).write_text(text, "utf-8")
        digest = sha256(text.encode()).hexdigest()
        (folder / HASH_NAME).write_text(f"{digest}  {NAME}\n", "ascii")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest in `folder`.

        Raises:
            BackupError: there is none, it is damaged, or of a newer version.
        """
        value = _read_checked(folder)
        found = value.pop("v", None)
        if type(found) is int and found > FORMAT:
            raise BackupError(NEWER.format(folder=folder, found=found, known=FORMAT))
        if value.pop("sotto", None) != "backup" or found != FORMAT:
            raise BackupError(NO_BACKUP.format(folder=folder, name=NAME))
        try:
            return cls(**{**value, **_nested(value)})
        except (TypeError, KeyError, AttributeError):
            raise BackupError(DAMAGED.format(name=NAME, folder=folder)) from None


def _read_checked(folder: Path) -> dict[str, Any]:
    try:
        raw = (folder / NAME).read_bytes()
        given = (folder / HASH_NAME).read_bytes()
    except OSError:
        raise BackupError(NO_BACKUP.format(folder=folder, name=NAME)) from None
    expected = f"{sha256(raw).hexdigest()}  {NAME}\n"
    try:
        value = json.loads(raw)
    except ValueError:
        value = None
    if given != expected.encode() or type(value) is not dict:
        raise BackupError(DAMAGED.format(name=NAME, folder=folder))
    return value


def _nested(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "parts": {name: Part(**part) for name, part in value["parts"].items()},
        "tables": {name: Table(**table) for name, table in value["tables"].items()},
        "collections": {name: Table(**table) for name, table in value["collections"].items()},
    }
