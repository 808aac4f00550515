"""A private folder of small JSON files, each written whole or not at all."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from sotto.protocol.encoding import WireError, strict_json

ASK_AGAIN = 0.05  # seconds


class HomeError(Exception):
    """A profile's folder cannot be used; the text is for people."""


class Folder:
    """Only its owner may look into it. Several programs may use it at once."""

    def __init__(self, path: Path, *inner: str) -> None:
        self.path = path
        try:
            for name in ("", *inner):
                (path / name).mkdir(mode=0o700, parents=True, exist_ok=True)
                (path / name).chmod(0o700)
        except OSError as error:
            raise HomeError(f"{path} cannot be used: {error.strerror}.") from None

    def read(self, name: str) -> dict[str, Any] | None:
        """What `write` wrote last; None if nothing."""
        try:
            text = (self.path / name).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise HomeError(f"{self.path / name} cannot be read.") from None
        with self.checking(name):
            value = strict_json(text)
            if type(value) is not dict:
                raise WireError("not an object")
        return value

    @contextmanager
    def checking(self, name: str) -> Iterator[None]:
        """What does not fit in here was not written by `write`."""
        try:
            yield
        except WireError:
            raise HomeError(f"{self.path / name} is damaged.") from None

    def write(self, name: str, value: dict[str, Any]) -> None:
        """On the disk when this returns; the old content stays if it fails."""
        path = self.path / name
        partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(value, out, separators=(",", ":"))
                out.flush()
                os.fsync(out.fileno())
            partial.replace(path)
            _sync(path.parent)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise HomeError(f"{path} cannot be written: {error.strerror}.") from None

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def try_lock(self, name: str) -> int | None:
        """The lock's handle, to be closed; None while another program holds it."""
        handle = self._open(name)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """For moments without waiting inside."""
        handle = self._open(name)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """For what takes a while: others wait without blocking."""
        while (handle := self.try_lock(name)) is None:  # noqa: ASYNC110 (another program's)
            await asyncio.sleep(ASK_AGAIN)
        try:
            yield
        finally:
            os.close(handle)

    def _open(self, name: str) -> int:
        try:
            return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HomeError(f"{self.path / name} cannot be used: {error.strerror}.") from None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
