"""Files that the user or a message names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sotto.cli.terminal import UsageError
from sotto.names import file_name
from sotto.protocol.attachments import Attachment

LONGEST = 200  # bytes of a name
NOT_IN_NAMES = str.maketrans("/\\\n", "___")


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read.") from None


def write_new(path: Path, text: str) -> None:
    """Write a new file that only its owner may read; never overwrite one.

    Raises:
        UsageError: it exists or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


@contextmanager
def usable(path: Path | str) -> Iterator[None]:
    """Report an OSError as a UsageError about that path."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be used: {error.strerror or error}.") from None


def place(wanted: str, file: Attachment) -> Path:
    """The path to write a message's file to. In a folder the file keeps its own name."""
    path = Path(wanted)
    return path / local_name(file) if path.is_dir() else path


def local_name(file: Attachment) -> str:
    """A safe local name: the sender's name cannot leave the folder or hide characters, and of a
    long one the ending stays.
    """
    stem, ending = (part.translate(NOT_IN_NAMES) for part in file_name(file.name.strip(". ")))
    room = LONGEST - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").strip(". ") + ending or file.id
