"""A private folder of small JSON files, each written atomically."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import AsyncFileLock, FileLock, Timeout

from sotto.protocol.encoding import WireError, strict_json

LOCK_MODE = 0o600
POLL_INTERVAL = 0.05  # seconds between attempts to get a lock


class ProfileDirError(Exception):
    """A profile's folder cannot be used; the text is for people."""


class PrivateDir:
    """A folder that only its owner may read. Several programs may use it at once.

    Raises:
        ProfileDirError: it cannot be created.
    """

    def __init__(self, path: Path, *subfolders: str) -> None:
        self.path = path
        try:
            for name in ("", *subfolders):
                (path / name).mkdir(mode=0o700, parents=True, exist_ok=True)
                (path / name).chmod(0o700)
        except OSError as error:
            raise ProfileDirError(f"{path} cannot be used: {error.strerror}.") from None

    def read(self, name: str) -> dict[str, Any] | None:
        """The content of a file, or None if there is none.

        Raises:
            ProfileDirError: it is unreadable or not a JSON object.
        """
        try:
            text = (self.path / name).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise ProfileDirError(f"{self.path / name} cannot be read.") from None
        with self.validating(name):
            value = strict_json(text)
            if type(value) is not dict:
                raise WireError("not an object")
        return value

    @contextmanager
    def validating(self, name: str) -> Iterator[None]:
        """Report content that does not parse as damage to that file."""
        try:
            yield
        except WireError:
            raise ProfileDirError(f"{self.path / name} is damaged.") from None

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Replace a file. It is on the disk when this returns; after a failure the old one is.

        Raises:
            ProfileDirError: it cannot be written.
        """
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
            raise ProfileDirError(f"{path} cannot be written: {error.strerror}.") from None

    def remove(self, name: str) -> None:
        """Delete a file, if there is one."""
        (self.path / name).unlink(missing_ok=True)

    def try_lock(self, name: str) -> FileLock | None:
        """A lock, held until it is released; None while another program holds it."""
        lock = FileLock(self.path / name, mode=LOCK_MODE, blocking=False, fallback_to_soft=False)
        try:
            with self._reporting(name):
                lock.acquire()
        except Timeout:
            return None
        return lock

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold a lock; blocks the thread, so hold it briefly."""
        lock = FileLock(self.path / name, mode=LOCK_MODE, fallback_to_soft=False)
        with self._reporting(name):
            lock.acquire(poll_interval=POLL_INTERVAL)
        try:
            yield
        finally:
            lock.release()

    @asynccontextmanager
    async def locked_async(self, name: str) -> AsyncIterator[None]:
        """Hold a lock across awaits; waits for it without blocking the thread."""
        lock = AsyncFileLock(
            self.path / name,
            mode=LOCK_MODE,
            poll_interval=POLL_INTERVAL,
            fallback_to_soft=False,
            run_in_executor=False,
        )
        with self._reporting(name):
            await lock.acquire()
        try:
            yield
        finally:
            await lock.release()

    @contextmanager
    def _reporting(self, name: str) -> Iterator[None]:
        try:
            yield
        except Timeout:
            raise
        except OSError as error:
            raise ProfileDirError(f"{self.path / name} cannot be used: {error.strerror}.") from None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
