"""Files that a person names, or that a message does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sotto.cli.terminal import UsageError, printable
from sotto.protocol.attachments import Attachment

LONGEST = 200  # bytes of a name
NOT_IN_NAMES = str.maketrans("/\\\n", "___")


def read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read.") from None


def write_new(path: Path, text: str) -> None:
    """A new file that only its owner may read; what is there is never overwritten."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


@contextmanager
def usable(path: Path | str) -> Iterator[None]:
    """What goes wrong with a file is said as such."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be used: {error.strerror or error}.") from None


def place(wanted: str, file: Attachment) -> Path:
    """Where to put a message's file: at a path, or under its own name in a folder."""
    path = Path(wanted)
    return path / local_name(file) if path.is_dir() else path


def local_name(file: Attachment) -> str:
    """What to call a file here: its sender's name for it leads nowhere and hides nothing."""
    name = printable(file.name).translate(NOT_IN_NAMES).strip(". ")
    return name.encode()[:LONGEST].decode(errors="ignore") or file.id
